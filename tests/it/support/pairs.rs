//! The kinds of key pairs that only sign, for tests of every command with each of them.

use super::{
    TestEnv,
    jose::Judge::{self, Jose, Jwcrypto, PyJwt},
    oracle,
};

/// What the tests expect of one kind.
pub(crate) struct Pair {
    /// `--algorithm`; also used as a label.
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) key_type: &'static str,
    pub(crate) family: &'static str,
    pub(crate) bits: Option<u32>,
    pub(crate) curve: Option<&'static str>,
    /// The JOSE name of the signature algorithm.
    pub(crate) algorithm: &'static str,
    /// The member of the JWK with the public key or its first coordinate, and its length in characters.
    pub(crate) jwk: (&'static str, usize),
    /// The length of a signature in bytes, of ECDSA as r ‖ s.
    pub(crate) signature: usize,
    /// OpenSSL's name of the hash; `None` if the data itself is signed.
    pub(crate) digest: Option<&'static str>,
    /// Whether SoftHSM 2.6 and OpenSSH have such keys.
    pub(crate) is_classic: bool,
    /// Who verifies JWTs by such keys.
    pub(crate) judges: &'static [Judge],
    /// The curve that `openssl` makes the key on. `None`: Python's cryptography makes it.
    openssl: Option<&'static str>,
}

const EC_FORMS: &str =
    "openssl ec -in pkcs8 -out sec1; openssl ec -in pkcs8 -param_enc explicit -out explicit
     cp sec1 openssh; chmod 600 openssh; ssh-keygen -q -p -N '' -f openssh";

const OPENSSL_FORMS: &str = "openssl req -new -x509 -key pkcs8 -subj /CN=k -out crt
     openssl pkcs12 -export -inkey pkcs8 -in crt -passout pass:right -out p12
     cp openssh locked; ssh-keygen -q -p -N right -f locked";

pub(crate) const ALL: &[Pair] = &[
    Pair {
        name: "ec-p384",
        aliases: &["P-384", "secp384r1"],
        key_type: "ECDSA384",
        family: "ECDSA",
        bits: Some(384),
        curve: Some("secp384r1"),
        algorithm: "ES384",
        jwk: ("x", 64),
        signature: 96,
        digest: Some("sha384"),
        is_classic: true,
        judges: &[PyJwt, Jose],
        openssl: Some("secp384r1"),
    },
    Pair {
        name: "ec-p521",
        aliases: &["P-521", "secp521r1"],
        key_type: "ECDSA521",
        family: "ECDSA",
        bits: Some(521),
        curve: Some("secp521r1"),
        algorithm: "ES512",
        jwk: ("x", 88),
        signature: 132,
        digest: Some("sha512"),
        is_classic: true,
        judges: &[PyJwt, Jose],
        openssl: Some("secp521r1"),
    },
    Pair {
        name: "ed25519",
        aliases: &["EdDSA"],
        key_type: "ED25519",
        family: "EDDSA",
        bits: Some(256),
        curve: Some("ed25519"),
        algorithm: "EdDSA",
        jwk: ("x", 43),
        signature: 64,
        digest: None,
        is_classic: true,
        judges: &[PyJwt, Jose, Jwcrypto],
        openssl: None,
    },
    ml_dsa("ml-dsa-44", "MLDSA44", "ML-DSA-44", 1312, 2420),
    ml_dsa("ml-dsa-65", "MLDSA65", "ML-DSA-65", 1952, 3309),
    ml_dsa("ml-dsa-87", "MLDSA87", "ML-DSA-87", 2592, 4627),
];

const fn ml_dsa(
    name: &'static str,
    key_type: &'static str,
    algorithm: &'static str,
    public: usize,
    signature: usize,
) -> Pair {
    Pair {
        name,
        aliases: &[],
        key_type,
        family: "ML-DSA",
        bits: None,
        curve: None,
        algorithm,
        jwk: ("pub", (public * 4).div_ceil(3)),
        signature,
        digest: None,
        is_classic: false,
        judges: &[Jwcrypto],
        openssl: None,
    }
}

/// The kinds that the token of this environment has.
pub(crate) fn all(env: &TestEnv) -> impl Iterator<Item = &'static Pair> {
    let is_softhsm = env.has("KMSCTL_MODULE");
    ALL.iter().filter(move |pair| pair.is_classic || !is_softhsm)
}

impl Pair {
    /// Writes a new private key into the empty working directory in every form, the encrypted ones with the passphrase
    /// `right`, and returns the files. Beside them are `public`, and for some kinds the certificate `crt`.
    pub(crate) fn make(&self, env: &TestEnv) -> Vec<String> {
        let script = |script: &str| {
            env.shell(&format!("set -e; {{ {script}; }} > /dev/null 2>&1")).success();
        };
        script("rm -rf *");
        if let Some(curve) = self.openssl {
            script(&format!(
                "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out pkcs8
                 openssl pkey -in pkcs8 -pubout -out public; openssl pkey -in pkcs8 -outform DER -out der
                 openssl pkcs8 -topk8 -passout pass:right -in pkcs8 -out encrypted; {EC_FORMS}"
            ));
        } else {
            oracle::pyca(env, &["make", self.algorithm]);
        }
        if self.is_classic {
            script(OPENSSL_FORMS);
        }
        let files = env.shell("ls | grep -v -e public -e crt").success();
        files.text().lines().map(str::to_owned).collect()
    }
}
