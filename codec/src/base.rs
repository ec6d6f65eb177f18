//! Bytes as text of a few characters, as RFC 4648 has it: hexadecimal, Base32, Base64. The work on what is contiguous is
//! `data-encoding`'s.

use data_encoding::{
    BASE32, BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, DecodeKind, DecodePartial, Encoding,
    HEXLOWER_PERMISSIVE, HEXUPPER_PERMISSIVE,
};
use headpond_pool::{BufferWriter, Cursor, WriteError};

use crate::encode::{Encode, EncodeError, Payload};

/// The most bytes, and the most characters, that belong together: Base32's.
const MAX_BYTES: usize = 5;
const MAX_CHARACTERS: usize = 8;

/// A form of bytes as text.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, base::Base};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let mut out = Vec::new(); // or a pipe's writer
/// Base::Base64.of(b"headpond").encode(&mut out)?;
/// assert_eq!(out, b"aGVhZHBvbmQ=");
///
/// let buffer = SequenceBuf::from_iter([Slice::from("68656"), Slice::from("1"), Slice::from("64")]);
/// let mut bytes = Vec::new();
/// Base::Hex.finish(&mut buffer.as_sequence().cursor(), &mut bytes)?;
/// assert_eq!(bytes, b"head");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Base {
    /// Hexadecimal, written with small letters, read with either.
    Hex,
    /// Hexadecimal, written with capital letters, read with either.
    HexUpper,
    /// Base32, padded with `=`.
    Base32,
    /// Base32, not padded.
    Base32NoPad,
    /// Base64, padded with `=`.
    Base64,
    /// Base64, not padded.
    Base64NoPad,
    /// Base64 with the alphabet for URLs and file names, padded with `=`.
    Base64Url,
    /// Base64 with the alphabet for URLs and file names, not padded.
    Base64UrlNoPad,
}

/// Why text is not decoded to the last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// The writer gave no memory. Decoding goes on at the cursor once it does.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A character that the form does not have.
    #[error("the character at offset {offset} is none of the form's")]
    Symbol {
        /// Where it stands in the stream, in bytes.
        offset: u64,
    },
    /// A last character with bits that stand for nothing, and are not zero.
    #[error("the character at offset {offset} has more bits than belong to a byte")]
    Trailing {
        /// Where it stands in the stream, in bytes.
        offset: u64,
    },
    /// Padding of a length that there is not.
    #[error("the padding at offset {offset} has a wrong length")]
    Padding {
        /// Where it begins in the stream, in bytes.
        offset: u64,
    },
    /// Characters that are missing at the end.
    #[error("the characters from offset {offset} on make no byte")]
    Length {
        /// Where those stand that are too few, in bytes.
        offset: u64,
    },
}

impl Base {
    /// Bytes in this form, to be encoded.
    pub const fn of<P>(self, payload: P) -> Based<P> {
        Based { base: self, payload }
    }

    /// Decodes from the cursor on what characters belong together and have all arrived; the cursor stands behind them. Where padding
    /// was, more text may follow.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it, and when the text has not this form, with the first character that shows
    /// it. Everything before is written, and the cursor stands behind that.
    pub fn decode<W: BufferWriter + ?Sized>(self, input: &mut Cursor<'_>, out: &mut W) -> Result<(), BaseError> {
        let (bytes, characters) = self.group();
        while input.len() >= characters {
            let chunk = input.chunk();
            let mut memory = out.reserve_up_to(bytes, chunk.len() / characters * bytes)?.at_least(bytes)?;
            let groups = (chunk.len() / characters).min(memory.len() / bytes);
            let mut joined = [0; MAX_CHARACTERS];
            let (text, room) = if groups > 0 {
                (&chunk[..groups * characters], groups * bytes)
            } else {
                let joined = &mut joined[..characters];
                input.remaining().copy_to(joined);
                (&*joined, bytes)
            };
            let decoded = self.encoding().decode_mut(text, &mut memory[..room]);
            let (read, written) = decoded.map_or_else(|error| (error.read, error.written), |len| (text.len(), len));
            memory.advance(written);
            let _ = input.skip(read);
            if decoded.is_err() {
                break;
            }
        }
        self.check_group(input)
    }

    /// That a group may come of the characters at the cursor, which are not decoded. Where one cannot, the first character tells that
    /// nothing goes on from.
    fn check_group(self, input: &Cursor<'_>) -> Result<(), BaseError> {
        let (_, characters) = self.group();
        let mut text = [0; MAX_CHARACTERS];
        let len = input.remaining().copy_to(&mut text[..characters]);
        for len in 1..=len {
            let mut filled = [if text[..len].contains(&b'=') { b'=' } else { self.zero() }; MAX_CHARACTERS];
            filled[..len].copy_from_slice(&text[..len]);
            let decoded = self.encoding().decode_mut(&filled[..characters], &mut [0; MAX_BYTES][..self.group().0]);
            decoded.map_err(|error| flaw(&error, input.position().offset()))?;
        }
        Ok(())
    }

    /// The character of no bits.
    const fn zero(self) -> u8 {
        match self {
            Self::Hex | Self::HexUpper => b'0',
            _ => b'A',
        }
    }

