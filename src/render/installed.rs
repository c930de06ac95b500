//! The modules of a machine, their tokens, and the options that select each token.

use std::path::Path;

use serde_json::Value;

use super::Document;
use crate::{model::answer, shell::shell_word, token::InstalledModule, ui::safe};

/// A module or the embedded token's store, and its answer.
#[derive(Debug)]
pub struct Probed {
    name: String,
    path: String,
    configured_in: Option<String>,
    /// The options that select it.
    options: Vec<String>,
    answer: Result<Vec<Value>, String>,
}

answer! {
    /// A module and its tokens.
    pub struct ModuleView<'a> {
        /// Name of the module
        name: &'a str,
        /// Its file, or the store of the embedded token
        path: &'a str,
        /// File of p11-kit's configuration that names it
        configured_in: Option<&'a str>,
        /// Why it cannot be used; null if it can
        error: Option<&'a str>,
        /// Its tokens, each as in the answer of `kmsctl token list`, and in `options`, a list of strings, what selects it
        tokens: Vec<Value>,
    }
}

impl Probed {
    pub fn embedded(store: &Path) -> Self {
        let path = store.to_string_lossy().into_owned();
        let options = vec!["--store".to_owned(), path.clone()];
        Self { name: "embedded token".to_owned(), path, configured_in: None, options, answer: Ok(Vec::new()) }
    }

    pub fn module(module: &InstalledModule) -> Self {
        let path = module.path.to_string_lossy().into_owned();
        let mut options = vec!["--module".to_owned(), path.clone()];
        if let Some(arguments) = &module.arguments {
            options.extend(["--module-args".to_owned(), arguments.clone()]);
        }
        let configured_in = module.configured_in.as_ref().map(|file| file.to_string_lossy().into_owned());
        Self { name: module.name.clone(), path, configured_in, options, answer: Ok(Vec::new()) }
    }

    /// `answer` holds tokens as `token list --json` shows them.
    #[must_use]
    pub fn answered(self, answer: Result<Vec<Value>, String>) -> Self {
        Self { answer, ..self }
    }

    fn tokens(&self) -> &[Value] {
        self.answer.as_deref().unwrap_or_default()
    }

    pub fn has_tokens(&self) -> bool {
        self.tokens().iter().any(is_initialized)
    }

    /// The options that select a token: by its label if that is unique, else by serial number or URI.
    fn options_for(&self, token: &Value) -> Vec<String> {
        let is_alone = |field: &str| {
            let value = text(token, field);
            let same = |other: &&Value| is_initialized(other) && text(other, field) == value;
            !value.is_empty() && self.tokens().iter().filter(same).count() == 1
        };
        let name = ["label", "serial"].into_iter().find(|field| is_alone(field)).unwrap_or("uri");
        let mut options = self.options.clone();
        if is_initialized(token) {
            options.extend(["--token".to_owned(), text(token, name).to_owned()]);
        } else if self.tokens().len() > 1 {
            options.extend(["--slot".to_owned(), token["slot"].to_string()]);
        }
        options
    }

    fn view(&self) -> ModuleView<'_> {
        let with_options = |token: &Value| {
            let mut token = token.clone();
            token["options"] = self.options_for(&token).into();
            token
        };
        ModuleView {
            name: &self.name,
            path: &self.path,
            configured_in: self.configured_in.as_deref(),
            error: self.answer.as_ref().err().map(String::as_str),
            tokens: self.tokens().iter().map(with_options).collect(),
        }
    }

    fn text(&self) -> String {
        let tokens = match &self.answer {
            Err(reason) => format!("  not usable: {}\n", safe(reason)),
            Ok(tokens) if tokens.is_empty() => "  no token is present\n".to_owned(),
            Ok(tokens) => tokens.iter().map(|token| self.token(token)).collect(),
        };
        format!("{}  {}\n{tokens}", safe(&self.name), safe(&self.path))
    }

    fn token(&self, token: &Value) -> String {
        let options = self.options_for(token);
        let options: Vec<_> = options.iter().map(shell_word).collect();
        let options = options.join(" ");
        if is_initialized(token) {
            let [label, serial, pin] = ["label", "serial", "userPin"].map(|field| safe(text(token, field)));
            format!("  {label}  serial {serial}, user PIN {pin}\n    {options}\n")
        } else {
            format!("  (not initialised)\n    kmsctl token init --label NAME {options}\n")
        }
    }
}

fn is_initialized(token: &Value) -> bool {
    token["initialized"] == true
}

fn text<'a>(token: &'a Value, field: &str) -> &'a str {
    token[field].as_str().unwrap_or_default()
}

/// A block for each module; below each of its tokens, the options that select it.
pub fn installed(modules: &[Probed]) -> Document {
    let text: Vec<_> = modules.iter().map(Probed::text).collect();
    Document::of(&modules.iter().map(Probed::view).collect::<Vec<_>>(), text.join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(label: &str, serial: &str, initialized: bool) -> Value {
        json!({"label": label, "serial": serial, "slot": 7, "initialized": initialized, "userPin": "ok",
               "uri": format!("pkcs11:token={label};serial={serial}")})
    }

    fn probed(answer: Result<Vec<Value>, String>) -> Probed {
        let module = InstalledModule {
            name: "SoftHSM".to_owned(),
            path: "/lib/p.so".into(),
            arguments: None,
            configured_in: None,
        };
        Probed::module(&module).answered(answer)
    }

    fn options(tokens: Vec<Value>) -> Vec<String> {
        let probed = probed(Ok(tokens));
        probed.tokens().iter().map(|token| probed.options_for(token)[2..].join(" ")).collect()
    }

    #[test]
    fn options_select_exactly_one_token() {
        assert_eq!(options(vec![token("a", "1", true), token("b", "1", true)]), ["--token a", "--token b"]);
        let same_label = vec![token("a", "1", true), token("a", "2", true), token("a", "3", false)];
        assert_eq!(options(same_label), ["--token 1", "--token 2", "--slot 7"]);
        let twins = vec![token("a", "1", true), token("a", "1", true)];
        assert_eq!(options(twins)[0], "--token pkcs11:token=a;serial=1");
        assert_eq!(options(vec![token("", "", false)]), [""]);
    }

    #[test]
    fn an_unusable_module_shows_the_reason() {
        let text = probed(Err("the module crashed (signal 11)".to_owned())).text();
        assert_eq!(text, "SoftHSM  /lib/p.so\n  not usable: the module crashed (signal 11)\n");
        assert!(!probed(Err(String::new())).has_tokens());
        let text = probed(Ok(vec![token("my token", "1", true)])).text();
        assert!(text.ends_with("\n    --module /lib/p.so --token 'my token'\n"), "{text}");
    }
}
