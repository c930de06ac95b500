//! kmsctl-json(5), generated from the types that commands print.

use clap::Command;
use roff::{Roff, bold, italic, roman};

use super::layout::{marked, title};
use crate::{
    cli::Answers,
    model::{Field, Shape},
};

const NAME: &str = "kmsctl-json";

const DESCRIPTION: &[&str] = &[
    "With `--json` a command prints one value on standard output: on one line, or indented on a terminal. The names \
     of the fields, their order and their meaning are stable; later releases may add fields.",
    "Numbers whose names end in Date are milliseconds since 1970-01-01T00:00:00Z. Bytes are base64, and CKA_IDs, fingerprints and \
     check values are hexadecimal, unless the text of the field says otherwise. A field that is not known or does not apply is \
     null, unless its text says that it is left out.",
    "Standard error has the object of an error (`kmsctl-errors`(7)), and before it, an object on a line for each warning: \
     `{\"warning\":TEXT}`, then perhaps `{\"hint\":TEXT}`. A list or set that is partial, because it was made without a login or \
     something cannot be read, is said there. `-q` leaves out all but the warnings that a result may be wrong. Status and \
     progress are not printed.",
    "In the names below, `a[].b` is the field b of each object in the list a, and `[].b` that of each object in the list that \
     is the whole answer.",
];

pub(super) fn page(root: &Command) -> (String, Roff) {
    let mut roff = title(NAME, "5", "what commands print with --json");
    roff.control("SH", ["DESCRIPTION"]);
    for (index, paragraph) in DESCRIPTION.iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text(marked(paragraph));
    }
    roff.control("SH", ["ANSWERS"]);
    commands(root, &mut Vec::new(), &mut roff);
    if let Some(Answers([(_, shape), ..])) = root.get::<Answers>() {
        roff.control("SH", ["ERRORS"]);
        fields("", &shape(), &mut roff);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("kmsctl"), roman("(1), "), bold("kmsctl-errors"), roman("(7)")]);
    (format!("{NAME}.5"), roff)
}

/// A section for each command. A shape that was already described is only referred to.
fn commands(group: &Command, seen: &mut Vec<(Shape, String)>, roff: &mut Roff) {
    for command in group.get_subcommands() {
        commands(command, seen, roff);
        let Some(Answers(answers)) = command.get::<Answers>() else { continue };
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        roff.control("SS", [name]);
        for (when, shape) in *answers {
            let shape = shape();
            let title = if when.is_empty() { String::new() } else { format!("{when}: ") };
            if let Some((_, other)) = seen.iter().find(|(other, _)| *other == shape) {
                roff.control("PP", []).text(marked(&format!("{title}the answer of `{other}`.")));
                continue;
            }
            if !title.is_empty() {
                roff.control("PP", []).text(marked(&title));
            }
            fields("", &shape, roff);
            let when = if when.is_empty() { String::new() } else { format!(" ({when})") };
            seen.push((shape, format!("{name}{when}")));
        }
    }
}

fn fields(path: &str, shape: &Shape, roff: &mut Roff) {
    match shape {
        Shape::Plain(_) => {}
        Shape::Nullable(inner) => fields(path, inner, roff),
        Shape::List(inner) => fields(&format!("{path}[]"), inner, roff),
        Shape::Object(all) => {
            for Field { name, shape, about } in all {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                roff.control("TP", []);
                roff.text([bold(path.as_str()), roman(" "), italic(type_of(shape))]).text(marked(about));
                fields(&path, shape, roff);
            }
        }
    }
}

fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Plain(name) => (*name).to_owned(),
        Shape::Nullable(inner) => format!("{} or null", type_of(inner)),
        Shape::List(inner) => format!("list of {}", type_of(inner)),
        Shape::Object(_) => "object".to_owned(),
    }
}
