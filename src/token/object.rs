//! Objects of the token: keys, certificates and the data objects of kmsctl. Other objects are skipped.

use std::sync::{Mutex, PoisonError};

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki_sys as ck;

use super::{
    attribute::Attributes,
    error::{Error, Result},
    key::{Class, KeyObject},
    session::{Handle, Session},
};
use crate::model::KeyId;

/// `CKA_APPLICATION` of the data objects that kmsctl stores.
const APPLICATION: &[u8] = b"kmsctl";

/// A data object of kmsctl: a record.
#[derive(Debug, Clone)]
pub struct DataObject {
    pub handle: Handle,
    pub label: String,
    pub value: Vec<u8>,
    /// `CKA_PRIVATE`. A public object can be written without the PIN.
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
    /// Boxed, since lists of ten thousand keys are moved around.
    Key(Box<KeyObject>),
    Data(DataObject),
    Certificate(Certificate),
}

impl Object {
    /// `None` if it is not a key.
    pub fn into_key(self) -> Option<KeyObject> {
        match self {
            Self::Key(key) => Some(*key),
            Self::Data(_) | Self::Certificate(_) => None,
        }
    }
}

/// What to search for. Private objects are found only after a login.
#[derive(Debug, Clone, Copy)]
pub enum Search<'a> {
    /// Every object with the label, of any class: both halves, all versions, the record.
    Label(&'a str),
    /// As `Label`, for a label that is not UTF-8.
    RawLabel(&'a [u8]),
    Id(&'a KeyId),
    Keys(Class),
    Certificates,
    /// Public halves with the label; needs no login.
    PublicLabel(&'a str),
    /// Keys of a class with the label.
    LabelledKeys(Class, &'a str),
    /// All data objects of kmsctl.
    Records,
    /// The data objects of kmsctl with the label.
    LabelledRecords(&'a str),
    /// The data objects of kmsctl with this `CKA_OBJECT_ID` (DER).
    RecordObjectId(&'a [u8]),
}

/// More objects than this never share one `CKA_OBJECT_ID`.
const MAX_REVISIONS: usize = 16;

type ReadAttributes = fn(&Session, Handle, &[AttributeType]) -> Result<Attributes>;

/// The objects found by one or more searches.
struct Found {
    objects: Vec<Object>,
    unread: Vec<UnreadObject>,
}

/// An object that was found but could not be read.
struct UnreadObject {
    handle: Handle,
    /// The class that was searched for.
    class: Option<Class>,
    error: Error,
}

impl UnreadObject {
    /// `None` if the object no longer exists.
    fn shown(self) -> Option<Object> {
        let class = self.class.filter(|_| !self.error.is(ck::CKR_OBJECT_HANDLE_INVALID))?;
        Some(Object::Key(Box::new(KeyObject::unreadable(self.handle, class, self.error))))
    }
}

/// Whether an error is about one object rather than about the session or the token. Kryoptic answers
/// `CKR_ATTRIBUTE_VALUE_INVALID` for an object of a key type that it was built without.
fn is_about_object(error: &Error) -> bool {
    let is_about_token = error.is_lost_connection()
        || error.is_session_limit()
        || error.is_any(&[ck::CKR_DEVICE_MEMORY, ck::CKR_FUNCTION_NOT_SUPPORTED, ck::CKR_ARGUMENTS_BAD]);
    !is_about_token
}

impl Search<'_> {
    fn template(self) -> Vec<Attribute> {
        let label = |label: &str| Attribute::Label(label.as_bytes().to_vec());
        let records =
            || vec![Attribute::Class(ObjectClass::DATA), Attribute::Application(APPLICATION.to_vec())];
        match self {
            Self::Label(text) => vec![label(text)],
            Self::RawLabel(bytes) => vec![Attribute::Label(bytes.to_vec())],
            Self::Id(id) => vec![Attribute::Id(id.as_bytes().to_vec())],
            Self::Certificates => vec![Attribute::Class(ObjectClass::CERTIFICATE)],
            Self::Keys(class) => vec![Attribute::Class(class.object_class())],
            Self::PublicLabel(text) => vec![Attribute::Class(ObjectClass::PUBLIC_KEY), label(text)],
            Self::LabelledKeys(class, text) => vec![Attribute::Class(class.object_class()), label(text)],
            Self::Records => records(),
            Self::LabelledRecords(text) => [records(), vec![label(text)]].concat(),
            // No other attribute: the embedded token searches all records once more for each further one.
            Self::RecordObjectId(oid) => vec![Attribute::ObjectId(oid.to_vec())],
        }
    }
}

impl Session {
    /// Finds objects and reads each with one call. Returns keys, certificates and data objects of kmsctl; others are
    /// skipped.
    pub fn objects(&self, search: Search<'_>) -> Result<Vec<Object>> {
        self.objects_of_all(&[search])
    }

    /// Runs several searches, then reads all objects found, in parallel if the token is slow.
    ///
    /// If an object vanishes between search and read, another machine has replaced it, and the search may have missed
    /// the replacement, so everything is searched and read again. An object that persistently cannot be read is
    /// returned as unreadable if the search was by class, and skipped otherwise; the other objects are returned in
    /// either case.
    pub fn objects_of_all(&self, searches: &[Search<'_>]) -> Result<Vec<Object>> {
        const MAX_READS: u32 = 8;
        let mut tries = 1;
        let mut unread_before = Vec::new();
        loop {
            let mut found = self.search_and_read(searches)?;
            found.unread.sort_unstable_by_key(|unread| unread.handle);
            let handles: Vec<_> = found.unread.iter().map(|unread| unread.handle).collect();
            // `MAX_READS` bounds the retries if objects keep changing.
            if handles.is_empty() || handles == unread_before || tries == MAX_READS {
                let unreadable = found.unread.into_iter().filter_map(UnreadObject::shown);
                found.objects.extend(unreadable);
                return Ok(found.objects);
            }
            unread_before = handles;
            tries += 1;
        }
    }

    /// Like [`Self::objects`], unless more than `most` objects are found: `None`, and none is read.
    pub fn objects_up_to(&self, search: Search<'_>, most: usize) -> Result<Option<Vec<Object>>> {
        let handles = self.find_some(&self.template(search), most + 1)?;
        if handles.len() > most {
            return Ok(None);
        }
        let found: Vec<_> = handles.into_iter().map(|handle| (handle, search)).collect();
        let read = self.read_found(&found)?;
        if read.unread.is_empty() { Ok(Some(read.objects)) } else { self.objects(search).map(Some) }
    }

    /// Whether a search finds exactly this many objects. False if the module returns fewer at a time.
    pub fn finds_exactly(&self, search: Search<'_>, count: usize) -> Result<bool> {
        Ok(self.find_some(&self.template(search), count + 1)?.len() == count)
    }

    /// SoftHSM completes an object when it is read, also one that another process has begun to create and not filled: it then
    /// writes its file without label, CKA_ID and value. Until it is filled, its CKA_TOKEN is false (SoftHSM 2.6.1 and 2.7.0,
    /// `P11Attribute::init`).
    fn template(&self, search: Search<'_>) -> Vec<Attribute> {
        let mut template = search.template();
        if self.may_miss_changes() {
            template.push(Attribute::Token(true));
        }
        template
    }

    fn search_and_read(&self, searches: &[Search<'_>]) -> Result<Found> {
        let mut found = Vec::new();
        for search in searches {
            let mut handles = self.find(&self.template(*search))?;
            if matches!(search, Search::RecordObjectId(_)) && handles.len() > MAX_REVISIONS {
                // The token ignored an attribute that it does not know and matched every object.
                handles = self.find(&[self.template(*search), Search::Records.template()].concat())?;
            }
            found.extend(handles.into_iter().map(|handle| (handle, *search)));
        }
        self.read_found(&found)
    }

    fn read_found(&self, found: &[(Handle, Search<'_>)]) -> Result<Found> {
        let unread = Mutex::new(Vec::new());
        let objects = self.read_each(found, |session, &(handle, search)| {
            let data = |read: ReadAttributes| session.data(handle, read).map(|data| data.map(Object::Data));
            let read = match search {
                Search::Records => data(Self::read),
                Search::LabelledRecords(_) | Search::RecordObjectId(_) => data(Self::read_record),
                _ => session.object(handle),
            };
            match read {
                Err(error) if is_about_object(&error) => {
                    let class = if let Search::Keys(class) = search { Some(class) } else { None };
                    let mut unread = unread.lock().unwrap_or_else(PoisonError::into_inner);
                    unread.push(UnreadObject { handle, class, error });
                    Ok(None)
                }
                other => other,
            }
        })?;
        Ok(Found { objects, unread: unread.into_inner().unwrap_or_else(PoisonError::into_inner) })
    }

    /// The keys among the objects found.
    pub fn keys(&self, search: Search<'_>) -> Result<Vec<KeyObject>> {
        Ok(self.objects(search)?.into_iter().filter_map(Object::into_key).collect())
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
            Some(ck::CKO_DATA) => Ok(self.data(handle, Self::read)?.map(Object::Data)),
            Some(ck::CKO_CERTIFICATE) => {
                Ok(Some(Object::Certificate(self.certificate(handle, &attributes)?)))
            }
            Some(_) => Ok(self.key_of(handle, attributes)?.map(|key| Object::Key(Box::new(key)))),
            // Every object has a class; SoftHSM returns no attributes for an object whose file is gone.
            None => Err(Error::new("C_GetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID)),
        }
    }

    /// Reads one key, such as after its creation. `None` if the object is not a key.
    pub fn key(&self, handle: Handle) -> Result<Option<KeyObject>> {
        self.key_of(handle, self.read(handle, &KeyObject::kinds())?)
    }

    fn key_of(&self, handle: Handle, mut attributes: Attributes) -> Result<Option<KeyObject>> {
        let further = KeyObject::further_kinds(&attributes);
        if !further.is_empty() {
            attributes.add(self.read(handle, further)?);
        }
        let key = KeyObject::from_attributes(handle, &attributes);
        self.reauthentication.note(key.as_ref());
        Ok(key)
    }

    /// Whether an object has no CKA_ID, confirmed by reading the attribute on its own.
    pub fn has_no_id(&self, object: &KeyObject) -> Result<bool> {
        if !object.states_no_id() {
            return Ok(false);
        }
        let alone = self.read(object.handle, &[AttributeType::Id])?;
        let id = alone.bytes(AttributeType::Id);
        Ok(!alone.is_unknown(AttributeType::Id) && id.is_none_or(<[u8]>::is_empty))
    }

    /// Completes what the first read returned (`known`) with the certificate's `CKA_VALUE`.
    fn certificate(&self, handle: Handle, known: &Attributes) -> Result<Certificate> {
        let value = self.read(handle, &[AttributeType::Value])?;
        Ok(Certificate {
            handle,
            label: known.text(AttributeType::Label).unwrap_or_default(),
            id: KeyId::from_bytes(known.bytes(AttributeType::Id).unwrap_or_default()),
            value: value.bytes(AttributeType::Value).unwrap_or_default().to_vec(),
        })
    }

    fn data(&self, handle: Handle, read: ReadAttributes) -> Result<Option<DataObject>> {
        let texts = [AttributeType::Application, AttributeType::Label, AttributeType::Value];
        let attributes = read(self, handle, &[&texts[..], &[AttributeType::Private]].concat())?;
        if texts.iter().all(|kind| attributes.bytes(*kind).is_none()) {
            return Err(Error::new("C_GetAttributeValue", ck::CKR_OBJECT_HANDLE_INVALID));
        }
        let ours = attributes.bytes(AttributeType::Application) == Some(APPLICATION);
        Ok(ours.then(|| DataObject {
            handle,
            label: attributes
                .text(AttributeType::Label)
                .unwrap_or_default()
                .trim_end_matches('\0')
                .to_owned(),
            value: attributes.bytes(AttributeType::Value).unwrap_or_default().to_vec(),
            private: attributes.bool(AttributeType::Private),
        }))
    }

    /// Whether the token stores data objects, tried with one. `None` if an error says nothing about that.
    pub fn stores_data_objects(&self) -> Option<bool> {
        match self.create_data("kmsctl config learn", &[], b"kmsctl config learn") {
            Ok(handle) => self.destroy(handle).is_ok().then_some(true),
            Err(error) if error.refuses_template() || error.refuses_user() => Some(false),
            Err(_) => None,
        }
    }

    /// The refusal of a token that stores no data objects. Tried with a session object, which a killed run does not leave
    /// behind; only where that is refused with one on the token.
    pub fn data_refusal(&self) -> Option<Error> {
        let session_object =
            [Attribute::Class(ObjectClass::DATA), Attribute::Token(false), Attribute::Private(true)];
        if let Ok(handle) = self.create(&session_object) {
            // It ends with the session anyway.
            let _ = self.destroy(handle);
            return None;
        }
        match self.create_data("kmsctl", &[], b"kmsctl") {
            Ok(handle) => {
                let _ = self.destroy(handle);
                None
            }
            Err(error) => Some(error).filter(Error::refuses_template),
        }
    }

    /// Stores a private data object. `CKA_OBJECT_ID` only speeds up searches; it is left out on tokens that refuse it
    /// (openCryptoki).
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

    /// Destroys a data object whose creation was reported as failed: the call may have taken effect and its response
    /// been lost, for example on the way from a network HSM. Best effort: the run fails anyway.
    fn take_back(&self, label: &str, value: &[u8]) {
        let found = self.records(Search::Label(label)).unwrap_or_default();
        for object in found.into_iter().filter(|object| object.value == value) {
            let _ = self.destroy(object.handle);
        }
    }
}
