//! The table of error codes: name, exit code, meaning. Stable: scripts rely on it.

/// Exit codes by their meaning, as every man page lists them.
pub mod exit {
    pub const FAILED: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const NO: u8 = 3;
    pub const KEY: u8 = 4;
    pub const PIN: u8 = 5;
    pub const TOKEN: u8 = 6;
    pub const STATE: u8 = 7;
    pub const EXISTS: u8 = 8;
    /// As shells have it: the command of `ephemeral` cannot be started.
    pub const NOT_STARTED: u8 = 127;
    pub const INTERRUPTED: u8 = 130;
}

macro_rules! codes {
    ($($variant:ident $name:literal $exit:ident $meaning:literal;)*) => {
        /// What kind of failure it is, finer than the exit code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in `--json` errors.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub const fn exit(self) -> u8 {
                match self { $(Self::$variant => exit::$exit),* }
            }

            /// One sentence for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    Failed "FAILED" FAILED "Something went wrong that has no code of its own; the message says what.";
    KeyConflict "KEY_CONFLICT" FAILED "Somebody else changed the key at the same moment; nothing was changed here.";
    Io "IO" FAILED "A file or stream could not be read or written.";
    Usage "USAGE" USAGE "The command line, a value or a configuration file is not as it must be.";
    InvalidInput "INVALID_INPUT" USAGE "The input is malformed: a key file, a signature, a request body, a ciphertext.";
    FileNotTrusted "FILE_NOT_TRUSTED" USAGE "Another user could have made or changed a file that decides what kmsctl does, or could read what it writes.";
    SignatureInvalid "SIGNATURE_INVALID" NO "The signature does not belong to this key and this input.";
    AnswerNo "ANSWER_NO" NO "The answer to some requests of a batch is no: a signature that is not valid, a ciphertext that is not authentic.";
    RotationDue "ROTATION_DUE" NO "The scheduled rotation of some keys has not happened yet.";
    FaultsFound "FAULTS_FOUND" NO "The examination of the token found errors or warnings, which it lists.";
    TokenInvalid "TOKEN_INVALID" NO "The JSON Web Token or JWS is not to be accepted; the message says why.";
    NotAuthentic "NOT_AUTHENTIC" NO "The ciphertext, its header or its context is not what was encrypted; nothing was decrypted.";
    Outdated "OUTDATED" NO "A ciphertext was sealed by an older version of its key.";
    KeyNotFound "KEY_NOT_FOUND" KEY "No key on the token has this label or CKA_ID.";
    KeyAmbiguous "KEY_AMBIGUOUS" KEY "Several keys fit; kmsctl never takes the first.";
    VersionNotFound "VERSION_NOT_FOUND" KEY "The key has no such version.";
    KeyIncomplete "KEY_INCOMPLETE" KEY "A half of the key that the operation needs is not on the token.";
    PinMissing "PIN_MISSING" PIN "No PIN was given and nobody can be asked for one.";
    PinInvalid "PIN_INVALID" PIN "What a PIN source gave cannot be a PIN; no login was tried.";
    PinIncorrect "PIN_INCORRECT" PIN "The token refused the PIN. kmsctl tries once and never again by itself.";
    PinLocked "PIN_LOCKED" PIN "The token has locked the PIN after too many wrong tries.";
    PinFinalTry "PIN_FINAL_TRY" PIN "One try is left; it is not spent on a PIN that nobody typed.";
    PinNotSet "PIN_NOT_SET" PIN "The token has no user PIN yet.";
    ModuleNotFound "MODULE_NOT_FOUND" TOKEN "There is no file with this name to load as a PKCS#11 module.";
    ModuleUnusable "MODULE_UNUSABLE" TOKEN "The file is no PKCS#11 module, or the module does not start.";
    TokenNotFound "TOKEN_NOT_FOUND" TOKEN "No initialised token fits.";
    TokenAmbiguous "TOKEN_AMBIGUOUS" TOKEN "Several tokens fit; kmsctl talks to exactly one.";
    TokenNotInitialized "TOKEN_NOT_INITIALIZED" TOKEN "There is no token here yet.";
    TokenError "TOKEN_ERROR" TOKEN "The token or its module answered with an error.";
    TokenGone "TOKEN_GONE" TOKEN "The token or the session vanished while it was used.";
    TokenFull "TOKEN_FULL" TOKEN "The token or its disk has no room left.";
    UseOnly "USE_ONLY" TOKEN "The profile in use does not allow to change its token.";
    TokenReadOnly "TOKEN_READ_ONLY" TOKEN "The token cannot be written.";
    TokenIncapable "TOKEN_INCAPABLE" TOKEN "The token lacks the mechanism or attribute that this needs.";
    TokenBroken "TOKEN_BROKEN" TOKEN "The token's answer cannot be right: a key that is not as asked for, or does not work.";
    StoreDamaged "STORE_DAMAGED" TOKEN "The embedded token's files are not what they should be.";
    PublicKeyMismatch "PUBLIC_KEY_MISMATCH" TOKEN "The public key on the token does not belong to the private key beside it.";
    PublicKeyUnproven "PUBLIC_KEY_UNPROVEN" TOKEN "Nothing proves whose public key it is.";
    KeyReplaced "KEY_REPLACED" TOKEN "A secret key is not the one that its record was written for.";
    RecordUnreadable "RECORD_UNREADABLE" TOKEN "The record of a key is damaged, or written by a newer kmsctl.";
    RecordNotAuthentic "RECORD_NOT_AUTHENTIC" TOKEN "The record of a key was changed by someone who did not use the token.";
    RecordsUnavailable "RECORDS_UNAVAILABLE" TOKEN "The token stores no data objects, and no directory for records is named.";
    LockTimeout "LOCK_TIMEOUT" TOKEN "Another process kept the token locked for too long.";
    KeyDisabled "KEY_DISABLED" STATE "The key or this version of it is disabled.";
    KeyRevoked "KEY_REVOKED" STATE "The deletion of the key was requested; it waits to be destroyed.";
    KeyUsage "KEY_USAGE" STATE "The key was not made for this operation.";
    KeyState "KEY_STATE" STATE "The key's state does not allow this change of it.";
    KeyExists "KEY_EXISTS" EXISTS "A key with this label or CKA_ID exists already.";
    PinFileExists "PIN_FILE_EXISTS" EXISTS "A file that may hold a PIN is there already; it is not overwritten.";
    FileExists "FILE_EXISTS" EXISTS "A file that may hold a secret is there already; it is not overwritten.";
    ProfileExists "PROFILE_EXISTS" EXISTS "The configuration has a profile of this name already.";
    TokenExists "TOKEN_EXISTS" EXISTS "A token is there already; initialising it would destroy its keys.";
    CommandNotStarted "COMMAND_NOT_STARTED" NOT_STARTED "The command to run with an ephemeral token cannot be started.";
    Interrupted "INTERRUPTED" INTERRUPTED "The run was interrupted from the keyboard.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let names: std::collections::HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
