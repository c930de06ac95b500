//! kmsctl-json(5) describes every field of the answers in `tests/cmd/json`, which the golden tests compare with what the
//! program prints; and each field that it describes is in one of them.

use std::{collections::BTreeSet, fs, path::Path};

use kmsctl::{
    cli::Answers,
    commands::each_grammar,
    model::{Field, Shape},
};
use regex::Regex;
use serde_json::Value;

use crate::support::golden::{self, Step};

/// Fields that are in no golden file, with the members of a batch answer beside them, and why.
const NOT_SHOWN: [(&str, &str, &str); 1] = [(
    "proven",
    "bytes random bits signature token algorithm kid ciphertext changed plaintext valid proven label ckaId version",
    "the public half of an older version must have lost its proof; a test in planted.rs takes it away",
)];

/// The answers in the golden files, each with its command line.
fn answers() -> Vec<(String, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/json");
    // A number that differs from run to run: `[TIME]`.
    let changing = Regex::new(r"(?m): \[[A-Z]+\](,?)$").expect("pattern");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("golden files") {
        let text = fs::read_to_string(entry.expect("entry").path()).expect("UTF-8");
        for Step { command, printed } in golden::steps(&text) {
            if command.contains("kmsctl batch ") {
                let lines = printed.lines().filter(|line| line.starts_with("{\"ref\""));
                let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
                found.extend(lines.map(|answer| ("kmsctl batch ".to_owned(), answer)));
            }
            // The output of `jq` is an answer only if the filter changes values in their places.
            let last = command.rsplit("; ").next().unwrap_or_default();
            let is_whole = !last.contains('|') || last.contains("|=");
            if is_whole && last.contains("--json") && printed.starts_with(['{', '[']) {
                let json = changing.replace_all(&printed, ": 0$1");
                let answer = serde_json::Deserializer::from_str(&json).into_iter().next();
                let answer = answer.expect("an answer").unwrap_or_else(|error| panic!("{command}: {error}"));
                found.push((last[last.find("kmsctl").unwrap_or_default()..].to_owned(), answer));
            }
        }
    }
    found
}

/// What is found by comparing answers with the shapes of their commands.
#[derive(Default)]
struct Compared {
    /// The paths of members that no shape describes.
    undescribed: Vec<String>,
    /// The fields that are in an answer, as [`name_of`] names them.
    shown: BTreeSet<String>,
}

/// A field by the type that has it.
fn name_of(shape: &Shape, field: &Field) -> String {
    let fields: Vec<_> = shape.fields().iter().map(|field| field.name.as_str()).collect();
    format!("{} of {{{}}}", field.name, fields.join(" "))
}

impl Compared {
    fn compare(&mut self, path: &str, value: &Value, shapes: &[&Shape]) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.compare(&format!("{path}[]"), item, shapes);
                }
            }
            Value::Object(members) => {
                let described: Vec<_> = shapes.iter().filter(|shape| !shape.fields().is_empty()).collect();
                // JSON that kmsctl does not define: a JWK, claims, settings.
                if described.is_empty() {
                    return;
                }
                let has = |shape: &Shape, name: &str| shape.fields().iter().any(|field| field.name == *name);
                let fits = |shape: &&&&Shape| members.keys().all(|name| has(shape, name));
                // The type of a form is the smallest that has all members.
                let Some(shape) = described.iter().filter(fits).min_by_key(|shape| shape.fields().len())
                else {
                    self.undescribed.push(format!("{path}: {:?}", members.keys().collect::<Vec<_>>()));
                    return;
                };
                for field in shape.fields() {
                    if let Some(value) = members.get(&field.name) {
                        self.shown.insert(name_of(shape, field));
                        self.compare(&format!("{path}.{}", field.name), value, &[&field.shape]);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every field of a shape, by its type.
fn described(shape: &Shape, found: &mut BTreeSet<String>) {
    for field in shape.fields() {
        found.insert(name_of(shape, field));
        described(&field.shape, found);
    }
}

#[test]
fn the_manual_and_the_answers_have_the_same_fields() {
    let commands = each_grammar();
    let answers = answers();
    assert!(answers.len() > 50, "{}", answers.len());
    let (mut compared, mut missing) = (Compared::default(), BTreeSet::new());
    for (path, command) in &commands {
        let forms = command.get::<Answers>().map_or_else(Vec::new, |answers| answers.0.to_vec());
        let shapes: Vec<_> = forms.iter().map(|(_, shape)| shape()).collect();
        for (line, answer) in answers.iter().filter(|(line, _)| line.starts_with(&format!("kmsctl {path} ")))
        {
            assert!(!shapes.is_empty(), "{path} prints JSON");
            compared.compare(line, answer, &shapes.iter().collect::<Vec<_>>());
        }
        for shape in &shapes {
            described(shape, &mut missing);
        }
    }
    assert!(compared.undescribed.is_empty(), "printed, not described: {:#?}", compared.undescribed);
    missing.retain(|field| !compared.shown.contains(field));
    let excused: BTreeSet<_> =
        NOT_SHOWN.iter().map(|(field, of, _)| format!("{field} of {{{of}}}")).collect();
    assert_eq!(missing, excused, "described, not in tests/cmd/json (left), or excused (right)");
}
