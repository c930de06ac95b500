//! Any object of the token: a key, a data object of ours, or something that is not our business.

use std::sync::atomic::{AtomicBool, Ordering};

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki_sys as ck;

use super::{
    attribute::Attributes,
    error::{Error, Result},
    key::{Class, KeyObject},
    session::{Handle, Session},
};
use crate::model::KeyId;

/// `CKA_APPLICATION` of everything that kmsctl stores.
const APPLICATION: &[u8] = b"kmsctl";

/// A private data object of ours: where a record lives.
#[derive(Debug, Clone)]
pub struct DataObject {
    pub handle: Handle,
    pub label: String,
    pub value: Vec<u8>,
    /// `CKA_PRIVATE`: what is not private was not necessarily written by someone who knows the PIN.
    pub private: Option<bool>,
}

/// An X.509 certificate (`CKO_CERTIFICATE`, `CKC_X_509`).
#[derive(Debug, Clone)]
pub struct Certificate {
    pub handle: Handle,
    pub label: String,
    pub id: KeyId,
    /// DER.
    pub value: Vec<u8>,
}

#[derive(Debug, Clone)]
pub enum Object {
    /// In a box: a list of ten thousand keys moves from hand to hand, and the pointer is what moves.
    Key(Box<KeyObject>),
    Data(DataObject),
    Certificate(Certificate),
}

