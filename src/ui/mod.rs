//! Messages and prompts, on stderr and the terminal, never on stdout.

mod clipboard;
mod progress;
mod question;
mod safe;
mod screen;
mod shape;
mod width;
mod wrap;

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
};

use screen::Screen;

use crate::secret::streams;

pub use clipboard::copy;
pub use progress::{Measure, Progress};
pub use question::{Answer, confirm, confirm_by_typing};
pub use safe::safe;
pub use shape::duration;
pub use width::{stderr_width, stdout_width};
pub use wrap::wrapped;

/// Verbosity of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Volume {
    /// Errors only.
    Quiet,
    /// Also warnings and their hints, which matter to readers of JSON too, for example if an answer is partial.
    Warnings,
    #[default]
    Normal,
    /// Also each step.
    Verbose,
    /// Also the PKCS#11 calls.
    Debug,
}

impl Volume {
    pub const fn new(quiet: bool, json: bool, verbose: u8) -> Self {
        match (quiet, json, verbose) {
            (true, ..) => Self::Quiet,
            (_, true, _) => Self::Warnings,
            (_, _, 0) => Self::Normal,
            (_, _, 1) => Self::Verbose,
            _ => Self::Debug,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Error,
    Warning,
    Hint,
    Next,
}

impl Style {
    const RESET: &'static str = "\x1b[0m";

    const fn label(self) -> &'static str {
        match self {
            Self::Error => "error:",
            Self::Warning => "warning:",
            Self::Hint => "hint:",
            Self::Next => "next:",
        }
    }

    /// Bold red, yellow and cyan; dim.
    const fn colour(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Hint => "\x1b[1;36m",
            Self::Next => "\x1b[2m",
        }
    }
}

/// The original standard error, even while descriptor 2 is redirected: see [`streams`].
struct OwnStderr;

impl Write for OwnStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        streams::stderr()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the messages of a run. Escapes control characters.
#[derive(Debug, Clone)]
pub struct Ui {
    volume: Volume,
    colour: bool,
    /// Of the terminal, if it is one.
    width: Option<u16>,
    watched: bool,
    json: bool,
    screen: Arc<Screen>,
}

impl Ui {
    pub fn stderr(volume: Volume, colour: bool) -> Self {
        Self { width: stderr_width(), ..Self::to(Box::new(OwnStderr), volume, colour) }
    }

    fn to(out: Box<dyn Write + Send>, volume: Volume, colour: bool) -> Self {
        Self { volume, colour, width: None, watched: false, json: false, screen: Arc::new(Screen::new(out)) }
    }

    /// Enables progress: the messages go to a terminal that can redraw a line.
    #[must_use]
    pub fn watched(self, watched: bool) -> Self {
        Self { watched, ..self }
    }

    /// Makes warnings and hints JSON objects, for a program that reads standard error.
    #[must_use]
    pub fn json(self, json: bool) -> Self {
        Self { json, ..self }
    }

    pub const fn volume(&self) -> Volume {
        self.volume
    }

    /// Prints what has been done.
    pub fn status(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Normal {
            self.line(&text.to_string());
        }
    }

    pub fn warning(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Warnings {
            self.labelled(Style::Warning, text);
        }
    }

    /// Warns that a result may be wrong, even with `--quiet`.
    pub fn caution(&self, text: impl fmt::Display) {
        self.labelled(Style::Warning, text);
    }

    /// Prints what to do about a warning.
    pub fn hint(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Warnings {
            self.labelled(Style::Hint, text);
        }
    }

    /// Prints what to do after a success.
    pub fn advice(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Normal {
            self.labelled(Style::Hint, text);
        }
    }

    /// Suggests a next command after a success. Only on a terminal, because scripts do not need it.
    pub fn next(&self, text: impl fmt::Display) {
        if self.watched && self.volume >= Volume::Normal {
            self.labelled(Style::Next, text);
        }
    }

    /// Prints a step.
    pub fn detail(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Verbose {
            self.line(&text.to_string());
        }
    }

    /// Prints a PKCS#11 call.
    pub fn debug(&self, text: impl fmt::Display) {
        if self.volume >= Volume::Debug {
            self.send(&format!("{}\n", safe::lines(&text.to_string())));
        }
    }

