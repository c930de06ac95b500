//! kmsctl-errors(7), generated from the table of errors.

use roff::{Inline, Roff, bold, roman};

use super::layout::{marked, title};
use crate::model::{Code, exit};

const NAME: &str = "kmsctl-errors";

const DESCRIPTION: &[&str] = &[
    "A command that fails prints on standard error what failed, what caused it, and where possible a hint: what to do, with \
     the command that does it.",
    "With `--json` it prints one object there, `{\"error\":{…}}`, with the members `code`, `exit`, `message`, `causes`, `hint`, \
     `ckr` and `function`. `code` is a name from the list below, `exit` the exit code, and `ckr` and \
     `function` are the return value and the name of the PKCS#11 call that failed, or null.",
    "The names of codes and the exit codes are stable; messages and hints may change.",
    "`kmsctl explain CODE` prints the entry of an error code, of an exit code, or of a return value of PKCS#11 \
     (CKR_PIN_LOCKED).",
];

pub(super) fn page() -> (String, Roff) {
    let mut roff = title(NAME, "7", "exit codes and error codes of kmsctl");
    roff.control("SH", ["DESCRIPTION"]);
    for (index, paragraph) in DESCRIPTION.iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text(marked(paragraph));
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (number, meaning) in exit::ALL {
        entry(&mut roff, vec![bold(number.to_string())], meaning);
    }
    roff.control("SH", ["ERRORS"]);
    for (number, meaning) in exit::ALL {
        let mut codes = Code::ALL.iter().filter(|code| code.exit() == *number).peekable();
        if codes.peek().is_some() {
            roff.control("SS", [format!("Exit {number}: {meaning}").as_str()]);
            codes.for_each(|code| explained(&mut roff, *code));
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("kmsctl"), roman("(1), "), bold("kmsctl-explain"), roman("(1), ")]);
    roff.text([bold("kmsctl-pin"), roman("(7), "), bold("kmsctl-config"), roman("(5)")]);
    (format!("{NAME}.7"), roff)
}

fn explained(roff: &mut Roff, code: Code) {
    entry(roff, vec![bold(code.name())], code.meaning());
    roff.control("RS", []);
    for (heading, lines) in [("Causes:", code.advice().causes), ("What to do:", code.advice().actions)] {
        roff.control("PP", []).text([roman(heading)]).control("PD", ["0"]);
        for line in lines {
            roff.control("IP", ["\\(bu", "2"]).text(marked(line));
        }
        roff.control("PD", []);
    }
    roff.control("RE", []);
}

fn entry(roff: &mut Roff, head: Vec<Inline>, text: &str) {
    roff.control("TP", []).text(head).text(marked(text));
}
