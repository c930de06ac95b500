//! No two source files import each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

use crate::layering::{code, sources};

/// Neither directly nor through what a folder's `mod.rs` re-exports.
#[test]
fn no_two_files_import_each_other() {
    let files = Imports::of_sources();
    let edges = files.edges();
    let cycles: Vec<_> = edges
        .iter()
        .filter(|(one, other)| one < other && edges.contains(&(other.clone(), one.clone())))
        .map(|(one, other)| format!("{} and {}", files.0[one].0.display(), files.0[other].0.display()))
        .collect();
    assert_eq!(cycles, [] as [String; 0]);
}

/// A module by its path below `crate`.
type Module = Vec<String>;

/// Each module with its file and the paths that it names; `true` marks a re-export (`pub use`).
struct Imports(BTreeMap<Module, (PathBuf, Vec<Import>)>);

/// The path that is imported, and whether it is re-exported.
type Import = (Vec<String>, bool);

impl Imports {
    fn of_sources() -> Self {
        let module = |file: &Path| -> Module {
            let parts = file.with_extension("");
            let parts = parts.iter().map(|part| part.to_str().expect("UTF-8").to_owned());
            parts.filter(|part| !["mod", "lib", "main"].contains(&part.as_str())).collect()
        };
        Self(sources().into_iter().map(|(file, text)| (module(&file), (file, paths_in(&text)))).collect())
    }

    /// Which module uses which. A re-export is not a use.
    fn edges(&self) -> BTreeSet<(Module, Module)> {
        let named = self.0.iter().flat_map(|(from, (_, paths))| {
            let used = paths.iter().filter(|(_, is_reexport)| !is_reexport);
            used.filter_map(|(path, _)| Some((from.clone(), self.resolve(from, path, 0)?)))
        });
        named.filter(|(from, to)| from != to).collect()
    }

    /// The module that a path resolves to. A re-exported name resolves to the module that it comes from.
    fn resolve(&self, from: &Module, path: &[String], depth: u32) -> Option<Module> {
        let up = path.iter().take_while(|part| *part == "super").count();
        let (mut at, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "super" => (from[..from.len().checked_sub(up)?].to_vec(), &path[up..]),
            "self" => (from.clone(), &path[1..]),
            first => {
                let child = [from.clone(), vec![first.to_owned()]].concat();
                (self.0.contains_key(&child).then(|| from.clone())?, path)
            }
        };
        while let Some(child) = rest.first().map(|part| [at.clone(), vec![part.clone()]].concat())
            && self.0.contains_key(&child)
        {
            (at, rest) = (child, &rest[1..]);
        }
        let reexported = rest.first().filter(|_| at != *from && depth < 8).and_then(|name| {
            let mut paths = self.0.get(&at)?.1.iter();
            let (path, _) = paths.find(|(path, is_reexport)| *is_reexport && path.last() == Some(name))?;
            self.resolve(&at, path, depth + 1)
        });
        reexported.or_else(|| self.0.contains_key(&at).then_some(at))
    }
}

/// The paths in code: in imports and inline.
fn paths_in(text: &str) -> Vec<(Vec<String>, bool)> {
    static USE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);").expect("pattern"));
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:super|crate|self)(?:::\w+)+").expect("pattern"));
    let code = code(text);
    let split = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    let imports = USE.captures_iter(&code).flat_map(|found| {
        let is_reexport = found.get(1).is_some();
        leaves(&found[2]).into_iter().map(move |path| (path, is_reexport))
    });
    let rest = USE.replace_all(&code, "");
    let inline = PATH.find_iter(&rest).map(|found| (split(found.as_str()), false));
    imports.map(|(path, is_reexport)| (split(&path), is_reexport)).chain(inline).collect()
}

/// The single paths of an import: `a::b` and `a::c` of `a::{b, c as d}`.
fn leaves(import: &str) -> Vec<String> {
    let Some((start, group)) = import.split_once('{') else {
        return vec![import.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if character == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("never empty").push(character);
        }
    }
    let full = parts.iter().flat_map(|part| leaves(part)).filter(|part| !part.is_empty());
    full.map(|part| format!("{}{part}", start.trim())).collect()
}

#[test]
fn leaves_of_an_import_are_whole_paths() {
    let found = leaves("crate::{\n    a::{self, B as C},\n    d,\n}");
    assert_eq!(found, ["crate::a::self", "crate::a::B", "crate::d"]);
}
