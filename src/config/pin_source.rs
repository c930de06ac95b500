//! The `pin-source` of a PKCS#11 URI, and how a PIN source is named in an error.

use super::{ConfigError, Origin};
use crate::{model::Uri, secret::PinSource, token::TokenChoice};

/// The URI that a token is named by, if it is.
pub(super) fn in_uri(token: Option<&TokenChoice>) -> Option<&Uri> {
    if let Some(TokenChoice::Uri(uri)) = token { Some(uri) } else { None }
}

/// `pin-source` of a URI (RFC 7512, section 2.4): a file.
pub(super) fn read_uri_source(text: &str) -> Result<PinSource, ConfigError> {
    let file = Uri::file(text).map_err(|reason| ConfigError::Invalid { setting: "pin-source", reason })?;
    Ok(PinSource::File(file))
}

/// What a person looks for to correct a PIN. `prefix` is `so-` for the security officer's sources.
pub(super) fn name(source: &PinSource, origin: &Origin, prefix: &str) -> String {
    let variable = prefix.replace('-', "_").to_uppercase();
    match (source, origin) {
        (PinSource::File(path), Origin::Option) => format!("--{prefix}pin-file {}", path.display()),
        (PinSource::Fd(0), Origin::Option) => "standard input".to_owned(),
        (PinSource::Fd(fd), Origin::Option) => format!("--{prefix}pin-fd {fd}"),
        (PinSource::Command(_), Origin::Option) => "--pin-command".to_owned(),
        (PinSource::File(path), Origin::Environment) => {
            format!("KMSCTL_{variable}PIN_FILE ({})", path.display())
        }
        (PinSource::File(path), Origin::Profile(name)) => {
            format!("pin-file of profile {name} ({})", path.display())
        }
        (PinSource::Command(_), Origin::Profile(name)) => format!("pin-command of profile {name}"),
        (PinSource::File(path), Origin::Uri) => format!("pin-source of the PKCS#11 URI ({})", path.display()),
        (PinSource::File(_), Origin::SystemdCredential) => "the systemd credential kmsctl-pin".to_owned(),
        (PinSource::Prompt, _) => "the prompt".to_owned(),
        (source, _) => source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_uri_cannot_run_a_command() {
        for (text, path) in [
            ("file:/run/pin", "/run/pin"),
            ("file:///run/pin", "/run/pin"),
            ("file://localhost/run/pin", "/run/pin"),
            ("/a:b", "/a:b"),
            ("pin", "pin"),
        ] {
            let read = read_uri_source(text);
            assert!(matches!(read, Ok(PinSource::File(file)) if file == Path::new(path)), "{text}");
        }
        for text in ["|echo 1234", "| cat", "http://example.com/pin", "file:", ""] {
            assert!(read_uri_source(text).is_err(), "{text}");
        }
    }

    #[test]
    fn each_source_has_a_name_that_a_person_finds() {
        let file = || PinSource::File("/p".into());
        assert_eq!(name(&file(), &Origin::Option, "so-"), "--so-pin-file /p");
        assert_eq!(name(&file(), &Origin::Environment, "so-"), "KMSCTL_SO_PIN_FILE (/p)");
        assert_eq!(name(&file(), &Origin::Environment, ""), "KMSCTL_PIN_FILE (/p)");
        let profile = Origin::Profile("prod".to_owned());
        assert_eq!(name(&PinSource::Command("pass".to_owned()), &profile, ""), "pin-command of profile prod");
    }
}
