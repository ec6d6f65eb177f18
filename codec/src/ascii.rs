//! ASCII text wherever it lies: its case, and the white space around it.

use headpond_pool::{BufferWriter, Sequence};

use crate::encode::{Encode, EncodeError, Payload, write_through};

/// What byte strings know of ASCII, for a [`Sequence`] and without joining it.
///
/// White space is what [`u8::is_ascii_whitespace`] says.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, ascii::{Ascii, Lowercase}};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from(" Content-"), Slice::from("TYPE\t")]);
/// let name = buffer.as_sequence().trim_ascii();
/// assert!(name.eq_ignore_ascii_case(b"content-type"));
///
/// let mut out = Vec::new();
/// Lowercase(name).encode(&mut out)?;
/// assert_eq!(out, b"content-type");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
pub trait Ascii: Sized {
    /// Whether every byte is ASCII.
    fn is_ascii(&self) -> bool;

    /// Whether it is `other`, be its letters large or small.
    fn eq_ignore_ascii_case<P: Payload + ?Sized>(&self, other: &P) -> bool;

    /// Whether it begins with `prefix`, be its letters large or small.
    fn starts_with_ignore_ascii_case(&self, prefix: &[u8]) -> bool;

    /// The part from the first byte that `drop` is false for to the last.
    #[must_use]
    fn trim_bytes(&self, drop: impl FnMut(u8) -> bool) -> Self;

    /// The part from the first byte that `drop` is false for.
    #[must_use]
    fn trim_bytes_start(&self, drop: impl FnMut(u8) -> bool) -> Self;

    /// The part to the last byte that `drop` is false for.
    #[must_use]
    fn trim_bytes_end(&self, drop: impl FnMut(u8) -> bool) -> Self;

    /// The part without white space before and behind it.
    #[must_use]
    fn trim_ascii(&self) -> Self {
        self.trim_bytes(|byte| byte.is_ascii_whitespace())
    }

    /// The part without white space before it.
    #[must_use]
    fn trim_ascii_start(&self) -> Self {
        self.trim_bytes_start(|byte| byte.is_ascii_whitespace())
    }

    /// The part without white space behind it.
    #[must_use]
    fn trim_ascii_end(&self) -> Self {
        self.trim_bytes_end(|byte| byte.is_ascii_whitespace())
    }
}

impl Ascii for Sequence<'_> {
    fn is_ascii(&self) -> bool {
        self.chunks().all(<[u8]>::is_ascii)
    }

    fn eq_ignore_ascii_case<P: Payload + ?Sized>(&self, other: &P) -> bool {
        self.len() == other.len() && {
            let mut rest = *self;
            other.pieces().all(|piece| {
                let begins = rest.starts_with_ignore_ascii_case(piece);
                if begins {
                    rest = rest.slice(rest.start() + piece.len()..);
                }
                begins
            })
        }
    }

    fn starts_with_ignore_ascii_case(&self, prefix: &[u8]) -> bool {
        let mut rest = prefix;
        for chunk in self.chunks() {
            let (now, later) = rest.split_at(rest.len().min(chunk.len()));
            if !chunk[..now.len()].eq_ignore_ascii_case(now) {
                return false;
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        rest.is_empty()
    }

    fn trim_bytes(&self, mut drop: impl FnMut(u8) -> bool) -> Self {
        self.trim_bytes_start(&mut drop).trim_bytes_end(drop)
    }

    fn trim_bytes_start(&self, drop: impl FnMut(u8) -> bool) -> Self {
        let mut cursor = self.cursor();
        cursor.skip_while(drop);
        cursor.remaining()
    }

    fn trim_bytes_end(&self, mut drop: impl FnMut(u8) -> bool) -> Self {
        let mut len = self.len();
        for chunk in self.chunks().rev() {
            match chunk.iter().rposition(|&byte| !drop(byte)) {
                Some(last) => {
                    len -= chunk.len() - last - 1;
                    break;
                }
                None => len -= chunk.len(),
            }
        }
        self.slice(..self.start() + len)
    }
}

/// Bytes to be written with their ASCII letters made small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowercase<P>(pub P);

/// Bytes to be written with their ASCII letters made large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uppercase<P>(pub P);

impl<P: Payload> Encode for Lowercase<P> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        write_changed(&self.0, out, <[u8]>::make_ascii_lowercase)
    }
}

impl<P: Payload> Encode for Uppercase<P> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        write_changed(&self.0, out, <[u8]>::make_ascii_uppercase)
    }
}

/// Writes bytes, and changes them where they are.
fn write_changed<P: Payload, W: BufferWriter + ?Sized>(
    payload: &P,
    out: &mut W,
    change: impl Fn(&mut [u8]),
) -> Result<(), EncodeError> {
    let put = |from: &[u8], to: &mut [u8]| {
        to.copy_from_slice(from);
        change(to);
    };
    Ok(payload.pieces().try_for_each(|piece| write_through(out, piece, put))?)
}
