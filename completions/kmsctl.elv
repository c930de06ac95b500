
set edit:completion:arg-completer[kmsctl] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) KMSCTL_COMPLETE="elvish" kmsctl -- $@words) | to-lines
}

