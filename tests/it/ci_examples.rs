//! The scripts of `examples/ci`, run as a CI job runs them: no terminal, an empty home.

use std::path::Path;

use crate::support::{TestEnv, token::softhsm_module};

fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name).display().to_string()
}

#[test]
fn an_artefact_is_signed_with_the_embedded_token() {
    let env = TestEnv::new();
    env.write("app.tar", "artefact");
    let signed = env.run(["ephemeral", "--", &script("sign-artefact.sh"), "app.tar"]).success();
    assert_eq!(signed.line(), "Verified OK");
    assert!(env.read("app.tar.sig").len() > 64);
}

#[test]
fn an_artefact_is_signed_with_softhsm() {
    let env = TestEnv::new();
    env.write("app.tar", "artefact");
    let job = [script("softhsm.sh"), script("sign-artefact.sh"), "app.tar".to_owned()].join(" ");
    let module = softhsm_module();
    let signed = env.shell(&format!("KMSCTL_MODULE={} {job}", module.display())).success();
    assert_eq!(signed.line(), "Verified OK");
}

#[test]
fn the_jobs_call_scripts_that_exist() {
    for (job, text) in [
        ("github-actions.yml", include_str!("../../examples/ci/github-actions.yml")),
        ("gitlab-ci.yml", include_str!("../../examples/ci/gitlab-ci.yml")),
    ] {
        let words = text.split_whitespace().filter(|word| word.starts_with("examples/ci/"));
        let named: Vec<_> = words.collect();
        assert!(named.len() >= 3, "{job}");
        for name in named {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists(), "{job}: {name}");
        }
    }
}
