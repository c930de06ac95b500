//! `key show --for` prints commands that work in the other program; `--copy` writes the clipboard.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::support::{
    TestEnv,
    terminal::Terminal,
    token::{PIN, embedded, softhsm, softhsm_module},
};

/// The lines of a recipe after a comment, up to the next empty line.
fn lines_after<'text>(recipe: &'text str, comment: &str) -> Vec<&'text str> {
    let from = recipe.split_once(comment).unwrap_or_else(|| panic!("no {comment:?} in {recipe}")).1;
    from.lines().skip(1).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn openssl_parses_the_uri_file() {
    let env = softhsm();
    env.create("web", "rsa-2048");
    let recipe = env.run(["key", "show", "--label", "web", "--for", "openssl"]).success();
    let (heredoc, _) = recipe.text().split_once("\nexport ").expect("a file and a variable");
    let _ = env.shell(heredoc).success();
    let script = "sed '1d;$d' key.p11.pem | base64 -d | openssl asn1parse -inform DER";
    let parsed = env.shell(script).success();
    assert!(parsed.text().contains("VISIBLESTRING     :PKCS#11 Provider URI v1.0"), "{}", parsed.text());
    assert!(parsed.text().contains("UTF8STRING        :pkcs11:"), "{}", parsed.text());
    assert!(parsed.text().contains("type=private"), "{}", parsed.text());
}

/// With the hash that kmsctl verifies with. libp11 0.4 crashes where it meets an Ed25519 key, so the command is not run.
#[test]
fn openssl_signs_as_the_key_does() {
    let env = softhsm();
    for (algorithm, command) in
        [("ec-p384", "openssl dgst -sha384 -provider"), ("ed25519", "openssl pkeyutl -sign -rawin -provider")]
    {
        env.create(algorithm, algorithm);
        let recipe = env.run(["key", "show", "--label", algorithm, "--for", "openssl"]).success();
        assert!(recipe.text().contains(command), "{recipe}");
    }
}

#[test]
fn ssh_keygen_finds_the_same_key() {
    let env = softhsm();
    env.create("web", "ec-p256");
    let recipe = env.run(["key", "show", "--label", "web", "--for", "ssh"]).success();
    let command = lines_after(recipe.text(), "# Here: all keys")[0];
    let seen = env.shell(command).success();
    let line = lines_after(recipe.text(), "# On the server")[0];
    let key = line.split(' ').nth(1).expect("a key");
    assert!(seen.text().contains(key), "{line}\n{}", seen.text());
    let other = env.shell("PATH=/bin ssh-keygen -D /nonexistent.so");
    assert_ne!(other.status.code(), Some(0));
}

#[test]
fn the_embedded_token_has_no_recipe() {
    let env = embedded();
    env.create("web", "ec-p256");
    for program in ["openssl", "ssh"] {
        let refused = env.run(["key", "show", "--label", "web", "--for", program]).fails(6);
        let _ = refused.saying("can call `kmsctl sign`");
    }
}

/// Installs a stub `wl-copy`; returns the `PATH` that finds it first.
fn with_clipboard(env: &TestEnv) -> String {
    let directory = env.path("bin");
    fs::create_dir(&directory).expect("made");
    let script = directory.join("wl-copy");
    fs::write(&script, "#!/bin/sh\ncat > clipboard\n").expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
    format!("{}:{}", directory.display(), env.variable("PATH"))
}

#[test]
fn copy_writes_the_clipboard_and_reports_it_on_stderr() {
    let env = embedded();
    env.create("web", "ec-p256");
    let path = with_clipboard(&env);
    let shown = env.with("PATH", &path).run(["key", "show", "--label", "web", "--pem", "--copy"]).success();
    assert!(
        shown.stderr_text().contains("copied the public key to the clipboard with wl-copy"),
        "{}",
        shown.stderr_text()
    );
    assert_eq!(env.read("clipboard"), shown.stdout);
    fs::remove_file(env.file("clipboard")).expect("removed");
    let details = env.with("PATH", &path).run(["key", "show", "--label", "web", "--copy"]).success();
    assert!(details.text().contains("Label:"));
    assert_eq!(env.read("clipboard"), shown.stdout);
}

