//! The table of exit codes and error codes. `kmsctl explain`, kmsctl-errors(7), `--help`, kmsctl(1) and README.md are
//! generated from it. Names and numbers are stable: scripts rely on them.

exits! {
    SUCCESS 0 "done; the answer is yes";
    FAILED 1 "failed for another reason";
    USAGE 2 "usage: options, request body, malformed input";
    NO 3 "the answer is no: not valid, not authentic, something is faulty or due";
    KEY 4 "no such key, or several";
    PIN 5 "PIN: missing, wrong, locked, or its final try was not spent";
    TOKEN 6 "the token or module cannot be reached, or cannot do what is asked";
    STATE 7 "the key's state or usage forbids it";
    EXISTS 8 "already exists";
    NOT_STARTED 127 "ephemeral: the command cannot be started";
    INTERRUPTED 130 "interrupted";
}

// Variant, name, exit code; meaning; usual causes; what to do.
codes! {
    Failed FAILED FAILED
        "An error without a specific code; the message says what happened."
        ["An error of the system or of a library that none of the other codes covers."]
        ["Read the message and the lines \"caused by\"."
         "Run the command again with -v, or with -vv to see the PKCS#11 calls."];
    KeyConflict KEY_CONFLICT FAILED
        "Another process changed the key at the same time; nothing was changed here."
        ["Another machine or process rotated, changed or destroyed the key at the same moment."]
        ["Look at the key with `kmsctl key versions --label LABEL`, then run the command again."];
    Io IO FAILED
        "A file or stream could not be read or written."
        ["The file does not exist, is a directory, or its permissions forbid the access."
         "The disk is full, or the file system is mounted read-only."]
        ["Check the path in the message, its permissions and the space on its disk."];
    Usage USAGE USAGE
        "The command line, a value or the configuration file is not valid."
        ["An option or command is misspelt, missing, or excludes another one."
         "A value is out of range, or the configuration file has an unknown key."]
        ["Follow the hint; `--help` after any command lists its options."
         "`kmsctl config show` prints the settings in effect and where each comes from."];
    InvalidInput INVALID_INPUT USAGE
        "The input is malformed: a key file, a signature, a request body, a ciphertext."
        ["The file is of another kind than the option takes: a certificate or public key instead of a private key."
         "The input was cut off, converted by a mail program, or has another encoding."]
        ["Look at the file with `openssl asn1parse`, `openssl pkey` or `head`."
         "Give it in one of the forms that the command's manual page lists."];
    FileNotTrusted FILE_NOT_TRUSTED USAGE
        "Another user could have changed a file that kmsctl relies on, or could read what it writes."
        ["The file, a symbolic link to it, or a directory above it belongs to another user."
         "Its group or every user can write to it: often a umask of 002, or a directory of mode 777."
         "Private output was to go to a file, pipe or device of another user."]
        ["Check the content of the file first; then run the command in the hint."
         "For a store or records directory that several users share, set `shared-group` in the profile."];
    SignatureInvalid SIGNATURE_INVALID NO
        "The signature does not belong to this key and this input."
        ["The data, the signature or the key differs from what was signed, even by a single byte such as a newline."
         "Another algorithm was used: RS256 and PS256 signatures of the same key differ."]
        ["Verify with the same --algorithm, and with --digest if a digest was signed."
         "After a rotation, name the version that signed with --key-version."];
    AnswerNo ANSWER_NO NO
        "The answer to some requests of a batch is no: a signature is not valid, a ciphertext not authentic."
        ["A `verify` request has a signature of other data or of another key, or a ciphertext was changed."]
        ["Find these answers: `jq -c 'select(.result.valid == false or .error.exit == 3)'`."];
    RotationDue ROTATION_DUE NO
        "Keys are due for rotation."
        ["The schedule of a key asks for a new version, and no run has rotated it yet."]
        ["`kmsctl key rotate --due` rotates all keys that are due; `--dry-run` lists them."
         "`kmsctl key timer` prints a timer that does so every day."];
    FaultsFound FAULTS_FOUND NO
        "`kmsctl doctor` found errors or warnings, which it lists."
        ["A run was killed or failed half-way and left a record, a version or a usage attribute behind."
         "Another program made or changed keys: unprotected, with a label twice, or with more usages than is safe."
         "A rotation or a destruction is overdue, or the clock is wrong."]
        ["Run the command below each finding."
         "`kmsctl doctor --repair` repairs what cannot cost a key."];
    TokenInvalid TOKEN_INVALID NO
        "The JSON Web Token or JWS is not valid; the message says why."
        ["It has expired, or its audience or issuer is not the one named."
         "It was signed by another key, or with an algorithm that the key is not for."
         "It was changed, or made without a key (`alg` none, HMAC with a public key)."]
        ["`kmsctl jwt decode` shows its header and claims."
         "`--leeway 30s` allows for clocks that differ; `kmsctl jwks` exports the keys after a rotation."];
    NotAuthentic NOT_AUTHENTIC NO
        "The ciphertext or wrapped key, its header or its context is not what was encrypted; nothing was decrypted."
        ["The ciphertext was changed after it was encrypted, even by a single bit, or was cut short."
         "The context is missing, different, or not expected."
         "The header names another key or version than the one that encrypted it."]
        ["Fetch the ciphertext again from its source; compare its size with what `kmsctl inspect` prints."
         "Give the same --context as when it was encrypted, byte by byte."
         "If it was decrypted to standard output, discard what was written: it is incomplete."];
    BackupDamaged BACKUP_DAMAGED NO
        "The file decrypts, but is not a whole backup of a token; nothing was restored."
        ["The file is another one, encrypted to the same recipient or with the same passphrase."
         "The backup was decrypted, cut and encrypted again."]
        ["Restore another backup, and look for where this one was replaced."];
    Outdated OUTDATED NO
        "A ciphertext was encrypted with an older version of its key."
        ["The key was rotated after the ciphertext was made."]
        ["`kmsctl reencrypt` without --check moves it to the newest version."];
    KeyNotFound KEY_NOT_FOUND KEY
        "No key on the token has this label or CKA_ID."
        ["The label is misspelt; labels are compared byte by byte."
         "The key is on another token, or was deleted."]
        ["`kmsctl key list` lists the keys of this token."
         "`kmsctl config show` shows which token is used, and why."];
    KeyAmbiguous KEY_AMBIGUOUS KEY
        "Several keys match; kmsctl never picks one of them."
        ["Several keys have the same label: PKCS#11 allows it, and other tools do not prevent it."]
        ["Select one by its CKA_ID with --id; the error lists them."
         "Rename one: `kmsctl key update --id HEX --rename LABEL`."];
    VersionNotFound VERSION_NOT_FOUND KEY
        "The key has no such version."
        ["The key was not rotated that often, or the version was destroyed."]
        ["`kmsctl key versions --label LABEL` lists its versions."];
    KeyIncomplete KEY_INCOMPLETE KEY
        "The private or public half that the operation needs is not on the token."
        ["Another tool stored or deleted only one half of the key pair."]
        ["`kmsctl doctor` finds such keys."
         "If you have the public key in a file, use it with --public-key."];
    PinMissing PIN_MISSING PIN
        "No PIN was given, and kmsctl cannot ask for one."
        ["The command needs a login, no PIN source is set, and there is no terminal to ask on."
         "--no-input forbids prompts."]
        ["Give the PIN by --pin-file, --pin-fd, --pin-command or KMSCTL_PIN_FILE; see kmsctl-pin(7)."];
    PinInvalid PIN_INVALID PIN
        "A PIN source gave something that is not a valid PIN, or that violates the token's rules."
        ["The PIN file is empty, has a byte order mark, a trailing blank or several lines, or is not text."
         "The PIN command failed or printed something else."
         "A PIN that kmsctl generated was cut off."
         "The token has rules for the length or the characters of a PIN."]
        ["Check what the source gives, for example with `wc -c < FILE`. No login was tried: it does not count among the ten wrong PINs that lock the embedded token."
         "`kmsctl token show` prints the PIN lengths that the token accepts."];
    PinIncorrect PIN_INCORRECT PIN
        "The token refused the PIN. kmsctl tries it once and never repeats it."
        ["The PIN belongs to another token, or was changed."
         "The PIN came from another source than expected: the error names it."]
        ["Check the token (`kmsctl config show`, `kmsctl token show`) before the next try: most lock after a few, the embedded token after ten."
         "If the PIN is lost, the security officer can set a new one: `kmsctl token unlock`."];
    PinLocked PIN_LOCKED PIN
        "The token has locked the PIN after too many wrong tries."
        ["Too many wrong PINs in a row, perhaps from a service that kept trying. The embedded token locks after ten."]
        ["The security officer sets a new PIN: `kmsctl token unlock`."
         "A TPM unlocks after its lockout time, or with `tpm2_dictionarylockout --clear-lockout`."
         "First find what used the wrong PIN, or it will lock again."];
    PinFinalTry PIN_FINAL_TRY PIN
        "One try is left; kmsctl does not spend it on a stored PIN."
        ["Wrong PINs were tried before; one more locks the token."]
        ["Run the command on a terminal without a PIN source and type the PIN: a successful login resets the counter."
         "--use-final-try spends the last try on a stored PIN; use it only if that PIN is known to be right."];
    PinNotSet PIN_NOT_SET PIN
        "The token has no user PIN yet."
        ["The token was initialised without a user PIN."]
        ["The security officer sets one: `kmsctl token unlock`."];
    PassphraseIncorrect PASSPHRASE_INCORRECT PIN
        "The passphrase does not decrypt the file."
        ["The passphrase is that of another file, or has a typing error or an extra line in its file."
         "The header of the file was changed, which cannot be told apart from a wrong passphrase."]
        ["Try the passphrase again: nothing counts the tries."
         "Decrypt the file with `age --decrypt FILE > /dev/null`, or fetch another copy of it."];
    IdentityMismatch IDENTITY_MISMATCH PIN
        "No identity that was given decrypts the file."
        ["The file is encrypted to another recipient, or with a passphrase."
         "The header of the file was changed, which cannot be told apart from a wrong identity."]
        ["`age-keygen -y IDENTITY` prints the recipient of an identity; compare it with the one that was used."
         "Fetch another copy of the file."];
    ClockDoubted CLOCK_DOUBTED TOKEN
        "`key purge --due` does not destroy by a clock that may be wrong."
        ["The clock of this machine and that of the token differ by more than a day."
         "A key is overdue by more than two days, and no time service confirms the clock: it may have jumped ahead, or no purge ran."]
        ["Compare `date -u` with another clock; `timedatectl set-ntp true` keeps it right."
         "If it is right, add --trust-clock once. `kmsctl key restore` keeps a key that is revoked."];
    ModuleNotFound MODULE_NOT_FOUND TOKEN
        "There is no PKCS#11 module at this path."
        ["The path is wrong, or the vendor's package is not installed on this machine."]
        ["`kmsctl token list --all-modules` lists the modules registered on this machine."
         "Give the path of the .so file with --module, KMSCTL_MODULE or the profile."];
    ModuleUnusable MODULE_UNUSABLE TOKEN
        "The file is not a PKCS#11 module, or the module does not start."
        ["The file is a library without PKCS#11, or for another processor."
         "A library that the module needs is missing: `ldd FILE` lists them."
         "The module does not find its configuration, service or device."]
        ["Test the module with the vendor's tool."
         "Some modules need arguments (--module-args) or variables such as SOFTHSM2_CONF."];
    TokenNotFound TOKEN_NOT_FOUND TOKEN
        "No initialised token matches."
        ["The label or serial number is misspelt."
         "The token is not plugged in, or its reader or network service is down."]
        ["`kmsctl token list` lists the tokens of this module."];
    TokenAmbiguous TOKEN_AMBIGUOUS TOKEN
        "Several tokens match; kmsctl uses exactly one."
        ["The module has several tokens and none was named, or two have the same label."]
        ["Name one with --token: its label, its serial number, or its URI from `kmsctl token list --json`."];
    TokenNotInitialized TOKEN_NOT_INITIALIZED TOKEN
        "There is no token here yet."
        ["This is the first use."
         "Another store was meant: KMSCTL_STORE, a profile or another home directory."]
        ["`kmsctl token init --label NAME` makes a token."
         "`kmsctl config show` prints where kmsctl looks for it."];
    TokenError TOKEN_ERROR TOKEN
        "The token or its module returned an error."
        ["The module reports a failure without details; the message has the PKCS#11 call and its CKR_ value."]
        ["`kmsctl explain CKR_…` with that value."
         "Run the command again with -vv to see the calls, and check the log of the module or its service."];
    TokenGone TOKEN_GONE TOKEN
        "The token or the session was lost during the command."
        ["The token was unplugged, its service restarted, or the network failed."]
        ["`kmsctl token list` shows whether it is back; then run the command again."];
    TokenFull TOKEN_FULL TOKEN
        "The token or its disk is full."
        ["The token has room for a limited number of objects or sessions."
         "The disk that holds a software token is full."]
        ["Destroy keys that are no longer needed, or free space on the disk."
         "Close other programs that keep sessions open."];
    UseOnly USE_ONLY TOKEN
        "The profile allows no changes to its token."
        ["The profile has `mode = \"use\"`, for a token that others administer, and the command would change it."]
        ["Ask the token's administrators, or use another token."
         "`kmsctl config show` prints which profile is used, and why."];
    TokenReadOnly TOKEN_READ_ONLY TOKEN
        "The token is read-only."
        ["The token or its slot is write-protected."
         "The directory of the embedded token, or its file system, is read-only."]
        ["Check the permissions of the store, or use a token that can be written."];
    TokenIncapable TOKEN_INCAPABLE TOKEN
        "The token lacks a mechanism or attribute that the operation needs."
        ["Tokens differ in the algorithms, key sizes and attributes that they implement."]
        ["`kmsctl token show -v` lists the mechanisms; `kmsctl doctor` tries them."
         "Use another algorithm, or a newer firmware or module."];
    TokenBroken TOKEN_BROKEN TOKEN
        "The token's answer is wrong: a key that is not as requested, or that does not work."
        ["A defect of the module, or a damaged answer: kmsctl reads back what it made and verifies what it signed."]
        ["Do not rely on what this token makes until the cause is known."
         "Report it to the vendor with the output of the same command with -vv."];
    StoreDamaged STORE_DAMAGED TOKEN
        "The files of the embedded token are damaged."
        ["A file of the store was cut off, replaced or edited, or the disk is failing."]
        ["Move the directory away, then restore a backup: `kmsctl token restore --in FILE`."
         "`kmsctl doctor` reports what is wrong."];
    PublicKeyMismatch PUBLIC_KEY_MISMATCH TOKEN
        "The public key on the token does not belong to the private key beside it."
        ["Someone with access to the token replaced the public key object; most tokens allow that without a PIN."
         "Another program stored a public key or certificate under the same CKA_ID by mistake."]
        ["`kmsctl doctor` lists every key pair whose halves do not match."
         "`kmsctl doctor --repair` restores a public key that the private key or the record proves."];
    PublicKeyUnproven PUBLIC_KEY_UNPROVEN TOKEN
        "Nothing proves that the public key belongs to this key."
        ["The token has no private key for it, and no record with its fingerprint."
         "The key may not sign or decrypt now, so the private key cannot be tried."]
        ["Give the PIN, so that the private key and the record can be read."
         "Give the expected fingerprint with --fingerprint, or the public key itself with --public-key."];
    KeyUnproven KEY_UNPROVEN TOKEN
        "Nothing proves that a secret or private key is the one meant."
        ["The key is not CKA_PRIVATE, and no record vouches for it: anyone who reaches the token can put such an object there without the PIN."]
        ["`kmsctl key create` and `kmsctl key import` make keys that are private."
         "`kmsctl doctor` lists the keys that are not."];
    KeyReplaced KEY_REPLACED TOKEN
        "A secret key is not the one that its record was written for."
        ["The secret key is not a private object, and someone replaced it without the PIN."]
        ["Do not use the key. `kmsctl doctor` reports what is on the token."
         "Create keys with kmsctl: their objects are private and cannot be replaced without the PIN."];
    RecordUnreadable RECORD_UNREADABLE TOKEN
        "The record of a key is damaged, or was written by a newer kmsctl."
        ["Another program wrote to the record, or a newer kmsctl did."]
        ["The key itself still works when selected with --id."
         "Use the newest kmsctl that works on this token; `kmsctl doctor` reports details."];
    RecordNotAuthentic RECORD_NOT_AUTHENTIC TOKEN
        "The record of a key was changed without the PIN of the token."
        ["Someone edited the files of the embedded token or of a records directory."
         "The record was copied from another token, or its authentication key was destroyed by another program."]
        ["Nothing was changed or destroyed. Restore the files from a backup, and check who can write to them."
         "`kmsctl doctor` lists every record that is not authentic."];
    RecordsUnavailable RECORDS_UNAVAILABLE TOKEN
        "The token stores no data objects, and no directory for records is set."
        ["Some tokens, such as NSS and some cloud HSMs, store keys but no data objects."]
        ["Set a directory for the records: --records DIR, KMSCTL_RECORDS, or `records` in the profile."];
    LockTimeout LOCK_TIMEOUT TOKEN
        "Another kmsctl kept the token locked for too long."
        ["Another kmsctl is writing to the same token, or hangs while it holds the lock."]
        ["Wait longer: --lock-timeout SECONDS."
         "Look at the process that the message names: `ps -fp PID`."];
    KeyDisabled KEY_DISABLED STATE
        "The key, or this version of it, is disabled."
        ["The key or the version was disabled, or its deletion was cancelled."]
        ["`kmsctl key versions --label LABEL` shows the states."
         "`kmsctl key enable --label LABEL` enables it again."];
    KeyRevoked KEY_REVOKED STATE
        "The key is revoked and will be destroyed."
        ["`kmsctl key revoke` requested its deletion; until the date set it can be restored."]
        ["`kmsctl key restore --label LABEL`, then `kmsctl key enable --label LABEL`."];
    KeyUsage KEY_USAGE STATE
        "The key was not made for this operation."
        ["The key was created for other operations (--usage), or is of a kind that cannot do this."]
        ["`kmsctl key show --label LABEL` prints its usages; they are fixed when a key is created."];
    KeyState KEY_STATE STATE
        "The key's state does not allow this change."
        ["A key can be enabled, disabled or revoked; a revoked key can only be restored, and is disabled then."
         "The newest version of a key signs and encrypts; it cannot be disabled alone."]
        ["`kmsctl key show --label LABEL` prints the state, `kmsctl key versions` those of the versions."];
    KeyExists KEY_EXISTS EXISTS
        "A key with this label or CKA_ID already exists."
        ["A key of this name was created before, perhaps by an earlier run of the same script."]
        ["In scripts, `kmsctl key create --if-not-exists` makes a second run harmless."
         "Otherwise use another label, or --allow-duplicate-label."];
    PinFileExists PIN_FILE_EXISTS EXISTS
        "The file may hold a PIN; it is not overwritten."
        ["The file that --generate-pin names has content, which may be the PIN of another token."
         "An interrupted run wrote it: the PIN is saved before the token gets it."]
        ["After an interrupted run use the PIN that it saved: --pin-file FILE --so-pin-file FILE.so instead of \
          --generate-pin FILE for `token init`, --new-pin-file FILE for `token set-pin` and `token unlock`."
         "Otherwise name another file."];
    FileExists FILE_EXISTS EXISTS
        "The file may hold a secret; it is not overwritten."
        ["A file with the name of a key component or wrapped key that would be written already exists."]
        ["Name another file, or remove this one when it is certainly not needed."];
    ProfileExists PROFILE_EXISTS EXISTS
        "The configuration already has a profile of this name."
        ["`kmsctl config add-profile` was given the name of an existing profile."]
        ["Look at it with `kmsctl config show --profile NAME`, or in the file that `kmsctl config path` prints."
         "Use another name, or --replace to overwrite it."];
    TokenExists TOKEN_EXISTS EXISTS
        "A token already exists here; initialising it again would destroy its keys."
        ["The store or slot holds an initialised token."]
        ["Use that token, or name another place: --store, --label, --slot."];
    CommandNotStarted COMMAND_NOT_STARTED NOT_STARTED
        "`kmsctl ephemeral` could not start its command."
        ["The command does not exist, is not executable, or is not in PATH."]
        ["Check the name after `--`; for shell syntax run `sh -c '…'`."];
    Interrupted INTERRUPTED INTERRUPTED
        "The run was interrupted from the keyboard."
        ["Ctrl-C at a prompt, or SIGINT from another process."]
        ["Nothing was changed after the interruption; run the command again."];
}
