//! Whose PIN or passphrase a secret is.

use std::fmt;

/// Whose PIN it is, for prompts and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    SecurityOfficer,
    /// The first one, of a new token.
    FirstUser,
    /// The one that replaces the present one.
    NewUser,
    NewSecurityOfficer,
    /// The passphrase of an encrypted private key.
    Passphrase,
    /// The passphrase of a file to be encrypted.
    NewPassphrase,
}

impl Role {
    /// A secret that is being chosen is asked for twice.
    pub(super) const fn is_new(self) -> bool {
        matches!(self, Self::FirstUser | Self::NewUser | Self::NewSecurityOfficer | Self::NewPassphrase)
    }

    /// The options and variables that give this very secret.
    pub(super) const fn options(self) -> &'static str {
        match self {
            Self::User => "use `--pin-file FILE`, `--pin-fd N`, `--pin-command CMD` or KMSCTL_PIN_FILE",
            Self::SecurityOfficer => "use `--so-pin-file FILE`, `--so-pin-fd N` or KMSCTL_SO_PIN_FILE",
            Self::FirstUser => {
                "use `--pin-file FILE`, `--pin-fd N`, `--pin-command CMD` or KMSCTL_PIN_FILE, or have a PIN made with \
                 `--generate-pin FILE`"
            }
            Self::NewUser => {
                "use `--new-pin-file FILE` or `--new-pin-fd N`, or have a PIN made with `--generate-pin FILE`"
            }
            Self::NewSecurityOfficer => {
                "use `--so-pin-file FILE`, `--so-pin-fd N` or KMSCTL_SO_PIN_FILE, or have both PINs made with \
                 `--generate-pin FILE`"
            }
            Self::Passphrase => "use `--passphrase-file FILE` or `--passphrase-fd N`",
            Self::NewPassphrase => {
                "use `--recipient RECIPIENT`, `--passphrase-file FILE` or `--passphrase-fd N`"
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user PIN",
            Self::SecurityOfficer => "SO PIN",
            Self::FirstUser | Self::NewUser => "new user PIN",
            Self::NewSecurityOfficer => "new SO PIN",
            Self::Passphrase | Self::NewPassphrase => "passphrase",
        })
    }
}
