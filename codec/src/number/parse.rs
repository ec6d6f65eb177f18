//! Integers read from decimal text.

use headpond_pool::{BufferWriter, Cursor, Sequence};

use super::{Integer, write_integer};
use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize},
};

/// Why text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Something else than the digits of a number, or none.
    #[error("no number at offset {offset}")]
    Invalid {
        /// Where what is wrong stands in the stream, in bytes.
        offset: u64,
    },
    /// The number is beyond its type.
    #[error("the number at offset {offset} is beyond its type")]
    OutOfRange {
        /// Where the number begins in the stream, in bytes.
        offset: u64,
    },
}

/// Reads an integer that is all of `text`, in whatever chunks it lies: digits, behind `-` or `+` or neither.
///
/// # Errors
///
/// When the text is no integer, or one beyond the type.
///
/// # Examples
///
/// ```
/// use headpond_codec::number::{NumberError, parse_integer};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("-12"), Slice::from("8")]);
/// assert_eq!(parse_integer::<i8>(buffer.as_sequence()), Ok(-128));
/// assert_eq!(parse_integer::<u8>(buffer.as_sequence()), Err(NumberError::OutOfRange { offset: 0 }));
/// ```
pub fn parse_integer<I: Integer>(text: Sequence<'_>) -> Result<I, NumberError> {
    let start = text.start().offset();
    match run(text) {
        (Ok(value), len) if len == text.len() => Ok(value),
        (Ok(_) | Err(Flaw::NoDigit), len) => Err(NumberError::Invalid { offset: start + len as u64 }),
        (Err(Flaw::OutOfRange), _) => Err(NumberError::OutOfRange { offset: start }),
    }
}

enum Flaw {
    NoDigit,
    OutOfRange,
}

/// The number that the longest run of digits at the start makes, and the length of that with its sign, up to where the number
/// goes beyond its type.
#[inline]
fn run<I: Integer>(text: Sequence<'_>) -> (Result<I, Flaw>, usize) {
    let (mut value, mut len, mut has_digit, mut negative) = (I::ZERO, 0, false, false);
    for chunk in text.chunks() {
        for &byte in chunk {
            match byte {
                b'0'..=b'9' => match value.push_digit(byte - b'0', negative) {
                    Some(next) => (value, has_digit) = (next, true),
                    None => return (Err(Flaw::OutOfRange), len),
                },
                b'-' | b'+' if len == 0 => negative = byte == b'-',
                _ => return (if has_digit { Ok(value) } else { Err(Flaw::NoDigit) }, len),
            }
            len += 1;
        }
    }
    (if has_digit { Ok(value) } else { Err(Flaw::NoDigit) }, len)
}

/// An integer as decimal text. It is read up to the first byte that is not a digit, which must have arrived: only that
/// says that the number has ended.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Decoded, number::Decimal};
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from("200 OK 40");
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(Decimal::<u16>::decode(&mut cursor)?, Decoded::Value(Decimal(200)));
/// cursor.take_until(b'K')?;
/// cursor.skip(1)?;
/// assert_eq!(Decimal::<u16>::decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal<I>(pub I);

impl<I: Integer> Encode for Decimal<I> {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        write_integer(out, self.0)?;
        Ok(())
    }
}

impl<I: Integer> MaxSize for Decimal<I> {
    const MAX_SIZE: usize = I::ROOM;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        self.0.put_at_start(&mut memory[..I::ROOM])
    }
}

impl<I: Integer> Decode<'_> for Decimal<I> {
    type Error = NumberError;

    /// # Errors
    ///
    /// When there is no digit, or the number is beyond its type. Zeros that lead make a number no larger, but each is read
    /// again with every piece that arrives: more than forty bytes are no number.
    #[inline]
    fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, NumberError> {
        /// More than any number has.
        const MAX_LEN: usize = 40;

        let rest = cursor.remaining();
        let offset = rest.start().offset();
        let near = rest.slice(..rest.start() + rest.len().min(MAX_LEN + 1));
        match run(near) {
            (Err(Flaw::OutOfRange), _) => Err(NumberError::OutOfRange { offset }),
            (_, len) if len > MAX_LEN => Err(NumberError::Invalid { offset }),
            (_, len) if len == rest.len() => Ok(Decoded::NeedMore(1)),
            (Err(Flaw::NoDigit), len) => Err(NumberError::Invalid { offset: offset + len as u64 }),
            (Ok(value), len) => {
                let _ = cursor.skip(len);
                Ok(Decoded::Value(Self(value)))
            }
        }
    }
}
