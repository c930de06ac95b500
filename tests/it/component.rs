//! Key components: split into files, and joined at import without writing the joined key to disk.

use std::os::unix::fs::PermissionsExt;

use crate::support::{TestEnv, token};

token::on_both_tokens!(
    components_are_encrypted_to_their_custodians,
    components_join_to_the_same_key,
    components_of_an_hmac_key_join_to_one,
    plain_components_join,
);

fn components_join_to_the_same_key(env: &TestEnv) {
    env.shell(
        "openssl genrsa -out web.key 2048 2>/dev/null && openssl pkey -in web.key -pubout -out web.pub",
    )
    .success();
    env.run([
        "component",
        "split",
        "--in",
        "web.key",
        "--shares",
        "3",
        "--threshold",
        "2",
        "--out-dir",
        "some",
    ])
    .success();
    env.run(["component", "split", "--in", "web.key", "--shares", "2", "--out-dir", "all"]).success();
    let path = |dir: &str, index: u8, count: u8| format!("{dir}/component-{index}-of-{count}.pem");
    let mode = env.file(&path("some", 1, 3)).metadata().expect("written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let import = |label: &str, files: &[String]| {
        let named = files.iter().flat_map(|file| ["--component", file]);
        env.run(["key", "import", "--label", label].into_iter().chain(named))
    };
    let join = |label: &str, files: &[String]| {
        import(label, files).success();
        let shown = env.run(["key", "show", "--label", label, "--pem"]).success().stdout;
        assert_eq!(shown, env.read("web.pub"), "{label}");
        import("twice", files).fails(8).saying(&format!("already on the token: {label:?}"));
        env.delete(label);
    };
    join("some", &[path("some", 3, 3), path("some", 1, 3)]);
    join("all", &[path("all", 1, 2), path("all", 2, 2)]);
    import("no", &[path("some", 1, 3)]).fails(2).saying("1 of 2 key components given");
    import("no", &[path("some", 1, 3), path("some", 1, 3)]).fails(2).saying("the same key component");
    import("no", &[path("some", 1, 3), path("all", 2, 2)]).fails(2).saying("belongs to set");
    env.shell("sed 's/^Index: 1/Index: 2/' some/component-1-of-3.pem > damaged.pem").success();
    import("no", &["damaged.pem".to_owned(), path("some", 3, 3)]).fails(2).saying("damaged");
    assert!(env.labels().is_empty());
    let shown = env.run(["component", "show", &path("some", 1, 3), "--json"]).success().json();
    assert_eq!((&shown["scheme"], &shown["threshold"]), (&"shamir".into(), &2.into()));
}

/// As long as an AES key, but never taken for one.
fn components_of_an_hmac_key_join_to_one(env: &TestEnv) {
    env.write("hmac.key", (1..=32).collect::<Vec<u8>>());
    let split = "component split --in hmac.key --algorithm hmac-256 --shares 2 --out-dir parts";
    env.run(split.split(' ')).success();
    let parts = ["--component", "parts/component-1-of-2.pem", "--component", "parts/component-2-of-2.pem"];
    let import = |more: &[&str]| env.run([&["key", "import"], more, &parts].concat());
    import(&["--label", "no", "--algorithm", "aes-256"]).fails(2).saying("hmac-256");
    import(&["--label", "joined"]).success();
    let whole = "key import --label joined --in hmac.key --algorithm hmac-256 --if-not-exists --json";
    assert_eq!(env.run(whole.split(' ')).success().json()["created"], false, "it is the same key");
    let joined = env.run("key show --label joined --json".split(' ')).success().json();
    assert_eq!((&joined["keyType"], &joined["type"]), (&"HMAC256".into(), &"SECRET".into()));
    for form in ["--pem", "--der", "--jwk", "--ssh"] {
        env.run(["key", "show", "--label", "joined", form]).fails(7).saying("no public half");
    }
}

