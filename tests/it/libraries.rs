//! What the program is linked with.

use std::process::Command;

/// The unwinder of GCC is linked statically, see `build.rs`.
#[test]
fn the_program_needs_the_c_library_alone() {
    let printed =
        Command::new("readelf").args(["-d", env!("CARGO_BIN_EXE_kmsctl")]).output().expect("readelf runs");
    let printed = String::from_utf8(printed.stdout).expect("UTF-8");
    let needed: Vec<_> = printed.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(!needed.is_empty(), "{printed}");
    let of_libc = ["[libc.so.", "[libm.so.", "[ld-linux"];
    for line in needed {
        assert!(of_libc.iter().any(|name| line.contains(name)), "{line}");
    }
}
