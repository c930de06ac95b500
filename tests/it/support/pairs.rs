//! The kinds of key pairs that only sign, for tests of every command with each of them.

/// What the tests expect of one kind.
pub(crate) struct Pair {
    /// `--algorithm`; also used as a label.
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) key_type: &'static str,
    pub(crate) family: &'static str,
    pub(crate) bits: u32,
    pub(crate) curve: &'static str,
    /// `crv` and `alg` of the JWK, and the length of its `x`.
    pub(crate) jwk: (&'static str, &'static str, usize),
    pub(crate) algorithm: &'static str,
    /// The length of a signature in bytes, of ECDSA as r ‖ s.
    pub(crate) signature: usize,
    /// OpenSSL's name of the hash.
    pub(crate) digest: &'static str,
    /// Makes a private key in PKCS#8 with `openssl`; `-out` follows.
    pub(crate) generate: &'static str,
    /// Converts the file `pkcs8` to the forms that other programs use.
    pub(crate) traditional: &'static str,
}

const EC_FORMS: &str =
    "openssl ec -in pkcs8 -out sec1; openssl ec -in pkcs8 -param_enc explicit -out explicit
     cp sec1 openssh; chmod 600 openssh; ssh-keygen -q -p -N '' -f openssh";

pub(crate) const ALL: &[Pair] = &[
    Pair {
        name: "ec-p384",
        aliases: &["P-384", "secp384r1"],
        key_type: "ECDSA384",
        family: "ECDSA",
        bits: 384,
        curve: "secp384r1",
        jwk: ("P-384", "ES384", 64),
        algorithm: "ES384",
        signature: 96,
        digest: "sha384",
        generate: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp384r1",
        traditional: EC_FORMS,
    },
    Pair {
        name: "ec-p521",
        aliases: &["P-521", "secp521r1"],
        key_type: "ECDSA521",
        family: "ECDSA",
        bits: 521,
        curve: "secp521r1",
        jwk: ("P-521", "ES512", 88),
        algorithm: "ES512",
        signature: 132,
        digest: "sha512",
        generate: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp521r1",
        traditional: EC_FORMS,
    },
];
