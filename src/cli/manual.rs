//! The sections of `kmsctl --help` and kmsctl(1) that do not belong to a command.

use textwrap::{Options, WordSplitter, wrap};

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

/// A part of a section.
pub(super) enum Part {
    Text(&'static str),
    /// Names, each with its meaning.
    Rows(Vec<(String, String)>),
}

/// The sections after the examples, each with its heading. Not part of the grammar: each start would make them.
pub(super) fn reference() -> [(&'static str, Vec<Part>); 4] {
    let row = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let exits = exit::ALL.iter().map(|(number, meaning)| (number.to_string(), (*meaning).to_owned()));
    [
        (
            "Exit status",
            vec![
                Part::Rows(exits.collect()),
                Part::Text("`kmsctl explain CODE` and kmsctl-errors(7) say more."),
            ],
        ),
        ("Environment", vec![Part::Rows(variables()), Part::Text(PRECEDENCE)]),
        (
            "PIN sources",
            vec![
                Part::Text("The first of these that is given:"),
                Part::Rows(pin_sources(Role::UserPin)),
                Part::Text(PIN_OPTION),
            ],
        ),
        ("Files", vec![Part::Rows(FILES.map(row).to_vec())]),
    ]
}

/// The examples and the reference for `--help`, with lines of at most this width.
pub(super) fn reference_text(width: usize) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => filled("  ", "  ", text, width),
        Part::Rows(rows) => listed(rows, width),
    };
    let section = |(heading, parts): (&str, Vec<Part>)| {
        format!("{heading}:\n{}", parts.iter().map(part).collect::<Vec<_>>().join("\n\n"))
    };
    [EXAMPLES.to_owned()].into_iter().chain(reference().map(section)).collect::<Vec<_>>().join("\n\n")
}

const PRECEDENCE: &str = "Strongest first: an option, the profile that --profile names, the environment, the profile that \
                          KMSCTL_PROFILE or default-profile names, the default. `kmsctl config show` prints what each \
                          setting overrides.";

const PIN_OPTION: &str = "A pin-source is as strong as the option, variable or profile that has the URI. There is no option \
                          for the PIN itself: other users could read it.";

const FILES: [(&str, &str); 2] = [
    ("~/.local/share/kmsctl", "the embedded token"),
    ("~/.config/kmsctl/config.toml", "the configuration, see kmsctl-config(5)"),
];

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

/// Two columns. The first is as wide as its entries; a long entry has a line to itself. A long text continues in its column.
fn listed(rows: &[(String, String)], max: usize) -> String {
    const MAX_WIDTH: usize = 24;
    let widths = rows.iter().map(|(name, _)| name.len()).filter(|width| *width <= MAX_WIDTH);
    let width = widths.max().unwrap_or_default();
    let line = |(name, text): &(String, String)| {
        let gap = if name.len() > width { format!("\n  {:width$}", "") } else { String::new() };
        filled(&format!("  {name:width$}{gap}  "), &" ".repeat(width + 4), text, max)
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A paragraph with this before its first line, and this before the others.
fn filled(first: &str, indent: &str, text: &str, width: usize) -> String {
    /// On a narrow terminal, for a column far right.
    const LEAST: usize = 16;
    let width = width.saturating_sub(indent.len()).max(LEAST);
    let options = Options::new(width).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    format!("{first}{}", wrap(text, options).join(&format!("\n{indent}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_continue_in_their_column() {
        for width in [60, 76] {
            let text = reference_text(width);
            let (_, text) = text.split_once("Exit status:").expect("a section");
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
            let mut lines = text.lines().skip_while(|line| !line.contains("XDG_STATE_HOME")).skip(1);
            let next = lines.next().unwrap_or_default();
            assert!(next.starts_with(&" ".repeat(25)), "{next}");
        }
        assert!(listed(&[("a".repeat(30), "b".to_owned())], 20).ends_with("\n    b"));
    }
}