/// Each custodian opens one component: by an age identity, or by a passphrase.
fn components_are_encrypted_to_their_custodians(env: &TestEnv) {
    use age::secrecy::ExposeSecret;
    env.write("aes.key", (1..=32).collect::<Vec<u8>>());
    let split = "component split --in aes.key --algorithm aes-256 --shares 2 --out-dir";
    let split = |dir: &str, more: &[&str]| env.run(split.split(' ').chain([dir]).chain(more.iter().copied()));
    let import = |dir: &str, more: &[&str]| {
        let (one, two) = (format!("{dir}/component-1-of-2.age"), format!("{dir}/component-2-of-2.age"));
        let import =
            ["key", "import", "--label", dir, "--no-input", "--component", &one, "--component", &two];
        env.run([&import, more].concat())
    };
    let mut recipients = Vec::new();
    for name in ["anna.id", "ben.id", "carl.id"] {
        let identity = age::x25519::Identity::generate();
        env.write(name, format!("# {name}\n{}\n", identity.to_string().expose_secret()));
        recipients.push(identity.to_public().to_string());
    }
    let [anna, ben, _] = recipients.as_slice() else { unreachable!() };
    split("no", &["--recipient", anna]).fails(2).saying("2 components need 2 recipients, not 1");
    split("no", &["--recipient", "age1x", "--recipient", anna]).fails(2);
    assert!(!env.file("no").exists());
    split("keys", &["--recipient", anna, "--recipient", ben]).success();
    let file = env.read("keys/component-1-of-2.age");
    assert!(file.starts_with(b"age-encryption.org/v1\n"));
    let shown = ["component", "show", "keys/component-1-of-2.age", "--json", "--identity"];
    env.run([&shown[..], &["ben.id"]].concat()).fails(5).saying("no identity given decrypts the file");
    assert_eq!(env.run([&shown[..], &["anna.id"]].concat()).success().json()["index"], 1);
    import("keys", &["--identity", "anna.id"]).fails(5).saying("component-2-of-2.age");
    import("keys", &["--identity", "anna.id", "--identity", "carl.id"]).fails(5);
    import("keys", &[]).fails(2).saying("--identity FILE");
    import("keys", &["--identity", "aes.key"]).fails(2).saying("aes.key");
    import("keys", &["--identity", "ben.id", "--identity", "anna.id"]).success();
    assert_eq!(env.run(["key", "show", "--label", "keys", "--kcv"]).success().line().len(), 6);
    env.delete("keys");
    // One that was cut short, and one of another set in its place.
    env.write("keys/component-1-of-2.age", &file[..file.len() - 60]);
    import("keys", &["--identity", "ben.id", "--identity", "anna.id"]).fails(3);
    split("other", &["--recipient", anna, "--recipient", ben]).success();
    env.write("keys/component-1-of-2.age", env.read("other/component-1-of-2.age"));
    import("keys", &["--identity", "ben.id", "--identity", "anna.id"]).fails(2).saying("belongs to set");
    env.write("one.pass", "one\n");
    env.write("two.pass", "two\n");
    let passphrases = ["--component-passphrase-file", "one.pass", "--component-passphrase-file", "two.pass"];
    split("words", &passphrases).success();
    import("words", &passphrases[..2]).fails(5).saying("component-2-of-2.age");
    assert!(!import("words", &[]).status.success(), "there is no terminal to ask on");
    import("words", &passphrases).success();
    assert_eq!(env.labels(), ["words"]);
}

fn plain_components_join(env: &TestEnv) {
    env.write("one", "FFFFFFFFFFFFFFFF".repeat(4));
    env.write("two", "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0");
    let import = |kcv: &str| {
        let args =
            ["key", "import", "--label", "data", "--component", "one", "--component", "two", "--kcv", kcv];
        env.run(args)
    };
    import("f29001").fails(2).saying("f29000");
    assert!(env.labels().is_empty());
    import("f29000").success();
    assert_eq!(env.run(["key", "show", "--label", "data", "--kcv"]).success().text(), "f29000\n");
    env.delete("data");
    // The CMAC form of the check value, by `openssl mac` over a block of zeros: one per component, then one for the key.
    let of = |key: &str| {
        let zeros = "head -c 16 /dev/zero";
        let by = format!("openssl mac -cipher AES-256-CBC -macopt hexkey:{key} -in <({zeros}) CMAC");
        env.shell(&format!("{by} | cut -c1-6")).success().line().to_owned()
    };
    let component = |name: &str| String::from_utf8(env.read(name)).expect("text");
    let whole = of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let (one, two) = (of(&component("one")), of(&component("two")));
    let import = |values: &[&str]| {
        let args = ["key", "import", "--label", "cmac", "--component", "one", "--component", "two"];
        env.run(args.into_iter().chain(values.iter().flat_map(|value| ["--kcv", value])))
    };
    import(&[&two, &one, &whole]).fails(2).saying("one");
    import(&[&one, &two, "f29001"]).fails(2);
    import(&[&one, &two, &whole]).success();
    assert_eq!(env.run(["key", "show", "--label", "cmac", "--kcv"]).success().text(), "f29000\n");
    let twice = ["key", "import", "--label", "twice", "--component", "one", "--component", "one"];
    env.run(twice).fails(2).saying("the same key component");
    env.write("short", "00".repeat(31));
    let short = ["key", "import", "--label", "short", "--component", "one", "--component", "short"];
    env.run(short).fails(2).saying("short");
    assert_eq!(env.labels(), ["cmac"]);
}
