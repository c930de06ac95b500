//! Fills a token with keys by kmsctl's library in one process: ten thousand starts of the program would take an hour.

use std::{fs, ops::Range, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use kmsctl::{
    algorithm::Algorithm,
    keystore::{Clock, CreateRequest, DEFAULT_ROTATION_PERIOD, Keystore},
    model::Timestamp,
    secret::Pin,
    token::{Access, Known, Login, LoginPin, Module, TokenChoice, UserType, connect, embedded::Store},
    trust::Sharing,
};

/// Arguments: the kind of token, its store or module, the PIN file, the number of the first key and of the one after the
/// last, and optionally `scheduled` for P-256 pairs only whose rotation is overdue.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut next = || arguments.next().context("an argument is missing");
    let (kind, place, pin_file) = (next()?, PathBuf::from(next()?), next()?);
    let keys: Range<usize> = next()?.parse()?..next()?.parse()?;
    let scheduled = next().is_ok();
    let module = match kind.as_str() {
        "embedded" => Store::open(&place, Sharing::NONE)?.module(),
        "SoftHSM2" => Module::File { path: place, arguments: None, known: Known::default() },
        other => bail!("no such kind of token: {other}"),
    };
    let keystore = open(&module, &pin_file)?;
    for number in keys {
        let (label, algorithm) = match number {
            0 if !scheduled => ("rsa-2048", Algorithm::RSA_2048),
            1 if !scheduled => ("rsa-4096", Algorithm::RSA_4096),
            2 if !scheduled => ("aes", Algorithm::AES_256),
            7 if !scheduled => ("ed25519", Algorithm::ED25519),
            8 if !scheduled && kind == "embedded" => ("ml-dsa-65", Algorithm::ML_DSA_65),
            number => (&*format!("key-{number:05}"), Algorithm::EC_P256),
        };
        create(&keystore, label, algorithm, scheduled)?;
    }
    Ok(())
}

fn open(module: &Module, pin_file: &str) -> Result<Keystore> {
    let pin = Pin::new(fs::read_to_string(pin_file)?.trim_end().as_bytes().to_vec())?;
    let mut give =
        |_: &_| Ok(Some(LoginPin { pin: Some(pin.clone()), from_person: false, source: String::new() }));
    let login = Login { user: UserType::User, use_final_try: false, pin: &mut give };
    let access = Access { read_write: true, login: Some(login) };
    let session = connect(module, &TokenChoice::Only, access)?;
    let now = Timestamp::from_millis(1_764_000_000_000);
    Ok(Keystore::new(session, None, Clock { now, is_synchronised: false, of_token: None, newest: None }))
}

fn create(keystore: &Keystore, label: &str, algorithm: Algorithm, scheduled: bool) -> Result<()> {
    keystore.create(&CreateRequest {
        label: label.parse()?,
        algorithm,
        id: None,
        identity: None,
        usage: algorithm.usage(),
        signature_algorithm: None,
        memo: String::new(),
        convergent: false,
        exportable: false,
        auto_rotation: scheduled,
        rotation_period: DEFAULT_ROTATION_PERIOD,
        // Labels are unique here; this saves the search for duplicates.
        allow_duplicate_label: true,
        if_not_exists: false,
    })?;
    Ok(())
}
