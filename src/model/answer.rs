//! JSON output: types that describe their own fields. kmsctl-json(5) is generated from them.

use super::{ProtectionType, Status, Timestamp, Version};

/// The JSON type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `string`, `number`, `boolean`, or a description.
    Plain(&'static str),
    Nullable(Box<Self>),
    List(Box<Self>),
    /// The fields in the order in which they are printed.
    Object(Vec<Field>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in JSON.
    pub name: String,
    pub shape: Shape,
    /// The meaning, and when the field is `null` or absent.
    pub about: String,
}

/// A type that is printed as JSON.
pub trait Describe {
    fn shape() -> Shape;
}

macro_rules! plain {
    ($($name:literal: $($type:ty),+;)+) => {
        $($(impl Describe for $type {
            fn shape() -> Shape {
                Shape::Plain($name)
            }
        })+)+
    };
}
plain! {
    "string": str, String, std::borrow::Cow<'_, str>, Status, ProtectionType;
    "number": u8, u16, u32, u64, usize, f64, Timestamp, Version;
    "boolean": bool;
    "JSON": serde_json::Value, serde_json::value::RawValue;
}

impl<T: Describe + ?Sized> Describe for &T {
    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Describe + ?Sized> Describe for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Describe> Describe for Option<T> {
    fn shape() -> Shape {
        Shape::Nullable(Box::new(T::shape()))
    }
}

impl<T: Describe> Describe for [T] {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn shape() -> Shape {
        <[T]>::shape()
    }
}

impl Shape {
    /// The shape of a field that a condition leaves out: what is left out if there is none is never `null`.
    #[must_use]
    pub fn unless(self, condition: &str) -> Self {
        match self {
            Self::Nullable(inner) if condition == "Option::is_none" => *inner,
            other => other,
        }
    }

    /// The fields of an object, including one in a list or one that may be `null`.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Plain(_) => &[],
            Self::Nullable(inner) | Self::List(inner) => inner.fields(),
            Self::Object(fields) => fields,
        }
    }
}

/// The JSON name of a field: `cka_id` becomes `ckaId`.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        name + &head.to_uppercase() + tail
    })
}

/// Defines a struct that is printed as JSON. The doc comment of a field is its text in kmsctl-json(5). `..base: Type` at the
/// beginning or `then base: Type` at the end adds the fields of another such struct; `name = "other"` renames a field;
/// `if "condition"` omits it; fields in `hidden` at the end are not printed.
macro_rules! answer {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident $(<$life:lifetime>)? {
        $(..$base:ident: $base_type:ty,)?
        $($(#[doc = $about:literal])+ $field:ident $(= $rename:literal)? $(if $skip:literal)?: $type:ty,)*
        $(then $tail:ident: $tail_type:ty,)?
        $(hidden { $($(#[$hidden_meta:meta])* $hidden:ident: $hidden_type:ty,)* })?
    }) => {
        $(#[$meta])*
        #[allow(clippy::struct_field_names, reason = "the fields have the names of the JSON")]
        #[derive(Debug, Clone, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $visibility struct $name $(<$life>)? {
            $(
                /// The fields shared with other answers.
                #[serde(flatten)]
                $visibility $base: $base_type,
            )?
            $(
                $(#[doc = $about])+
                $(#[serde(rename = $rename)])?
                $(#[serde(skip_serializing_if = $skip)])?
                $visibility $field: $type,
            )*
            $(
                /// The fields shared with other answers.
                #[serde(flatten)]
                $visibility $tail: $tail_type,
            )?
            $($($(#[$hidden_meta])* #[serde(skip)] $visibility $hidden: $hidden_type,)*)?
        }

        impl $(<$life>)? $crate::model::Describe for $name $(<$life>)? {
            fn shape() -> $crate::model::Shape {
                #[allow(unused_mut, reason = "most answers have no base")]
                let mut fields = Vec::new();
                $(fields.extend_from_slice(<$base_type as $crate::model::Describe>::shape().fields());)?
                fields.extend([$($crate::model::Field {
                    name: vec![$($rename.to_owned(),)? $crate::model::camel_case(stringify!($field))].swap_remove(0),
                    shape: <$type as $crate::model::Describe>::shape()$(.unless($skip))?,
                    about: concat!($($about),+).trim().to_owned(),
                }),*]);
                $(fields.extend_from_slice(<$tail_type as $crate::model::Describe>::shape().fields());)?
                $crate::model::Shape::Object(fields)
            }
        }
    };
}

pub(crate) use answer;

#[cfg(test)]
mod tests {
    use super::{Describe, camel_case};

    answer! {
        struct Base<'a> {
            /// One
            cka_id: &'a str,
        }
    }

    answer! {
        struct Whole<'a> {
            ..base: Base<'a>,
            /// Two,
            /// in two lines
            kind = "type": Option<u32>,
            /// Three
            is_odd if "std::ops::Not::not": bool,
        }
    }

    #[test]
    fn a_type_describes_what_it_prints() {
        let whole = Whole { base: Base { cka_id: "a1" }, kind: None, is_odd: true };
        assert_eq!(
            serde_json::to_string(&whole).expect("JSON"),
            r#"{"ckaId":"a1","type":null,"isOdd":true}"#
        );
        let shape = Whole::shape();
        let names: Vec<_> = shape.fields().iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["ckaId", "type", "isOdd"]);
        assert_eq!(shape.fields()[1].about, "Two, in two lines");
        assert_eq!(camel_case("next_rotation_date"), "nextRotationDate");
    }
}
