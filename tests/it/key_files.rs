//! `key import` of key files written by other programs; `key import --check` without a token.

use crate::support::{TestEnv, judge, output::Output, token};

token::on_both_tokens!(
    imports_encrypted_containers,
    content_beside_the_key_is_skipped_and_reported,
    imports_private_values_with_a_leading_zero,
    imports_jwks_and_service_accounts,
    jwk_members_narrow_the_usage,
);

/// Makes key files in the working directory with common tools.
pub(crate) fn make(env: &TestEnv, script: &str) {
    let made = env.shell(&format!("set -e; {{ {script}; }} 2>&1"));
    made.exits(0);
}

pub(crate) fn fingerprint(env: &TestEnv, public: &str) -> String {
    let line = env
        .shell(&format!("openssl pkey -pubin -in {public} -outform DER | sha256sum | cut -c1-64"))
        .success();
    line.text().trim().to_owned()
}

pub(crate) fn check(env: &TestEnv, file: &str, more: &[&str]) -> Output {
    env.run([&["key", "import", "--check", "--in", file, "--json"], more].concat())
}

pub(crate) const KEYS: &str = concat!(
    "cp ",
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/prepared/rsa-2048-1.pem rsa.key
     openssl pkey -in rsa.key -pubout -out rsa.pub
     openssl req -new -x509 -key rsa.key -subj /CN=rsa -out rsa.crt
     openssl ecparam -name prime256v1 -genkey -noout -out ec.key
     openssl pkey -in ec.key -pubout -out ec.pub
     openssl req -new -x509 -key ec.key -subj /CN=ec -out ec.crt
     printf 'right\\n' > right; printf 'wrong' > wrong"
);

fn imports_encrypted_containers(env: &TestEnv) {
    make(env, KEYS);
    make(
        env,
        "openssl pkcs12 -export -inkey rsa.key -in rsa.crt -name schlüssel -passout pass:right -out modern.p12
         openssl pkcs12 -export -legacy -inkey rsa.key -in rsa.crt -passout pass:right -out legacy.p12
         ssh-keygen -q -t ecdsa -b 256 -N right -f openssh && ssh-keygen -e -m PKCS8 -f openssh.pub > openssh.spki",
    );
    for (file, public) in [("modern.p12", "rsa.pub"), ("legacy.p12", "rsa.pub"), ("openssh", "openssh.spki")]
    {
        let with = |passphrase| {
            env.run(["key", "import", "--label", file, "--in", file, "--passphrase-file", passphrase])
        };
        with("wrong").fails(2).saying("the passphrase does not decrypt");
        assert!(!env.labels().iter().any(|label| label == file));
        with("right").success();
        let shown = env.run(["key", "show", "--label", file, "--pem"]).success();
        assert_eq!(shown.stdout, env.read(public), "{file}");
        env.delete(file);
    }
}

fn content_beside_the_key_is_skipped_and_reported(env: &TestEnv) {
    make(env, KEYS);
    make(
        env,
        "openssl pkcs12 -export -inkey rsa.key -in rsa.crt -name schlüssel -passout pass:right -out named.p12
         openssl pkcs12 -in named.p12 -passin pass:right -nocerts -noenc -out latin.pem
         LC_ALL=C grep -q $(printf 'schl\\374ssel') latin.pem
         openssl pkey -in rsa.key -text -out text.pem
         cat rsa.crt rsa.key rsa.crt rsa.pub > several.pem
         openssl ecparam -name prime256v1 -genkey -out params.pem
         sed 's/$/\\r/' latin.pem > dos.pem
         tr '\\n' '\\r' < rsa.key > macintosh.pem",
    );
    for (file, skipped) in [
        ("latin.pem", "text"),
        ("text.pem", "text"),
        ("several.pem", "2 certificates, a public key"),
        ("params.pem", "curve parameters without a key"),
        ("dos.pem", "text"),
        ("macintosh.pem", ""),
    ] {
        let imported = env.run(["key", "import", "--label", file, "--in", file]).success();
        let said = imported.stderr_text().contains(&format!("skipped in {file}: {skipped}\n"));
        assert_eq!(said, !skipped.is_empty(), "{file}: {}", imported.stderr_text());
        if file != "params.pem" {
            let shown = env.run(["key", "show", "--label", file, "--pem"]).success();
            assert_eq!(shown.stdout, env.read("rsa.pub"), "{file}");
        }
        env.delete(file);
    }
}

