//! Records whose bytes are their value: read by reference where they lie, with `zerocopy`.
//!
//! A record is a type that derives `FromBytes` or `TryFromBytes`, `KnownLayout` and `Immutable`, and `IntoBytes` to be written. One
//! that is `Unaligned` too, of bytes and `zerocopy::byteorder`'s numbers, can be borrowed at any place of a chunk; any other
//! is borrowed where it happens to be aligned. At a join, and where it is not aligned, it is copied. Whether bytes are a value of its type,
//! a record that has arrived in part does not tell: it is judged once it is whole.

use std::{iter::FusedIterator, marker::PhantomData, ops::Deref};

use headpond_pool::{BufferWriter, Cursor, WriteError};
use zerocopy::{ConvertError, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

/// The longest record that is read, in bytes, since one at a join is copied: decoding a longer one does not compile. Writing it
/// does, and so does [`Records::as_slice`].
pub const MAX_RECORD_SIZE: usize = 4096;

/// Up to so many bytes, a record at a join is copied into no more than them: all of the copy's place is zeroed first.
const SHORT_RECORD_SIZE: usize = 64;

/// Bytes that are no value of the record's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {size} bytes at offset {offset} are no value of the record's type")]
#[non_exhaustive]
pub struct InvalidRecord {
    /// Where the record begins in the stream, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub size: usize,
}

/// A record by value.
///
/// It is written in one piece, so that it can be read by reference.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, record::Record};
/// use zerocopy::{Immutable, IntoBytes, byteorder::network_endian::U32};
///
/// #[derive(IntoBytes, Immutable)]
/// #[repr(C)]
/// struct Header {
///     kind: [u8; 2],
///     len: U32,
/// }
///
/// let mut out = Vec::new(); // or a pipe's writer
/// Record(Header { kind: *b"OK", len: U32::new(5) }).encode(&mut out)?;
/// assert_eq!(out, b"OK\0\0\0\x05");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Record<T>(pub T);

impl<T: IntoBytes + Immutable> Encode for Record<T> {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl<T: IntoBytes + Immutable> MaxSize for Record<T> {
    const MAX_SIZE: usize = size_of::<T>();

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        memory[..Self::MAX_SIZE].copy_from_slice(self.0.as_bytes());
        Self::MAX_SIZE
    }
}

impl<T: TryFromBytes> Decode<'_> for Record<T> {
    type Error = InvalidRecord;

    #[inline]
    fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, InvalidRecord> {
        let copy = |bytes: &[u8]| T::try_read_from_bytes(bytes).ok().map(Self);
        step::<T, _>(cursor, copy, copy)
    }
}

/// Writes a record, or a slice of them, over as many blocks as it takes.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it.
#[inline]
pub fn write<T: IntoBytes + Immutable + ?Sized>(
    out: &mut (impl BufferWriter + ?Sized),
    records: &T,
) -> Result<(), WriteError> {
    out.write(records.as_bytes())
}

/// A record in the stream, or a copy of it.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, record::RecordRef};
/// use headpond_pool::SequenceBuf;
/// use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned, byteorder::network_endian::U32};
///
/// #[derive(FromBytes, KnownLayout, Immutable, Unaligned)]
/// #[repr(C)]
/// struct Header {
///     kind: [u8; 2],
///     len: U32,
/// }
///
/// let buffer = SequenceBuf::from(&b"OK\0\0\0\x05hello"[..]);
/// let header = RecordRef::<Header>::decode(&mut buffer.as_sequence().cursor())?.value().unwrap();
/// assert_eq!((header.kind, header.len.get()), (*b"OK", 5));
/// assert!(header.as_borrowed().is_some());
/// # Ok::<(), headpond_codec::record::InvalidRecord>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRef<'a, T>(Place<'a, T>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'a, T> {
    Stream(&'a T),
    Copy(T),
}

impl<'a, T> RecordRef<'a, T> {
    /// The record, when it lies in the stream.
    #[inline]
    pub const fn as_borrowed(&self) -> Option<&'a T> {
        match self.0 {
            Place::Stream(record) => Some(record),
            Place::Copy(_) => None,
        }
    }
}

impl<T> Deref for RecordRef<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.0 {
            Place::Stream(record) => record,
            Place::Copy(record) => record,
        }
    }
}

