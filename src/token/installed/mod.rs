//! Finds installed PKCS#11 modules: those in p11-kit's configuration, and those in the usual places of vendors. Loads
//! none.

mod p11_kit;
mod vendors;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// A module's file, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModule {
    /// Display name: the product, such as `SoftHSM`, or the name of p11-kit's file.
    pub name: String,
    pub path: PathBuf,
    /// The argument that p11-kit would pass to `C_Initialize`.
    pub arguments: Option<String>,
    /// The p11-kit configuration file; `None` for a vendor's usual place.
    pub configured_in: Option<PathBuf>,
}

/// All modules found, each file once. `user` is the user's p11-kit directory (`~/.config/pkcs11`).
pub fn installed_modules(user: Option<&Path>) -> Vec<InstalledModule> {
    let libraries = library_directories();
    let configured = p11_kit::modules(user, &libraries);
    let usual = vendors::modules(&libraries);
    let mut seen = HashSet::new();
    configured
        .into_iter()
        .chain(usual)
        .filter(|module| {
            let file = module.path.canonicalize().unwrap_or_else(|_| module.path.clone());
            seen.insert((file, module.arguments.clone().unwrap_or_default()))
        })
        .collect()
}

/// Directories of shared libraries, multiarch directories first.
fn library_directories() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let triplet =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("-linux-"));
    let mut found: Vec<_> = entries.map(|entry| entry.path()).filter(triplet).collect();
    found.sort();
    let usual = ["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib", "/opt/homebrew/lib"];
    found.extend(usual.map(PathBuf::from));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_found_once() {
        let user = tempfile::tempdir().expect("a directory");
        let modules = user.path().join("modules");
        fs::create_dir(&modules).expect("made");
        let library = user.path().join("hsm.so");
        fs::write(&library, "").expect("written");
        std::os::unix::fs::symlink(&library, user.path().join("link.so")).expect("linked");
        for (name, path) in [("a", "hsm.so"), ("b", "link.so")] {
            let path = user.path().join(path);
            fs::write(modules.join(name).with_extension("module"), format!("module: {}\n", path.display()))
                .expect("written");
        }
        let found = installed_modules(Some(user.path()));
        let ours: Vec<_> = found.iter().filter(|module| module.path.starts_with(user.path())).collect();
        assert_eq!(ours.len(), 1, "{ours:?}");
        assert_eq!((ours[0].name.as_str(), &ours[0].path), ("a", &library));
        assert_eq!(ours[0].configured_in, Some(modules.join("a.module")));
    }
}
