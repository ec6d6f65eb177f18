//! A stretch of zero bytes that is patched later.

#[cfg(feature = "__internal")]
pub(crate) mod located;

/// A stretch of zero bytes that its writer will overwrite: see [`BufferWriter::reserve_prefix`](crate::BufferWriter::reserve_prefix).
///
/// The parts are for those who implement [`BufferWriter`](crate::BufferWriter). A pipe's writer refuses a prefix that it did not make
/// itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    owner: u64,
    position: u64,
    len: usize,
    /// Where it is, if its writer said so.
    #[cfg(feature = "__internal")]
    place: Option<located::PrefixPlace>,
}

impl Prefix {
    /// A prefix of `len` bytes at `position` in the stream of the writer that calls itself `owner`.
    pub const fn new(owner: u64, position: u64, len: usize) -> Self {
        Self {
            owner,
            position,
            len,
            #[cfg(feature = "__internal")]
            place: None,
        }
    }

    /// Which writer it was reserved from.
    pub const fn owner(&self) -> u64 {
        self.owner
    }

    /// Where it begins in the writer's stream.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes were reserved.
    #[expect(clippy::len_without_is_empty, reason = "a prefix is a place, not a collection")]
    pub const fn len(&self) -> usize {
        self.len
    }
}