/// GnuTLS writes a leading zero byte in half of its P-256 keys.
fn imports_private_values_with_a_leading_zero(env: &TestEnv) {
    env.write(
        "zero.pem",
        "-----BEGIN EC PRIVATE KEY-----\n\
         MHgCAQEEIQAza6w1kj3XtTW3HBh3DDRC0OyxCUrmAHkWwV0LLa6drqAKBggqhkjO\n\
         PQMBB6FEA0IABK+/86+G+fXm2XVeLCAgBOguVNc4Edg5bYs2ZcrhPX+KdTvRSQW2\n\
         KwXPkWXOXVvHaK1C1KPCBRxyHCPCxLM2FXg=\n\
         -----END EC PRIVATE KEY-----\n",
    );
    // The same value in PKCS#8, built by hand because other programs leave out the zero.
    make(
        env,
        "openssl asn1parse -in zero.pem -noout -out zero.der
         (printf '\\060\\201\\224\\002\\001\\000\\060\\023\\006\\007\\052\\206\\110\\316\\075\\002\\001\\006\\010\\052\\206\\110\\316\\075\\003\\001\\007\\004\\172'
          cat zero.der) > pkcs8.der
         openssl pkey -in zero.pem -pubout -out zero.pub
         for i in 1 2 3 4; do certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile gnutls$i.pem; \
            openssl pkey -in gnutls$i.pem -pubout -out gnutls$i.pub; done
         cp zero.pub pkcs8.pub",
    );
    for (name, file) in [
        ("zero", "zero.pem"),
        ("pkcs8", "pkcs8.der"),
        ("gnutls1", "gnutls1.pem"),
        ("gnutls2", "gnutls2.pem"),
        ("gnutls3", "gnutls3.pem"),
        ("gnutls4", "gnutls4.pem"),
    ] {
        env.run(["key", "import", "--label", name, "--in", file]).success();
        let shown = env.run(["key", "show", "--label", name, "--pem"]).success();
        assert_eq!(shown.stdout, env.read(&format!("{name}.pub")), "{name}");
        env.delete(name);
    }
}

