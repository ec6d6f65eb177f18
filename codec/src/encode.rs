//! How a value goes into a writer: the traits, their errors, and the bytes that stand for themselves.

use headpond_pool::{BufferWriter, PatchError, Prefix, Sequence, Slice, WriteError};

/// A value with its form on the wire, written into the memory that a writer hands out.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, binary::Be, varint::Leb128};
///
/// let mut out = Vec::new();
/// (Be(1_u16), Leb128(300_u32)).encode(&mut out)?;
/// "text".encode(&mut out)?;
/// assert_eq!(out, b"\0\x01\xac\x02text");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
pub trait Encode {
    /// Writes the value.
    ///
    /// # Errors
    ///
    /// When the writer has no memory or nobody to read it, or when the form has no place for this value. A value that
    /// implements [`MaxSize`] is written whole or not at all; of others a part may be written by then, which
    /// [`encode_whole`] takes back.
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError>;
}

/// A value of bounded size: one reservation serves it, and several of them in a row.
///
/// A tuple or an array of bounded values is a bounded value, reserved for once.
pub trait MaxSize: Encode {
    /// The most bytes that any value of the type takes.
    const MAX_SIZE: usize;

    /// Puts the value at the start of `memory`, and returns how many bytes it took, [`MAX_SIZE`](Self::MAX_SIZE) at most.
    ///
    /// # Panics
    ///
    /// When `memory` is shorter than [`MAX_SIZE`](Self::MAX_SIZE).
    fn put(&self, memory: &mut [u8]) -> usize;
}

/// Writes a bounded value with one reservation: what its [`Encode`] is made of.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. Nothing is written then.
#[inline]
pub fn encode_bounded<T: MaxSize, W: BufferWriter + ?Sized>(value: &T, out: &mut W) -> Result<(), EncodeError> {
    let mut memory = out.reserve(T::MAX_SIZE)?.at_least(T::MAX_SIZE)?;
    let len = value.put(&mut memory);
    memory.advance(len);
    Ok(())
}

/// Writes bounded values one after the other, with one reservation for as many as the rest of a block has room for, and no check
/// between them.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. The values before are written then, each of them whole.
///
/// # Examples
///
/// ```
/// use headpond_codec::{encode_each, number::Decimal};
///
/// let mut out = Vec::new();
/// encode_each((9..=11).map(|line| (Decimal(line), '\n')), &mut out)?;
/// assert_eq!(out, b"9\n10\n11\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[inline]
pub fn encode_each<T: MaxSize, W: BufferWriter + ?Sized>(
    values: impl IntoIterator<Item = T>,
    out: &mut W,
) -> Result<(), EncodeError> {
    let mut values = values.into_iter();
    let mut next = values.next();
    while next.is_some() {
        let mut memory = out.reserve(T::MAX_SIZE)?.at_least(T::MAX_SIZE)?;
        let mut filled = 0;
        while let (Some(value), Some(room)) = (&next, memory.get_mut(filled..)) {
            if room.len() < T::MAX_SIZE {
                break;
            }
            filled += value.put(room);
            next = values.next();
        }
        memory.advance(filled);
    }
    Ok(())
}

/// Runs `encode` on a writer, and discards what it has written when it fails or panics: a frame is written whole or not at all.
///
/// A writer that cannot be rewound keeps what was written: one that `encode` has flushed, or whose reader is gone.
///
/// # Errors
///
/// When `encode` fails; and when the writer has ended, or nobody reads it.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, EncodeError, encode_whole};
///
/// let mut out = b"whole,".to_vec();
/// let failed = encode_whole(&mut out, |out| {
///     "ha".encode(out)?;
///     Err::<(), _>(EncodeError::TooLong { len: 4, limit: 3 })
/// });
/// assert!(failed.is_err());
/// assert_eq!(out, b"whole,");
/// ```
pub fn encode_whole<W, T, E>(out: &mut W, encode: impl FnOnce(&mut W) -> Result<T, E>) -> Result<T, E>
where
    W: BufferWriter + ?Sized,
    E: From<WriteError>,
{
    let mark = out.reserve_prefix(0)?;
    encode_or_rewind(out, &mark, encode)
}

