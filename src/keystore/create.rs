//! Creating a key: refuse what exists, make, read back, prove, record.

use anyhow::{Context as _, Result};

use super::{
    Keystore,
    error::Error,
    key::Key,
    record::{Record, VersionRecord},
    select::Selection,
};
use crate::{
    model::{Algorithm, KeyId, Label, Status, Usage, Version},
    token::{KeyObject, KeyTemplate, NewKey, Search},
};

/// What a new logical key is to be.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct CreateRequest {
    pub label: Label,
    pub algorithm: Algorithm,
    /// `None`: a random one.
    pub id: Option<KeyId>,
    pub usage: Usage,
    pub memo: String,
    pub convergent: bool,
    pub exportable: bool,
    pub auto_rotation: bool,
    /// In days.
    pub rotation_period: u32,
    pub allow_duplicate_label: bool,
    pub if_not_exists: bool,
}

/// What `create` did.
#[derive(Debug)]
pub struct Created {
    pub key: Key,
    /// False when `if_not_exists` met a key that was there.
    pub is_new: bool,
    /// Uses that the token gives the key beyond what was asked for: a TPM cannot be told otherwise.
    pub excess: Vec<String>,
}

/// Bytes of a CKA_ID that kmsctl assigns.
const ID_LEN: usize = 16;

impl Keystore {
    /// Creates a key with version 1. The caller holds the token's exclusive lock.
    pub fn create(&self, request: &CreateRequest) -> Result<Created> {
        if let Some(existing) = self.existing(request)? {
            return Ok(Created { key: existing, is_new: false, excess: Vec::new() });
        }
        if let Some(id) = &request.id {
            self.refuse_id_in_use(id)?;
        }
        let id = self.id_or_new(request.id.as_ref())?;
        let template = KeyTemplate {
            algorithm: request.algorithm,
            label: request.label.as_str(),
            id: &id,
            usage: request.usage,
            extractable: request.exportable,
        };
        let made = self
            .session()
            .generate(&template)
            .with_context(|| format!("the token cannot make a key of {}", request.algorithm))?;
        let recorded = self.check_new_key(&template, made).and_then(|excess| {
            self.store_record(&self.first_record(request, id.clone())?)?;
            Ok(excess)
        });
        let excess = recorded.inspect_err(|_| self.discard(made))?;
        let selection = Selection { label: None, id: Some(id), version: None };
        Ok(Created { key: self.select(&selection)?.key, is_new: true, excess })
    }

    /// What stands in the way of the label, or serves instead of a new key.
    fn existing(&self, request: &CreateRequest) -> Result<Option<Key>> {
        if request.allow_duplicate_label && !request.if_not_exists {
            return Ok(None);
        }
        let label = request.label.as_str();
        let selection = Selection { label: Some(label.to_owned()), ..Selection::default() };
        let keys: Vec<_> =
            self.candidates(&selection)?.into_iter().filter(|key| key.label == label).collect();
        let Some(first) = keys.first() else { return Ok(None) };
        if !request.if_not_exists {
            return Err(Error::LabelExists { label: label.to_owned(), id: first.current().id.clone() }.into());
        }
        let agreeing = keys.iter().find(|key| key.kind() == Some(request.algorithm.kind()));
        let Some(key) = agreeing else {
            let (asked, found) = (request.algorithm, first.kind());
            return Err(Error::OtherAlgorithm { label: label.to_owned(), asked, found }.into());
        };
        Ok(Some(key.clone()))
    }

    fn refuse_id_in_use(&self, id: &KeyId) -> Result<(), anyhow::Error> {
        match self.session().keys(Search::Id(id))?.first() {
            Some(object) => Err(Error::IdExists { id: id.clone(), label: object.label.clone() }.into()),
            None => Ok(()),
        }
    }

    /// The CKA_ID asked for, else a random one: 128 bits make a search for a collision pointless.
    pub(super) fn id_or_new(&self, asked: Option<&KeyId>) -> Result<KeyId> {
        match asked {
            Some(id) => Ok(id.clone()),
            None => Ok(KeyId::from_bytes(self.session().random(ID_LEN)?.to_vec())),
        }
    }

    fn first_record(&self, request: &CreateRequest, id: KeyId) -> Result<Record> {
        let now = self.now();
        let version = VersionRecord {
            version: Version::FIRST,
            id,
            companion: None,
            status: Status::Enable,
            created: now,
        };
        Ok(Record {
            schema: Record::SCHEMA,
            identity: self.new_identity()?,
            revision: 1,
            label: request.label.as_str().to_owned(),
            algorithm: Some(request.algorithm),
            usage: request.usage,
            memo: request.memo.clone(),
            created: Some(now),
            status: Status::Enable,
            status_since: now,
            destroy_at: None,
            convergent: request.convergent,
            exportable: request.exportable,
            auto_rotation: request.auto_rotation,
            rotation_period: request.rotation_period,
            next_rotation: request.auto_rotation.then(|| now.after_days(request.rotation_period)),
            versions: vec![version],
        })
    }

    /// Reads a new key back, compares it with what was asked for, and proves it. Returns the uses that the token gives
    /// it beyond its template.
    pub(super) fn check_new_key(&self, template: &KeyTemplate<'_>, made: NewKey) -> Result<Vec<String>> {
        let mut deviations = Vec::new();
        let mut excess = Vec::new();
        for handle in made.handles() {
            match self.session().key(handle)? {
                Some(object) => {
                    deviations.extend(differences(template, &object));
                    excess.extend(excess_uses(template, &object));
                }
                None => deviations.push("an object vanished".to_owned()),
            }
        }
        if !deviations.is_empty() {
            return Err(Error::NotAsAsked { label: template.label.to_owned(), deviations }.into());
        }
        self.prove(template, made)?;
        excess.sort_unstable();
        excess.dedup();
        Ok(excess)
    }

    /// Takes back what a failed creation left. The error that led here is the one that counts.
    pub(super) fn discard(&self, made: NewKey) {
        for handle in made.handles() {
            let _ = self.session().destroy(handle);
        }
    }
}

/// Where the token's answer departs from the template, in PKCS#11's words. What it does not answer is not held against
/// it.
fn differences(template: &KeyTemplate<'_>, object: &KeyObject) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, text: String| {
        if !holds {
            found.push(text);
        }
    };
    expect(object.label == template.label, format!("CKA_LABEL is {:?}", object.label));
    expect(object.id == *template.id, format!("CKA_ID is {}", object.id));
    expect(object.kind == template.algorithm.kind(), format!("the key is {}", object.kind));
    expect(object.protection.sensitive != Some(false), "CKA_SENSITIVE is FALSE".to_owned());
    if !template.extractable {
        expect(object.protection.extractable != Some(true), "CKA_EXTRACTABLE is TRUE".to_owned());
    }
    found
}

/// The usage attributes that are TRUE and should be FALSE.
fn excess_uses(template: &KeyTemplate<'_>, object: &KeyObject) -> Vec<String> {
    let (is, asked) = (object.usage, template.usage);
    [
        (is.sign && !asked.sign, "CKA_SIGN"),
        (is.verify && !asked.verify, "CKA_VERIFY"),
        (is.encrypt && !asked.encrypt, "CKA_ENCRYPT"),
        (is.decrypt && !asked.decrypt, "CKA_DECRYPT"),
        (object.wraps, "CKA_WRAP"),
        (object.unwraps, "CKA_UNWRAP"),
        (object.derives, "CKA_DERIVE"),
    ]
    .into_iter()
    .filter(|(excessive, _)| *excessive)
    .map(|(_, name)| name.to_owned())
    .collect()
}
