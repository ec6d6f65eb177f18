//! Percent-encoding, as URLs have it: `%` and two digits of base sixteen for a byte that may not stand for itself.

use headpond_pool::{BufferWriter, Cursor, WriteError};
use percent_encoding::percent_encode;

use crate::{
    encode::{Encode, EncodeError, Payload},
    utf8::Malformed,
};

pub use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC};

/// What may not stand for itself in a part of a URL: all but letters, digits and `-`, `.`, `_`, `~`, RFC 3986's
/// unreserved characters.
pub const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How long an encoded byte is.
const ESCAPE_LEN: usize = 3;

/// Bytes to be encoded: those of a set, and all that are not ASCII.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, percent::{COMPONENT, Percent}};
///
/// let mut out = Vec::new();
/// Percent::new("50 % é", COMPONENT).encode(&mut out)?;
/// assert_eq!(out, b"50%20%25%20%C3%A9");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Percent<P> {
    payload: P,
    set: &'static AsciiSet,
}

impl<P> Percent<P> {
    /// The bytes of `payload`, those of `set` to be encoded.
    pub const fn new(payload: P, set: &'static AsciiSet) -> Self {
        Self { payload, set }
    }
}

impl<P: Payload> Encode for Percent<P> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        let texts = self.payload.pieces().flat_map(|piece| percent_encode(piece, self.set));
        Ok(texts.map(str::as_bytes).try_for_each(|text| out.write(text))?)
    }
}

/// Why text is not decoded to the last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PercentError {
    /// The writer gave no memory. Decoding goes on at the cursor once it does.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A `%` that no two digits stand behind.
    #[error("no two digits stand behind the % at offset {offset}")]
    Malformed {
        /// Where it stands in the stream, in bytes.
        offset: u64,
    },
}

/// Decodes text into bytes.
///
/// # Examples
///
/// ```
/// use headpond_codec::percent::PercentDecoder;
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("a+b%"), Slice::from("2"), Slice::from("5c")]);
/// let mut out = Vec::new();
/// PercentDecoder::new().form(true).finish(&mut buffer.as_sequence().cursor(), &mut out)?;
/// assert_eq!(out, b"a b%c");
/// # Ok::<(), headpond_codec::percent::PercentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PercentDecoder {
    malformed: Malformed,
    form: bool,
}

impl PercentDecoder {
    /// Refuses a `%` that no two digits stand behind.
    pub const fn new() -> Self {
        Self { malformed: Malformed::Refuse, form: false }
    }

    /// Says what becomes of a `%` that no two digits stand behind: it stands for itself where it is not refused, as the
    /// WHATWG's URL Standard says.
    #[must_use]
    pub const fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// Whether `+` is a space, as in `application/x-www-form-urlencoded`.
    #[must_use]
    pub const fn form(mut self, form: bool) -> Self {
        self.form = form;
        self
    }

    /// Decodes everything from the cursor on, which goes past it, but for a `%` that more may come behind.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it, and at a `%` that is refused. Everything before is written, and the
    /// cursor stands behind that.
    pub fn decode<W: BufferWriter + ?Sized>(self, input: &mut Cursor<'_>, out: &mut W) -> Result<(), PercentError> {
        self.run(input, out, false)
    }

    /// As [`decode`](Self::decode), for the last of a text.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and when the text ends within an encoded byte that is refused.
    pub fn finish<W: BufferWriter + ?Sized>(self, input: &mut Cursor<'_>, out: &mut W) -> Result<(), PercentError> {
        self.run(input, out, true)
    }

    fn run<W: BufferWriter + ?Sized>(
        self,
        input: &mut Cursor<'_>,
        out: &mut W,
        last: bool,
    ) -> Result<(), PercentError> {
        while !input.is_empty() {
            let mut memory = out.reserve_up_to(1, input.len())?.at_least(1)?;
            let (filled, stop) = self.fill(input, &mut memory, last);
            memory.advance(filled);
            match stop {
                Stop::Full => {}
                Stop::Unfinished => return Ok(()),
                Stop::Malformed => return Err(PercentError::Malformed { offset: input.position().offset() }),
            }
        }
        Ok(())
    }

    /// Decodes what `memory` has room for, and returns how much that is.
    fn fill(self, input: &mut Cursor<'_>, memory: &mut [u8], last: bool) -> (usize, Stop) {
        let mut filled = 0;
        while let (Some(place), Ok(byte)) = (memory.get_mut(filled..), input.peek()) {
            if place.is_empty() {
                break;
            }
            let (len, read) = match byte {
                b'%' => match self.escaped(input, last) {
                    Ok((decoded, read)) => {
                        place[0] = decoded;
                        (1, read)
                    }
                    Err(stop) => return (filled, stop),
                },
                b'+' if self.form => {
                    place[0] = b' ';
                    (1, 1)
                }
                _ => {
                    // No further than there is room: what is behind would be searched again.
                    let near = &input.chunk()[..input.chunk().len().min(place.len())];
                    let len = self.plain(near);
                    place[..len].copy_from_slice(&near[..len]);
                    (len, len)
                }
            };
            filled += len;
            let _ = input.skip(read);
        }
        (filled, Stop::Full)
    }

    /// How many bytes at the start stand for themselves.
    fn plain(self, bytes: &[u8]) -> usize {
        let found = if self.form { memchr::memchr2(b'%', b'+', bytes) } else { memchr::memchr(b'%', bytes) };
        found.unwrap_or(bytes.len())
    }

    /// The byte that the `%` at the cursor stands for, and how many it takes.
    fn escaped(self, input: &Cursor<'_>, last: bool) -> Result<(u8, usize), Stop> {
        let digit = |at| input.peek_at(at).ok().map(|byte| char::from(byte).to_digit(16));
        match (digit(1), digit(2)) {
            (Some(Some(high)), Some(Some(low))) => Ok(((high << 4 | low) as u8, ESCAPE_LEN)),
            (None, _) | (Some(Some(_)), None) if !last => Err(Stop::Unfinished),
            _ if self.malformed == Malformed::Replace => Ok((b'%', 1)),
            _ => Err(Stop::Malformed),
        }
    }
}

/// Why a stretch of memory was filled no further.
enum Stop {
    /// There is no more room, or nothing more to decode.
    Full,
    /// More may come behind the `%` at the cursor.
    Unfinished,
    /// The `%` at the cursor is refused.
    Malformed,
}
