//! Comparison by content, however either side is cut into chunks.

use super::Sequence;
use crate::memory::Slice;

impl Sequence<'_> {
    /// Whether its first bytes are `prefix`.
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        let mut rest = prefix;
        for chunk in self.chunks() {
            let n = chunk.len().min(rest.len());
            let (head, tail) = rest.split_at(n);
            if chunk[..n] != *head {
                return false;
            }
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        rest.is_empty()
    }

    /// Whether its last bytes are `suffix`.
    pub fn ends_with(&self, suffix: &[u8]) -> bool {
        let mut rest = suffix;
        for chunk in self.chunks().rev() {
            let n = chunk.len().min(rest.len());
            let (head, tail) = rest.split_at(rest.len() - n);
            if chunk[chunk.len() - n..] != *tail {
                return false;
            }
            rest = head;
            if rest.is_empty() {
                break;
            }
        }
        rest.is_empty()
    }
}

impl PartialEq for Sequence<'_> {
    /// Whether both hold the same bytes; positions do not matter.
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        let mut chunks = other.chunks();
        let mut theirs: &[u8] = &[];
        for mut ours in self.chunks() {
            while !ours.is_empty() {
                if theirs.is_empty() {
                    theirs = chunks.next().unwrap_or_default();
                }
                let n = ours.len().min(theirs.len());
                if n == 0 || ours[..n] != theirs[..n] {
                    return false;
                }
                (ours, theirs) = (&ours[n..], &theirs[n..]);
            }
        }
        true
    }
}

impl Eq for Sequence<'_> {}

impl PartialEq<[u8]> for Sequence<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        self.len() == other.len() && self.starts_with(other)
    }
}

impl PartialEq<Sequence<'_>> for [u8] {
    fn eq(&self, other: &Sequence<'_>) -> bool {
        other == self
    }
}

/// Both directions between one of ours and a type that is bytes by reference.
macro_rules! equal_as_bytes {
    ($ours:ty: $([$($generics:tt)*] $other:ty;)*) => {$(
        impl<$($generics)*> PartialEq<$other> for $ours {
            fn eq(&self, other: &$other) -> bool {
                let bytes: &[u8] = other.as_ref();
                *self == *bytes
            }
        }

        impl<$($generics)*> PartialEq<$ours> for $other {
            fn eq(&self, other: &$ours) -> bool {
                other == self
            }
        }
    )*};
}

equal_as_bytes! { Sequence<'_>:
    [] &[u8];
    [] Vec<u8>;
    [] str;
    [] &str;
    [] String;
    [] Slice;
    [const N: usize] [u8; N];
    [const N: usize] &[u8; N];
}

equal_as_bytes! { Slice:
    [] &[u8];
    [] Vec<u8>;
    [] str;
    [] &str;
    [] String;
    [const N: usize] [u8; N];
    [const N: usize] &[u8; N];
}

#[cfg(feature = "bytes")]
equal_as_bytes! { Sequence<'_>:
    [] bytes::Bytes;
}

#[cfg(feature = "bytes")]
equal_as_bytes! { Slice:
    [] bytes::Bytes;
}
