//! Messages that are signed whole, of any size: Ed25519, ML-DSA and HMAC, in constant memory.

use crate::support::{
    TestEnv,
    fault::watched,
    oracle,
    pairs::{self, Pair},
    token,
};

token::on_both_tokens!(
    a_mac_of_any_size_takes_little_memory,
    a_signature_of_any_size_is_verified_in_little_memory,
    each_version_verifies_long_data,
    signatures_are_limited_by_the_token,
    a_wrong_signature_of_long_data_is_not_shown,
);

/// In KiB: what a command may need more for 66 MiB, more than kmsctl holds of any message, than for nothing. Allocators keep some.
const MARGIN: u64 = 4 * 1024;

fn large(env: &TestEnv) {
    env.shell("truncate -s 66M large; echo x > tail; cat large tail > other; : > nothing").success();
}

fn a_mac_of_any_size_takes_little_memory(env: &TestEnv) {
    large(env);
    env.write("mac.key", [7; 32]);
    env.run("key import --label mac --algorithm hmac-256 --in mac.key".split(' ')).success();
    let sign =
        |input: &str| env.peak_memory(0, &format!("sign --label mac --encoding hex --out mac {input}"));
    let least = sign("--in nothing");
    let key = "07".repeat(32);
    let mac = format!("openssl dgst -sha256 -mac HMAC -macopt hexkey:{key} < large | cut -d' ' -f2");
    let expected = env.shell(&mac).success();
    for input in ["--in large", "< <(cat large)"] {
        let peak = sign(input);
        assert_eq!(env.read("mac").trim_ascii(), expected.line().as_bytes(), "{input}");
        assert!(peak < least + MARGIN, "{input}: {least} KiB, {peak} KiB");
    }
    let verify = |code, input| env.peak_memory(code, &format!("verify --label mac --signature mac {input}"));
    for (code, input) in [(0, "--in large"), (0, "< <(cat large)"), (3, "--in other")] {
        let peak = verify(code, input);
        assert!(peak < least + MARGIN, "{input}: {least} KiB, {peak} KiB");
    }
}

/// Python's cryptography signs: no token at hand makes such signatures.
fn a_signature_of_any_size_is_verified_in_little_memory(env: &TestEnv) {
    for pair @ Pair { name, .. } in pairs::all(env).filter(|pair| pair.digest.is_none()) {
        pair.make(env);
        large(env);
        oracle::pyca(env, &["sign", "pkcs8", "large", "sig"]);
        env.run(["key", "import", "--label", name, "--in", "pkcs8"]).success();
        for key in ["--public-key public".to_owned(), format!("--label {name}")] {
            let verify =
                |code, input| env.peak_memory(code, &format!("verify {key} --signature sig {input}"));
            let least = verify(3, "--in nothing");
            for (code, input) in [(0, "--in large"), (0, "< <(cat large)"), (3, "--in other")] {
                let peak = verify(code, input);
                assert!(peak < least + MARGIN, "{name} {key} {input}: {least} KiB, {peak} KiB");
            }
        }
    }
}

/// The data is read once, whichever version made the signature.
fn each_version_verifies_long_data(env: &TestEnv) {
    env.write("long", vec![7; 200_000]);
    env.write("other", vec![7; 200_001]);
    let kinds = pairs::all(env).filter(|pair| pair.digest.is_none()).map(|pair| pair.name);
    for name in kinds.chain(["hmac-256"]) {
        env.create(name, name);
        for version in ["1", "2", "3"] {
            env.run(["sign", "--label", name, "--in", "long", "--out", version]).success();
            env.run(["key", "rotate", "--label", name]).success();
        }
        let verify = |rest: &str| env.run(format!("verify --label {name} {rest}").split(' '));
        for version in ["1", "2", "3"] {
            verify(&format!("--signature {version} --in long")).success();
            verify(&format!("--signature {version} --in other")).fails(3);
            verify(&format!("--signature {version} --in long --key-version 1")).exits(if version == "1" {
                0
            } else {
                3
            });
            let line = format!("kmsctl verify --label {name} --signature {version} < <(cat long)");
            env.shell(&line).success();
        }
        let jws = format!("sign --label {name} --format jws --detached --in long --out jws");
        env.run(jws.split(' ')).success();
        verify("--signature jws --in long").success();
        verify("--signature jws --in other").fails(3);
        env.run(["key", "disable", "--label", name, "--key-version", "1"]).success();
        // No other key can say that a disabled HMAC key made a MAC.
        verify("--signature 1 --in long").fails(if name == "hmac-256" { 3 } else { 7 }).saying("disabled");
        verify("--signature 2 --in long").success();
    }
}

/// The embedded token takes 1 MiB, in parts or at once; SoftHSM takes Ed25519's data at once only.
fn signatures_are_limited_by_the_token(env: &TestEnv) {
    env.write("long", vec![7; 1_000_000]);
    env.write("longer", vec![7; 1_100_000]);
    env.shell("truncate -s 65M too-long").success();
    let is_softhsm = env.has("KMSCTL_MODULE");
    for Pair { name, algorithm, .. } in pairs::all(env).filter(|pair| pair.digest.is_none()) {
        env.create(name, name);
        let sign = |input: &str| {
            env.run(format!("sign --label {name} --encoding binary --out sig --in {input}").split(' '))
        };
        let signs = |input: &str| {
            sign(input).success();
            assert!(oracle::accepts(env, algorithm, &env.public_key(name), "sig", input), "{name} {input}");
        };
        signs("long");
        if is_softhsm {
            signs("longer");
            sign("too-long").fails(2).saying("at most 64 MiB").saying("sha256sum");
        } else {
            sign("longer").fails(2).saying("does not sign").saying("sha256sum");
        }
        // Without an end: refused as soon as the token or kmsctl cannot take more.
        env.shell(&format!("kmsctl sign --label {name} < /dev/zero")).fails(2).saying("sha256sum");
    }
}

fn a_wrong_signature_of_long_data_is_not_shown(env: &TestEnv) {
    env.write("long", vec![7; 200_000]);
    for Pair { name, .. } in pairs::all(env).filter(|pair| pair.digest.is_none()) {
        env.create(name, name);
        let sign = ["sign", "--label", name, "--in", "long", "--out", "sig"];
        watched(env).with("KMSCTL_FAULT_LIES", "C_Sign=0102 C_SignFinal=0102").run(sign).fails(6);
        assert!(!env.file("sig").exists(), "{name}");
    }
}
