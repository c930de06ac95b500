_kmsctl_complete() {
    local IFS=$'\013' words=("${COMP_WORDS[@]}") raw="${COMP_WORDS[COMP_CWORD]}" candidate
    words[COMP_CWORD]="$2"
    COMPREPLY=()
    # Read word by word: what is offered is data, no pattern that names files.
    while IFS= read -r -d $'\013' candidate; do
        # In an open quote, a backslash would stay.
        if [[ $raw == [\'\"]* && $candidate == *\\* ]]; then
            continue
        fi
        COMPREPLY+=("$candidate")
    done < <(
        _CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX="$COMP_CWORD" KMSCTL_COMPLETE=bash \
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
