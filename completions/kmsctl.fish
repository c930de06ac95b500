# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kmsctl_global_optspecs
    string join \n store= module= module-args= token= slot= records= lock-timeout= pin-file= pin-fd= pin-command= so-pin-file= so-pin-fd= use-final-try config= profile= json q/quiet v/verbose no-input color= h/help V/version
end

function __fish_kmsctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kmsctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kmsctl_using_subcommand
    set -l cmd (__fish_kmsctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kmsctl -n "__fish_kmsctl_needs_command" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -s V -l version -d 'Print version'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "token" -d 'Set up and look at tokens'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "key" -d 'Create keys and manage their life'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "sign" -d 'Sign data with a key of the token'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "verify" -d 'Check a signature: exit 0 if it is valid, 3 if not'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "jwt" -d 'Sign, verify and look into JSON Web Tokens'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "jwks" -d 'Print public keys as a JWK Set, for those who verify'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "batch" -d 'Do many operations with one login: a JSON request on each line in, an answer on each line out'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "encrypt" -d 'Encrypt data with a key of the token'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "decrypt" -d 'Decrypt what `kmsctl encrypt` made'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "reencrypt" -d 'Move ciphertexts to the newest version of their key'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "inspect" -d 'Show what a ciphertext is: format, key, version, sizes'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "datakey" -d 'Make a data key and wrap it under a key of the token'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "random" -d 'Print random bytes from the token\'s generator'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "doctor" -d 'Examine the token and everything on it'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "bench" -d 'Measure what the token can do'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "component" -d 'Split a key among custodians'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "config" -d 'Look at the configuration and change it'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "ephemeral" -d 'Run a command with a fresh embedded token, then destroy the token'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "explain" -d 'Explain an error: what it means, its usual causes, what to do'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "man" -d 'Write the man pages into a directory, or print the main one'
complete -c kmsctl -n "__fish_kmsctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "init" -d 'Create the embedded token, or initialise the module\'s'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "list" -d 'List the tokens that are present'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "show" -d 'Show one token: its identity, PIN state and abilities'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "set-pin" -d 'Change the user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "unlock" -d 'Let the security officer set a new user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and not __fish_seen_subcommand_from init list show set-pin unlock help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l label -d 'Label of the new token, up to 32 bytes' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l generate-pin -d 'Make a random user PIN and write it to a file of mode 0600' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l timeout -d 'Seconds that a module may take (default 10)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l all-modules -d 'Look through all modules that are installed'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l new-pin-file -d 'New user PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l new-pin-fd -d 'New user PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l generate-pin -d 'Make a random user PIN and write it to a file of mode 0600' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from set-pin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l new-pin-file -d 'New user PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l new-pin-fd -d 'New user PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l generate-pin -d 'Make a random user PIN and write it to a file of mode 0600' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "init" -d 'Create the embedded token, or initialise the module\'s'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the tokens that are present'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one token: its identity, PIN state and abilities'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "set-pin" -d 'Change the user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Let the security officer set a new user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "create" -d 'Create a key inside the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "import" -d 'Bring a private key or an AES key into the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "list" -d 'List the keys of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "show" -d 'Show a key\'s details or its public key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "delete" -d 'Destroy a key at once: all versions, both halves, its record'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "update" -d 'Change a key\'s label, memo, schedule or signature algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "rotate" -d 'Make a new version of a key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "versions" -d 'List a key\'s versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "enable" -d 'Allow a disabled key, or one of its versions, to be used again'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "disable" -d 'Forbid the use of a key, or of one of its older versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "revoke" -d 'Request a key\'s deletion: it cannot be used, and is destroyed later'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "restore" -d 'Cancel a requested deletion: the key is disabled, not destroyed'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "purge" -d 'Destroy revoked keys: those whose time has come, or one at once'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "wrap" -d 'Wrap an exportable key for another token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "unwrap" -d 'Bring in a key that was wrapped for a key of this token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "timer" -d 'Print a systemd service and timer, and a crontab line, that rotate what is due'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and not __fish_seen_subcommand_from create import list show delete update rotate versions enable disable revoke restore purge wrap unwrap timer help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l label -d 'Label of the new key, up to 255 bytes' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l algorithm -d 'What the key is' -r -f -a "rsa-2048\t''
rsa-4096\t''
ec-p256\t''
aes-256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l id -d 'CKA_ID of the new key, in hexadecimal; made up if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l usage -d 'What the key may do: a list of sign, verify, encrypt, decrypt' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l signature-algorithm -d 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l memo -d 'Note, up to 100 characters' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l rotation-period -d 'Days between scheduled versions, 1 to 730 (default 90)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l request -d 'Body of a cloud KMS\'s Create Key request, in place of all other options' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l convergent -d 'Same context and plaintext give the same ciphertext (AES only)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l auto-rotate -d 'Make a new version on a schedule'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l allow-duplicate-label -d 'Create the key even if another has this label; --id then tells them apart'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l if-not-exists -d 'Succeed without a change if there is a key of this label and algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l exportable -d 'Let the key leave the token, wrapped under a public key (`key wrap`)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l label -d 'Label of the new key, up to 255 bytes' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l algorithm -d 'What the key is; must be given for an AES key' -r -f -a "rsa-2048\t''
rsa-4096\t''
ec-p256\t''
aes-256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l in -d 'Key file; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l component -d 'File of a key component; given once for each, in place of a key file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l kcv -d 'Check value of the AES key, six hexadecimal digits; or of each component in order, then of the key' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l passphrase-file -d 'Passphrase of an encrypted key, from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l passphrase-fd -d 'Passphrase of an encrypted key, from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l id -d 'CKA_ID of the new key, in hexadecimal; made up if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l usage -d 'What the key may do: a list of sign, verify, encrypt, decrypt' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l signature-algorithm -d 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l memo -d 'Note, up to 100 characters' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l rotation-period -d 'Days between scheduled versions, 1 to 730 (default 90)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l check -d 'Only say what the file holds, and whether it can be imported; needs neither token nor PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l convergent -d 'Same context and plaintext give the same ciphertext (AES only)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l auto-rotate -d 'Make a new version on a schedule'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l allow-duplicate-label -d 'Create the key even if another has this label; --id then tells them apart'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l if-not-exists -d 'Succeed without a change if there is a key of this label and algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l exportable -d 'Let the key leave the token, wrapped under a public key (`key wrap`)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l label -d 'Only labels that match; * stands for any characters, ? for one' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l algorithm -d 'Only keys of this algorithm' -r -f -a "rsa-2048\t''
rsa-4096\t''
ec-p256\t''
aes-256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l status -d 'Only keys in this state' -r -f -a "ENABLE\t''
DISABLE\t''
REVOKE\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l sort -d 'Order of the list (default label, or what the profile says)' -r -f -a "label\t''
algorithm\t''
id\t''
created\t'Oldest first'
status\t''
next-rotation\t'Soonest first'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l all -d 'Every version of a key, and keys that kmsctl has no use for'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l wide -d 'More columns: version, next rotation, usage, memo'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l for -d 'Commands that use the key with another program' -r -f -a "openssl\t''
ssh\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l out -d 'File to write to' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l pem -d 'Public key as PEM (SubjectPublicKeyInfo)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l der -d 'Public key as DER (SubjectPublicKeyInfo)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l jwk -d 'Public key as JSON Web Key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l ssh -d 'Public key as a line for authorized_keys'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l kcv -d 'Key check value of an AES key: three bytes, for comparing by voice'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l copy -d 'Also copy the public key, or the commands, to the clipboard'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask for the label'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l rename -d 'New label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l memo -d 'New note, up to 100 characters' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l signature-algorithm -d 'What the key signs JWTs by from now on (RSA); publish it by `jwks` first' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l auto-rotate -d 'Switch the schedule on or off' -r -f -a "on\t''
off\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l rotation-period -d 'Days between scheduled versions, 1 to 730' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l due -d 'Every key whose scheduled rotation has come'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Print what would be done and change nothing'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l check -d 'Change nothing; exit 3 if a scheduled rotation is due'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l after -d 'Days until `kmsctl key purge --due` destroys it, 1 to 30' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l due -d 'Every revoked key whose time has come; this is what happens when no key is named'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l yes -d 'Do not ask for the label'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l wrapping-key -d 'RSA public key of the receiver, 2048 bits or more: PEM, DER, a certificate, a JWK or an OpenSSH line' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l out -d 'File to write to; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from wrap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l in -d 'File that `key wrap` wrote; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l label -d 'Label of the new key; the one that it had if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l id -d 'CKA_ID of the new key, in hexadecimal; made up if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l usage -d 'What the key may do: a list of sign, verify, encrypt, decrypt' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l signature-algorithm -d 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l memo -d 'Note, up to 100 characters' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l rotation-period -d 'Days between scheduled versions, 1 to 730 (default 90)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l convergent -d 'Same context and plaintext give the same ciphertext (AES only)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l auto-rotate -d 'Make a new version on a schedule'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l allow-duplicate-label -d 'Create the key even if another has this label; --id then tells them apart'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l if-not-exists -d 'Succeed without a change if there is a key of this label and algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l exportable -d 'Let the key leave the token, wrapped under a public key (`key wrap`)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from unwrap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l calendar -d 'When to run, as systemd\'s OnCalendar has it' -r -f -a "hourly\t''
daily\t''
weekly\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l out-dir -d 'Directory to write the files to: kmsctl-rotate.service, kmsctl-rotate.timer and kmsctl-rotate.crontab' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l purge -d 'Also destroy revoked keys whose time has come'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from timer" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a key inside the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "import" -d 'Bring a private key or an AES key into the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the keys of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a key\'s details or its public key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Destroy a key at once: all versions, both halves, its record'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "update" -d 'Change a key\'s label, memo, schedule or signature algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Make a new version of a key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "versions" -d 'List a key\'s versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Allow a disabled key, or one of its versions, to be used again'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Forbid the use of a key, or of one of its older versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Request a key\'s deletion: it cannot be used, and is destroyed later'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Cancel a requested deletion: the key is disabled, not destroyed'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "purge" -d 'Destroy revoked keys: those whose time has come, or one at once'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "wrap" -d 'Wrap an exportable key for another token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "unwrap" -d 'Bring in a key that was wrapped for a key of this token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "timer" -d 'Print a systemd service and timer, and a crontab line, that rotate what is due'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l algorithm -d 'Signature algorithm; the key\'s own if not given: RS256 for RSA unless another was chosen' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l in -d 'File to sign, may be repeated; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l out -d 'File for the signature, a directory for those of several files; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l format -d 'What to write: the signature, or a JWS' -r -f -a "raw\t'The signature itself'
jws\t'A JSON Web Signature in compact form, with header and data (RFC 7515)'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l kid -d 'The kid of the JWS: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l header -d 'A member of the JWS\'s header: JSON where the value is JSON, else text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l jobs -d 'Sign that many files at a time; the number of processors if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l encoding -d 'How the signature is written' -r -f -a "base64\t'RFC 4648 with padding, on one line'
base64url\t'RFC 4648 for URLs, without padding'
hex\t'Lower-case hexadecimal'
binary\t'The bytes themselves'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l ecdsa -d 'Form of an ECDSA signature' -r -f -a "der\t'ASN.1 SEQUENCE, as OpenSSL and X.509 have it'
p1363\t'r and s, 32 bytes each, as JWS has it'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l digest -d 'The input is a digest: 32 raw bytes for SHA-256, or its hex or base64'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l detached -d 'Leave the data out of the JWS and sign it as it is (RFC 7797)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l public-key -d 'File with the public key: PEM, DER, a certificate, a JWK or an OpenSSH line' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l signature -d 'The signature or a file with it, in base64, base64url, hex or binary; or a JWS' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l algorithm -d 'Signature algorithm; the key\'s own if not given: RS256 for RSA unless another was chosen' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l format -d 'What the signature is' -r -f -a "auto\t'A JWS where it has the form of one, else a signature'
raw\t'The signature itself'
jws\t'A JSON Web Signature in compact form (RFC 7515)'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l in -d 'File that was signed; standard input if not given and not in the JWS' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l digest -d 'The input is a digest: 32 raw bytes for SHA-256, or its hex or base64'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -f -a "sign" -d 'Sign claims and print the finished token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -f -a "verify" -d 'Check a token and print its claims: exit 0 if it is valid, 3 if not'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -f -a "decode" -d 'Print header and claims of a token without checking anything'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and not __fish_seen_subcommand_from sign verify decode help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l claims -d 'File with the claims, one JSON object; - is standard input' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l claim -d 'A claim: JSON where the value is JSON (n=1, admin=true), else text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l claim-string -d 'A claim whose value is text, whatever it looks like' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l iss -d 'Issuer' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l sub -d 'Subject' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l aud -d 'Audience; several make a list' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l ttl -d 'How long the token is valid from now, with its unit: 90s, 15m, 8h; sets exp' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l nbf -d 'When the token becomes valid, counted from now, such as -60s or 5m; sets nbf' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l jti -d 'A jti: random if no text is given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l payload -d 'File whose bytes are the claims as they are; nothing is added' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l header -d 'A member of the header, its value as in --claim' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l kid -d 'The kid: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l algorithm -d 'Signature algorithm; must be the key\'s own (`key update --signature-algorithm` changes it)' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l out -d 'File for the token; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l public-key -d 'File with the public key: PEM, DER or JWK' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l jwks -d 'File with a JWK Set; the token\'s kid says which key is meant' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l aud -d 'Audience that the token must be for; may be repeated: one of them is enough' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l iss -d 'Issuer that the token must be from' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l typ -d 'Type that the header must state (typ), such as at+jwt; application/ may be left out' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l algorithm -d 'Algorithm that the token must be signed by; may be repeated' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l leeway -d 'How far the issuer\'s clock may be off, such as 30s' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l in -d 'File with the token; standard input if neither is given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l any-audience -d 'Accept a token for any audience'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l require-exp -d 'Refuse a token that never expires'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l in -d 'File with the token; standard input if neither is given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from decode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "sign" -d 'Sign claims and print the finished token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check a token and print its claims: exit 0 if it is valid, 3 if not'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "decode" -d 'Print header and claims of a token without checking anything'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwt; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l label -d 'Key by its label; may be repeated' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l id -d 'Key by its CKA_ID, in hexadecimal; may be repeated' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l uri -d 'Key by a PKCS#11 URI; may be repeated' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l algorithm -d 'The alg of the keys that it fits, in place of their own: for signatures by `sign --format jws`' -r -f -a "RS256\t''
RS384\t''
RS512\t''
PS256\t''
PS384\t''
PS512\t''
ES256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l kid -d 'The kid of each key' -r -f -a "thumbprint\t'RFC 7638, with SHA-256'
ckaid\t'The CKA_ID in hexadecimal'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l out -d 'File for the set; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l include-disabled -d 'Also versions and keys that are disabled or wait for their deletion'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand jwks" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l in -d 'File with the requests; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l out -d 'File for the answers; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l jobs -d 'Sessions that work at once; if not given, one, and as many as there are processors where the token is slow' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l fail-fast -d 'Begin nothing new after the first request that fails or whose answer is no'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l public-key -d 'File with an RSA public key: PEM, DER, a certificate, a JWK or an OpenSSH line' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l fingerprint -d 'Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l in -d 'File to encrypt, may be repeated; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l out -d 'File for the ciphertext, a directory for those of several files; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l jobs -d 'Encrypt that many files at a time; the number of processors if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l context -d 'Text that must be given again to decrypt: authenticated, not stored' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l format -d 'How the ciphertext is written' -r -f -a "auto\t'Text while the data is small enough for it, else an age file'
text\t'One line, kms:v<version>:<key tag>:<base64url>'
age\t'An age file, of any size'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand encrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l in -d 'File to decrypt, may be repeated; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l out -d 'File for the plaintext, of mode 0600, a directory for those of several files; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l jobs -d 'Decrypt that many files at a time; the number of processors if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l context -d 'The context that was given to encrypt' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand decrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l in -d 'File, directory, or several of them; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l out -d 'File for the new ciphertext of one input; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l context -d 'The context that was given to encrypt; it stays the same' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l check -d 'Change nothing: exit 3 if an older version or form sealed anything'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l verify -d 'Decrypt the body of an age file, too: one that is damaged or cut short is not replaced'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand reencrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l in -d 'File to look at; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l label -d 'Key by its label' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l label-hex -d 'Key by the bytes of its label, in hexadecimal, where they are not text' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l id -d 'Key by its CKA_ID, in hexadecimal' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l uri -d 'Key by a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l key-version -d 'Version of the key; the newest if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l bits -d 'Size of the data key' -r -f -a "128\t''
256\t''
512\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l out -d 'File for the ciphertext; with --plaintext, file of mode 0600 for the bare data key' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l context -d 'Text that must be given again to decrypt: authenticated, not stored' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l plaintext -d 'Give the data key itself, too: in base64 on a second line, or raw in the file of --out'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand datakey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l encoding -d 'How the bytes are written' -r -f -a "base64\t'RFC 4648 with padding, on one line'
base64url\t'RFC 4648 for URLs, without padding'
hex\t'Lower-case hexadecimal'
binary\t'The bytes themselves'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l out -d 'File to write to, of mode 0600; standard output if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand random" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l repair -d 'Mend what cannot cost a key: usage attributes as the record says, records that a newer one made void, modes and index of the store. Keys are never destroyed. Says what it did; what is left is reported as without it'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l seconds -d 'Seconds for each measurement, 0.01 to 3600' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l sessions -d 'How many sessions work at once; several numbers, separated by commas' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -f -a "split" -d 'Split a key file into components, one for each custodian'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -f -a "show" -d 'Show what a component belongs to and its check value, never its secret'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and not __fish_seen_subcommand_from split show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l in -d 'Key file; standard input if not given' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l algorithm -d 'What the key is; must be given for an AES key' -r -f -a "rsa-2048\t''
rsa-4096\t''
ec-p256\t''
aes-256\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l shares -d 'Components in all, 2 to 255' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l threshold -d 'Components that are needed to join the key, at least 2; all if not given' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l out-dir -d 'Directory for the component files; made if it is not there' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l passphrase-file -d 'Passphrase of an encrypted key, from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l passphrase-fd -d 'Passphrase of an encrypted key, from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from help" -f -a "split" -d 'Split a key file into components, one for each custodian'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what a component belongs to and its check value, never its secret'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand component; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -f -a "show" -d 'Print each setting, where it came from and what it overrides; never a PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -f -a "path" -d 'Print the name of the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -f -a "edit" -d 'Edit the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -f -a "add-profile" -d 'Write the given options into a profile'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and not __fish_seen_subcommand_from show path edit add-profile help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l sort -d 'Order of `key list`' -r -f -a "label\t''
algorithm\t''
id\t''
created\t'Oldest first'
status\t''
next-rotation\t'Soonest first'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l mode -d 'With `use`, commands that change the token are refused' -r -f -a "manage\t'Every command'
use\t'No command that changes the token'"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l shared-group -d 'Group whose members share the store or the records directory' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l default -d 'Make it the default profile'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l replace -d 'Write over a profile of that name'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from add-profile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print each setting, where it came from and what it overrides; never a PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the name of the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Edit the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "add-profile" -d 'Write the given options into a profile'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l label -d 'Label of the token' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand ephemeral" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l live -d 'A script that asks kmsctl at each Tab, and so knows the token\'s labels, CKA_IDs, versions, and the profiles'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l store -d 'Directory of the embedded token' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l module -d 'PKCS#11 module of the token, in place of the embedded one' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l module-args -d 'Argument string for the module\'s C_Initialize' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l token -d 'Token by its label, its serial number or a PKCS#11 URI' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l slot -d 'Token by its slot number; numbers change, labels do not' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l records -d 'Directory for the keys\' records, where the token stores no data objects' -r -f -a "(__fish_complete_directories)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l lock-timeout -d 'Seconds to wait for another kmsctl that is writing to the token (default 30)' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l pin-file -d 'User PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l pin-fd -d 'User PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l pin-command -d 'User PIN from the output of a shell command' -r -f -a "(__fish_complete_command)"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l so-pin-file -d 'Security officer\'s PIN from a file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l so-pin-fd -d 'Security officer\'s PIN from an open file descriptor' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l config -d 'Configuration file' -r -F
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l profile -d 'Profile of the configuration file; stronger than the environment' -r
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l use-final-try -d 'Use a stored PIN even if a wrong one would lock the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l json -d 'Print JSON'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -s v -l verbose -d 'Say what is done; twice, also the PKCS#11 calls'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -l no-input -d 'Never ask anything on the terminal'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "token" -d 'Set up and look at tokens'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "key" -d 'Create keys and manage their life'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "sign" -d 'Sign data with a key of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "verify" -d 'Check a signature: exit 0 if it is valid, 3 if not'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "jwt" -d 'Sign, verify and look into JSON Web Tokens'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "jwks" -d 'Print public keys as a JWK Set, for those who verify'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "batch" -d 'Do many operations with one login: a JSON request on each line in, an answer on each line out'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "encrypt" -d 'Encrypt data with a key of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "decrypt" -d 'Decrypt what `kmsctl encrypt` made'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "reencrypt" -d 'Move ciphertexts to the newest version of their key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "inspect" -d 'Show what a ciphertext is: format, key, version, sizes'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "datakey" -d 'Make a data key and wrap it under a key of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "random" -d 'Print random bytes from the token\'s generator'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "doctor" -d 'Examine the token and everything on it'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "bench" -d 'Measure what the token can do'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "component" -d 'Split a key among custodians'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "config" -d 'Look at the configuration and change it'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "ephemeral" -d 'Run a command with a fresh embedded token, then destroy the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "explain" -d 'Explain an error: what it means, its usual causes, what to do'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "man" -d 'Write the man pages into a directory, or print the main one'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and not __fish_seen_subcommand_from token key sign verify jwt jwks batch encrypt decrypt reencrypt inspect datakey random doctor bench component config ephemeral explain completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "init" -d 'Create the embedded token, or initialise the module\'s'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "list" -d 'List the tokens that are present'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "show" -d 'Show one token: its identity, PIN state and abilities'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "set-pin" -d 'Change the user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "unlock" -d 'Let the security officer set a new user PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "create" -d 'Create a key inside the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "import" -d 'Bring a private key or an AES key into the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "list" -d 'List the keys of the token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "show" -d 'Show a key\'s details or its public key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "delete" -d 'Destroy a key at once: all versions, both halves, its record'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "update" -d 'Change a key\'s label, memo, schedule or signature algorithm'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "rotate" -d 'Make a new version of a key'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "versions" -d 'List a key\'s versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "enable" -d 'Allow a disabled key, or one of its versions, to be used again'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "disable" -d 'Forbid the use of a key, or of one of its older versions'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "revoke" -d 'Request a key\'s deletion: it cannot be used, and is destroyed later'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "restore" -d 'Cancel a requested deletion: the key is disabled, not destroyed'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "purge" -d 'Destroy revoked keys: those whose time has come, or one at once'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "wrap" -d 'Wrap an exportable key for another token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "unwrap" -d 'Bring in a key that was wrapped for a key of this token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "timer" -d 'Print a systemd service and timer, and a crontab line, that rotate what is due'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "sign" -d 'Sign claims and print the finished token'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "verify" -d 'Check a token and print its claims: exit 0 if it is valid, 3 if not'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from jwt" -f -a "decode" -d 'Print header and claims of a token without checking anything'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from component" -f -a "split" -d 'Split a key file into components, one for each custodian'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from component" -f -a "show" -d 'Show what a component belongs to and its check value, never its secret'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print each setting, where it came from and what it overrides; never a PIN'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print the name of the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "edit" -d 'Edit the configuration file'
complete -c kmsctl -n "__fish_kmsctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "add-profile" -d 'Write the given options into a profile'
