//! Links the unwinder of GCC statically, so that the program needs the C library alone.
//!
//! The standard library links `libgcc_s` by name. A linker script of that name, found first, names the static library
//! instead. Where there is none (Clang without GCC), the shared one stays.
//!
//! Debug builds have a fixed address: the 120,000 relocations of each start would take a quarter of the time of a command.

use std::{env, fs, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is_gnu = env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu");
    if is_gnu && env::var("PROFILE").as_deref() == Ok("debug") {
        println!("cargo:rustc-link-arg-bin=kmsctl=-no-pie");
    }
    if !is_gnu || !has_static_unwinder() {
        return;
    }
    let out = env::var("OUT_DIR").expect("set by cargo");
    fs::write(Path::new(&out).join("libgcc_s.so"), "INPUT(-lgcc_eh)\n").expect("OUT_DIR is writable");
    println!("cargo:rustc-link-search=native={out}");
}

/// A compiler prints the bare name of a library that it does not have. Without knowledge of the linker of another machine,
/// only a build for this one is changed.
fn has_static_unwinder() -> bool {
    let printed = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let path = printed.map(|printed| String::from_utf8_lossy(&printed.stdout).trim().to_owned());
    env::var("HOST") == env::var("TARGET") && path.is_ok_and(|path| Path::new(&path).is_absolute())
}
