//! Every command on every kind of token that allows less than SoftHSM, as sets of rules of the fault module. The results
//! are golden files, `tests/restricted/SET.txt`; `UPDATE=1` writes them.
//!
//! Each kind is reached through a profile, as kmsctl-modules(7) says. The rows that begin with `learnt:` are run after
//! `config learn`. A row is one command on a fresh copy of the token: what came out, the exit code, the number of calls, and by how many
//! objects and record files the token has more or fewer, and what a refused one says. Two results are never right:
//! - *left behind*: the command failed, and the token is not as before;
//! - *wrong*: the command succeeded and changed nothing, or a name that another program had given is gone.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use crate::support::{
    Run, TestEnv,
    fault::{module, take_calls},
    oracle::{self, pkcs11_tool},
    output::Output,
    path_text,
    saved::{Saved, files},
    token,
};

/// A kind of token: a set of rules, and the CKA_IDs of the keys that are there.
struct Kind {
    rules: &'static str,
    /// The full label of the token, if the module cuts it.
    token: Option<&'static str>,
    id_of: fn(&str) -> String,
    /// Whether it has no PIN.
    is_open: bool,
    /// Further lines of its profile.
    profile: &'static str,
}

const fn kind(rules: &'static str, id_of: fn(&str) -> String) -> Kind {
    Kind { rules, token: None, id_of, is_open: false, profile: "" }
}

fn hexadecimal(text: &str) -> String {
    data_encoding::HEXLOWER.encode(text.as_bytes())
}

fn resource(label: &str) -> String {
    hexadecimal(&format!(
        "projects/project/locations/global/keyRings/ring/cryptoKeys/{label}/cryptoKeyVersions/1"
    ))
}

fn short(label: &str) -> String {
    hexadecimal(&label[..2])
}

#[test]
fn cloud_keys() {
    let profile = r#"key-attributes = "ec-p256:0x8001e101=12, rsa-2048:0x8001e101=5, aes-256:0x8001e101=19, hmac-256:0x8001e101=32""#;
    check(&Kind { is_open: true, profile, ..kind("cloud-keys", resource) });
}

#[test]
fn sign_only() {
    let token = Some("3f6a1c52-8a4e-4d9b-9c0e-5b7d2f1e6a77");
    check(&Kind { token, is_open: true, ..kind("sign-only", short) });
}

#[test]
fn unique_labels_hsm() {
    check(&kind("unique-labels-hsm", short));
}

#[test]
fn small_hsm() {
    check(&kind("small-hsm", short));
}

#[test]
fn label_is_id() {
    check(&kind("label-is-id", hexadecimal));
}

#[test]
fn card() {
    check(&kind("card", short));
}

/// Commands that use keys and change nothing.
const USES: &[&str] = &[
    "token list",
    "token show",
    "key list",
    "key show --label web",
    "key show --label web --pem",
    "sign --label web --in message",
    "verify --label web --in message --signature web.sig",
    "jwt sign --label web --sub a --ttl 5m",
    "jwks --label web",
    "batch --in requests --jobs 1",
    "sign --label doc --in message",
    "encrypt --label doc --in message",
    "decrypt --in doc.enc",
    "encrypt --label box --in message",
    "decrypt --in box.enc",
    "datakey --label box",
    "random 4",
    "random 2000",
    "doctor",
];

/// Run once more with what `config learn` found out.
const LEARNT: &[&str] = &[
    "sign --label web --in message",
    "key create --label new --algorithm ec-p256",
    "key rotate --label web",
    "key disable --label web",
];

/// Commands that change something, each run without and with a directory for records.
const CHANGES: &[&str] = &[
    "key create --label new --algorithm ec-p256",
    "key create --label new --algorithm rsa-2048",
    "key create --label new --algorithm aes-256",
    "key create --label new --algorithm aes-256 --convergent",
    "key create --label new --algorithm ec-p256 --auto-rotate",
    "key import --label new --in import.pem",
    "key rotate --label web",
    "key disable --label web",
    "key revoke --label web",
    "key update --label web --memo x",
    "key update --label web --auto-rotate on",
    "key update --label web --rename other",
    "key delete --label web --yes",
    "doctor --repair",
];

fn check(kind: &Kind) {
    let world = World::of(kind);
    let mut rows: Vec<String> = USES.iter().map(|line| world.row(line, false)).collect();
    for line in CHANGES {
        rows.extend([false, true].map(|with_records| world.row(line, with_records)));
    }
    world.saved.restore();
    world.ruled().run(["config", "learn"]).success();
    rows.extend(LEARNT.iter().map(|line| format!("learnt: {}", world.row(line, LEARNT[0] != *line))));
    let actual = rows.join("");
    assert!(!actual.contains(": wrong,") && !actual.contains(": left behind,"), "{actual}");
    let without_hint = rows.iter().find(|row| row.contains(": refused,") && !row.contains("hint: "));
    assert_eq!(without_hint, None, "it does not say what to do");
    let golden = directory().join(format!("{}.txt", kind.rules));
    if env::var_os("UPDATE").is_some() {
        fs::write(golden, actual).expect("writing the rows");
        return;
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(actual, expected, "{}: UPDATE=1 accepts the new rows", golden.display());
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/restricted")
}

/// A token with keys of another program, and a copy of it.
struct World<'a> {
    kind: &'a Kind,
    env: TestEnv,
    saved: Saved,
}

/// What is on the token and in the directory for records.
#[derive(PartialEq, Eq)]
struct State {
    objects: usize,
    records: usize,
    content: Vec<u8>,
}

