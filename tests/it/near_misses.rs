//! What was given is nearly right: another file, another option, another key. The error says what it is, and the hint what
//! to type instead.

use crate::support::{TestEnv, token};

token::on_both_tokens!(another_key_is_named, if_not_exists_is_offered_where_it_works);

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn another_key_is_named(env: &TestEnv) {
    for (label, algorithm) in [("backup", "aes-256"), ("other", "aes-256"), ("rsa", "rsa-2048")] {
        env.create(label, algorithm);
    }
    env.write("plain", "secret");
    for format in ["text", "age"] {
        env.run(["encrypt", "--label", "backup", "--format", format, "--in", "plain", "--out", "sealed"])
            .success();
        for named in ["rsa", "other"] {
            env.run(["decrypt", "--label", named, "--in", "sealed"])
                .fails(3)
                .saying(&format!("was encrypted with key \"backup\", not with \"{named}\""))
                .saying("leave `--label` out");
        }
        // The right key, but not the right context: that is what is wrong.
        let with_context = ["decrypt", "--label", "backup", "--context", "x", "--in", "sealed"];
        assert!(!env.run(with_context).fails(3).stderr_text().contains("not with"));
    }
    env.delete("backup");
    env.run(["decrypt", "--label", "rsa", "--in", "sealed"])
        .fails(3)
        .saying("was encrypted for a key of another kind than \"rsa\"");
}

fn if_not_exists_is_offered_where_it_works(env: &TestEnv) {
    env.create("q", "rsa-2048");
    env.write("key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.run(["key", "import", "--label", "i", "--in", "key"]).success();
    let create = |label: &str, algorithm: &str| {
        vec!["key", "create", "--label", label, "--algorithm", algorithm]
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let import = |label: &str| ["key", "import", "--in", "key", "--label", label].map(str::to_owned).to_vec();
    for (args, is_offered) in [
        (create("q", "rsa-2048"), true),
        (create("q", "ec-p256"), false),
        (import("i"), true),
        (import("q"), false),
    ] {
        let refused = env.run(&args).fails(8).saying("use another label");
        assert_eq!(refused.stderr_text().contains("--if-not-exists"), is_offered, "{refused}");
        let again = env.run([&args[..], &["--if-not-exists".to_owned()]].concat());
        assert_eq!(again.status.success(), is_offered, "{again}");
    }
    env.run(["key", "disable", "--label", "q"]).success();
    let refused = env.run(create("q", "rsa-2048")).fails(8);
    assert!(!refused.stderr_text().contains("--if-not-exists"), "{refused}");
}

#[test]
fn a_file_of_another_kind_has_a_hint() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env.write("data", "data");
    env.run(["jwks", "--out", "set.json"]).success();
    env.run(["jwt", "sign", "--label", "ec", "--out", "a.jwt"]).success();
    env.write("jwe", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA\n");
    env.write("id.pub", include_bytes!("../fixtures/keys/rsa-2048.ssh"));
    let age = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    env.write("recipients", format!("# me\n{age}\n"));
    let (private, public, certificate, openssh) = (
        fixture("p256.pkcs8.pem"),
        fixture("p256.pub.pem"),
        fixture("certificate.pem"),
        fixture("openssh.pem"),
    );
    for (args, hint) in [
        (vec!["key", "import", "--label", "i", "--in", &certificate], "file with its private key".to_owned()),
        (vec!["key", "import", "--label", "i", "--in", &public], "file with its private key".to_owned()),
        (
            vec!["verify", "--public-key", &private, "--signature", "data", "--in", "data"],
            format!("`openssl pkey -in {private} -pubout`"),
        ),
        (
            vec!["verify", "--public-key", &openssh, "--signature", "data", "--in", "data"],
            format!("`ssh-keygen -y -f {openssh}`"),
        ),
        (
            vec!["verify", "--public-key", "set.json", "--signature", "data", "--in", "data"],
            "`jq '.keys[0]' set.json`".to_owned(),
        ),
        (vec!["jwt", "verify", "--public-key", "set.json", "--in", "a.jwt"], "`--jwks set.json`".to_owned()),
        (vec!["decrypt", "--in", "a.jwt"], "jwt decode --in FILE".to_owned()),
        (vec!["decrypt", "--in", "jwe"], "a program for JOSE".to_owned()),
        (vec!["encrypt", "--recipient", "id.pub"], "`--recipients-file id.pub`".to_owned()),
        (vec!["encrypt", "--recipient", "recipients"], "`--recipients-file recipients`".to_owned()),
        (
            vec!["encrypt", "--public-key", "recipients", "--in", "data"],
            "`--recipients-file recipients`".to_owned(),
        ),
    ] {
        env.run(args).fails(2).saying(&hint);
    }
    // Without the name of a file that exists, it is a misspelt recipient.
    let refused = env.run(["encrypt", "--recipient", "age1"]).fails(2);
    assert!(!refused.stderr_text().contains("--recipients-file"), "{refused}");
    env.run(["sign", "--label", "ec", "--in", "data", "--pin-file", "none"]).fails(5).saying("config show");
}

#[test]
fn backups_and_other_age_files_are_told_apart() {
    let env = token::embedded();
    env.write("id", "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");
    env.write("recipient", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj");
    env.create("app", "aes-256");
    env.run("encrypt --label app --format age -R recipient --in recipient --out x.age".split(' ')).success();
    let store = env.file("restored");
    let store = store.to_str().expect("UTF-8");
    env.run(["token", "restore", "--in", "x.age", "--identity", "id", "--store", store])
        .fails(3)
        .saying("cannot restore x.age")
        .saying("it is not a backup of a token");
    env.run(["token", "backup", "-R", "recipient", "--out", "kms.age"]).success();
    env.run(["decrypt", "--in", "kms.age"]).fails(2).saying("token restore --in FILE");
    env.run(["token", "restore", "--in", "kms.age", "--identity", "id", "--store", store]).success();
}