    /// Shows progress until the result is dropped. Only on a terminal, and only after a delay. Not for work that writes its
    /// results to the same terminal.
    pub fn progress(&self, doing: impl fmt::Display, measure: Measure) -> Progress {
        // With debug output, messages of the module itself are not suppressed and would garble the line.
        if self.watched && (Volume::Normal..Volume::Debug).contains(&self.volume) {
            Progress::start(Arc::clone(&self.screen), doing.to_string(), measure)
        } else {
            Progress::unseen()
        }
    }

    /// Prints why the run failed, at any verbosity.
    pub fn error(&self, message: &str, causes: &[String], hint: Option<&str>) {
        self.labelled(Style::Error, message);
        for cause in causes {
            self.line(&format!("  caused by: {cause}"));
        }
        if let Some(hint) = hint {
            self.labelled(Style::Hint, hint);
        }
    }

    /// Prints a JSON object for a program, at any verbosity.
    pub fn object(&self, json: impl fmt::Display) {
        self.send(&format!("{json}\n"));
    }

    fn labelled(&self, style: Style, text: impl fmt::Display) {
        if self.json {
            let name = style.label().trim_end_matches(':');
            return self.object(serde_json::json!({ name: text.to_string() }));
        }
        let text = safe::lines(&text.to_string()).into_owned();
        let label = style.label();
        let (colour, reset) = if self.colour { (style.colour(), Style::RESET) } else { ("", "") };
        let text = format!("{colour}{label}{reset} {text}\n");
        // A suggested command stays on one line, so that it can be pasted.
        let width = self.width.filter(|_| !matches!(style, Style::Next));
        self.send(&wrapped(&text, width));
    }

    fn line(&self, text: &str) {
        self.send(&wrapped(&format!("{}\n", safe::lines(text)), self.width));
    }

    fn send(&self, text: &str) {
        self.screen.say(text);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Captured output.
    #[derive(Clone, Default)]
    pub(super) struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        pub(super) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(volume: Volume, colour: bool, act: impl Fn(&Ui)) -> String {
        let paper = Captured::default();
        act(&Ui::to(Box::new(paper.clone()), volume, colour));
        paper.text()
    }

    fn all(ui: &Ui) {
        ui.status("status");
        ui.warning("warned");
        ui.hint("hinted");
        ui.detail("detail");
        ui.debug("debug");
        ui.error("failed", &["cause".to_owned()], Some("way out"));
    }

    #[test]
    fn the_volume_selects_the_messages() {
        let error = "error: failed\n  caused by: cause\nhint: way out\n";
        let warned = "warning: warned\nhint: hinted\n";
        let normal = format!("status\n{warned}");
        assert_eq!(shown(Volume::new(true, true, 0), false, all), error);
        assert_eq!(shown(Volume::new(false, true, 0), false, all), format!("{warned}{error}"));
        assert_eq!(shown(Volume::new(false, false, 0), false, all), format!("{normal}{error}"));
        assert_eq!(shown(Volume::new(false, false, 1), false, all), format!("{normal}detail\n{error}"));
        assert_eq!(
            shown(Volume::new(false, false, 9), false, all),
            format!("{normal}detail\ndebug\n{error}")
        );
    }

    #[test]
    fn a_program_reads_objects() {
        let paper = Captured::default();
        let ui = Ui::to(Box::new(paper.clone()), Volume::new(false, true, 0), true).json(true);
        ui.warning("a \"b\"");
        ui.hint("c\n");
        ui.status("d");
        assert_eq!(paper.text(), "{\"warning\":\"a \\\"b\\\"\"}\n{\"hint\":\"c\\n\"}\n");
    }

    #[test]
    fn only_labels_have_colour() {
        let text = shown(Volume::Normal, true, |ui| ui.warning("warned"));
        assert_eq!(text, "\x1b[1;33mwarning:\x1b[0m warned\n");
    }

    #[test]
    fn a_message_replaces_progress() {
        let text = shown(Volume::Normal, false, |ui| {
            ui.screen.draw("| working  1 s");
            ui.status("done");
            ui.status("more");
        });
        assert_eq!(text, "\r\x1b[K| working  1 s\r\x1b[Kdone\nmore\n");
    }

    #[test]
    fn control_characters_are_escaped() {
        let text = shown(Volume::Normal, false, |ui| {
            ui.status("a\x1b]0;title\x07");
            ui.error("two\nlines\r", &["\u{202e}".to_owned()], None);
        });
        assert_eq!(text, "a\\u{1b}]0;title\\u{7}\nerror: two\nlines\\r\n  caused by: \\u{202e}\n");
    }
}