/// As [`encode_whole`], from a prefix on that was written before.
pub(crate) fn encode_or_rewind<W, T, E>(
    out: &mut W,
    mark: &Prefix,
    encode: impl FnOnce(&mut W) -> Result<T, E>,
) -> Result<T, E>
where
    W: BufferWriter + ?Sized,
{
    let mut undo = Undo { out, mark: Some(mark) };
    let value = encode(undo.out)?;
    undo.mark = None;
    Ok(value)
}

/// Rewinds a writer to the mark, unless that is taken away.
struct Undo<'a, W: BufferWriter + ?Sized> {
    out: &'a mut W,
    mark: Option<&'a Prefix>,
}

impl<W: BufferWriter + ?Sized> Drop for Undo<'_, W> {
    fn drop(&mut self) {
        if let Some(mark) = self.mark {
            // What cannot be taken back stays: there is nothing else to be done about it here.
            let _ = self.out.rewind(mark);
        }
    }
}

/// Puts items on a stream, by its options and whatever it remembers of the items before.
pub trait Encoder<I> {
    /// Writes an item.
    ///
    /// # Errors
    ///
    /// When the writer has no memory or nobody to read it, when the item is longer than the options allow, or when the
    /// form has no place for it. What is known before is refused before anything is written; what was written by then of the
    /// others is taken back by [`encode_whole`].
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: I, out: &mut W) -> Result<(), EncodeError>;
}

/// Why a value was not written, or only a part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The writer gave no memory.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A length could not be put before its body: the body flushed the writer.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The value is longer than its form, or the limit set, allows.
    #[error("{len} bytes, where {limit} is the most")]
    TooLong {
        /// Its length in bytes, or in elements.
        len: u64,
        /// The most there may be.
        limit: u64,
    },
    /// The form has no place for the value.
    #[error("{reason}")]
    Unrepresentable {
        /// What the form does not allow.
        reason: &'static str,
    },
}

impl EncodeError {
    /// Returns `true` when nobody reads what is written.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Write(error) if error.is_closed())
    }

    /// Returns `true` when the pool's budget is spent for now: a later attempt may succeed.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self, Self::Write(error) if error.is_exhausted())
    }

    /// Fails when `len` is beyond `limit`.
    pub(crate) fn check_len(len: usize, limit: u64) -> Result<(), Self> {
        if len as u64 > limit { Err(Self::TooLong { len: len as u64, limit }) } else { Ok(()) }
    }
}

/// Bytes of known length that stand for themselves: what frames are put around.
pub trait Payload: Encode {
    /// How many bytes there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in contiguous pieces, in order.
    fn pieces(&self) -> impl Iterator<Item = &[u8]>;
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        (**self).encode(out)
    }
}

impl<T: Payload + ?Sized> Payload for &T {
    #[inline]
    fn len(&self) -> usize {
        (**self).len()
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        (**self).pieces()
    }
}

/// Types that are contiguous bytes by reference, copied over as many blocks as it takes.
macro_rules! bytes {
    ($([$($generics:tt)*] $bytes:ty;)*) => {$(
        impl<$($generics)*> Encode for $bytes {
            #[inline]
            fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
                let bytes: &[u8] = self.as_ref();
                Ok(out.write(bytes)?)
            }
        }

        impl<$($generics)*> Payload for $bytes {
            #[inline]
            fn len(&self) -> usize {
                let bytes: &[u8] = self.as_ref();
                bytes.len()
            }

            fn pieces(&self) -> impl Iterator<Item = &[u8]> {
                let bytes: &[u8] = self.as_ref();
                std::iter::once(bytes)
            }
        }
    )*};
}

bytes! {
    [] [u8];
    [const N: usize] [u8; N];
    [] Vec<u8>;
    [] str;
    [] String;
}

/// Copied, piece by piece.
impl Encode for Sequence<'_> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        self.chunks().try_for_each(|chunk| out.write(chunk))?;
        Ok(())
    }
}

impl Payload for Sequence<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks()
    }
}

/// Linked in where the writer can, not copied.
impl Encode for Slice {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        Ok(out.append(self.clone())?)
    }
}

