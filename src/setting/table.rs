//! The rows.

use super::{Choice, ColorWhen, CommandLine, Kind, Mode, Role, Setting, SortField};

/// Defines each row as a constant, and `ALL` in the order of help and manual.
macro_rules! settings {
    ($($name:ident = $row:expr;)+) => {
        $(pub const $name: Setting = $row;)+
        pub const ALL: &[Setting] = &[$($name),+];
    };
}

settings! {
    STORE = Setting::new("store", Role::Place, Kind::Directory, "Directory of the embedded token")
        .option("--store", "DIR")
        .excluding("module")
        .variable("KMSCTL_STORE")
        .key();
    MODULE = Setting::new("module", Role::Place, Kind::File, "PKCS#11 module, in place of the embedded token")
        .option("--module", "PATH")
        .variable("KMSCTL_MODULE")
        .key();
    MODULE_ARGS = Setting::new("module-args", Role::Place, Kind::Text, "Argument string for the module's C_Initialize")
        .option("--module-args", "TEXT")
        .variable("KMSCTL_MODULE_ARGS")
        .key();
    TOKEN = Setting::new("token", Role::Place, Kind::Text, "Token by label, serial number or PKCS#11 URI")
        .option("--token", "LABEL|URI")
        .variable("KMSCTL_TOKEN")
        .key();
    SLOT = Setting::new("slot", Role::Place, Kind::Number, "Token by slot number, which may change; prefer --token")
        .option("--slot", "N")
        .excluding("token")
        .key();
    RECORDS = Setting::new(
        "records",
        Role::Place,
        Kind::Directory,
        "Directory for the records of keys, for a token that stores no data objects",
    )
    .option("--records", "DIR")
    .variable("KMSCTL_RECORDS")
    .key();
    SHARED_GROUP = Setting::new(
        "shared-group",
        Role::Place,
        Kind::Text,
        "Group whose members may own and write the store or the records directory",
    )
    .option("--shared-group", "NAME")
    .of_profile()
    .key();
    KEY_ATTRIBUTES = Setting::new(
        "key-attributes",
        Role::Place,
        Kind::Text,
        "Vendor-defined attributes that the module requires for new keys, as ALGORITHM:ATTRIBUTE=NUMBER, separated by commas",
    )
    .option("--key-attributes", "LIST")
    .of_profile()
    .key();
    LEARNT = Setting::new(
        "learnt",
        Role::Place,
        Kind::Text,
        "What `config learn` found out about the token, so that no run has to try it again",
    )
    .key();
    MODE = Setting::new(
        "mode",
        Role::Behaviour,
        Kind::OneOf(Mode::names),
        "Whether commands may change the token",
    )
    .option("--mode", "MODE")
    .of_profile()
    .key()
    .default("manage");

    PIN = Setting::new("pin", Role::UserPin, Kind::Secret, "User PIN").variable("KMSCTL_PIN");
    PIN_FILE = Setting::new("pin-file", Role::UserPin, Kind::File, "File that holds the user PIN")
        .option("--pin-file", "FILE")
        .variable("KMSCTL_PIN_FILE")
        .key();
    PIN_FD = Setting::new("pin-fd", Role::UserPin, Kind::Descriptor, "Open file descriptor to read the user PIN from")
        .option("--pin-fd", "N");
    PIN_COMMAND = Setting::new("pin-command", Role::UserPin, Kind::Command, "Shell command that prints the user PIN")
        .option("--pin-command", "CMD")
        .key();
    SO_PIN = Setting::new("so-pin", Role::SoPin, Kind::Secret, "Security officer's PIN").variable("KMSCTL_SO_PIN");
    SO_PIN_FILE = Setting::new("so-pin-file", Role::SoPin, Kind::File, "File that holds the security officer's PIN")
        .option("--so-pin-file", "FILE")
        .variable("KMSCTL_SO_PIN_FILE");
    SO_PIN_FD = Setting::new(
        "so-pin-fd",
        Role::SoPin,
        Kind::Descriptor,
        "Open file descriptor to read the security officer's PIN from",
    )
    .option("--so-pin-fd", "N");
    USE_FINAL_TRY = Setting::new(
        "use-final-try",
        Role::Behaviour,
        Kind::Switch,
        "Use a stored PIN even for the last try before the token locks",
    )
    .option("--use-final-try", "")
    .under("PIN");
    LOCK_TIMEOUT = Setting::new(
        "lock-timeout",
        Role::Behaviour,
        Kind::Seconds,
        "Seconds to wait for another kmsctl that is writing to the token",
    )
    .option("--lock-timeout", "SECONDS")
    .under("Token")
    .key()
    .default("30");

    CONFIG = Setting::new("config", Role::Configuration, Kind::File, "Configuration file")
        .option("--config", "FILE")
        .variable("KMSCTL_CONFIG");
    PROFILE = Setting::new("profile", Role::Configuration, Kind::Text, "Profile of the configuration file")
        .option("--profile", "NAME")
        .helped("Profile of the configuration file; overrides the environment")
        .variable("KMSCTL_PROFILE");
    COLOR = Setting::new("color", Role::Behaviour, Kind::OneOf(ColorWhen::names), "When to use colour")
        .option("--color", "WHEN")
        .key()
        .default("auto");
    OUTPUT = Setting::new("output", Role::Behaviour, Kind::OneOf(|| vec![("table", ""), ("json", "")]), "Form of the results; signatures, ciphertexts and other data are JSON only with --json")
        .option("--json", "")
        .standing_for("json")
        .helped("Print JSON, errors included")
            .key()
        .default("table");
    QUIET = Setting::new("quiet", Role::Behaviour, Kind::Switch, "Print only errors and requested data")
        .option("--quiet", "")
        .excluding("verbose")
        .short('q');
    VERBOSE = Setting::new("verbose", Role::Behaviour, Kind::Count, "Say what is done; -vv also prints every PKCS#11 call")
        .option("--verbose", "")
        .short('v');
    NO_INPUT = Setting::new("no-input", Role::Behaviour, Kind::Switch, "Never ask on the terminal").option("--no-input", "");
    SORT = Setting::new("sort", Role::Behaviour, Kind::OneOf(SortField::names), "Order of `key list`")
        .option("--sort", "FIELD")
        .of_profile()
        .key()
        .default("label");
}

/// Parts of an option. The row must have one.
impl Setting {
    const fn parts(&self) -> CommandLine {
        match self.option {
            Some(option) => option,
            None => panic!("a setting without an option"),
        }
    }

    const fn excluding(self, other: &'static str) -> Self {
        let change = CommandLine { excludes: Some(other), ..self.parts() };
        self.with(change)
    }

    const fn under(self, heading: &'static str) -> Self {
        let change = CommandLine { heading, ..self.parts() };
        self.with(change)
    }

    const fn helped(self, help: &'static str) -> Self {
        let change = CommandLine { help: Some(help), ..self.parts() };
        self.with(change)
    }

    const fn short(self, letter: char) -> Self {
        let change = CommandLine { short: Some(letter), ..self.parts() };
        self.with(change)
    }

    /// The option is a switch that sets this value.
    const fn standing_for(self, value: &'static str) -> Self {
        let change = CommandLine { stands_for: value, ..self.parts() };
        self.with(change)
    }

    /// Only `config add-profile` has the option.
    const fn of_profile(self) -> Self {
        let change = CommandLine { for_profile_only: true, ..self.parts() };
        self.with(change)
    }
}
