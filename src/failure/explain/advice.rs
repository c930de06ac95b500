//! The book of errors: causes and ways out of each code, and of the exit codes as such.

use super::{Advice, Code};

/// A code without an entry does not compile.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn of(code: Code) -> Advice {
    let (causes, actions): (&[&str], &[&str]) = match code {
        Code::Failed => (
            &["An error from outside kmsctl that none of the other codes fits."],
            &[
                "Read the message and the lines \"caused by\".",
                "Run the command again with -v, or -vv for the PKCS#11 calls.",
            ],
        ),
        Code::Io => (
            &[
                "A file does not exist, is a directory, or may not be read or written.",
                "The disk is full, or the file system is mounted read-only.",
            ],
            &["Check the path that the message names, its permissions and the room on its disk."],
        ),
        Code::Usage => (
            &[
                "An option or command is misspelt, missing, or excludes another one.",
                "A value is out of its range, or the configuration file has an unknown key.",
            ],
            &[
                "Read the hint; `--help` after any command shows what it takes.",
                "`kmsctl config show` tells which settings are in force.",
            ],
        ),
        Code::InvalidInput => (
            &[
                "The file is of another kind than the option takes: a certificate or a public key in place of a private key.",
                "The input was cut off, converted by a mail program, or is encoded in another way.",
            ],
            &[
                "Look at the file with `openssl asn1parse`, `openssl pkey` or `head`.",
                "Give it in one of the forms that the command's man page lists.",
            ],
        ),
        Code::FileNotTrusted => (
            &[
                "The file, a symbolic link to it, or a directory above it belongs to another user.",
                "Its group or every user can write to it: often a umask of 002, or a directory opened with mode 777.",
                "Private output was to go to a file, pipe or device of another user.",
            ],
            &[
                "Look at what is in the file before you trust it; then run the command that the hint gives.",
                "A store or records directory that several users share: `shared-group` in the profile.",
            ],
        ),
        Code::SignatureInvalid => (
            &[
                "The data, the signature or the key is not the one that was signed, not even by one byte such as a newline.",
                "Another algorithm was used: RS256 and PS256 signatures of the same key differ.",
            ],
            &[
                "Verify with the same --algorithm, and with --digest if a digest was signed.",
                "After a rotation, name the version that signed with --key-version.",
            ],
        ),
        Code::TokenInvalid => (
            &[
                "The token has expired, or is for another audience or by another issuer than the one named.",
                "It was signed by another key, or by another algorithm than the key is for.",
                "Somebody changed it, or made it without a key (`alg` none, HMAC with a public key).",
            ],
            &[
                "`kmsctl jwt decode` shows what the token says; the error says what is wrong with it.",
                "`--leeway 30s` allows for clocks that differ; a new `kmsctl jwks` has the keys of the last rotation.",
            ],
        ),
        Code::NotAuthentic => (
            &[
                "The ciphertext was changed or cut short after it was encrypted, not even by more than one bit.",
                "The context is another one, missing, or superfluous.",
                "The header names another key or version than the one that encrypted.",
            ],
            &[
                "Fetch the ciphertext again from where it came from; compare its size with what `kmsctl inspect` tells.",
                "Give the same --context as when it was encrypted, byte by byte.",
                "If standard output was in use, throw away what was written: it is not the whole.",
            ],
        ),
        Code::PublicKeyMismatch => (
            &[
                "Someone with access to the token replaced the public key object; most tokens allow that without a PIN.",
                "Another program stored a public key or certificate under the same CKA_ID by mistake.",
            ],
            &[
                "`kmsctl doctor` lists every key pair whose halves do not match.",
                "`kmsctl doctor --repair` restores a public key that the private key or the record proves.",
            ],
        ),
        Code::PublicKeyUnproven => (
            &[
                "There is no private key on the token for this public key, and no record that has its fingerprint.",
                "The key may not sign or decrypt now, so the private key cannot be tried.",
            ],
            &[
                "Give the PIN, so that the private key and the record can be seen.",
                "Give the fingerprint you expect with --fingerprint, or the public key itself with --public-key.",
            ],
        ),
        Code::KeyReplaced => (
            &["The secret key is not a private object, and someone replaced it without the PIN."],
            &[
                "Do not use the key. `kmsctl doctor` lists what is on the token.",
                "Create keys with kmsctl: their objects are private, and nobody can replace them without the PIN.",
            ],
        ),
        Code::RecordNotAuthentic => (
            &[
                "Someone edited the files of the embedded token or of a records directory.",
                "The record was copied from another token, or its authentication key was destroyed by another program.",
            ],
            &[
                "Nothing was changed or destroyed. Restore the files from a backup, and check who can write them.",
                "`kmsctl doctor` lists every record that is not authentic.",
            ],
        ),
        Code::Outdated => (
            &["The key was rotated after the ciphertext was made."],
            &["`kmsctl reencrypt` without --check moves it to the newest version."],
        ),
        Code::KeyNotFound => (
            &[
                "The label is misspelt; labels are compared byte by byte.",
                "The key is on another token, or was deleted.",
            ],
            &[
                "`kmsctl key list` shows the keys of this token.",
                "`kmsctl config show` shows which token is meant, and why.",
            ],
        ),
        Code::KeyAmbiguous => (
            &["Several keys have this label, as PKCS#11 allows and other tools do not prevent."],
            &[
                "Add --id with the CKA_ID of the one that is meant; the error lists them.",
                "Rename one: `kmsctl key update --id HEX --rename LABEL`.",
            ],
        ),
        Code::VersionNotFound => (
            &["The key was not rotated that often, or the version was destroyed."],
            &["`kmsctl key versions --label LABEL` lists the versions there are."],
        ),
        Code::KeyIncomplete => (
            &["Another tool stored or deleted only one half of the key pair."],
            &[
                "`kmsctl doctor` finds such keys.",
                "If the public key is kept elsewhere, use it with --public-key.",
            ],
        ),
        Code::PinMissing => (
            &[
                "The command needs a login, no PIN source is set, and there is no terminal to ask on.",
                "--no-input forbids to ask.",
            ],
            &["Give the PIN by --pin-file, --pin-fd, --pin-command or KMSCTL_PIN_FILE; see kmsctl-pin(7)."],
        ),
        Code::PinInvalid => (
            &[
                "The PIN file is empty, begins with a byte order mark, ends with a blank, has several lines, or is not text.",
                "The PIN command failed or printed something else.",
                "A PIN that kmsctl generated was cut off.",
                "The token has rules for the length or the characters of a PIN.",
            ],
            &[
                "Look at what the source gives, for example `wc -c < FILE`. No try was used.",
                "`kmsctl token show` tells the lengths that the token takes.",
            ],
        ),
        Code::PinIncorrect => (
            &[
                "The PIN belongs to another token, or was changed.",
                "It came from another source than you think: the error names the one that was used.",
            ],
            &[
                "Check which token is meant (`kmsctl config show`, `kmsctl token show`) before the next try: most tokens lock after a few.",
                "If the PIN is lost, the security officer sets a new one: `kmsctl token unlock`.",
            ],
        ),
        Code::PinLocked => (
            &["Too many wrong PINs in a row, perhaps by a service that went on trying."],
            &[
                "The security officer sets a new PIN: `kmsctl token unlock`.",
                "A TPM unlocks by itself after its lockout time, or by `tpm2_dictionarylockout --clear-lockout`.",
                "Find who used the wrong PIN first, or it will be locked again.",
            ],
        ),
        Code::PinFinalTry => (
            &["Wrong PINs were tried before; one more locks the token."],
            &[
                "Run the command on a terminal without any PIN source and type the PIN: a good login resets the counter.",
                "--use-final-try spends the try on a stored PIN; only if it is known to be right.",
            ],
        ),
        Code::PinNotSet => (
            &["The token was initialised without a user PIN."],
            &["The security officer sets one: `kmsctl token unlock`."],
        ),
        Code::ModuleNotFound => (
            &["The path is wrong, or the vendor's package is not installed on this machine."],
            &[
                "`p11-kit list-modules` shows the modules that are registered on this machine.",
                "Give --module, KMSCTL_MODULE or the profile the path of the .so file.",
            ],
        ),
        Code::ModuleUnusable => (
            &[
                "The file is a library, but no PKCS#11 module, or for another processor.",
                "A library that the module needs is missing: `ldd FILE` tells.",
                "The module does not find its own configuration, service or device.",
            ],
            &[
                "Test the module with the vendor's own tool.",
                "Some modules want arguments (--module-args) or variables of their own, such as SOFTHSM2_CONF.",
            ],
        ),
        Code::TokenNotFound => (
            &[
                "The label or serial number is misspelt.",
                "The token is not plugged in, its reader or network service is down.",
            ],
            &["`kmsctl token list` shows the tokens of this module."],
        ),
        Code::TokenAmbiguous => (
            &["The module shows several tokens and none was named, or two have the same label."],
            &[
                "Name one by --token LABEL, by its serial number, or by its URI from `kmsctl token list --json`.",
            ],
        ),
        Code::TokenNotInitialized => (
            &[
                "This is the first use.",
                "Another store is meant: KMSCTL_STORE, a profile or another home directory.",
            ],
            &[
                "`kmsctl token init --label NAME` makes a token.",
                "`kmsctl config show` tells where it is looked for.",
            ],
        ),
        Code::TokenError => (
            &[
                "The module reports a failure that says no more than that; the name of the call and its CKR_ value are in the message.",
            ],
            &[
                "`kmsctl explain CKR_…` with that value.",
                "Run again with -vv to see the calls, and look into the log of the module or its service.",
            ],
        ),
        Code::TokenGone => (
            &["The token was unplugged, its service restarted, or the network failed."],
            &["`kmsctl token list` shows whether it is back; then run the command again."],
        ),
        Code::TokenFull => (
            &[
                "The token has room for a number of objects or sessions only.",
                "The disk that holds a software token is full.",
            ],
            &[
                "Destroy keys that are no longer needed, or make room on the disk.",
                "Close other programs that keep sessions open.",
            ],
        ),
        Code::UseOnly => (
            &[
                "The profile has `mode = \"use\"`, because others administer its token, and the command would change it.",
            ],
            &[
                "Ask those who administer the token, or use another token.",
                "`kmsctl config show` tells which profile is in use, and why.",
            ],
        ),
        Code::TokenReadOnly => (
            &[
                "The token or its slot is write-protected.",
                "The embedded token's directory or file system cannot be written.",
            ],
            &["Check the permissions of the store, or use a token that can be written."],
        ),
        Code::TokenIncapable => (
            &["Tokens differ in what they implement: algorithms, key sizes, attributes."],
            &[
                "`kmsctl token show -v` lists the mechanisms; `kmsctl doctor` tries them.",
                "Use another algorithm, or a newer firmware or version of the module.",
            ],
        ),
        Code::TokenBroken => (
            &[
                "A defect of the module, or a damaged answer: kmsctl reads back what it made and verifies what it signed.",
            ],
            &[
                "Do not rely on what this token makes until the cause is known.",
                "Report it to the vendor with the output of the same command with -vv.",
            ],
        ),
        Code::StoreDamaged => (
            &["A file of the store was cut off, replaced or edited, or the disk is failing."],
            &["Restore the directory from a backup.", "`kmsctl doctor` tells what is wrong."],
        ),
        Code::RecordUnreadable => (
            &["Another program wrote to the record, or a newer kmsctl did."],
            &[
                "The key itself still works by --id.",
                "Use the newest kmsctl that works on this token; `kmsctl doctor` tells more.",
            ],
        ),
        Code::RecordsUnavailable => (
            &["Some tokens, such as NSS and some cloud HSMs, store keys but no data objects."],
            &[
                "Name a directory for the records: --records DIR, KMSCTL_RECORDS, or `records` in the profile.",
            ],
        ),
        Code::LockTimeout => (
            &["Another kmsctl writes to the same token, or hangs while it holds the lock."],
            &[
                "Wait longer: --lock-timeout SECONDS.",
                "Find the process that holds the lock: `fuser` or `lsof` on the file in the message.",
            ],
        ),
        Code::KeyDisabled => (
            &["Somebody disabled the key or this version, or its deletion was cancelled."],
            &[
                "`kmsctl key versions --label LABEL` shows the states.",
                "`kmsctl key enable --label LABEL` if it may be used again.",
            ],
        ),
        Code::KeyRevoked => (
            &["`kmsctl key revoke` asked for the key's deletion; until that day it can be taken back."],
            &["`kmsctl key restore --label LABEL`, then `kmsctl key enable --label LABEL`."],
        ),
        Code::KeyUsage => (
            &["The key was created for other operations (--usage), or is of a kind that cannot do this."],
            &[
                "`kmsctl key show --label LABEL` tells what it is made for; usages are set for good when a key is created.",
            ],
        ),
        Code::KeyState => (
            &[
                "States follow a fixed order: ENABLE and DISABLE by each other, REVOKE from both, and from REVOKE only back to DISABLE.",
                "The newest version of a key is what signs and encrypts; it cannot be disabled alone.",
            ],
            &[
                "`kmsctl key show --label LABEL` tells the state, `kmsctl key versions` those of the versions.",
            ],
        ),
        Code::AnswerNo => (
            &[
                "A `verify` request whose signature does not belong to the data, or a ciphertext that was changed.",
            ],
            &["Look at the answers: `jq -c 'select(.result.valid == false or .error.exit == 3)'`."],
        ),
        Code::RotationDue => (
            &["The schedule of a key asked for a new version, and nothing rotated it yet."],
            &[
                "`kmsctl key rotate --due` rotates all that are due; `--dry-run` lists them.",
                "`kmsctl key timer` prints a timer that does so every day.",
            ],
        ),
        Code::FaultsFound => (
            &[
                "A run was killed or failed half-way: a record, a version or a usage attribute was left behind.",
                "Another program made or changed keys: not protected, with a name twice, with more uses than are safe.",
                "A rotation or a destruction is overdue, or the clock is wrong.",
            ],
            &[
                "Under each finding of `kmsctl doctor` stands the command that mends it.",
                "`kmsctl doctor --repair` mends what cannot cost a key.",
            ],
        ),
        Code::KeyConflict => (
            &["Another machine or process rotated, changed or destroyed the key at the same moment."],
            &["Look at it with `kmsctl key versions --label LABEL`, and run the command again."],
        ),
        Code::KeyExists => (
            &["A key of this name was created before, perhaps by an earlier run of the same script."],
            &[
                "In scripts, `key create --if-not-exists` makes a second run harmless.",
                "Else use another label, or --allow-duplicate-label.",
            ],
        ),
        Code::PinFileExists => (
            &[
                "The file that --generate-pin names has content, which may be the PIN of another token.",
                "A run that was cut short wrote it, for the PIN is kept before the token gets it.",
            ],
            &[
                "After a run that was cut short, use the PIN that it left: --pin-file FILE --so-pin-file FILE.so in the place \
                 of `token init --generate-pin FILE`, --new-pin-file FILE for `token set-pin` and `token unlock`.",
                "Else name another file.",
            ],
        ),
        Code::FileExists => (
            &["A file of the name that a key component or a wrapped key would get is there already."],
            &["Name another place, or remove the file when it is certain that nobody needs it."],
        ),
        Code::ProfileExists => (
            &["`config add-profile` was given the name of a profile that is in the file."],
            &[
                "Look at it with `kmsctl config show --profile NAME`, or at the file that `kmsctl config path` names.",
                "Use another name, or --replace to write over it.",
            ],
        ),
        Code::TokenExists => (
            &["The store or slot holds an initialised token; doing that again destroys its keys."],
            &["Use the token that is there, or name another place: --store, --label, --slot."],
        ),
        Code::CommandNotStarted => (
            &[
                "The command that `kmsctl ephemeral` was to run does not exist, is not executable, or is not in PATH.",
            ],
            &["Check the name behind `--`; for shell syntax run `sh -c '…'`."],
        ),
        Code::Interrupted => (
            &["Ctrl-C at a prompt, or SIGINT from outside."],
            &["Nothing was changed after the interruption; run the command again."],
        ),
    };
    Advice { causes, actions }
}

