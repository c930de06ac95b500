//! Independent JWT implementations: `PyJWT` and jose (npm), which `./dev test` installs below `target/judges`.

use super::{TestEnv, judge, output::Output};

/// The label of the signing key and the algorithm.
pub(crate) const ALGORITHMS: [(&str, &str); 7] = [
    ("rsa", "RS256"),
    ("rsa", "RS384"),
    ("rsa", "RS512"),
    ("rsa", "PS256"),
    ("rsa", "PS384"),
    ("rsa", "PS512"),
    ("ec", "ES256"),
];

pub(crate) const JUDGES: [Judge; 2] = [Judge::PyJwt, Judge::Jose];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Judge {
    PyJwt,
    Jose,
    /// Verifies only; for algorithms that the others do not have.
    Jwcrypto,
}

impl Judge {
    /// Verifies with the key that the token's `kid` selects from the set, and prints the claims.
    pub(crate) fn verify(self, env: &TestEnv, jwks: &str, token: &str, algorithm: &str) -> Output {
        self.run(env, &["verify", jwks, token, algorithm])
    }

    /// Signs a token with the private key in a fixture.
    #[track_caller]
    pub(crate) fn sign(self, env: &TestEnv, key: &str, algorithm: &str, claims: &str) -> String {
        let key = format!("{}/tests/fixtures/keys/{key}", env!("CARGO_MANIFEST_DIR"));
        self.run(env, &["sign", &key, algorithm, claims]).success().line().to_owned()
    }

    pub(crate) fn run(self, env: &TestEnv, args: &[&str]) -> Output {
        let script = match self {
            Self::PyJwt => "pyjwt.py",
            Self::Jwcrypto => "jwcrypto_judge.py",
            Self::Jose => return judge::jose(env, args),
        };
        judge::python(env, &[&[judge::judge(script).as_str()], args].concat())
    }
}

/// The token with other claims and its original signature.
pub(crate) fn with_other_payload(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let claims = data_encoding::BASE64URL_NOPAD.encode(b"{\"n\":1,\"aud\":\"api\"}");
    format!("{}.{claims}.{}", parts[0], parts[2])
}
