
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'kmsctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'kmsctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'kmsctl' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Set up and look at tokens')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Create keys and manage their life')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign data with a key of the token')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a signature: exit 0 if it is valid, 3 if not')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Sign, verify and look into JSON Web Tokens')
            [CompletionResult]::new('jwks', 'jwks', [CompletionResultType]::ParameterValue, 'Print public keys as a JWK Set, for those who verify')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Do many operations with one login: a JSON request on each line in, an answer on each line out')
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt data with a key of the token')
            [CompletionResult]::new('decrypt', 'decrypt', [CompletionResultType]::ParameterValue, 'Decrypt what `kmsctl encrypt` made')
            [CompletionResult]::new('reencrypt', 'reencrypt', [CompletionResultType]::ParameterValue, 'Move ciphertexts to the newest version of their key')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a ciphertext is: format, key, version, sizes')
            [CompletionResult]::new('datakey', 'datakey', [CompletionResultType]::ParameterValue, 'Make a data key and wrap it under a key of the token')
            [CompletionResult]::new('random', 'random', [CompletionResultType]::ParameterValue, 'Print random bytes from the token''s generator')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Examine the token and everything on it')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Measure what the token can do')
            [CompletionResult]::new('component', 'component', [CompletionResultType]::ParameterValue, 'Split a key among custodians')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the configuration and change it')
            [CompletionResult]::new('ephemeral', 'ephemeral', [CompletionResultType]::ParameterValue, 'Run a command with a fresh embedded token, then destroy the token')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an error: what it means, its usual causes, what to do')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages into a directory, or print the main one')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;token' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the embedded token, or initialise the module''s')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens that are present')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one token: its identity, PIN state and abilities')
            [CompletionResult]::new('set-pin', 'set-pin', [CompletionResultType]::ParameterValue, 'Change the user PIN')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Let the security officer set a new user PIN')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;token;init' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label of the new token, up to 32 bytes')
            [CompletionResult]::new('--generate-pin', '--generate-pin', [CompletionResultType]::ParameterName, 'Make a random user PIN and write it to a file of mode 0600')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;token;list' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Seconds that a module may take (default 10)')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all-modules', '--all-modules', [CompletionResultType]::ParameterName, 'Look through all modules that are installed')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;token;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;token;set-pin' {
            [CompletionResult]::new('--new-pin-file', '--new-pin-file', [CompletionResultType]::ParameterName, 'New user PIN from a file')
            [CompletionResult]::new('--new-pin-fd', '--new-pin-fd', [CompletionResultType]::ParameterName, 'New user PIN from an open file descriptor')
            [CompletionResult]::new('--generate-pin', '--generate-pin', [CompletionResultType]::ParameterName, 'Make a random user PIN and write it to a file of mode 0600')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;token;unlock' {
            [CompletionResult]::new('--new-pin-file', '--new-pin-file', [CompletionResultType]::ParameterName, 'New user PIN from a file')
            [CompletionResult]::new('--new-pin-fd', '--new-pin-fd', [CompletionResultType]::ParameterName, 'New user PIN from an open file descriptor')
            [CompletionResult]::new('--generate-pin', '--generate-pin', [CompletionResultType]::ParameterName, 'Make a random user PIN and write it to a file of mode 0600')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;token;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the embedded token, or initialise the module''s')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens that are present')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one token: its identity, PIN state and abilities')
            [CompletionResult]::new('set-pin', 'set-pin', [CompletionResultType]::ParameterValue, 'Change the user PIN')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Let the security officer set a new user PIN')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;token;help;init' {
            break
        }
        'kmsctl;token;help;list' {
            break
        }
        'kmsctl;token;help;show' {
            break
        }
        'kmsctl;token;help;set-pin' {
            break
        }
        'kmsctl;token;help;unlock' {
            break
        }
        'kmsctl;token;help;help' {
            break
        }
        'kmsctl;key' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a key inside the token')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring a private key or an AES key into the token')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of the token')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a key''s details or its public key')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Destroy a key at once: all versions, both halves, its record')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a key''s label, memo, schedule or signature algorithm')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make a new version of a key')
            [CompletionResult]::new('versions', 'versions', [CompletionResultType]::ParameterValue, 'List a key''s versions')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Allow a disabled key, or one of its versions, to be used again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Forbid the use of a key, or of one of its older versions')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Request a key''s deletion: it cannot be used, and is destroyed later')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a requested deletion: the key is disabled, not destroyed')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Destroy revoked keys: those whose time has come, or one at once')
            [CompletionResult]::new('wrap', 'wrap', [CompletionResultType]::ParameterValue, 'Wrap an exportable key for another token')
            [CompletionResult]::new('unwrap', 'unwrap', [CompletionResultType]::ParameterValue, 'Bring in a key that was wrapped for a key of this token')
            [CompletionResult]::new('timer', 'timer', [CompletionResultType]::ParameterValue, 'Print a systemd service and timer, and a crontab line, that rotate what is due')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;key;create' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label of the new key, up to 255 bytes')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'What the key is')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'CKA_ID of the new key, in hexadecimal; made up if not given')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'What the key may do: a list of sign, verify, encrypt, decrypt')
            [CompletionResult]::new('--signature-algorithm', '--signature-algorithm', [CompletionResultType]::ParameterName, 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)')
            [CompletionResult]::new('--memo', '--memo', [CompletionResultType]::ParameterName, 'Note, up to 100 characters')
            [CompletionResult]::new('--rotation-period', '--rotation-period', [CompletionResultType]::ParameterName, 'Days between scheduled versions, 1 to 730 (default 90)')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'Body of a cloud KMS''s Create Key request, in place of all other options')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--convergent', '--convergent', [CompletionResultType]::ParameterName, 'Same context and plaintext give the same ciphertext (AES only)')
            [CompletionResult]::new('--auto-rotate', '--auto-rotate', [CompletionResultType]::ParameterName, 'Make a new version on a schedule')
            [CompletionResult]::new('--allow-duplicate-label', '--allow-duplicate-label', [CompletionResultType]::ParameterName, 'Create the key even if another has this label; --id then tells them apart')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed without a change if there is a key of this label and algorithm')
            [CompletionResult]::new('--exportable', '--exportable', [CompletionResultType]::ParameterName, 'Let the key leave the token, wrapped under a public key (`key wrap`)')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;import' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label of the new key, up to 255 bytes')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'What the key is; must be given for an AES key')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'Key file; standard input if not given')
            [CompletionResult]::new('--component', '--component', [CompletionResultType]::ParameterName, 'File of a key component; given once for each, in place of a key file')
            [CompletionResult]::new('--kcv', '--kcv', [CompletionResultType]::ParameterName, 'Check value of the AES key, six hexadecimal digits; or of each component in order, then of the key')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Passphrase of an encrypted key, from a file')
            [CompletionResult]::new('--passphrase-fd', '--passphrase-fd', [CompletionResultType]::ParameterName, 'Passphrase of an encrypted key, from an open file descriptor')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'CKA_ID of the new key, in hexadecimal; made up if not given')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'What the key may do: a list of sign, verify, encrypt, decrypt')
            [CompletionResult]::new('--signature-algorithm', '--signature-algorithm', [CompletionResultType]::ParameterName, 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)')
            [CompletionResult]::new('--memo', '--memo', [CompletionResultType]::ParameterName, 'Note, up to 100 characters')
            [CompletionResult]::new('--rotation-period', '--rotation-period', [CompletionResultType]::ParameterName, 'Days between scheduled versions, 1 to 730 (default 90)')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Only say what the file holds, and whether it can be imported; needs neither token nor PIN')
            [CompletionResult]::new('--convergent', '--convergent', [CompletionResultType]::ParameterName, 'Same context and plaintext give the same ciphertext (AES only)')
            [CompletionResult]::new('--auto-rotate', '--auto-rotate', [CompletionResultType]::ParameterName, 'Make a new version on a schedule')
            [CompletionResult]::new('--allow-duplicate-label', '--allow-duplicate-label', [CompletionResultType]::ParameterName, 'Create the key even if another has this label; --id then tells them apart')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed without a change if there is a key of this label and algorithm')
            [CompletionResult]::new('--exportable', '--exportable', [CompletionResultType]::ParameterName, 'Let the key leave the token, wrapped under a public key (`key wrap`)')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;list' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Only labels that match; * stands for any characters, ? for one')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'Only keys of this algorithm')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only keys in this state')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order of the list (default label, or what the profile says)')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every version of a key, and keys that kmsctl has no use for')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'More columns: version, next rotation, usage, memo')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;show' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Commands that use the key with another program')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write to')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--pem', '--pem', [CompletionResultType]::ParameterName, 'Public key as PEM (SubjectPublicKeyInfo)')
            [CompletionResult]::new('--der', '--der', [CompletionResultType]::ParameterName, 'Public key as DER (SubjectPublicKeyInfo)')
            [CompletionResult]::new('--jwk', '--jwk', [CompletionResultType]::ParameterName, 'Public key as JSON Web Key')
            [CompletionResult]::new('--ssh', '--ssh', [CompletionResultType]::ParameterName, 'Public key as a line for authorized_keys')
            [CompletionResult]::new('--kcv', '--kcv', [CompletionResultType]::ParameterName, 'Key check value of an AES key: three bytes, for comparing by voice')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Also copy the public key, or the commands, to the clipboard')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;delete' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for the label')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;update' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--rename', '--rename', [CompletionResultType]::ParameterName, 'New label')
            [CompletionResult]::new('--memo', '--memo', [CompletionResultType]::ParameterName, 'New note, up to 100 characters')
            [CompletionResult]::new('--signature-algorithm', '--signature-algorithm', [CompletionResultType]::ParameterName, 'What the key signs JWTs by from now on (RSA); publish it by `jwks` first')
            [CompletionResult]::new('--auto-rotate', '--auto-rotate', [CompletionResultType]::ParameterName, 'Switch the schedule on or off')
            [CompletionResult]::new('--rotation-period', '--rotation-period', [CompletionResultType]::ParameterName, 'Days between scheduled versions, 1 to 730')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;rotate' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--due', '--due', [CompletionResultType]::ParameterName, 'Every key whose scheduled rotation has come')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would be done and change nothing')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Change nothing; exit 3 if a scheduled rotation is due')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;versions' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;enable' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;disable' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;revoke' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Days until `kmsctl key purge --due` destroys it, 1 to 30')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;restore' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;purge' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--due', '--due', [CompletionResultType]::ParameterName, 'Every revoked key whose time has come; this is what happens when no key is named')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for the label')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;wrap' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--wrapping-key', '--wrapping-key', [CompletionResultType]::ParameterName, 'RSA public key of the receiver, 2048 bits or more: PEM, DER, a certificate, a JWK or an OpenSSH line')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write to; standard output if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;unwrap' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File that `key wrap` wrote; standard input if not given')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label of the new key; the one that it had if not given')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'CKA_ID of the new key, in hexadecimal; made up if not given')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'What the key may do: a list of sign, verify, encrypt, decrypt')
            [CompletionResult]::new('--signature-algorithm', '--signature-algorithm', [CompletionResultType]::ParameterName, 'What the key signs JWTs by, and other data unless told otherwise (RSA; default RS256)')
            [CompletionResult]::new('--memo', '--memo', [CompletionResultType]::ParameterName, 'Note, up to 100 characters')
            [CompletionResult]::new('--rotation-period', '--rotation-period', [CompletionResultType]::ParameterName, 'Days between scheduled versions, 1 to 730 (default 90)')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--convergent', '--convergent', [CompletionResultType]::ParameterName, 'Same context and plaintext give the same ciphertext (AES only)')
            [CompletionResult]::new('--auto-rotate', '--auto-rotate', [CompletionResultType]::ParameterName, 'Make a new version on a schedule')
            [CompletionResult]::new('--allow-duplicate-label', '--allow-duplicate-label', [CompletionResultType]::ParameterName, 'Create the key even if another has this label; --id then tells them apart')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed without a change if there is a key of this label and algorithm')
            [CompletionResult]::new('--exportable', '--exportable', [CompletionResultType]::ParameterName, 'Let the key leave the token, wrapped under a public key (`key wrap`)')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;timer' {
            [CompletionResult]::new('--calendar', '--calendar', [CompletionResultType]::ParameterName, 'When to run, as systemd''s OnCalendar has it')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Directory to write the files to: kmsctl-rotate.service, kmsctl-rotate.timer and kmsctl-rotate.crontab')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--purge', '--purge', [CompletionResultType]::ParameterName, 'Also destroy revoked keys whose time has come')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;key;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a key inside the token')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring a private key or an AES key into the token')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of the token')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a key''s details or its public key')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Destroy a key at once: all versions, both halves, its record')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a key''s label, memo, schedule or signature algorithm')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make a new version of a key')
            [CompletionResult]::new('versions', 'versions', [CompletionResultType]::ParameterValue, 'List a key''s versions')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Allow a disabled key, or one of its versions, to be used again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Forbid the use of a key, or of one of its older versions')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Request a key''s deletion: it cannot be used, and is destroyed later')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a requested deletion: the key is disabled, not destroyed')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Destroy revoked keys: those whose time has come, or one at once')
            [CompletionResult]::new('wrap', 'wrap', [CompletionResultType]::ParameterValue, 'Wrap an exportable key for another token')
            [CompletionResult]::new('unwrap', 'unwrap', [CompletionResultType]::ParameterValue, 'Bring in a key that was wrapped for a key of this token')
            [CompletionResult]::new('timer', 'timer', [CompletionResultType]::ParameterValue, 'Print a systemd service and timer, and a crontab line, that rotate what is due')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;key;help;create' {
            break
        }
        'kmsctl;key;help;import' {
            break
        }
        'kmsctl;key;help;list' {
            break
        }
        'kmsctl;key;help;show' {
            break
        }
        'kmsctl;key;help;delete' {
            break
        }
        'kmsctl;key;help;update' {
            break
        }
        'kmsctl;key;help;rotate' {
            break
        }
        'kmsctl;key;help;versions' {
            break
        }
        'kmsctl;key;help;enable' {
            break
        }
        'kmsctl;key;help;disable' {
            break
        }
        'kmsctl;key;help;revoke' {
            break
        }
        'kmsctl;key;help;restore' {
            break
        }
        'kmsctl;key;help;purge' {
            break
        }
        'kmsctl;key;help;wrap' {
            break
        }
        'kmsctl;key;help;unwrap' {
            break
        }
        'kmsctl;key;help;timer' {
            break
        }
        'kmsctl;key;help;help' {
            break
        }
        'kmsctl;sign' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'Signature algorithm; the key''s own if not given: RS256 for RSA unless another was chosen')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File to sign, may be repeated; standard input if not given')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the signature, a directory for those of several files; standard output if not given')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What to write: the signature, or a JWS')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, 'The kid of the JWS: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A member of the JWS''s header: JSON where the value is JSON, else text')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Sign that many files at a time; the number of processors if not given')
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'How the signature is written')
            [CompletionResult]::new('--ecdsa', '--ecdsa', [CompletionResultType]::ParameterName, 'Form of an ECDSA signature')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--digest', '--digest', [CompletionResultType]::ParameterName, 'The input is a digest: 32 raw bytes for SHA-256, or its hex or base64')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Leave the data out of the JWS and sign it as it is (RFC 7797)')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;verify' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--public-key', '--public-key', [CompletionResultType]::ParameterName, 'File with the public key: PEM, DER, a certificate, a JWK or an OpenSSH line')
            [CompletionResult]::new('--signature', '--signature', [CompletionResultType]::ParameterName, 'The signature or a file with it, in base64, base64url, hex or binary; or a JWS')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'Signature algorithm; the key''s own if not given: RS256 for RSA unless another was chosen')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What the signature is')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File that was signed; standard input if not given and not in the JWS')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--digest', '--digest', [CompletionResultType]::ParameterName, 'The input is a digest: 32 raw bytes for SHA-256, or its hex or base64')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;jwt' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign claims and print the finished token')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token and print its claims: exit 0 if it is valid, 3 if not')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Print header and claims of a token without checking anything')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;jwt;sign' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--claims', '--claims', [CompletionResultType]::ParameterName, 'File with the claims, one JSON object; - is standard input')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'A claim: JSON where the value is JSON (n=1, admin=true), else text')
            [CompletionResult]::new('--claim-string', '--claim-string', [CompletionResultType]::ParameterName, 'A claim whose value is text, whatever it looks like')
            [CompletionResult]::new('--iss', '--iss', [CompletionResultType]::ParameterName, 'Issuer')
            [CompletionResult]::new('--sub', '--sub', [CompletionResultType]::ParameterName, 'Subject')
            [CompletionResult]::new('--aud', '--aud', [CompletionResultType]::ParameterName, 'Audience; several make a list')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long the token is valid from now, with its unit: 90s, 15m, 8h; sets exp')
            [CompletionResult]::new('--nbf', '--nbf', [CompletionResultType]::ParameterName, 'When the token becomes valid, counted from now, such as -60s or 5m; sets nbf')
            [CompletionResult]::new('--jti', '--jti', [CompletionResultType]::ParameterName, 'A jti: random if no text is given')
            [CompletionResult]::new('--payload', '--payload', [CompletionResultType]::ParameterName, 'File whose bytes are the claims as they are; nothing is added')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A member of the header, its value as in --claim')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, 'The kid: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'Signature algorithm; must be the key''s own (`key update --signature-algorithm` changes it)')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the token; standard output if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;jwt;verify' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--public-key', '--public-key', [CompletionResultType]::ParameterName, 'File with the public key: PEM, DER or JWK')
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'File with a JWK Set; the token''s kid says which key is meant')
            [CompletionResult]::new('--aud', '--aud', [CompletionResultType]::ParameterName, 'Audience that the token must be for; may be repeated: one of them is enough')
            [CompletionResult]::new('--iss', '--iss', [CompletionResultType]::ParameterName, 'Issuer that the token must be from')
            [CompletionResult]::new('--typ', '--typ', [CompletionResultType]::ParameterName, 'Type that the header must state (typ), such as at+jwt; application/ may be left out')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'Algorithm that the token must be signed by; may be repeated')
            [CompletionResult]::new('--leeway', '--leeway', [CompletionResultType]::ParameterName, 'How far the issuer''s clock may be off, such as 30s')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File with the token; standard input if neither is given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--any-audience', '--any-audience', [CompletionResultType]::ParameterName, 'Accept a token for any audience')
            [CompletionResult]::new('--require-exp', '--require-exp', [CompletionResultType]::ParameterName, 'Refuse a token that never expires')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;jwt;decode' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File with the token; standard input if neither is given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;jwt;help' {
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign claims and print the finished token')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token and print its claims: exit 0 if it is valid, 3 if not')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Print header and claims of a token without checking anything')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;jwt;help;sign' {
            break
        }
        'kmsctl;jwt;help;verify' {
            break
        }
        'kmsctl;jwt;help;decode' {
            break
        }
        'kmsctl;jwt;help;help' {
            break
        }
        'kmsctl;jwks' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label; may be repeated')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal; may be repeated')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI; may be repeated')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'The alg of the keys that it fits, in place of their own: for signatures by `sign --format jws`')
            [CompletionResult]::new('--kid', '--kid', [CompletionResultType]::ParameterName, 'The kid of each key')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the set; standard output if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--include-disabled', '--include-disabled', [CompletionResultType]::ParameterName, 'Also versions and keys that are disabled or wait for their deletion')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;batch' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File with the requests; standard input if not given')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the answers; standard output if not given')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Sessions that work at once; if not given, one, and as many as there are processors where the token is slow')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin nothing new after the first request that fails or whose answer is no')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;encrypt' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--public-key', '--public-key', [CompletionResultType]::ParameterName, 'File with an RSA public key: PEM, DER, a certificate, a JWK or an OpenSSH line')
            [CompletionResult]::new('--fingerprint', '--fingerprint', [CompletionResultType]::ParameterName, 'Encrypt only if the public key has this fingerprint, as `kmsctl key show` prints it')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File to encrypt, may be repeated; standard input if not given')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the ciphertext, a directory for those of several files; standard output if not given')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Encrypt that many files at a time; the number of processors if not given')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Text that must be given again to decrypt: authenticated, not stored')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the ciphertext is written')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;decrypt' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File to decrypt, may be repeated; standard input if not given')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the plaintext, of mode 0600, a directory for those of several files; standard output if not given')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Decrypt that many files at a time; the number of processors if not given')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context that was given to encrypt')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;reencrypt' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File, directory, or several of them; standard input if not given')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the new ciphertext of one input; standard output if not given')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context that was given to encrypt; it stays the same')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Change nothing: exit 3 if an older version or form sealed anything')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Decrypt the body of an age file, too: one that is damaged or cut short is not replaced')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;inspect' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'File to look at; standard input if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;datakey' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Key by its label')
            [CompletionResult]::new('--label-hex', '--label-hex', [CompletionResultType]::ParameterName, 'Key by the bytes of its label, in hexadecimal, where they are not text')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Key by its CKA_ID, in hexadecimal')
            [CompletionResult]::new('--uri', '--uri', [CompletionResultType]::ParameterName, 'Key by a PKCS#11 URI')
            [CompletionResult]::new('--key-version', '--key-version', [CompletionResultType]::ParameterName, 'Version of the key; the newest if not given')
            [CompletionResult]::new('--bits', '--bits', [CompletionResultType]::ParameterName, 'Size of the data key')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File for the ciphertext; with --plaintext, file of mode 0600 for the bare data key')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Text that must be given again to decrypt: authenticated, not stored')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--plaintext', '--plaintext', [CompletionResultType]::ParameterName, 'Give the data key itself, too: in base64 on a second line, or raw in the file of --out')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;random' {
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'How the bytes are written')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write to, of mode 0600; standard output if not given')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;doctor' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Mend what cannot cost a key: usage attributes as the record says, records that a newer one made void, modes and index of the store. Keys are never destroyed. Says what it did; what is left is reported as without it')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;bench' {
            [CompletionResult]::new('--seconds', '--seconds', [CompletionResultType]::ParameterName, 'Seconds for each measurement, 0.01 to 3600')
            [CompletionResult]::new('--sessions', '--sessions', [CompletionResultType]::ParameterName, 'How many sessions work at once; several numbers, separated by commas')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;component' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Split a key file into components, one for each custodian')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a component belongs to and its check value, never its secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;component;split' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'Key file; standard input if not given')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'What the key is; must be given for an AES key')
            [CompletionResult]::new('--shares', '--shares', [CompletionResultType]::ParameterName, 'Components in all, 2 to 255')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Components that are needed to join the key, at least 2; all if not given')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Directory for the component files; made if it is not there')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Passphrase of an encrypted key, from a file')
            [CompletionResult]::new('--passphrase-fd', '--passphrase-fd', [CompletionResultType]::ParameterName, 'Passphrase of an encrypted key, from an open file descriptor')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;component;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;component;help' {
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Split a key file into components, one for each custodian')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a component belongs to and its check value, never its secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;component;help;split' {
            break
        }
        'kmsctl;component;help;show' {
            break
        }
        'kmsctl;component;help;help' {
            break
        }
        'kmsctl;config' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting, where it came from and what it overrides; never a PIN')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the name of the configuration file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file')
            [CompletionResult]::new('add-profile', 'add-profile', [CompletionResultType]::ParameterValue, 'Write the given options into a profile')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;config;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;config;path' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;config;edit' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;config;add-profile' {
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order of `key list`')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'With `use`, commands that change the token are refused')
            [CompletionResult]::new('--shared-group', '--shared-group', [CompletionResultType]::ParameterName, 'Group whose members share the store or the records directory')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Make it the default profile')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Write over a profile of that name')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting, where it came from and what it overrides; never a PIN')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the name of the configuration file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file')
            [CompletionResult]::new('add-profile', 'add-profile', [CompletionResultType]::ParameterValue, 'Write the given options into a profile')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;config;help;show' {
            break
        }
        'kmsctl;config;help;path' {
            break
        }
        'kmsctl;config;help;edit' {
            break
        }
        'kmsctl;config;help;add-profile' {
            break
        }
        'kmsctl;config;help;help' {
            break
        }
        'kmsctl;ephemeral' {
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Label of the token')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;explain' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;completions' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'A script that asks kmsctl at each Tab, and so knows the token''s labels, CKA_IDs, versions, and the profiles')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;man' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Directory of the embedded token')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'PKCS#11 module of the token, in place of the embedded one')
            [CompletionResult]::new('--module-args', '--module-args', [CompletionResultType]::ParameterName, 'Argument string for the module''s C_Initialize')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Token by its label, its serial number or a PKCS#11 URI')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Token by its slot number; numbers change, labels do not')
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Directory for the keys'' records, where the token stores no data objects')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'Seconds to wait for another kmsctl that is writing to the token (default 30)')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'User PIN from a file')
            [CompletionResult]::new('--pin-fd', '--pin-fd', [CompletionResultType]::ParameterName, 'User PIN from an open file descriptor')
            [CompletionResult]::new('--pin-command', '--pin-command', [CompletionResultType]::ParameterName, 'User PIN from the output of a shell command')
            [CompletionResult]::new('--so-pin-file', '--so-pin-file', [CompletionResultType]::ParameterName, 'Security officer''s PIN from a file')
            [CompletionResult]::new('--so-pin-fd', '--so-pin-fd', [CompletionResultType]::ParameterName, 'Security officer''s PIN from an open file descriptor')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file; stronger than the environment')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--use-final-try', '--use-final-try', [CompletionResultType]::ParameterName, 'Use a stored PIN even if a wrong one would lock the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is done; twice, also the PKCS#11 calls')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything on the terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'kmsctl;help' {
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Set up and look at tokens')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Create keys and manage their life')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign data with a key of the token')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a signature: exit 0 if it is valid, 3 if not')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Sign, verify and look into JSON Web Tokens')
            [CompletionResult]::new('jwks', 'jwks', [CompletionResultType]::ParameterValue, 'Print public keys as a JWK Set, for those who verify')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Do many operations with one login: a JSON request on each line in, an answer on each line out')
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt data with a key of the token')
            [CompletionResult]::new('decrypt', 'decrypt', [CompletionResultType]::ParameterValue, 'Decrypt what `kmsctl encrypt` made')
            [CompletionResult]::new('reencrypt', 'reencrypt', [CompletionResultType]::ParameterValue, 'Move ciphertexts to the newest version of their key')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what a ciphertext is: format, key, version, sizes')
            [CompletionResult]::new('datakey', 'datakey', [CompletionResultType]::ParameterValue, 'Make a data key and wrap it under a key of the token')
            [CompletionResult]::new('random', 'random', [CompletionResultType]::ParameterValue, 'Print random bytes from the token''s generator')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Examine the token and everything on it')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Measure what the token can do')
            [CompletionResult]::new('component', 'component', [CompletionResultType]::ParameterValue, 'Split a key among custodians')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the configuration and change it')
            [CompletionResult]::new('ephemeral', 'ephemeral', [CompletionResultType]::ParameterValue, 'Run a command with a fresh embedded token, then destroy the token')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an error: what it means, its usual causes, what to do')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages into a directory, or print the main one')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kmsctl;help;token' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create the embedded token, or initialise the module''s')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tokens that are present')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one token: its identity, PIN state and abilities')
            [CompletionResult]::new('set-pin', 'set-pin', [CompletionResultType]::ParameterValue, 'Change the user PIN')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Let the security officer set a new user PIN')
            break
        }
        'kmsctl;help;token;init' {
            break
        }
        'kmsctl;help;token;list' {
            break
        }
        'kmsctl;help;token;show' {
            break
        }
        'kmsctl;help;token;set-pin' {
            break
        }
        'kmsctl;help;token;unlock' {
            break
        }
        'kmsctl;help;key' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a key inside the token')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring a private key or an AES key into the token')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of the token')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a key''s details or its public key')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Destroy a key at once: all versions, both halves, its record')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a key''s label, memo, schedule or signature algorithm')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make a new version of a key')
            [CompletionResult]::new('versions', 'versions', [CompletionResultType]::ParameterValue, 'List a key''s versions')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Allow a disabled key, or one of its versions, to be used again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Forbid the use of a key, or of one of its older versions')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Request a key''s deletion: it cannot be used, and is destroyed later')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a requested deletion: the key is disabled, not destroyed')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Destroy revoked keys: those whose time has come, or one at once')
            [CompletionResult]::new('wrap', 'wrap', [CompletionResultType]::ParameterValue, 'Wrap an exportable key for another token')
            [CompletionResult]::new('unwrap', 'unwrap', [CompletionResultType]::ParameterValue, 'Bring in a key that was wrapped for a key of this token')
            [CompletionResult]::new('timer', 'timer', [CompletionResultType]::ParameterValue, 'Print a systemd service and timer, and a crontab line, that rotate what is due')
            break
        }
        'kmsctl;help;key;create' {
            break
        }
        'kmsctl;help;key;import' {
            break
        }
        'kmsctl;help;key;list' {
            break
        }
        'kmsctl;help;key;show' {
            break
        }
        'kmsctl;help;key;delete' {
            break
        }
        'kmsctl;help;key;update' {
            break
        }
        'kmsctl;help;key;rotate' {
            break
        }
        'kmsctl;help;key;versions' {
            break
        }
        'kmsctl;help;key;enable' {
            break
        }
        'kmsctl;help;key;disable' {
            break
        }
        'kmsctl;help;key;revoke' {
            break
        }
        'kmsctl;help;key;restore' {
            break
        }
        'kmsctl;help;key;purge' {
            break
        }
        'kmsctl;help;key;wrap' {
            break
        }
        'kmsctl;help;key;unwrap' {
            break
        }
        'kmsctl;help;key;timer' {
            break
        }
        'kmsctl;help;sign' {
            break
        }
        'kmsctl;help;verify' {
            break
        }
        'kmsctl;help;jwt' {
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign claims and print the finished token')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token and print its claims: exit 0 if it is valid, 3 if not')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Print header and claims of a token without checking anything')
            break
        }
        'kmsctl;help;jwt;sign' {
            break
        }
        'kmsctl;help;jwt;verify' {
            break
        }
        'kmsctl;help;jwt;decode' {
            break
        }
        'kmsctl;help;jwks' {
            break
        }
        'kmsctl;help;batch' {
            break
        }
        'kmsctl;help;encrypt' {
            break
        }
        'kmsctl;help;decrypt' {
            break
        }
        'kmsctl;help;reencrypt' {
            break
        }
        'kmsctl;help;inspect' {
            break
        }
        'kmsctl;help;datakey' {
            break
        }
        'kmsctl;help;random' {
            break
        }
        'kmsctl;help;doctor' {
            break
        }
        'kmsctl;help;bench' {
            break
        }
        'kmsctl;help;component' {
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Split a key file into components, one for each custodian')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a component belongs to and its check value, never its secret')
            break
        }
        'kmsctl;help;component;split' {
            break
        }
        'kmsctl;help;component;show' {
            break
        }
        'kmsctl;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print each setting, where it came from and what it overrides; never a PIN')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the name of the configuration file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file')
            [CompletionResult]::new('add-profile', 'add-profile', [CompletionResultType]::ParameterValue, 'Write the given options into a profile')
            break
        }
        'kmsctl;help;config;show' {
            break
        }
        'kmsctl;help;config;path' {
            break
        }
        'kmsctl;help;config;edit' {
            break
        }
        'kmsctl;help;config;add-profile' {
            break
        }
        'kmsctl;help;ephemeral' {
            break
        }
        'kmsctl;help;explain' {
            break
        }
        'kmsctl;help;completions' {
            break
        }
        'kmsctl;help;man' {
            break
        }
        'kmsctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