/// What to search for. Private objects show only in a session that is logged in.
#[derive(Debug, Clone, Copy)]
pub enum Search<'a> {
    /// Every object with the label, whatever its class: both halves, all versions, the record.
    Label(&'a str),
    Id(&'a KeyId),
    Keys(Class),
    Certificates,
    /// Public halves with the label; needs no login.
    PublicLabel(&'a str),
    /// All data objects of ours.
    Records,
    /// Our data objects with an object identifier, given in DER.
    RecordObjectId(&'a [u8]),
}

/// More objects than these do not have one identifier.
const MOST_REVISIONS: usize = 16;

impl Search<'_> {
    fn template(self) -> Vec<Attribute> {
        let label = |label: &str| Attribute::Label(label.as_bytes().to_vec());
        let records =
            || vec![Attribute::Class(ObjectClass::DATA), Attribute::Application(APPLICATION.to_vec())];
        match self {
            Self::Label(text) => vec![label(text)],
            Self::Id(id) => vec![Attribute::Id(id.as_bytes().to_vec())],
            Self::Certificates => vec![Attribute::Class(ObjectClass::CERTIFICATE)],
            Self::Keys(class) => vec![Attribute::Class(class.object_class())],
            Self::PublicLabel(text) => vec![Attribute::Class(ObjectClass::PUBLIC_KEY), label(text)],
            Self::Records => records(),
            // Alone, for the embedded token takes each further attribute to be a search of its own over all records.
            Self::RecordObjectId(oid) => vec![Attribute::ObjectId(oid.to_vec())],
        }
    }
}

impl Session {
    /// Finds objects and reads each with one call. What is neither a key nor a data object of ours is left out.
    pub fn objects(&self, search: Search<'_>) -> Result<Vec<Object>> {
        self.objects_of_all(&[search])
    }

    /// The same for several searches: all of them first, so that the reads can be done side by side.
    ///
    /// When an object vanishes between the two, another machine replaced it, and what it put in its place was not there
    /// yet when the search began: then all is searched and read again.
    pub fn objects_of_all(&self, searches: &[Search<'_>]) -> Result<Vec<Object>> {
        const TRIES: u32 = 8;
        let mut tries = 1;
        loop {
            let (objects, is_whole) = self.search_and_read(searches)?;
            // Something that comes and goes all the time is no replacement.
            if is_whole || tries == TRIES {
                return Ok(objects);
            }
            tries += 1;
        }
    }

    /// What was found, and whether all of it could be read.
    fn search_and_read(&self, searches: &[Search<'_>]) -> Result<(Vec<Object>, bool)> {
        let mut found = Vec::new();
        for search in searches {
            let is_record = matches!(search, Search::Records | Search::RecordObjectId(_));
            let mut handles = self.find(&search.template())?;
            if matches!(search, Search::RecordObjectId(_)) && handles.len() > MOST_REVISIONS {
                // The token passes over an attribute that it does not know, and found everything.
                handles = self.find(&[search.template(), Search::Records.template()].concat())?;
            }
            found.extend(handles.into_iter().map(|handle| (handle, is_record)));
        }
        let vanished = AtomicBool::new(false);
        let objects = self.read_each(&found, |session, &(handle, is_record)| {
            let read = if is_record {
                session.data(handle).map(|data| data.map(Object::Data))
            } else {
                session.object(handle)
            };
            match read {
                Err(error) if error.is(ck::CKR_OBJECT_HANDLE_INVALID) => {
                    vanished.store(true, Ordering::Relaxed);
                    Ok(None)
                }
                other => other,
            }
        })?;
        Ok((objects, !vanished.into_inner()))
    }

    /// The keys among the objects found.
    pub fn keys(&self, search: Search<'_>) -> Result<Vec<KeyObject>> {
        let keys = |object| match object {
            Object::Key(key) => Some(*key),
            Object::Data(_) | Object::Certificate(_) => None,
        };
        Ok(self.objects(search)?.into_iter().filter_map(keys).collect())
    }

    /// The data objects among the objects found.
    pub fn records(&self, search: Search<'_>) -> Result<Vec<DataObject>> {
        let data = |object| match object {
            Object::Data(data) => Some(data),
            Object::Key(_) | Object::Certificate(_) => None,
        };
        Ok(self.objects(search)?.into_iter().filter_map(data).collect())
    }

    fn object(&self, handle: Handle) -> Result<Option<Object>> {
        let attributes = self.read(handle, &KeyObject::kinds())?;
        match attributes.ulong(AttributeType::Class) {
            Some(ck::CKO_DATA) => Ok(self.data(handle)?.map(Object::Data)),
            Some(ck::CKO_CERTIFICATE) => {
                Ok(Some(Object::Certificate(self.certificate(handle, &attributes)?)))
            }
            Some(_) => {
                Ok(KeyObject::from_attributes(handle, &attributes).map(|key| Object::Key(Box::new(key))))
            }
            // Every object has a class; SoftHSM answers nothing of one whose file is gone.
            None => Err(Error::new("C_GetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID)),
        }
    }

    /// Reads one key again, such as after its creation.
    pub fn key(&self, handle: Handle) -> Result<Option<KeyObject>> {
        let attributes: Attributes = self.read(handle, &KeyObject::kinds())?;
        Ok(KeyObject::from_attributes(handle, &attributes))
    }

    /// What the first read of an object told, and the certificate itself.
    fn certificate(&self, handle: Handle, known: &Attributes) -> Result<Certificate> {
        let value = self.read(handle, &[AttributeType::Value])?;
        Ok(Certificate {
            handle,
            label: known.text(AttributeType::Label).unwrap_or_default(),
            id: KeyId::from_bytes(known.bytes(AttributeType::Id).unwrap_or_default()),
            value: value.bytes(AttributeType::Value).unwrap_or_default().to_vec(),
        })
    }

    fn data(&self, handle: Handle) -> Result<Option<DataObject>> {
        let texts = [AttributeType::Application, AttributeType::Label, AttributeType::Value];
        let attributes = self.read(handle, &[&texts[..], &[AttributeType::Private]].concat())?;
        if texts.iter().all(|kind| attributes.bytes(*kind).is_none()) {
            return Err(Error::new("C_GetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID));
        }
        let ours = attributes.bytes(AttributeType::Application) == Some(APPLICATION);
        Ok(ours.then(|| DataObject {
            handle,
            label: attributes.text(AttributeType::Label).unwrap_or_default(),
            value: attributes.bytes(AttributeType::Value).unwrap_or_default().to_vec(),
            private: attributes.bool(AttributeType::Private),
        }))
    }

    /// Stores a private data object. The object identifier only speeds up searches: openCryptoki refuses it, and then it
    /// is left out.
    pub fn create_data(&self, label: &str, object_id: &[u8], value: &[u8]) -> Result<Handle> {
        const REFUSED: &[ck::CK_RV] =
            &[ck::CKR_ATTRIBUTE_TYPE_INVALID, ck::CKR_ATTRIBUTE_VALUE_INVALID, ck::CKR_TEMPLATE_INCONSISTENT];
        let template = vec![
            Attribute::Class(ObjectClass::DATA),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Application(APPLICATION.to_vec()),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Value(value.to_vec()),
        ];
        let with_id = [template.clone(), vec![Attribute::ObjectId(object_id.to_vec())]].concat();
        let created = match self.create(&with_id) {
            Err(error) if error.is_any(REFUSED) => self.create(&template),
            other => other,
        };
        created.inspect_err(|_| self.take_back(label, value))
    }

    /// Destroys a data object whose creation was reported as failed: a call can take effect and its answer get lost, on
    /// the way from a network HSM for one. As well as it goes, for the token fails already.
    fn take_back(&self, label: &str, value: &[u8]) {
        let found = self.records(Search::Label(label)).unwrap_or_default();
        for object in found.into_iter().filter(|object| object.value == value) {
            let _ = self.destroy(object.handle);
        }
    }
}
