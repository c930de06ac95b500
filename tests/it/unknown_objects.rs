//! Objects that cannot be read or have an unknown type are listed as such and do not hide other objects.

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    field,
    oracle::pkcs11_tool,
    token,
};

token::on_both_tokens!(an_unreadable_object_does_not_hide_others, a_lost_token_is_not_an_unreadable_object);

/// `CKR_ATTRIBUTE_VALUE_INVALID` (kryoptic), `CKR_GENERAL_ERROR`, `CKR_FUNCTION_FAILED`, `CKR_KEY_TYPE_INCONSISTENT`.
const RETURN_VALUES: [&str; 4] = ["0x13", "0x5", "0x6", "0x63"];

fn an_unreadable_object_does_not_hide_others(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("aes", "aes-256");
    pkcs11_tool(
        env,
        &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "odd", "--id", "0d", "--usage-sign"],
    );
    env.write("message", "m");
    for answer in RETURN_VALUES {
        let run = |args: &[&str]| {
            watched(env).with("KMSCTL_FAULT_UNREADABLE", format!("6f6464 {answer}")).run(args)
        };
        let listed = run(&["key", "list", "--all", "--json"]).success().json();
        let keys = listed.as_array().expect("an array");
        let labels: Vec<_> = keys.iter().map(|key| field(key, "label")).collect();
        assert!(labels.contains(&"web") && labels.contains(&"aes"), "{answer}: {listed}");
        assert!(!labels.contains(&"odd"), "{answer}: {listed}");
        assert!(keys.iter().any(|key| key["algorithm"] == "OTHER"), "{answer}: {listed}");
        run(&["key", "list"]).success();
        let examined = run(&["doctor", "--json"]).exits_any(&[0, 3]).json().to_string();
        assert!(examined.contains("UNREADABLE_OBJECT"), "{answer}: {examined}");
        let published = run(&["jwks"]).success().json();
        assert_eq!(published["keys"].as_array().map(Vec::len), Some(1), "{answer}");
        run(&["sign", "--label", "web", "--in", "message"]).success();
        run(&["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"]).success();
        run(&["decrypt", "--in", "sealed"]).success();
        run(&["sign", "--label", "odd", "--in", "message"]).exits_any(&[4, 6]);
    }
}

fn a_lost_token_is_not_an_unreadable_object(env: &TestEnv) {
    env.create("web", "ec-p256");
    watched(env).run(["key", "list"]).success();
    let reads = take_calls(env).into_iter().filter(|call| call.function == "C_GetAttributeValue").count();
    for read in 1..=reads {
        // CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID, and what p11-kit returns for a dead remote.
        for answer in ["0x32", "0xb3", "0xffffffffffffffff"] {
            let fault = format!("C_GetAttributeValue:{read} lose {answer}");
            let listed = watched(env).with("KMSCTL_FAULT", &fault).run(["key", "list", "--json"]);
            match listed.status.code() {
                Some(0) => assert_eq!(listed.json().as_array().map(Vec::len), Some(1), "{fault}: {listed}"),
                Some(6) => {}
                _ => panic!("{fault}: {listed}"),
            }
        }
    }
}