impl<'a, T: TryFromBytes + KnownLayout + Immutable> Decode<'a> for RecordRef<'a, T> {
    type Error = InvalidRecord;

    #[inline]
    fn decode(cursor: &mut Cursor<'a>) -> Result<Decoded<Self>, InvalidRecord> {
        let copy = |bytes: &[u8]| T::try_read_from_bytes(bytes).ok().map(|record| Self(Place::Copy(record)));
        let borrow = |bytes: &'a [u8]| match T::try_ref_from_bytes(bytes) {
            Ok(record) => Some(Self(Place::Stream(record))),
            Err(ConvertError::Alignment(_)) => copy(bytes),
            Err(_) => None,
        };
        step::<T, _>(cursor, borrow, copy)
    }
}

/// Passes the bytes of a `T`, from which one of the functions makes a value: `whole` where they lie in one chunk.
#[inline]
fn step<'a, T, V>(
    cursor: &mut Cursor<'a>,
    whole: impl FnOnce(&'a [u8]) -> Option<V>,
    joined: impl FnOnce(&[u8]) -> Option<V>,
) -> Result<Decoded<V>, InvalidRecord> {
    const { assert!(size_of::<T>() <= MAX_RECORD_SIZE, "the record is too long to be copied at a join") };
    let size = size_of::<T>();
    let value = match cursor.chunk().get(..size) {
        Some(bytes) => whole(bytes),
        None if cursor.len() < size => return Ok(Decoded::NeedMore(size - cursor.len())),
        None if size <= SHORT_RECORD_SIZE => at_a_join::<SHORT_RECORD_SIZE, _>(cursor, size, joined),
        None => at_a_join::<MAX_RECORD_SIZE, _>(cursor, size, joined),
    };
    let value = value.ok_or(InvalidRecord { offset: cursor.position().offset(), size })?;
    let _ = cursor.skip(size);
    Ok(Decoded::Value(value))
}

#[inline(never)]
fn at_a_join<const ROOM: usize, V>(
    cursor: &Cursor<'_>,
    size: usize,
    joined: impl FnOnce(&[u8]) -> Option<V>,
) -> Option<V> {
    let mut bytes = [0; ROOM];
    cursor.remaining().copy_to(&mut bytes[..size]);
    joined(&bytes[..size])
}

/// Records in a row, none of which was looked at yet: an iterator over them.
///
/// # Examples
///
/// ```
/// use headpond_codec::record::Records;
/// use headpond_pool::{SequenceBuf, Slice};
/// use zerocopy::byteorder::little_endian::U16;
///
/// let buffer = SequenceBuf::from_iter([Slice::from(&b"\x01\0\x02"[..]), Slice::from(&b"\0\x03\0"[..])]);
/// let records = Records::<U16>::decode(&mut buffer.as_sequence().cursor(), 3).value().unwrap();
/// assert!(records.as_slice().is_none(), "they lie in two chunks");
/// let numbers = records.map(|record| record.map(|number| number.get())).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(numbers, [1, 2, 3]);
/// # Ok::<(), headpond_codec::record::InvalidRecord>(())
/// ```
#[derive(Debug, Clone)]
pub struct Records<'a, T> {
    rest: Cursor<'a>,
    count: usize,
    record: PhantomData<fn() -> T>,
}

impl<'a, T> Records<'a, T> {
    /// The next `count` records; the cursor goes past them. Nothing is spent on a count, however large.
    pub fn decode(cursor: &mut Cursor<'a>, count: usize) -> Decoded<Self> {
        let size = count.saturating_mul(size_of::<T>());
        match cursor.take_exact(size) {
            Ok(bytes) => Decoded::Value(Self { rest: bytes.cursor(), count, record: PhantomData }),
            Err(incomplete) => Decoded::NeedMore(incomplete.needed),
        }
    }

    /// Those that are left as a slice, when they lie in one chunk, are aligned there, and are values of their type.
    pub fn as_slice(&self) -> Option<&'a [T]>
    where
        T: TryFromBytes + KnownLayout + Immutable,
    {
        let bytes = self.rest.remaining().as_single_chunk()?;
        <[T]>::try_ref_from_bytes_with_elems(bytes, self.count).ok()
    }
}

impl<'a, T: TryFromBytes + KnownLayout + Immutable + 'a> Iterator for Records<'a, T> {
    type Item = Result<RecordRef<'a, T>, InvalidRecord>;

    /// The next record. After one that is no value of its type there is none.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        let record = RecordRef::decode(&mut self.rest);
        if record.is_err() {
            self.count = 0;
        }
        record.map(Decoded::value).transpose()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.count))
    }
}

impl<'a, T: TryFromBytes + KnownLayout + Immutable + 'a> FusedIterator for Records<'a, T> {}
