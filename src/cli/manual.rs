//! The sections of `kmsctl --help` and kmsctl(1) that do not belong to a command.

use crate::{
    model::exit,
    setting::{self, CREDENTIALS_DIRECTORY, Role, Setting, VARIABLES},
};

pub const EXAMPLES: &str = super::examples![
    "Create the embedded token; its PIN goes to the file pin" => "kmsctl token init --label prod --generate-pin pin",
    "Let the commands below read the PIN from there" => "export KMSCTL_PIN_FILE=$PWD/pin",
    "Create a key pair inside the token" => "kmsctl key create --label web --algorithm rsa-4096",
    "Sign a file" => "kmsctl sign --label web --in README.md --encoding binary --out sig",
    "Write the public key" => "kmsctl key show --label web --pem > web.pem",
    "Verify the signature with OpenSSL" => "openssl dgst -sha256 -verify web.pem -signature sig README.md",
];

/// The sections for `--help` and the manual page. A heading is a line that ends with a colon. Not part of the grammar: each
/// start would make it.
pub(super) fn reference() -> String {
    format!(
        "{EXAMPLES}\n\n{}\n\nEnvironment:\n{}\n\n{PRECEDENCE}\n\nPIN sources:\n  The first of these that is given:\n\n{}\n\n{PIN_OPTION}\n\n{FILES}",
        exit_status(),
        listed(&variables()),
        listed(&pin_sources(Role::UserPin))
    )
}

/// The section on exit codes, generated from their table.
fn exit_status() -> String {
    let rows: Vec<_> =
        exit::ALL.iter().map(|(number, meaning)| (number.to_string(), (*meaning).to_owned())).collect();
    format!("Exit status:\n{}\n\n  `kmsctl explain CODE` and kmsctl-errors(7) say more.", listed(&rows))
}

const PRECEDENCE: &str = "  \
  Strongest first: an option, the profile that --profile names, the
  environment, the profile that KMSCTL_PROFILE or default-profile names, the
  default. `kmsctl config show` prints what each setting overrides.";

const PIN_OPTION: &str = "  \
  A pin-source is as strong as the option, variable or profile that has the
  URI. There is no option for the PIN itself: other users could read it.";

const FILES: &str = "\
Files:
  ~/.local/share/kmsctl         the embedded token
  ~/.config/kmsctl/config.toml  the configuration, see kmsctl-config(5)";

/// Every documented variable and its description, those of settings first.
pub(super) fn variables() -> Vec<(String, String)> {
    let of_settings = setting::variables().map(|(setting, name)| (name, setting.text));
    let others = VARIABLES.iter().map(|variable| (variable.name, variable.text));
    of_settings.chain(others).map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// The sources of a PIN, strongest first.
pub(super) fn pin_sources(role: Role) -> Vec<(String, String)> {
    let rows = || setting::ALL.iter().filter(move |setting| setting.role == role);
    let option = |setting: &Setting| {
        let option = setting.option?;
        let dash = if setting.is_path() { "; - is standard input" } else { "" };
        Some((format!("{} {}", option.flag, option.value_name), format!("{}{dash}", setting.text)))
    };
    let variable = |setting: &Setting| Some((setting.variable?.to_owned(), setting.text.to_owned()));
    let keys: Vec<_> = rows().filter(|setting| setting.is_key).map(|setting| setting.name).collect();
    let keys = |profile: &str| (!keys.is_empty()).then(|| (keys.join(", "), profile.to_owned()));
    let credential = CREDENTIALS_DIRECTORY.name;
    let of_user = (role == Role::UserPin).then(|| {
        [
            ("pin-source".to_owned(), "Attribute of a PKCS#11 URI: a file, never a command".to_owned()),
            (format!("${credential}/kmsctl-pin"), "Credential from systemd".to_owned()),
        ]
    });
    rows()
        .filter_map(option)
        .chain(keys("Keys of the profile that --profile names"))
        .chain(rows().filter_map(variable))
        .chain(keys("Keys of another profile"))
        .chain(of_user.into_iter().flatten())
        .chain([("the terminal".to_owned(), "A person, without echo".to_owned())])
        .collect()
}

/// Two columns. The first is as wide as its entries; a long entry has a line to itself.
pub(super) fn listed(rows: &[(String, String)]) -> String {
    const MAX_WIDTH: usize = 24;
    let widths = rows.iter().map(|(name, _)| name.len()).filter(|width| *width <= MAX_WIDTH);
    let width = widths.max().unwrap_or_default();
    let line = |(name, text): &(String, String)| {
        let gap = if name.len() > width { format!("\n  {:width$}", "") } else { String::new() };
        format!("  {name:width$}{gap}  {text}")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
