//! Convergent keys: the mechanisms that they need, and equal ciphertexts across rotations and state changes.

use data_encoding::HEXLOWER;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    token,
};

token::on_both_tokens!(
    a_token_without_the_mechanisms_is_refused_before_anything_is_created,
    a_failed_companion_key_leaves_no_objects,
    after_rotation_old_ciphertexts_decrypt_and_new_ones_are_equal,
);

const CREATE: [&str; 6] = ["key", "create", "--label", "index", "--algorithm", "aes-256"];

/// A lie for the fault module: a list of these mechanisms, repeated until it is longer than any token's list.
fn mechanisms(numbers: &[u64]) -> String {
    let bytes: Vec<u8> = numbers.iter().cycle().take(600).flat_map(|number| number.to_ne_bytes()).collect();
    format!("C_GetMechanismList={}", HEXLOWER.encode(&bytes))
}

fn a_token_without_the_mechanisms_is_refused_before_anything_is_created(env: &TestEnv) {
    // CKM_AES_KEY_GEN, CKM_AES_GCM, CKM_GENERIC_SECRET_KEY_GEN, CKM_SHA256_HMAC
    let all = [0x1080, 0x1087, 0x350, 0x251];
    for (missing, name) in [(1, "CKM_AES_GCM"), (2, "CKM_GENERIC_SECRET_KEY_GEN"), (3, "CKM_SHA256_HMAC")] {
        let offered: Vec<u64> =
            all.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, one)| *one).collect();
        let run = watched(env).with("KMSCTL_FAULT_LIES", mechanisms(&offered));
        run.run(CREATE.iter().chain(&["--convergent"])).fails(6).saying(name);
        let calls = take_calls(env);
        let makes = |name: &str| name.starts_with("C_Generate") && name != "C_GenerateRandom";
        assert!(
            !calls.iter().any(|call| makes(&call.function) || call.function == "C_CreateObject"),
            "{calls:?}"
        );
    }
    // The same list with all mechanisms is accepted.
    let run = watched(env).with("KMSCTL_FAULT_LIES", mechanisms(&all));
    run.run(CREATE.iter().chain(&["--convergent"])).success();
    assert_eq!(env.keys().len(), 1);
}

fn a_failed_companion_key_leaves_no_objects(env: &TestEnv) {
    // CKR_MECHANISM_INVALID at the second key; CKR_KEY_TYPE_INCONSISTENT at its first use.
    for fault in ["C_GenerateKey:2 fail-before 0x70", "C_SignInit:1 fail-before 0x63"] {
        let run = watched(env).with("KMSCTL_FAULT", fault);
        run.run(CREATE.iter().chain(&["--convergent"])).fails(6);
        let objects = env.run(["key", "list", "--all", "--json"]).success().json();
        assert_eq!(objects.as_array().map(Vec::len), Some(0), "{fault}: {objects}");
    }
    env.run(CREATE).success();
}

fn after_rotation_old_ciphertexts_decrypt_and_new_ones_are_equal(env: &TestEnv) {
    env.run(CREATE.iter().chain(&["--convergent"])).success();
    let seal = || {
        let line = ["encrypt", "--label", "index", "--context", "email"];
        env.run_with_stdin("alice", line).success().line().to_owned()
    };
    let open = |text: &str| env.run_with_stdin(text, ["decrypt", "--context", "email"]).success().stdout;
    let first = seal();
    env.run(["key", "rotate", "--label", "index"]).success();
    let second = seal();
    assert_ne!(first, second, "each version has a different companion key");
    assert_eq!(second, seal());
    assert_eq!((open(&first), open(&second)), (b"alice".to_vec(), b"alice".to_vec()));
    // Re-encrypted, the old ciphertext equals the new one.
    let renewed = env.run_with_stdin(&first, ["reencrypt", "--context", "email"]).success();
    assert_eq!(renewed.line(), second);
    for state in ["disable", "enable"] {
        env.run(["key", state, "--label", "index"]).success();
    }
    assert_eq!(second, seal(), "the companion key is enabled with its key");
}
