//! Manual pages and completion scripts, generated from the grammar.

mod errors;
mod json;
mod layout;
mod page;
mod topics;

use std::io;

use clap::Command;
use clap_complete::{Generator, Shell};

use super::{complete::registration, manual};
pub use page::Page;
use topics::topics;

/// The completion script for each shell, under the file name that the shell expects.
pub fn completion_files() -> io::Result<Vec<Page>> {
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell];
    let page = |shell: Shell| Ok(Page { name: shell.file_name("kmsctl"), content: registration(shell)? });
    shells.map(page).into_iter().collect()
}

/// One page for each command, beginning with kmsctl(1), then the other pages.
pub fn man_pages(grammar: Command) -> io::Result<Vec<Page>> {
    // No page for clap's command `help`.
    let mut command = grammar.disable_help_subcommand(true).after_long_help(manual::EXAMPLES);
    command.build();
    let mut pages = Vec::new();
    collect(&command, None, &mut pages)?;
    pages.extend(topics());
    for (name, page) in [errors::page(), json::page(&command)] {
        pages.push(Page { name, content: page.render().into_bytes() });
    }
    Ok(pages)
}

fn collect(command: &Command, parent: Option<&Command>, pages: &mut Vec<Page>) -> io::Result<()> {
    let name = format!("{}.1", layout::page_name(command));
    let mut content = Vec::new();
    layout::page(command, parent).to_writer(&mut content)?;
    pages.push(Page { name, content });
    command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .try_for_each(|sub| collect(sub, Some(command), pages))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::grammar,
        setting::{self, MODULE_VARIABLES, Role},
    };

    fn content(name: &str) -> String {
        let page =
            man_pages(grammar()).expect("rendered").into_iter().find(|page| page.name == name).expect(name);
        String::from_utf8(page.content).expect("UTF-8")
    }

    #[test]
    fn the_main_page_has_all_sections() {
        let page = content("kmsctl.1");
        for heading in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "EXAMPLES",
            "EXIT STATUS",
            "ENVIRONMENT",
            "FILES",
            "PIN SOURCES",
        ] {
            assert!(
                page.contains(&format!(".SH {heading}\n")) || page.contains(&format!(".SH \"{heading}\"\n")),
                "{heading}"
            );
        }
    }

    #[test]
    fn a_page_has_only_the_options_of_its_command() {
        let page = content("kmsctl-key-create.1");
        assert!(page.contains("\\-\\-algorithm"));
        assert!(page.contains(".SH EXAMPLES\n"));
        assert!(!page.contains("lock\\-timeout"));
        assert!(page.contains("kmsctl\\-key\\-import"));
    }

    /// The long options in a page.
    fn options_in(page: &str) -> Vec<String> {
        let text = page.replace("\\-", "-");
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        words.filter_map(|word| word.strip_prefix("--")).map(str::to_owned).collect()
    }

    #[test]
    fn topics_name_options_that_exist() {
        let foreign = ["label", "name", "decrypt"];
        let pages = man_pages(grammar()).expect("rendered").into_iter();
        let commands: String = pages
            .filter(|page| page.name.ends_with(".1"))
            .map(|page| String::from_utf8_lossy(&page.content).replace("\\-", "-"))
            .collect();
        let named: Vec<_> =
            topics().iter().flat_map(|page| options_in(&String::from_utf8_lossy(&page.content))).collect();
        assert!(named.len() > 10);
        for option in named.iter().filter(|option| !foreign.contains(&option.as_str())) {
            assert!(commands.contains(&format!("--{option}")), "--{option}");
        }
    }

    #[test]
    fn the_synopsis_has_values_and_the_description_does_not_repeat_the_name() {
        let page = content("kmsctl-sign.1").replace(['\u{a0}', '\\'], " ");
        assert!(page.contains("[ fB - -algorithm fR  fIALG fR]"), "{page}");
        assert_eq!(page.matches("Sign data").count(), 1, "{page}");
        let last = page.rsplit("\n.SH ").next().unwrap_or_default();
        assert!(last.starts_with("\"SEE ALSO\""), "{last}");
    }

    /// Every setting and variable is in a page.
    #[test]
    fn every_row_is_in_the_pages() {
        let [main, add_profile, config, pin] =
            ["kmsctl.1", "kmsctl-config-add-profile.1", "kmsctl-config.5", "kmsctl-pin.7"]
                .map(|name| content(name).replace("\\-", "-"));
        for row in setting::ALL {
            if let Some(option) = row.option {
                let page = if option.for_profile_only { &add_profile } else { &main };
                assert!(page.contains(option.flag), "{}", option.flag);
            }
            assert!(
                row.variable.is_none_or(|name| main.contains(&format!("\\fB{name}\\fR"))),
                "{}",
                row.name
            );
            assert!(!row.is_key || config.contains(&format!("\\fB{}\\fR = ", row.name)), "{}", row.name);
            if matches!(row.role, Role::UserPin | Role::SoPin) {
                let names =
                    [row.option.map(|option| option.flag), row.variable, row.is_key.then_some(row.name)];
                for name in names.into_iter().flatten() {
                    assert!(pin.contains(name), "{name}");
                }
            }
        }
        for variable in setting::VARIABLES {
            assert!(main.contains(&format!("\\fB{}\\fR", variable.name)), "{}", variable.name);
        }
        for variable in MODULE_VARIABLES {
            assert!(config.contains(variable), "{variable}");
        }
        assert!(!format!("{config}{pin}").contains('@'));
    }

    #[test]
    fn help_has_no_page() {
        assert!(man_pages(grammar()).expect("rendered").iter().all(|page| !page.name.contains("help")));
    }
}
