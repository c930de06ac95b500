//! The `pin-source` of a PKCS#11 URI, and the names of PIN sources in errors.

use super::{ConfigError, Origin};
use crate::{model::Uri, secret::PinSource, setting::Setting, token::TokenChoice};

/// The URI that names the token, if one does.
pub(super) fn in_uri(token: Option<&TokenChoice>) -> Option<&Uri> {
    if let Some(TokenChoice::Uri(uri)) = token { Some(uri) } else { None }
}

/// `pin-source` of a URI (RFC 7512, section 2.4): a file.
pub(super) fn read_uri_source(text: &str) -> Result<PinSource, ConfigError> {
    let file = Uri::file(text).map_err(|reason| ConfigError::Invalid { setting: "pin-source", reason })?;
    Ok(PinSource::File(file))
}

/// The name of a PIN source in errors: the option, variable or key that the user has to correct. `setting` is the row that
/// the source comes from, if any.
pub(super) fn name(setting: Option<&Setting>, source: &PinSource, origin: &Origin) -> String {
    let flag = setting.and_then(|setting| setting.option).map_or("", |option| option.flag);
    let variable = setting.and_then(|setting| setting.variable).unwrap_or_default();
    let key = setting.map_or("", |setting| setting.name);
    match (source, origin) {
        (PinSource::File(path), Origin::Option) => format!("{flag} {}", path.display()),
        (PinSource::Fd(0), Origin::Option) => "standard input".to_owned(),
        (PinSource::Fd(fd), Origin::Option) => format!("{flag} {fd}"),
        (PinSource::Command(_), Origin::Option) => flag.to_owned(),
        (PinSource::File(path), Origin::Environment) => format!("{variable} ({})", path.display()),
        (PinSource::File(path), Origin::Profile(name)) => {
            format!("{key} of profile {name} ({})", path.display())
        }
        (PinSource::Command(_), Origin::Profile(name)) => format!("{key} of profile {name}"),
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
    use crate::setting;

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
    fn sources_are_named_as_the_user_set_them() {
        let file = || PinSource::File("/p".into());
        let so_pin = Some(&setting::SO_PIN_FILE);
        assert_eq!(name(so_pin, &file(), &Origin::Option), "--so-pin-file /p");
        assert_eq!(name(so_pin, &file(), &Origin::Environment), "KMSCTL_SO_PIN_FILE (/p)");
        assert_eq!(name(Some(&setting::PIN_FILE), &file(), &Origin::Environment), "KMSCTL_PIN_FILE (/p)");
        let command = PinSource::Command("pass".to_owned());
        let profile = Origin::Profile("prod".to_owned());
        assert_eq!(name(Some(&setting::PIN_COMMAND), &command, &profile), "pin-command of profile prod");
    }
}