/// Meaning and advice of an exit code.
pub(super) fn of_exit(exit: u8) -> Option<(&'static str, Advice)> {
    const CODE_TELLS: &[&str] =
        &["With --json, the error object's `code` tells which of the errors below it was."];
    let (meaning, actions): (&'static str, &[&str]) = match exit {
        0 => ("Done; the answer is yes.", &[]),
        1 => ("Failed for another reason than those that have an exit code of their own.", CODE_TELLS),
        2 => ("Usage: options, request body or malformed input. Nothing was done.", CODE_TELLS),
        3 => (
            "The answer is no: not valid, not authentic, something is due or faulty. The check itself worked.",
            CODE_TELLS,
        ),
        4 => ("No such key, or several.", CODE_TELLS),
        5 => ("The PIN: missing, wrong, locked, or its final try was refused.", CODE_TELLS),
        6 => ("The token or module cannot be reached, or cannot do what is asked.", CODE_TELLS),
        7 => ("The key's state or usage forbids it.", CODE_TELLS),
        8 => ("It exists already.", CODE_TELLS),
        127 => {
            ("`kmsctl ephemeral` could not start its command, or the command itself ended so.", CODE_TELLS)
        }
        130 => ("Interrupted from the keyboard, or the command of `kmsctl ephemeral` was.", CODE_TELLS),
        129..=192 => (
            "A signal, whose number is this less 128, ended the command that `kmsctl ephemeral` ran, or kmsctl itself.",
            &["`kill -l NUMBER` tells the signal; 137 is SIGKILL, often for want of memory; 143 is SIGTERM."],
        ),
        _ => return None,
    };
    Some((meaning, Advice { causes: &[], actions }))
}
