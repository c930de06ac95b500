//! Man pages and completion scripts, made from the grammar: a format is a function from it to bytes.

use std::io::{self, Write};

use clap::Command;
use clap_complete::{Generator, Shell};
use clap_mangen::Man;
use roff::{Roff, bold, roman};

use super::{command_for_docs, complete::registration};

/// A file by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub name: String,
    pub content: Vec<u8>,
}

impl Page {
    /// The section of the manual that a page's name ends with.
    pub fn section(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }
}

/// A script for each shell, under the name that the shell looks for.
pub fn completion_files() -> io::Result<Vec<Page>> {
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell];
    let page = |shell: Shell| Ok(Page { name: shell.file_name("kmsctl"), content: registration(shell)? });
    shells.map(page).into_iter().collect()
}

/// Pages that belong to no command. They stand beside the grammar, which their options must agree with.
fn topics() -> [Page; 2] {
    [("kmsctl-config.5", include_str!("kmsctl-config.5")), ("kmsctl-pin.7", include_str!("kmsctl-pin.7"))]
        .map(|(name, text)| Page { name: name.to_owned(), content: text.into() })
}

/// One page for each command; the first is kmsctl(1). Then those of topics.
pub fn man_pages() -> io::Result<Vec<Page>> {
    // Without the pseudo-command `help`, which would get pages of its own.
    let mut command = command_for_docs().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, None, &mut pages)?;
    pages.extend(topics());
    Ok(pages)
}

fn collect(command: &Command, parent: Option<&Command>, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command, parent)?);
    command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .try_for_each(|sub| collect(sub, Some(command), pages))
}

/// Global options are explained once, in kmsctl(1).
fn page(command: &Command, parent: Option<&Command>) -> io::Result<Page> {
    let own = match parent {
        None => command.clone().override_usage("kmsctl [OPTIONS] <COMMAND>"),
        Some(_) => command.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg }),
    };
    // What the short help leaves out would stand in the page without its explanation.
    let own = own.mut_args(|arg| arg.hide_short_help(false));
    let has_options = own.get_arguments().any(|arg| !arg.is_hide_set());
    let man = Man::new(own).source(concat!("kmsctl ", env!("CARGO_PKG_VERSION"))).manual("kmsctl manual");
    let mut content = Vec::new();
    man.render_title(&mut content)?;
    man.render_name_section(&mut content)?;
    man.render_synopsis_section(&mut content)?;
    man.render_description_section(&mut content)?;
    if has_options {
        man.render_options_section(&mut content)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut content)?;
    }
    if let Some(text) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        sections(&text.to_string()).to_writer(&mut content)?;
    }
    see_also(command, parent).to_writer(&mut content)?;
    content.flush()?;
    Ok(Page { name: man.get_filename(), content })
}

/// Lines that begin at the margin and end with a colon are headings; the rest is kept line by line.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_suffix(':') {
            Some(heading) if !line.starts_with(' ') => {
                if open {
                    roff.control("fi", []);
                }
                roff.control("SH", [heading.to_uppercase().as_str()]);
                roff.control("nf", []);
                open = true;
            }
            _ => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    roff.control("fi", []);
    roff
}

fn see_also(command: &Command, parent: Option<&Command>) -> Roff {
    let mut names = Vec::new();
    if let Some(parent) = parent {
        names.extend(["kmsctl", page_name(parent)]);
        names.extend(parent.get_subcommands().map(page_name).filter(|_| parent.get_name() != "kmsctl"));
    }
    names.extend(command.get_subcommands().map(page_name));
    names.retain(|name| *name != page_name(command));
    names.dedup();
    let mut line = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        line.extend([roman(if index == 0 { "" } else { ", " }), bold(name), roman("(1)")]);
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    if parent.is_some() {
        roff.text([
            roman("Options that every command takes, exit status, environment and files: "),
            bold("kmsctl"),
            roman("(1)."),
        ]);
        roff.control("PP", []);
    }
    roff.text(line);
    roff
}

fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(name: &str) -> String {
        let page = man_pages().expect("rendered").into_iter().find(|page| page.name == name).expect(name);
        String::from_utf8(page.content).expect("UTF-8")
    }

    #[test]
    fn the_main_page_has_all_sections() {
        let page = content("kmsctl.1");
        for heading in
            ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES", "PIN"]
        {
            assert!(
                page.contains(&format!(".SH {heading}\n")) || page.contains(&format!(".SH \"{heading}\"\n")),
                "{heading}"
            );
        }
    }

    #[test]
    fn a_command_has_its_own_options_and_examples_only() {
        let page = content("kmsctl-key-create.1");
        assert!(page.contains("\\-\\-algorithm"));
        assert!(page.contains(".SH EXAMPLES\n"));
        assert!(!page.contains("lock\\-timeout"));
        assert!(page.contains("kmsctl\\-key\\-list"));
    }

    /// The long options that a page names, with roff's dashes undone.
    fn options_in(page: &str) -> Vec<String> {
        let text = page.replace("\\-", "-");
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        words.filter_map(|word| word.strip_prefix("--")).map(str::to_owned).collect()
    }

    #[test]
    fn topics_name_options_that_exist() {
        let foreign = ["label", "name"];
        let main = content("kmsctl.1").replace("\\-", "-");
        let named: Vec<_> =
            topics().iter().flat_map(|page| options_in(&String::from_utf8_lossy(&page.content))).collect();
        assert!(named.len() > 10);
        for option in named.iter().filter(|option| !foreign.contains(&option.as_str())) {
            let of_command = ["generate-pin", "due"].contains(&option.as_str());
            assert!(of_command || main.contains(&format!("--{option}")), "--{option}");
        }
    }

    #[test]
    fn help_has_no_page_of_its_own() {
        assert!(man_pages().expect("rendered").iter().all(|page| !page.name.contains("help")));
    }
}
