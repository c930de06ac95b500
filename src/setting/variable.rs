//! Environment variables other than those of settings.

/// A variable and its description.
#[derive(Debug)]
pub struct Variable {
    pub name: &'static str,
    pub text: &'static str,
}

/// Defines variables as constants and as a table.
macro_rules! variables {
    ($table:ident: $($constant:ident = $name:literal, $text:literal;)+) => {
        $(pub const $constant: Variable = Variable { name: $name, text: $text };)+
        pub const $table: &[Variable] = &[$($constant),+];
    };
}

variables! { VARIABLES:
    CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY", "Credentials from systemd: kmsctl-pin is the user PIN";
    HOME = "HOME", "Home directory, if no XDG variable names a directory";
    XDG_DATA_HOME = "XDG_DATA_HOME", "Parent of the embedded token's default directory";
    XDG_CONFIG_HOME = "XDG_CONFIG_HOME", "Parent of the configuration's default directory";
    XDG_STATE_HOME = "XDG_STATE_HOME", "Parent of lock files without XDG_RUNTIME_DIR, and of records for which a token has no room";
    XDG_RUNTIME_DIR = "XDG_RUNTIME_DIR", "Parent of lock files and of ephemeral tokens";
    VISUAL = "VISUAL", "Editor of `config edit`";
    EDITOR = "EDITOR", "Editor of `config edit` if VISUAL is not set";
    NO_COLOR = "NO_COLOR", "No colour, if set";
    CLICOLOR_FORCE = "CLICOLOR_FORCE", "Colour also without a terminal, if set and not 0";
    TERM = "TERM", "No colour and no progress line, if \"dumb\"";
    COLUMNS = "COLUMNS", "Width of tables";
}

// Not in the manual: only completion scripts and tests set these.
variables! { HIDDEN_VARIABLES:
    COMPLETE = "KMSCTL_COMPLETE", "The shell whose script asks for completions";
    TEST_NOW = "KMSCTL_TEST_NOW", "The time that tests pretend it is, in milliseconds; not in release builds";
}

/// Variables by which modules find their configuration, device or server. They contain paths and addresses, not secrets.
/// `key timer` copies them into its unit.
pub const MODULE_VARIABLES: &[&str] = &[
    "SOFTHSM2_CONF",
    "KRYOPTIC_CONF",
    "OPENSC_CONF",
    "YUBIHSM_PKCS11_CONF",
    "TPM2_PKCS11_STORE",
    "TPM2_PKCS11_TCTI",
    "TPM2_PKCS11_BACKEND",
    "P11NETHSM_CONFIG_FILE",
    "P11_KIT_SERVER_ADDRESS",
    "PKCS11_PROXY_SOCKET",
    "PKCS11_PROXY_TLS_PSK_FILE",
    "KMS_PKCS11_CONFIG",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "ChrystokiConfigurationPath",
    "CS_PKCS11_R2_CFG",
    "CS_PKCS11_R3_CFG",
    "NFAST_HOME",
    "CKNFAST_LOADSHARING",
    "LD_LIBRARY_PATH",
];
