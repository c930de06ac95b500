//! `key import` of PKCS#12 containers written by other programs, and passphrases.

use crate::{
    key_files::{KEYS, check, fingerprint, make},
    support::TestEnv,
};

#[test]
fn reads_old_and_new_pkcs12_encryption() {
    let env = TestEnv::new();
    make(&env, KEYS);
    let export = "openssl pkcs12 -export -inkey ec.key -in ec.crt";
    make(
        &env,
        &format!(
            "{export} -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-RC2-40 -passout pass:right -out rc2-40.p12
             {export} -legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-2DES -passout pass:right -out rc2-128.p12
             {export} -macalg sha512 -keypbe aes-128-cbc -passout pass:right -out sha512.p12
             {export} -nomac -passout pass:right -out no-mac.p12
             {export} -certpbe NONE -keypbe NONE -nomac -passout pass: -out plain.p12
             {export} -passout pass: -out empty.p12
             {export} -passout 'pass:pässwörd €' -out umlaut.p12; printf 'pässwörd €' > umlaut
             openssl pkcs8 -topk8 -v1 PBE-SHA1-RC2-40 -provider legacy -provider default -in ec.key -passout pass:right -out pbe.pem
             {export} -chain -CAfile ec.crt -certfile rsa.crt -passout pass:right -out chain.p12"
        ),
    );
    let expected = fingerprint(&env, "ec.pub");
    for name in ["rc2-40.p12", "rc2-128.p12", "sha512.p12", "no-mac.p12", "pbe.pem", "chain.p12"] {
        let found = check(&env, name, &["--passphrase-file", "right"]).success().json();
        assert_eq!(found["fingerprint"], expected, "{name}");
        check(&env, name, &["--passphrase-file", "wrong"]).fails(2).saying("does not decrypt");
        check(&env, name, &["--no-input"]).fails(2).saying("passphrase");
    }
    let found = check(&env, "umlaut.p12", &["--passphrase-file", "umlaut"]).success().json();
    assert_eq!(found["fingerprint"], expected);
    for name in ["plain.p12", "empty.p12"] {
        assert_eq!(check(&env, name, &["--no-input"]).success().json()["fingerprint"], expected, "{name}");
    }
}

/// GnuTLS omits a NULL and encodes "no password" in two ways; NSS writes constructed strings of indefinite length.
#[test]
fn reads_pkcs12_of_gnutls_nss_and_java() {
    let env = TestEnv::new();
    make(&env, KEYS);
    make(
        &env,
        "gnutls() { certtool --load-privkey ec.key --load-certificate ec.crt --to-p12 --p12-name ec \"$@\"; }
         gnutls --outder --password right --outfile gnutls.p12
         gnutls --outder --null-password --pkcs-cipher 3des --outfile null.p12
         (echo -----BEGIN PKCS12-----; base64 -w64 null.p12; echo -----END PKCS12-----) > null.pem
         mkdir nss; certutil -N -d sql:nss --empty-password
         pk12util -i gnutls.p12 -d sql:nss -W right -K ''
         pk12util -o nss.p12 -n ec -d sql:nss -W right -K ''",
    );
    let expected = fingerprint(&env, "ec.pub");
    for name in ["gnutls.p12", "nss.p12", "null.p12", "null.pem"] {
        let more =
            if name.starts_with("null") { &["--no-input"][..] } else { &["--passphrase-file", "right"] };
        let found = check(&env, name, more).success().json();
        assert_eq!(found["fingerprint"], expected, "{name}");
        assert_eq!(found["name"], "ec", "{name}");
    }
    if env.shell("command -v keytool").status.success() {
        make(
            &env,
            "keytool -genkeypair -alias web -keyalg RSA -keysize 2048 -storetype PKCS12 -keystore java.p12 -storepass password \
               -dname CN=x; printf password > password
             keytool -genkeypair -alias web -keyalg RSA -keysize 2048 -storetype JKS -keystore java.jks -storepass password \
               -keypass password -dname CN=x",
        );
        assert_eq!(
            check(&env, "java.p12", &["--passphrase-file", "password"]).success().json()["name"],
            "web"
        );
        check(&env, "java.jks", &[]).fails(2).saying("keytool -importkeystore -srckeystore java.jks");
    }
}

#[test]
fn a_passphrase_may_be_any_bytes() {
    let env = TestEnv::new();
    make(&env, KEYS);
    make(
        &env,
        "printf '\\377\\300 \\200 latin' > bytes; openssl pkcs8 -topk8 -in ec.key -passout file:bytes -out bytes.pem
         openssl pkcs12 -export -inkey ec.key -in ec.crt -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -passout file:bytes -out bytes.p12
         : > empty; openssl pkcs8 -topk8 -in ec.key -passout pass: -out empty.pem
         printf '%2000s' x > long; openssl pkcs8 -topk8 -in ec.key -passout \"pass:$(cat long | cut -c1-1000)\" -out ok.pem",
    );
    for (name, passphrase) in [("bytes.pem", "bytes"), ("bytes.p12", "bytes"), ("empty.pem", "empty")] {
        check(&env, name, &["--passphrase-file", passphrase]).success();
        env.shell(&format!("kmsctl key import --check --in {name} --passphrase-fd 3 3< {passphrase}"))
            .success();
    }
    env.write("nul", b"a\0b\n");
    check(&env, "bytes.pem", &["--passphrase-file", "nul"]).fails(2).saying("does not decrypt");
    check(&env, "bytes.pem", &["--passphrase-file", "missing"]).fails(2).saying("cannot read the passphrase");
}