#[test]
fn without_a_clipboard_program_copy_uses_the_terminal() {
    let env = embedded();
    env.create("web", "ec-p256");
    let args = ["key", "show", "--label", "web", "--ssh", "--copy"];
    let command = env.with("PATH", "/nonexistent").command(crate::support::KMSCTL, args);
    let mut terminal = Terminal::start(command);
    terminal.sees("\u{1b}]52;c;");
    terminal.sees("copied the public key to the clipboard with the terminal");
    assert_eq!(terminal.ends().1, 0);
}

#[test]
fn the_openssl_engine_signs_with_the_uri() {
    let engine = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        .iter()
        .any(|lib| fs::exists(format!("{lib}/engines-3/pkcs11.so")).unwrap_or(false));
    assert!(engine, "libengine-pkcs11-openssl is missing");
    let env = softhsm();
    env.create("web", "rsa-2048");
    env.write("FILE", "data");
    let recipe = env.run(["key", "show", "--label", "web", "--for", "openssl"]).success();
    let command = lines_after(recipe.text(), "# With the engine")[0];
    let _ = env.shell(&command.replace(" -out ", &format!(" -passin pass:{PIN} -out "))).success();
    let verify = lines_after(recipe.text(), "# OpenSSL asks")[0];
    assert!(verify.contains(softhsm_module().canonicalize().expect("there").to_str().expect("UTF-8")));
    let _ = env.shell(&format!("env -u KMSCTL_MODULE {verify}")).success();
}

/// The module's path contains characters that are special to shells and OpenSSH.
#[test]
fn recipes_quote_the_module_path() {
    let mut env = softhsm();
    env.create("web", "rsa-2048");
    let module = env.file("it's \"50%\" of $HOME #x.so");
    fs::copy(softhsm_module(), &module).expect("copied");
    env.set("KMSCTL_MODULE", module.to_str().expect("UTF-8"));
    env.write("FILE", "data");
    let ssh = env.run(["key", "show", "--label", "web", "--for", "ssh"]).success();
    let listed = env.shell(lines_after(ssh.text(), "# Here: all keys")[0]).success();
    let line = lines_after(ssh.text(), "# On the server")[0];
    assert!(listed.text().contains(line.split(' ').nth(1).expect("a key")), "{ssh}\n{listed}");
    // `ssh -G` prints the parsed option without connecting.
    let login =
        lines_after(ssh.text(), "# Log in")[0].replace("ssh -o", "ssh -G -o").replace("USER@HOST", "u@h");
    let seen = env.shell(&login).success();
    assert!(seen.text().contains(&format!("pkcs11provider {}\n", module.display())), "{login}\n{seen}");
    let config: String = ssh
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .fold(String::new(), |config, line| config + line + "\n");
    env.write("ssh_config", config);
    let seen = env.shell("ssh -G -F ssh_config HOST").success();
    assert!(seen.text().contains(&format!("pkcs11provider {}\n", module.display())), "{seen}");
    fs::create_dir_all(env.path("home/.ssh")).expect("made");
    env.shell(lines_after(ssh.text(), "# Permanently")[0]).success();
    let written = fs::read_to_string(env.path("home/.ssh/key.p11.pub")).expect("written");
    assert_eq!(written.trim_end(), line);
    let openssl = env.run(["key", "show", "--label", "web", "--for", "openssl"]).success();
    let sign = lines_after(openssl.text(), "# With the engine")[0];
    let _ = env.shell(&sign.replace(" -out ", &format!(" -passin pass:{PIN} -out "))).success();
    let verify = lines_after(openssl.text(), "# OpenSSL asks")[0];
    let _ = env.shell(&format!("env -u KMSCTL_MODULE {verify}")).success();
}
