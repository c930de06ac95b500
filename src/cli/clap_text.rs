//! The text of clap's errors, in the words of this program.

/// The message and the hint in clap's text, which consists of paragraphs: the error, tips, the usage, a pointer to the help.
/// Tips are dropped: they do not know the context of the run.
pub(super) fn from_clap(text: &str) -> (String, Option<String>) {
    let mut message = String::new();
    let mut hint = None;
    for paragraph in text.split("\n\n").map(str::trim) {
        let mut lines = paragraph.lines().map(str::trim);
        if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            // The first usage, if there are several.
            hint = usage.lines().next().map(|first| format!("usage: {first}"));
        } else if let Some(first) = lines.next().and_then(|line| line.strip_prefix("error: ")) {
            let rest: Vec<_> = lines.collect();
            let text = without_identities(format!("{first} {}", rest.join(", ")).trim_end());
            message = shortened(&reworded(&text));
        }
    }
    (message, hint)
}

/// `--in`, or of `<--label <LABEL>|--id <HEX>>` the names of all.
fn missing(argument: &str) -> String {
    let name = |option: &str| option.split(' ').next().unwrap_or_default().to_owned();
    let Some(options) = argument.strip_prefix("<--") else { return name(argument) };
    let names: Vec<_> =
        options.split("|--").map(|option| format!("--{}", name(option).trim_end_matches('>'))).collect();
    format!("one of {}", names.join(", "))
}

/// Rewords the messages of clap about missing options, and of the standard library about numbers.
fn reworded(message: &str) -> String {
    if let Some(arguments) = message.strip_prefix("the following required arguments were not provided: ") {
        let missing: Vec<_> = arguments.split(", ").map(missing).collect();
        return format!("missing: {}", missing.join(", and "));
    }
    let Some((before, why)) = message.rsplit_once("': ") else { return message.to_owned() };
    let why = match (why.rsplit_once(" is not in "), why) {
        (Some((_, range)), _) => match range.split_once("..=") {
            Some((least, most))
                if ![i64::MAX, i32::MAX.into()].map(|max| max.to_string()).contains(&most.to_owned()) =>
            {
                format!("must be {least} to {most}")
            }
            _ => format!("must be at least {}", range.split("..").next().unwrap_or_default()),
        },
        (None, "invalid digit found in string") => "not a whole number".to_owned(),
        (None, "number too large to fit in target type") => "too large".to_owned(),
        _ => return message.to_owned(),
    };
    format!("{before}': {why}")
}

/// An identity of age that was given as a recipient is secret: messages are kept in logs.
fn without_identities(message: &str) -> String {
    const START: &str = "AGE-SECRET-KEY-";
    let masked = |part: &str| {
        let is_identity = part.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START));
        if is_identity { format!("{START}…") } else { part.to_owned() }
    };
    message.split('\'').map(masked).collect::<Vec<_>>().join("'")
}

/// Shortens a message: it contains the refused value, which can be very long (`$(cat FILE)`).
fn shortened(message: &str) -> String {
    const MAX_SHOWN: usize = 300;
    let Some((end_of_first, _)) = message.char_indices().nth(MAX_SHOWN) else { return message.to_owned() };
    let Some((start_of_last, _)) = message.char_indices().nth_back(MAX_SHOWN) else {
        return message.to_owned();
    };
    if start_of_last < end_of_first + MAX_SHOWN {
        return message.to_owned();
    }
    format!("{} … {}", &message[..end_of_first], &message[start_of_last..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_shortened_only_if_that_saves_something() {
        assert_eq!(shortened(&"x".repeat(700)), "x".repeat(700));
        assert!(shortened(&"x".repeat(1000)).chars().count() < 700);
    }
}
