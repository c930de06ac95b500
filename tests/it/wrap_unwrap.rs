//! `key wrap` and `key unwrap`, between the embedded token and SoftHSM2 in both directions.

use crate::support::{TestEnv, token};

#[test]
fn keys_move_from_the_embedded_token_to_softhsm() {
    moves(&token::embedded(), &token::softhsm());
}

#[test]
fn keys_move_from_softhsm_to_the_embedded_token() {
    moves(&token::softhsm(), &token::embedded());
}

fn moves(from: &TestEnv, to: &TestEnv) {
    to.create("receiver", "rsa-2048");
    let receiver = to.run(["key", "show", "--label", "receiver", "--pem"]).success().stdout;
    from.write("receiver.pem", receiver);
    for algorithm in ["rsa-2048", "ec-p256", "aes-256"] {
        from.run(["key", "create", "--label", algorithm, "--algorithm", algorithm, "--exportable"]).success();
        let args =
            ["key", "wrap", "--label", algorithm, "--wrapping-key", "receiver.pem", "--out", "wrapped"];
        from.run(args).success();
        to.write("wrapped", from.read("wrapped"));
        to.run(["key", "unwrap", "--in", "wrapped"]).success();
        let form = if algorithm == "aes-256" { "--kcv" } else { "--pem" };
        let shown = |env: &TestEnv| env.run(["key", "show", "--label", algorithm, form]).success().stdout;
        assert_eq!(shown(from), shown(to), "{algorithm}");
        from.run(["key", "unwrap", "--in", "wrapped", "--label", "back"]).fails(4);
    }
    let text = String::from_utf8(to.read("wrapped")).expect("text");
    to.write("wrapped", text.replacen("Key-Check: ", "Key-Check: 00", 1));
    to.run(["key", "unwrap", "--in", "wrapped", "--label", "forged"]).fails(2);
    from.create("kept", "ec-p256");
    from.run(["key", "wrap", "--label", "kept", "--wrapping-key", "receiver.pem"])
        .fails(7)
        .saying("not made to leave");
    assert_eq!(to.labels(), ["aes-256", "ec-p256", "receiver", "rsa-2048"]);
}
