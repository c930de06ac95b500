//! The embedded store on a full or read-only file system: existing keys stay usable, nothing incomplete is left.
//!
//! The file systems are mounted in a private namespace. The tests pass without running where the system does not allow
//! the user to create one.

use crate::support::{TestEnv, output::Output, process, token};

/// Runs a script with `$STORE` in a private mount namespace; `None` where the system forbids one.
pub(crate) fn in_own_namespace(env: &TestEnv, script: &str) -> Option<Output> {
    let run = |script: &str| {
        let store = env.path("home/data/kmsctl");
        let mut command = env.command("unshare", ["--map-root-user", "--mount", "bash", "-euc", script]);
        command.env("STORE", store);
        process::run(command, b"", env.root())
    };
    let allowed = run("mount -t tmpfs none \"$TMPDIR\"").status.success();
    allowed.then(|| run(script))
}

const FULL: &str = r#"
    mount -t tmpfs -o size=2m,mode=700 none "$TMPDIR"
    export KMSCTL_STORE=$TMPDIR/store
    kmsctl token init --label full --generate-pin "$TMPDIR/pin" > /dev/null
    export KMSCTL_PIN_FILE=$TMPDIR/pin
    kmsctl key create --label web --algorithm ec-p256 > /dev/null
    fill() { dd if=/dev/zero of="$TMPDIR/ballast" bs=4k 2> /dev/null || true; }
"#;

#[test]
fn a_full_disk_refuses_new_keys_and_keeps_existing_ones() {
    let env = TestEnv::new();
    let script = format!(
        r#"{FULL}
        fill
        code=0; kmsctl key create --label new --algorithm rsa-2048 2> said || code=$?
        echo "create: $code"
        kmsctl key list --json | grep -c '"label"'
        kmsctl sign --label web --in said > /dev/null && echo signed
        rm "$TMPDIR/ballast"
        kmsctl key list --json | grep -o '"label":"[a-z]*"'
        kmsctl key create --label new --algorithm ec-p256 > /dev/null && echo created
        cat said"#
    );
    let Some(output) = in_own_namespace(&env, &script) else { return };
    let output = output.success();
    let text = output.text();
    assert!(text.starts_with("create: 6\n1\nsigned\n\"label\":\"web\"\ncreated\nerror: "), "{output}");
    assert!(text.contains("hint: "), "{output}");
}

/// However little space is left, a key is created completely or not at all.
#[test]
fn a_disk_that_fills_up_leaves_no_partial_key() {
    let env = TestEnv::new();
    let script = format!(
        r#"{FULL}
        for room in 4 8 16 24 32 48 64 80 96 128 160; do
            fill
            truncate -s -${{room}}k "$TMPDIR/ballast"
            code=0; kmsctl key create --label "room-$room" --algorithm rsa-2048 > /dev/null 2>&1 || code=$?
            rm "$TMPDIR/ballast"
            found=$(kmsctl key list --json --label "room-$room" | grep -c '"label"' || true)
            echo "$code $found"
            if [ "$found" = 1 ]; then kmsctl sign --label "room-$room" --in /dev/null > /dev/null; fi
        done"#
    );
    let Some(output) = in_own_namespace(&env, &script) else { return };
    let output = output.success();
    assert_eq!(output.text().lines().count(), 11, "{output}");
    assert!(output.text().lines().all(|line| ["0 1", "6 0"].contains(&line)), "{output}");
    assert!(output.text().contains("6 0"), "the disk was never full\n{output}");
}

#[test]
fn a_full_disk_leaves_no_partial_token() {
    let env = TestEnv::new();
    let script = r#"
        mount -t tmpfs -o size=100k,mode=700 none "$TMPDIR"
        dd if=/dev/zero of="$TMPDIR/ballast" bs=4k 2> /dev/null || true
        code=0; kmsctl token init --label t --generate-pin pin --store "$TMPDIR/store" || code=$?
        echo "init: $code"; ls "$TMPDIR"; ls -A "$TMPDIR/store" pin 2> /dev/null || true"#;
    let Some(output) = in_own_namespace(&env, script) else { return };
    let output = output.success();
    assert_eq!(output.text(), "init: 6\nballast\n", "{output}");
}

#[test]
fn a_read_only_store_can_be_read() {
    let env = token::embedded();
    env.create("web", "ec-p256");
    let script = r#"
        mount --bind "$STORE" "$STORE"
        mount -o remount,bind,ro "$STORE"
        kmsctl key list --json | grep -o '"label":"[a-z]*"'
        kmsctl key show --label web --pem > web.pem
        kmsctl sign --label web --in web.pem --out sig
        kmsctl verify --label web --in web.pem --signature sig > /dev/null && echo verified
        for change in "create --label new --algorithm aes-256" "delete --label web --yes"; do
            code=0; kmsctl key $change 2>> said || code=$?
            echo "$code"
        done
        cat said"#;
    let Some(output) = in_own_namespace(&env, script) else { return };
    let output = output.success();
    assert!(output.text().starts_with("\"label\":\"web\"\nverified\n6\n6\nerror: "), "{output}");
    assert!(output.text().contains("cannot write to"), "{output}");
    assert_eq!(env.labels(), ["web"]);
}
