//! kmsctl-json(5) describes every field of the answers in `tests/cmd/json`, which the golden tests compare with what the
//! program prints.

use std::{fs, path::Path};

use kmsctl::{
    cli::Answers,
    commands::each_grammar,
    model::{Field, Shape},
};
use serde_json::Value;

/// The answers in the golden files, each with its command line.
fn answers() -> Vec<(String, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/json");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("golden files") {
        let text = fs::read_to_string(entry.expect("entry").path()).expect("UTF-8");
        for run in text.split("\n$ ").skip(1) {
            let Some((line, output)) = run.split_once('\n') else { continue };
            let output = output.split("\n-------").next().unwrap_or_default();
            if run.contains("kmsctl batch ") {
                let lines = output.lines().filter(|line| line.starts_with("{\"ref\""));
                let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
                found.extend(lines.map(|answer| ("kmsctl batch ".to_owned(), answer)));
            }
            // The output of `jq` is not an answer.
            let last = line.rsplit("; ").next().unwrap_or_default();
            if let (false, true, Ok(answer)) =
                (last.contains('|'), last.contains("--json"), serde_json::from_str(output))
            {
                found.push((last.trim_start_matches("EDITOR=true ").to_owned(), answer));
            }
        }
    }
    found
}

/// Collects the names of fields that the shapes do not describe.
fn undescribed(path: &str, value: &Value, shapes: &[&Shape], found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for item in items {
                undescribed(&format!("{path}[]"), item, shapes, found);
            }
        }
        Value::Object(members) => {
            let described: Vec<&Field> = shapes.iter().flat_map(|shape| shape.fields()).collect();
            // JSON that kmsctl does not define: a JWK, claims, settings.
            if described.is_empty() {
                return;
            }
            for (name, value) in members {
                let same: Vec<_> =
                    described.iter().filter(|field| field.name == *name).map(|field| &field.shape).collect();
                if same.is_empty() {
                    found.push(format!("{path}.{name}"));
                }
                undescribed(&format!("{path}.{name}"), value, &same, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_is_described() {
    let commands = each_grammar();
    let answers = answers();
    assert!(answers.len() > 50, "{}", answers.len());
    for (line, answer) in answers {
        let is_of = |(path, _): &&(String, _)| line.starts_with(&format!("kmsctl {path} "));
        let Some((path, command)) = commands.iter().find(is_of) else { continue };
        let described = command.get::<Answers>().unwrap_or_else(|| panic!("{path} prints JSON")).0;
        let shapes: Vec<_> = described.iter().map(|(_, shape)| shape()).collect();
        let mut missing = Vec::new();
        undescribed("", &answer, &shapes.iter().collect::<Vec<_>>(), &mut missing);
        assert!(missing.is_empty(), "{line}: {missing:?}");
    }
}