    /// Decodes everything from the cursor on, which is all there is.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and when characters are missing at the end.
    pub fn finish<W: BufferWriter + ?Sized>(self, input: &mut Cursor<'_>, out: &mut W) -> Result<(), BaseError> {
        self.decode(input, out)?;
        let mut text = [0; MAX_CHARACTERS];
        let text_len = input.remaining().copy_to(&mut text);
        let (text, offset) = (&text[..text_len], input.position().offset());
        let room = match self.encoding().decode_len(text_len) {
            Ok(0) => return Ok(()),
            Ok(room) => room,
            Err(error) => return Err(BaseError::Length { offset: offset + error.position as u64 }),
        };
        let mut memory = out.reserve(MAX_BYTES)?.at_least(MAX_BYTES)?;
        let written = self.encoding().decode_mut(text, &mut memory[..room]).map_err(|error| flaw(&error, offset))?;
        memory.advance(written);
        let _ = input.skip(text_len);
        Ok(())
    }

    /// How many bytes belong together, and how many characters those are.
    const fn group(self) -> (usize, usize) {
        match self {
            Self::Hex | Self::HexUpper => (1, 2),
            Self::Base32 | Self::Base32NoPad => (MAX_BYTES, MAX_CHARACTERS),
            Self::Base64 | Self::Base64NoPad | Self::Base64Url | Self::Base64UrlNoPad => (3, 4),
        }
    }

    const fn encoding(self) -> Encoding {
        match self {
            Self::Hex => HEXLOWER_PERMISSIVE,
            Self::HexUpper => HEXUPPER_PERMISSIVE,
            Self::Base32 => BASE32,
            Self::Base32NoPad => BASE32_NOPAD,
            Self::Base64 => BASE64,
            Self::Base64NoPad => BASE64_NOPAD,
            Self::Base64Url => BASE64URL,
            Self::Base64UrlNoPad => BASE64URL_NOPAD,
        }
    }

    /// Writes groups that are whole.
    fn write_groups<W: BufferWriter + ?Sized>(self, groups: &[u8], out: &mut W) -> Result<(), WriteError> {
        let (bytes, characters) = self.group();
        let mut rest = groups;
        while !rest.is_empty() {
            let mut memory = out.reserve_up_to(characters, rest.len() / bytes * characters)?.at_least(characters)?;
            let count = (memory.len() / characters).min(rest.len() / bytes);
            let (now, later) = rest.split_at(count * bytes);
            self.encoding().encode_mut(now, &mut memory[..count * characters]);
            memory.advance(count * characters);
            rest = later;
        }
        Ok(())
    }
}

/// What is wrong with text that begins at `start`.
#[cold]
fn flaw(partial: &DecodePartial, start: u64) -> BaseError {
    let offset = start + partial.error.position as u64;
    match partial.error.kind {
        DecodeKind::Symbol => BaseError::Symbol { offset },
        DecodeKind::Trailing => BaseError::Trailing { offset },
        DecodeKind::Padding => BaseError::Padding { offset },
        DecodeKind::Length => BaseError::Length { offset },
    }
}

/// Bytes to be encoded in a [`Base`]: see [`Base::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Based<P> {
    base: Base,
    payload: P,
}

impl<P: Payload> Encode for Based<P> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        let mut encoder = BaseEncoder::new(self.base);
        self.payload.pieces().try_for_each(|piece| encoder.encode(piece, out))?;
        Ok(encoder.finish(out)?)
    }
}

/// Encodes a stream of bytes piece by piece: it keeps at most four bytes, which belong together with the next.
///
/// # Examples
///
/// ```
/// use headpond_codec::base::{Base, BaseEncoder};
///
/// let mut out = Vec::new();
/// let mut encoder = BaseEncoder::new(Base::Base64);
/// for piece in [&b"he"[..], &b"adpon"[..], &b"d"[..]] {
///     encoder.encode(piece, &mut out)?;
/// }
/// encoder.finish(&mut out)?;
/// assert_eq!(out, b"aGVhZHBvbmQ=");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseEncoder {
    base: Base,
    open: [u8; MAX_BYTES],
    open_len: usize,
}

impl BaseEncoder {
    /// At the start of a text.
    pub const fn new(base: Base) -> Self {
        Self { base, open: [0; MAX_BYTES], open_len: 0 }
    }

    /// Encodes the next bytes.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it: a part may be written by then, and the stream is best aborted.
    pub fn encode<W: BufferWriter + ?Sized>(&mut self, bytes: &[u8], out: &mut W) -> Result<(), WriteError> {
        let (group, _) = self.base.group();
        let mut rest = bytes;
        if self.open_len > 0 {
            let (now, later) = rest.split_at(rest.len().min(group - self.open_len));
            self.keep(now);
            rest = later;
            if self.open_len < group {
                return Ok(());
            }
            self.base.write_groups(&self.open[..group], out)?;
            self.open_len = 0;
        }
        let (groups, open) = rest.split_at(rest.len() / group * group);
        self.base.write_groups(groups, out)?;
        self.keep(open);
        Ok(())
    }

    /// Writes what is kept, padded if the form has that. Then the encoder is at the start of another text.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it. Nothing is written then, and it may be called again.
    pub fn finish<W: BufferWriter + ?Sized>(&mut self, out: &mut W) -> Result<(), WriteError> {
        if self.open_len > 0 {
            let mut memory = out.reserve(MAX_CHARACTERS)?.at_least(MAX_CHARACTERS)?;
            let (open, encoding) = (&self.open[..self.open_len], self.base.encoding());
            let len = encoding.encode_len(open.len());
            encoding.encode_mut(open, &mut memory[..len]);
            memory.advance(len);
            self.open_len = 0;
        }
        Ok(())
    }

    /// Keeps bytes that fit the group.
    fn keep(&mut self, bytes: &[u8]) {
        self.open[self.open_len..self.open_len + bytes.len()].copy_from_slice(bytes);
        self.open_len += bytes.len();
    }
}