/// Converts a PEM key to a JWK with Python's cryptography, independently of kmsctl.
const TO_JWK: &str = r"
import base64, json, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], 'rb').read(), None).private_numbers()
def b(n, length=None):
    return base64.urlsafe_b64encode(n.to_bytes(length or (n.bit_length() + 7) // 8, 'big')).rstrip(b'=').decode()
public = key.public_numbers
if hasattr(key, 'p'):
    jwk = {'kty': 'RSA', 'n': b(public.n), 'e': b(public.e), 'd': b(key.d), 'p': b(key.p), 'q': b(key.q),
           'dp': b(key.dmp1), 'dq': b(key.dmq1), 'qi': b(key.iqmp)}
else:
    jwk = {'kty': 'EC', 'crv': 'P-256', 'x': b(public.x, 32), 'y': b(public.y, 32), 'd': b(key.private_value, 32)}
for extra in sys.argv[2:]:
    jwk.update(json.loads(extra))
print(json.dumps({name: value for name, value in jwk.items() if value != ''}))
";

fn jwk(env: &TestEnv, key: &str, changes: &[&str], file: &str) {
    env.write("to_jwk.py", TO_JWK);
    let made = judge::python(env, &[&["to_jwk.py", key], changes].concat()).success();
    env.write(file, made.stdout);
}

fn imports_jwks_and_service_accounts(env: &TestEnv) {
    make(env, KEYS);
    jwk(env, "rsa.key", &[], "rsa.jwk");
    let no_primes = r#"{"p":"","q":"","dp":"","dq":"","qi":""}"#;
    jwk(env, "rsa.key", &[no_primes, r#"{"kid":"no-primes"}"#], "no-primes.jwk");
    jwk(env, "ec.key", &[], "ec.jwk");
    env.write(
        "oct.jwk",
        r#"{"kty":"oct","alg":"A256GCM","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
    );
    make(
        env,
        r#"printf '\357\273\277{"type":"service_account","private_key_id":"4711","private_key":"%s","client_email":"a@b"}' \
             "$(sed 's/$/\\n/' rsa.key | tr -d '\n')" > account.json
           printf '{"keys":[%s,{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}' "$(cat ec.jwk)" > set.json"#,
    );
    for (file, public) in [
        ("rsa.jwk", "rsa.pub"),
        ("no-primes.jwk", "rsa.pub"),
        ("ec.jwk", "ec.pub"),
        ("account.json", "rsa.pub"),
        ("set.json", "ec.pub"),
    ] {
        env.run(["key", "import", "--label", file, "--in", file]).success();
        let shown = env.run(["key", "show", "--label", file, "--pem"]).success();
        assert_eq!(shown.stdout, env.read(public), "{file}");
        env.delete(file);
    }
    env.run(["key", "import", "--label", "oct", "--in", "oct.jwk"]).success();
    assert_eq!(env.run(["key", "show", "--label", "oct", "--kcv"]).success().text(), "f29000\n");
}

fn jwk_members_narrow_the_usage(env: &TestEnv) {
    make(env, KEYS);
    let import = |members: &str, more: &[&str]| {
        jwk(env, "rsa.key", &[members], "limited.jwk");
        env.run([&["key", "import", "--label", "limited", "--in", "limited.jwk", "--json"], more].concat())
    };
    for (members, usage) in [
        (r#"{"use":"sig"}"#, r#"["sign","verify"]"#),
        (r#"{"key_ops":["decrypt"]}"#, r#"["encrypt","decrypt"]"#),
        (r#"{"alg":"PS256"}"#, r#"["sign","verify"]"#),
    ] {
        let key = import(members, &[]).success().json();
        assert_eq!(key["usage"].to_string(), usage, "{members}");
        env.run(["key", "delete", "--label", "limited", "--yes"]).success();
    }
    for (members, more, member) in [
        (r#"{"use":"enc"}"#, &["--usage", "sign,verify"][..], "use"),
        (r#"{"use":"sig","key_ops":["unwrapKey"]}"#, &[], "key_ops"),
        (r#"{"alg":"RSA1_5"}"#, &[], "alg"),
    ] {
        import(members, more).fails(7).saying(&format!("\\\"{member}\\\""));
        import(members, &[more, &["--check"]].concat()).fails(7);
    }
    import(r#"{"use":null}"#, &[]).fails(2).saying("use");
    // `alg` names the only algorithm that the key signs by (RFC 7517, section 4.4).
    let key = import(r#"{"alg":"PS256"}"#, &[]).success().json();
    let signed = env.run("jwt sign --label limited --ttl 1m --json".split(' ')).success().json();
    assert_eq!(signed["algorithm"], "PS256", "{key}");
    env.delete("limited");
    let asked = ["--signature-algorithm", "RS256"];
    import(r#"{"alg":"PS256"}"#, &asked).fails(7).saying("does not sign by RS256");
    let checked = import(r#"{"alg":"PS384"}"#, &["--check"]).success().json();
    assert_eq!(checked["signatureAlgorithm"], "PS384");
    for alg in ["HS256", "ES256", "EdDSA", "ML-DSA-44"] {
        let member = format!(r#"{{"alg":"{alg}"}}"#);
        import(&member, &[]).fails(2).saying(&format!("\\\"alg\\\" is \\\"{alg}\\\", which needs a"));
    }
    assert!(env.labels().is_empty());
}

#[test]
fn check_needs_no_token_and_exits_like_the_import() {
    let env = TestEnv::new();
    make(&env, KEYS);
    make(
        &env,
        "openssl pkcs12 -export -inkey rsa.key -in rsa.crt -name schlüssel -passout pass:right -out named.p12
         openssl genrsa -out small.key 1024; openssl ecparam -name secp256k1 -genkey -noout -out k1.key",
    );
    let found = check(&env, "named.p12", &["--passphrase-file", "right"]).success().json();
    assert_eq!(found["type"], "PRIVATE");
    assert_eq!((&found["keyType"], &found["bits"]), (&"RSA2048".into(), &2048.into()));
    assert_eq!(found["fingerprint"], fingerprint(&env, "rsa.pub"));
    assert_eq!(found["name"], "schlüssel");
    assert_eq!(found["skipped"], serde_json::json!(["a certificate"]));
    let ec = check(&env, "ec.key", &[]).success().json();
    assert_eq!((&ec["keyType"], &ec["curve"]), (&"ECDSA".into(), &"prime256v1".into()));
    let text = env.run(["key", "import", "--check", "--in", "ec.key"]).success();
    assert!(text.text().contains(&fingerprint(&env, "ec.pub")), "{}", text.text());
    env.write("aes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    let aes = check(&env, "aes", &["--algorithm", "aes-256", "--kcv", "f29000"]).success().json();
    assert_eq!((&aes["type"], &aes["kcv"]), (&"SECRET".into(), &"f29000".into()));

    check(&env, "named.p12", &["--passphrase-file", "wrong"]).fails(2).saying("does not decrypt");
    check(&env, "named.p12", &["--no-input"]).fails(2).saying("--passphrase-file");
    check(&env, "small.key", &[]).fails(2).saying("1024 bits");
    check(&env, "k1.key", &[]).fails(2).saying("secp256k1");
    check(&env, "ec.key", &["--algorithm", "rsa-2048"]).fails(2).saying("not rsa-2048");
    check(&env, "ec.key", &["--convergent"]).fails(2);
    check(&env, "aes", &["--algorithm", "aes-256", "--kcv", "f29001"]).fails(2);
    env.run(["key", "import", "--in", "ec.key"]).fails(2).saying("--label");
    assert!(!env.path("home/data/kmsctl").exists());
}

/// The hint names a command that converts the file; the test runs it as printed.
#[test]
fn unsupported_files_are_refused_with_a_conversion_command() {
    let env = TestEnv::new();
    make(&env, KEYS);
    make(
        &env,
        "iconv -f UTF-8 -t UTF-16 rsa.key > utf-16; iconv -f UTF-8 -t UTF-16LE rsa.key > 'utf 16 le'
         iconv -f UTF-8 -t UTF-16BE rsa.key > utf-16-be
         base64 rsa.key > base64; openssl pkey -in rsa.key -outform DER | base64 -w0 > \"der's base64\"
         sed 's/$/\\\\n/' rsa.key | tr -d '\\n' > escaped
         openssl rsa -in rsa.key -outform MSBLOB -out blob
         openssl rsa -in rsa.key -outform PVK -pvk-none -out pvk || cp blob pvk",
    );
    let expected = fingerprint(&env, "rsa.pub");
    for (name, what) in [
        ("utf-16", "UTF-16"),
        ("utf 16 le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("base64", "base64"),
        ("der's base64", "base64"),
        ("escaped", "\\n"),
        ("blob", "Microsoft"),
        ("pvk", "Microsoft"),
    ] {
        let refused = env.run(["key", "import", "--check", "--in", name]).fails(2).saying(what);
        let said = refused.stderr_text();
        let hint =
            said.lines().find_map(|line| line.strip_prefix("hint: convert it first: `")).unwrap_or_default();
        let command = hint.strip_suffix('`').unwrap_or_default();
        assert!(!command.is_empty(), "{name}: {}", refused.stderr_text());
        make(&env, command);
        let converted = format!("{name}.pem");
        assert_eq!(
            check(&env, &converted, &[]).success().json()["fingerprint"],
            expected,
            "{name}: {command}"
        );
    }
    for (content, what) in [
        (&b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n"[..], "puttygen"),
        (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: x\n", "ssh-keygen -i"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01", "keytool"),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n-----END PGP PRIVATE KEY BLOCK-----\n", "OpenPGP"),
        (b"<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>", "XML"),
        (b"age-encryption.org/v1\n-> X25519 x\n", "age -d"),
        (b"{\"keys\":[]}", "found a JWK Set"),
        (b"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"d\":\"AA\",\"x\":\"AA\"}", "OKP"),
        (b"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"AA\",\"x\":\"AA\"}", "has 32 bytes, not 1"),
        (b"{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"AA\"}", "HS512"),
        (b"{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"AQ\"}", "it has 1 bytes, not 32"),
        (b"{\"a\":1}", "neither a JWK nor a service account's"),
        (b"{\"kty\":\"RSA\",\"kty\":\"EC\"}", "appears twice"),
        (b"-----BEGIN DSA PRIVATE KEY-----\nAA==\n-----END DSA PRIVATE KEY-----\n", "a DSA private key"),
    ] {
        env.write("other", content);
        env.run(["key", "import", "--check", "--in", "other"]).fails(2).saying(what);
    }
}

#[test]
fn weak_aes_keys_are_refused_or_warned_about() {
    let env = TestEnv::new();
    let aes = |content: &[u8]| {
        env.write("aes", content);
        env.run(["key", "import", "--check", "--algorithm", "aes-256", "--in", "aes"])
    };
    aes(b"correct horse battery staple 123").success().saying("32 printable characters");
    aes(b"Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSAxMjM=").success().saying("32 printable characters");
    aes(&[7; 32]).success().saying("all its bytes are equal");
    aes(&(0..32).collect::<Vec<u8>>()).success().silent();
    aes(&[0; 32]).fails(2).saying("all its bytes are zero");
    aes(&b"0".repeat(64)).fails(2).saying("all its bytes are zero");
    aes(br#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#).fails(2).saying("zero");
    aes(br#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw"}"#).fails(2).saying("16 bytes");
    aes(b"00112233445566778899aabbccddeeff").fails(2).saying("128 bits");
    aes(&[7; 16]).fails(2);
}
