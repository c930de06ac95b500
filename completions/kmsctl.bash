_kmsctl_complete() {
    local IFS=$'\013' words=() index=-1 joined='' rest=$COMP_LINE raw="${COMP_WORDS[COMP_CWORD]}" candidate i word
    # Bash splits words at = and : (COMP_WORDBREAKS). Join the parts again; bash replaces only the part after the
    # last break ($2).
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == 0)) || [[ -z $rest || $rest == [[:space:]]* ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words[++index]=''
        fi
        joined=${words[index]}
        words[index]+=$word
        rest=${rest#"$word"}
    done
    if [[ -z $2 && $raw == [=:]* ]]; then
        joined+=$raw
    fi
    words[index]=$joined$2
    COMPREPLY=()
    # Read word by word: candidates are data, not patterns for file names.
    while IFS= read -r -d $'\013' candidate; do
        # Inside an open quote, a backslash would be literal.
        if [[ $raw == [\'\"]* && $candidate == *\\* ]]; then
            continue
        fi
        COMPREPLY+=("${candidate#"$joined"}")
    done < <(
        _CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX="$index" KMSCTL_COMPLETE=bash \
            command kmsctl -- "${words[@]}" 2> /dev/null && printf '\013'
    )
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == '' ]]; then
        COMPREPLY=()
    elif [[ ${COMPREPLY[0]-} != *[=/:] ]]; then
        compopt +o nospace 2> /dev/null
    fi
}
complete -o nospace -o bashdefault -o nosort -F _kmsctl_complete kmsctl 2> /dev/null ||
    complete -o nospace -o bashdefault -F _kmsctl_complete kmsctl
