//! What a key holds.

use std::collections::VecDeque;

use headpond_pool::Slice;
use indexmap::{IndexMap, IndexSet};

use super::{sorted_set::SortedSet, text::Text};

pub(crate) type List = VecDeque<Slice>;
pub(crate) type Set = IndexSet<Slice>;
pub(crate) type Hash = IndexMap<Slice, Slice>;

/// A value of one of the five types.
#[derive(Debug)]
pub(crate) enum Value {
    String(Text),
    List(List),
    Set(Set),
    Hash(Hash),
    SortedSet(SortedSet),
}

/// What a [`Value`] may be.
pub(crate) trait Kind: Default + Into<Value> {
    fn of(value: &Value) -> Option<&Self>;
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
}

macro_rules! kinds {
    ($($variant:ident($kind:ty) $name:literal;)*) => {
        impl Value {
            /// How clients call its type.
            pub(crate) fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }
        }

        $(
            impl Kind for $kind {
                fn of(value: &Value) -> Option<&Self> {
                    if let Value::$variant(inner) = value { Some(inner) } else { None }
                }

                fn of_mut(value: &mut Value) -> Option<&mut Self> {
                    if let Value::$variant(inner) = value { Some(inner) } else { None }
                }
            }

            impl From<$kind> for Value {
                fn from(inner: $kind) -> Self {
                    Self::$variant(inner)
                }
            }
        )*
    };
}

kinds! {
    String(Text) "string";
    List(List) "list";
    Set(Set) "set";
    Hash(Hash) "hash";
    SortedSet(SortedSet) "zset";
}

impl From<Slice> for Value {
    fn from(bytes: Slice) -> Self {
        Self::String(bytes.into())
    }
}

impl Value {
    /// Whether it is an aggregate without elements, which no key may hold.
    pub(crate) fn is_bare(&self) -> bool {
        match self {
            Self::String(_) => false,
            Self::List(list) => list.is_empty(),
            Self::Set(set) => set.is_empty(),
            Self::Hash(hash) => hash.is_empty(),
            Self::SortedSet(set) => set.len() == 0,
        }
    }
}
