//! JSON objects whose text matters: no member appears twice, and numbers keep their digits.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Value, value::RawValue};

use super::{Error, Foreign, mark::refuse_mark};

/// The members of an object in order, each value as compact JSON text.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<(String, Box<RawValue>)>,
}

impl Object {
    /// Reads exactly one object in UTF-8, of at most `limit` bytes. A member that appears twice, at any depth, is an error:
    /// readers differ in which of the two they use (RFC 8259, section 4).
    pub fn read(bytes: &[u8], what: &'static str, limit: usize) -> Result<Self, Error> {
        if bytes.len() > limit {
            return Err(Error::TooLarge { what, limit });
        }
        let text = text(bytes, what)?;
        serde_json::from_str::<Unique>(text)
            .and_then(|_| serde_json::from_str(text))
            .map_err(|error| Error::malformed(what, error))
    }

    /// The value of a member. Numbers beyond 64 bits are rounded here; the text keeps all digits.
    pub fn get(&self, name: &str) -> Option<Value> {
        let (_, raw) = self.members.iter().find(|(known, _)| known == name)?;
        serde_json::from_str(raw.get()).ok()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// Adds a member and returns true; an existing member stays unchanged and returns false.
    #[must_use]
    pub fn insert(&mut self, name: &str, value: &Value) -> bool {
        let raw = RawValue::from_string(value.to_string());
        raw.is_ok_and(|raw| self.insert_raw(name, raw))
    }

    /// Like [`insert`](Self::insert) with a value in JSON text, of which only white space is dropped.
    pub fn insert_text(&mut self, name: &str, json: &str) -> Result<bool, Error> {
        let what = "the JSON value";
        serde_json::from_str::<Unique>(json).map_err(|error| Error::malformed(what, error))?;
        let raw = RawValue::from_string(compact(json)).map_err(|error| Error::malformed(what, error))?;
        Ok(self.insert_raw(name, raw))
    }

    /// Adds the members that are missing.
    pub fn extend(&mut self, other: &Self) {
        for (name, raw) in &other.members {
            self.insert_raw(name, raw.clone());
        }
    }

    fn insert_raw(&mut self, name: &str, raw: Box<RawValue>) -> bool {
        let new = !self.contains(name);
        if new {
            self.members.push((name.to_owned(), raw));
        }
        new
    }

    /// The object over several lines, for people.
    pub fn to_pretty(&self) -> String {
        pretty(&self.to_string())
    }
}

/// Requires UTF-8 without a byte order mark, as JSON does (RFC 8259, section 8.1).
pub(super) fn text<'a>(bytes: &'a [u8], what: &'static str) -> Result<&'a str, Error> {
    refuse_mark(bytes, what)?;
    if let Some(Foreign::Utf16 { .. }) = Foreign::recognise(bytes) {
        return Err(Error::malformed(what, "it is UTF-16: save it as UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|_| Error::malformed(what, "it is not UTF-8"))
}

/// The members of an object, borrowed: values are not copied, because they may be a private key.
#[derive(Debug)]
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads exactly one object. A member that appears twice, at any depth, is an error.
    pub(super) fn read(text: &'a str, what: &'static str) -> Result<Self, Error> {
        let malformed = |error| Error::malformed(what, error);
        serde_json::from_str::<Unique>(text).map_err(malformed)?;
        serde_json::from_str(text).map_err(malformed)
    }

    /// Like [`read`](Self::read), but does not check inside the values.
    pub(super) fn read_shallow(text: &'a str, what: &'static str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::malformed(what, error))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(*value))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, _>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(de::Error::custom(format_args!("member {name:?} appears twice")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

/// Compact JSON on one line.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, raw) in &self.members {
            map.serialize_entry(name, raw)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
                    let raw = RawValue::from_string(compact(raw.get())).map_err(de::Error::custom)?;
                    members.push((name, raw));
                }
                Ok(Object { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Checks that no object in a JSON value has a member twice. Holds nothing; serde_json bounds the depth.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(de::Error::custom(format_args!("member {name:?} appears twice")));
            }
            seen.insert(name);
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Valid JSON without the white space between its tokens.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for (c, in_string) in with_strings(json) {
        if in_string || !c.is_ascii_whitespace() {
            text.push(c);
        }
    }
    text
}

/// Formats compact JSON over several lines, indented by two spaces.
fn pretty(compact: &str) -> String {
    let mut text = String::with_capacity(compact.len() * 2);
    let mut depth = 0;
    let mut characters = with_strings(compact).peekable();
    while let Some((c, in_string)) = characters.next() {
        let next = characters.peek().map(|(next, _)| *next);
        match c {
            _ if in_string => text.push(c),
            '{' | '[' if matches!(next, Some('}' | ']')) => text.push(c),
            '{' | '[' => {
                depth += 1;
                text.push(c);
                new_line(&mut text, depth);
            }
            '}' | ']' if text.ends_with(['{', '[']) => text.push(c),
            '}' | ']' => {
                depth -= 1;
                new_line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ => text.push(c),
        }
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

/// Each character, and whether it belongs to a string (the quotes included).
fn with_strings(json: &str) -> impl Iterator<Item = (char, bool)> + '_ {
    let (mut inside, mut escaped) = (false, false);
    json.chars().map(move |c| {
        let quote = c == '"' && !escaped;
        let part_of_string = inside || quote;
        inside ^= quote;
        escaped = inside && c == '\\' && !escaped;
        (c, part_of_string)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Object {
        Object::read(text.as_bytes(), "the claims", 1000).expect(text)
    }

    fn refusal(bytes: &[u8]) -> String {
        Object::read(bytes, "the claims", 1000).expect_err("refused").to_string()
    }

    #[test]
    fn values_stay_as_they_were_written() {
        let text = "{ \"big\": 12345678901234567890123.50,\r\n \"s\" : \"a \\\" b\\\\\", \"a\":[ 1, { } ] }";
        let object = read(text);
        assert_eq!(object.to_string(), r#"{"big":12345678901234567890123.50,"s":"a \" b\\","a":[1,{}]}"#);
        assert_eq!(object.get("s"), Some(Value::from("a \" b\\")));
        assert_eq!(
            object.to_pretty(),
            "{\n  \"big\": 12345678901234567890123.50,\n  \"s\": \"a \\\" b\\\\\",\n  \"a\": [\n    1,\n    {}\n  ]\n}"
        );
        assert_eq!(read("{}").to_pretty(), "{}");
    }

    #[test]
    fn members_are_added_once() {
        let mut object = read(r#"{"a":1}"#);
        assert!(!object.insert("a", &Value::from(2)));
        assert!(object.insert("b", &Value::from("x")));
        assert!(object.insert_text("c", "{ \"n\" : 1e400000 }").is_err(), "out of range");
        assert!(object.insert_text("c", "{ \"n\" : 1.0 }").expect("JSON"));
        assert!(object.insert_text("d", "{\"n\":1,\"n\":2}").is_err());
        assert_eq!(object.to_string(), r#"{"a":1,"b":"x","c":{"n":1.0}}"#);
    }

    #[test]
    fn anything_but_one_valid_object_is_refused() {
        for (text, why) in [
            (&b"{\"a\":1,\"a\":2}"[..], "\"a\" appears twice"),
            (b"{\"a\":{\"b\":[{\"c\":1,\"\\u0063\":2}]}}", "\"c\" appears twice"),
            (b"[1]", "expected a JSON object"),
            (b"\"text\"", "expected a JSON object"),
            (b"{\"a\":1} {}", "trailing"),
            (b"{\"a\":1", "EOF"),
            (b"{\"a\":01}", "invalid number"),
            (b"{\"a\":\"\\ud800\"}", "hex escape"),
            (b"{\"a\":\"\xff\"}", "not UTF-8"),
            (b"\xef\xbb\xbf{}", "byte order mark"),
            (b"\xff\xfe{\0}\0", "UTF-16"),
            (b"{\0}\0", "UTF-16"),
            (b"", "EOF"),
        ] {
            assert!(refusal(text).contains(why), "{}: {}", String::from_utf8_lossy(text), refusal(text));
        }
        assert!(refusal(&[b' '; 1001]).contains("larger than 1000 bytes"));
        assert!(refusal(&[&b"{\"a\":"[..], &[b'['; 400], &[b']'; 400], b"}"].concat()).contains("recursion"));
    }

    proptest::proptest! {
        #[test]
        fn print_then_read_is_identity(text in r#"[{}\[\]",:a1\\ ]{0,30}"#) {
            if let Ok(object) = Object::read(text.as_bytes(), "text", 100) {
                let printed = object.to_string();
                proptest::prop_assert_eq!(read(&printed).to_string(), printed.clone());
                let pretty = object.to_pretty();
                proptest::prop_assert_eq!(read(&pretty).to_string(), printed);
            }
        }
    }
}