impl Payload for Slice {
    #[inline]
    fn len(&self) -> usize {
        self[..].len()
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self[..])
    }
}

impl<T: MaxSize, const N: usize> Encode for [T; N] {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl<T: MaxSize, const N: usize> MaxSize for [T; N] {
    const MAX_SIZE: usize = T::MAX_SIZE * N;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        self.iter().fold(0, |done, value| done + value.put(&mut memory[done..]))
    }
}

/// Values one after the other.
macro_rules! tuples {
    ($(($($part:ident $at:tt),*);)*) => {$(
        impl<$($part: MaxSize),*> Encode for ($($part,)*) {
            #[inline]
            fn encode<Out: BufferWriter + ?Sized>(&self, out: &mut Out) -> Result<(), EncodeError> {
                encode_bounded(self, out)
            }
        }

        impl<$($part: MaxSize),*> MaxSize for ($($part,)*) {
            const MAX_SIZE: usize = 0 $(+ $part::MAX_SIZE)*;

            #[inline]
            fn put(&self, memory: &mut [u8]) -> usize {
                let mut done = 0;
                $(done += self.$at.put(&mut memory[done..]);)*
                done
            }
        }
    )*};
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
}

/// Up to so many bytes, a payload and what stands around it are one reservation.
pub(crate) const SMALL_LEN: usize = 128;

/// Puts a payload at the start of `memory`, and returns its length.
#[inline]
pub(crate) fn put_pieces(payload: &impl Payload, memory: &mut [u8]) -> usize {
    let mut end = 0;
    for piece in payload.pieces() {
        copy_short(piece, &mut memory[end..end + piece.len()]);
        end += piece.len();
    }
    end
}

/// Copies bytes that are few, mostly: the first and the last so many of them, which overlap. A copy of known length is a load and a
/// store, one of unknown length a call: 10,000 replies of RESP take 5 % less.
#[inline]
fn copy_short(from: &[u8], to: &mut [u8]) {
    debug_assert_eq!(from.len(), to.len());
    match from.len() {
        0 => {}
        1..4 => {
            let (len, middle) = (from.len(), from.len() / 2);
            (to[0], to[middle], to[len - 1]) = (from[0], from[middle], from[len - 1]);
        }
        4..8 => copy_ends::<4>(from, to),
        8..16 => copy_ends::<8>(from, to),
        16..32 => copy_ends::<16>(from, to),
        32..=64 => copy_ends::<32>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Copies the first and the last `N` bytes.
#[inline]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(head), Some(tail)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
        if let Some(place) = to.first_chunk_mut() {
            *place = *head;
        }
        if let Some(place) = to.last_chunk_mut() {
            *place = *tail;
        }
    }
}

/// Writes bytes over as many blocks as it takes. `put` copies a part of them into memory as long as that, changed on the way.
#[inline]
pub(crate) fn write_through<W: BufferWriter + ?Sized>(
    out: &mut W,
    bytes: &[u8],
    mut put: impl FnMut(&[u8], &mut [u8]),
) -> Result<(), WriteError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut memory = out.reserve_up_to(1, rest.len())?.at_least(1)?;
        let (now, later) = rest.split_at(rest.len().min(memory.len()));
        put(now, &mut memory[..now.len()]);
        memory.advance(now.len());
        rest = later;
    }
    Ok(())
}

/// How far the writer is: what a body's length is found by.
#[inline]
pub(crate) fn written<W: BufferWriter + ?Sized>(out: &mut W) -> Result<u64, WriteError> {
    // A prefix of no bytes takes no memory, and knows where it stands.
    Ok(out.reserve_prefix(0)?.position())
}

#[cfg(test)]
mod tests {
    use super::copy_short;

    #[test]
    fn copies_of_every_length_are_whole_and_touch_nothing_else() {
        let from: Vec<u8> = (1..=130).collect();
        for len in 0..=from.len() {
            let mut to = [0; 132];
            copy_short(&from[..len], &mut to[1..=len]);
            assert_eq!(to[1..=len], from[..len]);
            assert!(to[0] == 0 && to[len + 1..].iter().all(|&byte| byte == 0), "{len}");
        }
    }
}
