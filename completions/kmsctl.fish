complete --keep-order --exclusive --command kmsctl --arguments "(KMSCTL_COMPLETE=fish kmsctl -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