impl<'a> World<'a> {
    fn of(kind: &'a Kind) -> Self {
        let mut env = token::softhsm();
        for (key_type, label) in [("EC:prime256v1", "web"), ("RSA:2048", "doc")] {
            let id = (kind.id_of)(label);
            let make = ["--keypairgen", "--key-type", key_type, "--label", label, "--id", &id];
            let uses =
                if label == "web" { &["--usage-sign"][..] } else { &["--usage-sign", "--usage-decrypt"] };
            pkcs11_tool(&env, &[&make, uses].concat());
        }
        let id = (kind.id_of)("box");
        pkcs11_tool(
            &env,
            &[
                "--keygen",
                "--key-type",
                "AES:32",
                "--label",
                "box",
                "--id",
                &id,
                "--usage-decrypt",
                "--sensitive",
                "--private",
            ],
        );
        env.write("message", "m");
        env.write("requests", "{\"op\":\"sign\",\"label\":\"web\",\"data\":\"aGk=\"}\n");
        let generate =
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "import.pem"];
        oracle::tool(&env, "openssl", &generate);
        env.run(["sign", "--label", "web", "--in", "message", "--out", "web.sig"]).success();
        for label in ["doc", "box"] {
            let sealed = format!("{label}.enc");
            env.run(["encrypt", "--label", label, "--in", "message", "--out", &sealed]).success();
        }
        let saved = Saved::of(&env);
        env.set("KMSCTL_FAULT_PIN", token::PIN);
        let module = module();
        let add = ["config", "add-profile", "x", "--default", "--module", path_text(&module), "--token"];
        env.run([&add[..], &[kind.token.unwrap_or(token::LABEL)]].concat()).success();
        let config = PathBuf::from(env.variable("XDG_CONFIG_HOME")).join("kmsctl/config.toml");
        let text = fs::read_to_string(&config).expect("the profile");
        fs::write(&config, format!("{text}{}\n", kind.profile)).expect("the profile");
        Self { kind, env, saved }
    }

    /// The same environment, through the rules.
    fn ruled(&self) -> Run<'_> {
        let run = self.env.with("KMSCTL_FAULT_LOG", self.env.path("calls"));
        let run = run.with("KMSCTL_FAULT_MODULE", token::softhsm_module());
        let run = run.with("KMSCTL_FAULT_RULES", self.kind.rules);
        let run = run.without("KMSCTL_MODULE");
        if self.kind.is_open { run.without("KMSCTL_PIN_FILE") } else { run }
    }

    fn row(&self, line: &str, with_records: bool) -> String {
        self.saved.restore();
        let _ = fs::remove_dir_all(self.env.file("records"));
        let names = self.names();
        let before = self.state();
        let mut args: Vec<_> = line.split(' ').collect();
        if with_records {
            args.extend(["--records", "records"]);
        }
        // A command that is refused before the first call logs none.
        fs::write(self.env.path("calls"), "").expect("the log");
        let ended = self.ruled().run(&args);
        let calls = take_calls(&self.env).len();
        let after = self.state();
        let judged = self.judge(line, &ended, before == after, &names);
        let change = |name: &str, before: usize, after: usize| {
            let sign = if after > before { "+" } else { "-" };
            (before != after).then(|| format!(" {sign}{} {name}", after.abs_diff(before)))
        };
        let changes = change("objects", before.objects, after.objects).unwrap_or_default()
            + &change("records", before.records, after.records).unwrap_or_default();
        let place = if with_records { " --records" } else { "" };
        // `doctor` makes more with each algorithm.
        let calls = if line.starts_with("doctor") { String::new() } else { format!(", {calls} calls") };
        let reason = ended.stderr_text();
        let reason: Vec<_> = reason.lines().map(|line| format!("    {}\n", self.plain(line))).collect();
        format!(
            "{line}{place}: {judged}, exit {}{calls}{changes}\n{}",
            ended.status.code().unwrap_or(-1),
            if ended.status.success() { String::new() } else { reason.concat() },
        )
    }

    fn plain(&self, line: &str) -> String {
        let line = line.replace(path_text(self.env.root()), "ROOT").replace(path_text(&module()), "MODULE");
        // CKA_IDs and tags of kmsctl are random.
        let random = regex::Regex::new("[0-9a-f]{32,}|[a-z2-7]{52}").expect("a pattern");
        let line = random.replace_all(&line, "…").into_owned();
        line.split_once(" CKA_LABEL is ").map_or_else(|| line.clone(), |(before, _)| format!("{before} …"))
    }

    fn judge(
        &self,
        line: &str,
        ended: &Output,
        is_as_before: bool,
        names: &BTreeSet<String>,
    ) -> &'static str {
        let is_change = CHANGES.contains(&line);
        match (ended.status.success(), is_as_before) {
            (false, true) => "refused",
            (false, false) => "left behind",
            (true, true) if is_change && !line.starts_with("doctor") => "wrong",
            (true, true) => "works",
            _ if line.contains("delete") || line.contains("--rename") || names.is_subset(&self.names()) => {
                "works"
            }
            _ => "wrong",
        }
    }

    /// Label and CKA_ID of each object, as another program sees them.
    fn names(&self) -> BTreeSet<String> {
        let listed = pkcs11_tool(&self.env, &["--list-objects"]);
        let mut names = BTreeSet::new();
        let mut label = String::new();
        for line in listed.text().lines().map(str::trim) {
            match line.split_once(':') {
                Some(("label", text)) => text.trim().clone_into(&mut label),
                Some(("ID", id)) => drop(names.insert(format!("{label} {}", id.trim()))),
                _ => {}
            }
        }
        names
    }

    fn state(&self) -> State {
        let (objects, mut content) = self.saved.objects();
        let mut records = files(&self.env.file("records"));
        records.retain(|path| !path.ends_with(".lock"));
        records.sort();
        content.extend(records.iter().flat_map(|path| fs::read(path).expect("a file")));
        State { objects, records: records.len(), content }
    }
}
