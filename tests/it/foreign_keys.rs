//! Deletion of keys that other programs made: they have no record, and neither their label nor their CKA_ID has to be unique.

use crate::{
    same_id::{ALGORITHMS, count, halves, plant},
    support::{TestEnv, field, token},
};

token::on_both_tokens!(
    a_key_without_a_record_is_destroyed_whole,
    a_shared_label_selects_nothing_to_delete,
    a_shared_id_selects_nothing_to_delete,
    keys_that_share_both_names_are_kept,
);

fn delete<'a>(env: &TestEnv, by: &'a [&'a str]) -> crate::support::output::Output {
    env.run([&["key", "delete", "--yes", "--json"], by].concat())
}

#[track_caller]
fn is_ambiguous(env: &TestEnv, by: &[&str]) {
    let refused = delete(env, by).fails(4);
    assert_eq!(field(&refused.error(), "code"), "KEY_AMBIGUOUS", "{refused}");
}

fn a_key_without_a_record_is_destroyed_whole(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        env.create("own", algorithm);
        for by in [["--label", "theirs"], ["--id", "0a0b0c0d"]] {
            plant(env, algorithm, "theirs", "0a0b0c0d");
            let destroyed = delete(env, &by).success().json();
            assert_eq!(
                destroyed["destroyed"].as_array().map(Vec::len),
                Some(halves(algorithm)),
                "{destroyed}"
            );
            assert_eq!(
                (count(env, "theirs"), count(env, "own")),
                (0, halves(algorithm)),
                "{algorithm} {by:?}"
            );
            delete(env, &by).fails(4);
        }
        env.run(["doctor"]).success();
        env.delete("own");
    }
}

fn a_shared_label_selects_nothing_to_delete(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        let ids = ["0a0a0a0a", "0b0b0b0b"];
        for id in ids {
            plant(env, algorithm, "theirs", id);
        }
        is_ambiguous(env, &["--label", "theirs"]);
        assert_eq!(count(env, "theirs"), 2 * halves(algorithm), "{algorithm}");
        for (left, id) in [(1, ids[1]), (0, ids[0])] {
            delete(env, &["--id", id]).success();
            assert_eq!(count(env, "theirs"), left * halves(algorithm), "{algorithm}");
        }
    }
}

fn a_shared_id_selects_nothing_to_delete(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        for label in ["one", "two"] {
            plant(env, algorithm, label, "0a0b0c0d");
        }
        is_ambiguous(env, &["--id", "0a0b0c0d"]);
        delete(env, &["--label", "one"]).success();
        assert_eq!((count(env, "one"), count(env, "two")), (0, halves(algorithm)), "{algorithm}");
        delete(env, &["--id", "0a0b0c0d"]).success();
        assert_eq!(count(env, "two"), 0, "{algorithm}");
    }
}

fn keys_that_share_both_names_are_kept(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        for _ in 0..2 {
            plant(env, algorithm, algorithm, "0a0b0c0d");
        }
        is_ambiguous(env, &["--label", algorithm]);
        is_ambiguous(env, &["--id", "0a0b0c0d", "--label", algorithm]);
        assert_eq!(count(env, algorithm), 2 * halves(algorithm));
    }
}
