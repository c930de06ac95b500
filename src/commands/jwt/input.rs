//! Reading JSON Web Tokens, and showing them on a terminal.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueHint};

use crate::{
    cli::UsageError,
    commands::context::Context,
    encoding::CompactJws,
    io::Input,
    operation::{self, MAX_CLAIMS},
    shell::shell_option,
    ui,
};

/// The source of a JWT.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Token {
    /// The JWT; other users can see an argument while the command runs
    #[arg(value_name = "JWT")]
    pub(super) jwt: Option<String>,

    /// File with the JWT; standard input if neither is given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "jwt")]
    pub(super) input: Option<PathBuf>,
}

/// Size limit of a JWT file in bytes: the largest claims in base64, plus header and signature.
const MAX_TOKEN: usize = 2 * MAX_CLAIMS;

pub(super) fn read_token(context: &Context, from: &Token) -> Result<CompactJws> {
    let bytes = match &from.jwt {
        Some(text) if text != "-" => text.clone().into_bytes(),
        _ => Input::from_path(from.input.as_deref()).read(&context.stdin, "the JWT", MAX_TOKEN)?,
    };
    operation::parse_jwt(&bytes).map_err(|error| match &from.jwt {
        Some(name) if Path::new(name).is_file() => UsageError::new(format!("{name:?} is a file, not a JWT"))
            .hinted(format!("use an option to name a file: `{}`", shell_option("--in", name)))
            .into(),
        _ => error.into(),
    })
}

/// Escapes control and invisible characters in JSON, because tokens are untrusted input. The JSON value stays the same.
pub(super) fn for_screen(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        if c == '\n' || ui::safe(text) == text {
            shown.push(c);
        } else {
            shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_has_the_same_value() {
        let json = "{\n  \"a\": \"\u{202e}\u{9b}31m\u{7f}\u{e0041}ü\"\n}";
        let shown = for_screen(json);
        assert_eq!(shown, "{\n  \"a\": \"\\u202e\\u009b31m\\u007f\\udb40\\udc41ü\"\n}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(value(&shown), value(json));
    }
}
