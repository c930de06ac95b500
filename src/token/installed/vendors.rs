//! Where HSM vendors and distributions install their modules.

use std::{
    env::consts::DLL_SUFFIX,
    path::{Path, PathBuf},
};

use super::InstalledModule;

/// Relative to each library directory, without the file name suffix.
const IN_LIBRARIES: [(&str, &str); 18] = [
    ("SoftHSM", "softhsm/libsofthsm2"),
    ("SoftHSM", "pkcs11/libsofthsm2"),
    ("OpenSC", "opensc-pkcs11"),
    ("OpenSC", "pkcs11/opensc-pkcs11"),
    ("tpm2-pkcs11", "pkcs11/libtpm2_pkcs11"),
    ("tpm2-pkcs11", "libtpm2_pkcs11"),
    ("YubiKey", "libykcs11"),
    ("YubiHSM 2", "pkcs11/yubihsm_pkcs11"),
    ("YubiHSM 2", "yubihsm_pkcs11"),
    ("openCryptoki", "opencryptoki/libopencryptoki"),
    ("openCryptoki", "pkcs11/libopencryptoki"),
    ("Kryoptic", "pkcs11/libkryoptic_pkcs11"),
    ("Nitrokey NetHSM", "nitrokey/libnethsm_pkcs11"),
    ("Nitrokey NetHSM", "libnethsm_pkcs11"),
    ("SmartCard-HSM", "libsc-hsm-pkcs11"),
    ("SafeNet eToken", "libeToken"),
    ("Google Cloud KMS", "libkmsp11"),
    ("p11-kit client", "pkcs11/p11-kit-client"),
];

/// Absolute paths used by the vendors' installers.
const ABSOLUTE: [(&str, &str); 11] = [
    ("AWS CloudHSM", "/opt/cloudhsm/lib/libcloudhsm_pkcs11.so"),
    ("Thales Luna", "/usr/safenet/lunaclient/lib/libCryptoki2_64.so"),
    ("Thales Luna", "/usr/lunasa/lib/libCryptoki2_64.so"),
    ("Thales ProtectServer", "/opt/safenet/protecttoolkit7/ptk/lib/libcryptoki.so"),
    ("Thales ProtectServer", "/opt/safenet/protecttoolkit5/ptk/lib/libcryptoki.so"),
    ("Entrust nShield", "/opt/nfast/toolkits/pkcs11/libcknfast.so"),
    ("Utimaco", "/opt/utimaco/lib/libcs_pkcs11_R3.so"),
    ("Utimaco", "/opt/utimaco/p11/libcs_pkcs11_R3.so"),
    ("Utimaco", "/opt/utimaco/lib/libcs_pkcs11_R2.so"),
    ("Securosys Primus", "/usr/local/primus/lib/libprimusP11.so"),
    ("Fortanix", "/opt/fortanix/pkcs11/fortanix_pkcs11.so"),
];

pub(super) fn modules(libraries: &[PathBuf]) -> Vec<InstalledModule> {
    let below = |(name, file): &(&'static str, &str)| -> Vec<_> {
        let places = libraries.iter().map(|library| library.join(format!("{file}{DLL_SUFFIX}")));
        places.map(|path| (*name, path)).collect()
    };
    let usual = IN_LIBRARIES.iter().flat_map(below);
    let elsewhere = ABSOLUTE.iter().map(|(name, path)| (*name, PathBuf::from(path)));
    usual
        .chain(elsewhere)
        .filter(|(_, path)| path.exists())
        .map(|(name, path)| installed(name, &path))
        .collect()
}

fn installed(name: &str, path: &Path) -> InstalledModule {
    InstalledModule { name: name.to_owned(), path: path.to_owned(), arguments: None, configured_in: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_in_a_usual_place_is_found() {
        let library = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(library.path().join("softhsm")).expect("made");
        let file = library.path().join(format!("softhsm/libsofthsm2{DLL_SUFFIX}"));
        std::fs::write(&file, "").expect("written");
        let found = modules(&[library.path().to_owned()]);
        assert_eq!(found.first(), Some(&installed("SoftHSM", &file)));
    }
}
