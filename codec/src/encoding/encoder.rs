//! Text, into any encoding.

use std::fmt;

use encoding_rs::{EncoderResult, Encoding, UTF_16BE, UTF_16LE};
use headpond_pool::{BufferWriter, WriteError};

use super::{
    EncodeTextError,
    utf16::{ByteOrder, put_utf16},
};
use crate::{number::Integer, utf8::Malformed};

/// Room that any encoder makes progress in, in bytes: an escape sequence, a character, and another.
const MIN_ROOM: usize = 8;

/// Encodes text in some encoding.
///
/// A character that the encoding has no place for is refused, unless [`unmappable`](Self::unmappable) says otherwise:
/// then it becomes its number as HTML has it, `&#8364;`. UTF-16 has no byte order mark unless the text begins with U+FEFF.
/// The standard's "replacement" is encoded as UTF-8.
///
/// # Examples
///
/// ```
/// use headpond_codec::{encoding::{Encoding, TextEncoder}, utf8::Malformed};
///
/// let mut out = Vec::new(); // or a pipe's writer
/// let mut encoder = TextEncoder::new(Encoding::for_label(b"windows-1252").unwrap()).unmappable(Malformed::Replace);
/// encoder.encode("5 € or 700 ₽", &mut out)?;
/// encoder.finish(&mut out)?;
/// assert_eq!(out, b"5 \x80 or 700 &#8381;");
/// # Ok::<(), headpond_codec::encoding::EncodeTextError>(())
/// ```
pub struct TextEncoder {
    encoding: &'static Encoding,
    form: Form,
    unmappable: Malformed,
}

enum Form {
    /// `encoding_rs` has it, and its state.
    Stateful(encoding_rs::Encoder),
    /// Ours: the standard's "encode" gives UTF-8 instead, and so does that crate.
    Utf16(ByteOrder),
}

impl Form {
    fn of(encoding: &'static Encoding) -> Self {
        if encoding == UTF_16LE {
            Self::Utf16(ByteOrder::Little)
        } else if encoding == UTF_16BE {
            Self::Utf16(ByteOrder::Big)
        } else {
            Self::Stateful(encoding.new_encoder())
        }
    }
}

/// How far one call came.
struct Progress {
    read: usize,
    unmappable: Option<char>,
    ended: bool,
}

impl TextEncoder {
    /// At the start of a text.
    pub fn new(encoding: &'static Encoding) -> Self {
        Self { encoding, form: Form::of(encoding), unmappable: Malformed::Refuse }
    }

    /// Says what becomes of a character that the encoding has no place for.
    #[must_use]
    pub fn unmappable(mut self, unmappable: Malformed) -> Self {
        self.unmappable = unmappable;
        self
    }

    /// Encodes a part of a text.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it, and when a character is refused. What comes before is written,
    /// and the error says how much of `text` that is: encoding may go on behind it.
    pub fn encode<W: BufferWriter + ?Sized>(&mut self, text: &str, out: &mut W) -> Result<(), EncodeTextError> {
        self.run(text, out, false)
    }

    /// Ends the text: ISO-2022-JP returns to ASCII. Then the encoder is at the start of another.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it.
    pub fn finish<W: BufferWriter + ?Sized>(&mut self, out: &mut W) -> Result<(), EncodeTextError> {
        self.run("", out, true)?;
        self.reset();
        Ok(())
    }

    /// Forgets everything but its options, for another text.
    pub fn reset(&mut self) {
        self.form = Form::of(self.encoding);
    }

    /// The encoding.
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    fn run<W: BufferWriter + ?Sized>(&mut self, text: &str, out: &mut W, last: bool) -> Result<(), EncodeTextError> {
        let mut taken = 0;
        while !text[taken..].is_empty() || last {
            let step = self.step(&text[taken..], out, last);
            let step = step.map_err(|source| EncodeTextError::Write { taken, source })?;
            let before = taken;
            taken += step.read;
            if let Some(stands_for) = step.unmappable {
                let character = text[before..taken].chars().next_back().unwrap_or_default();
                self.replace(character, stands_for, taken - character.len_utf8(), out)?;
            } else if step.ended {
                break;
            }
        }
        Ok(())
    }

    /// Encodes what one stretch of memory has room for.
    fn step<W: BufferWriter + ?Sized>(&mut self, text: &str, out: &mut W, last: bool) -> Result<Progress, WriteError> {
        let encoder = match &mut self.form {
            Form::Stateful(encoder) => encoder,
            Form::Utf16(_) if text.is_empty() => return Ok(Progress { read: 0, unmappable: None, ended: true }),
            Form::Utf16(order) => {
                let read = put_utf16(text, *order, out)?;
                return Ok(Progress { read, unmappable: None, ended: read == text.len() });
            }
        };
        let mut room = MIN_ROOM;
        loop {
            let mut memory = out.reserve_up_to(room, text.len())?.at_least(room)?;
            let (result, read, written) = encoder.encode_from_utf8_without_replacement(text, &mut memory, last);
            room = memory.len().saturating_add(1);
            memory.advance(written);
            let (unmappable, ended) = match result {
                EncoderResult::InputEmpty => (None, true),
                // Room that is too small is left, and never asked for again.
                EncoderResult::OutputFull if read + written == 0 => continue,
                EncoderResult::OutputFull => (None, false),
                EncoderResult::Unmappable(stands_for) => (Some(stands_for), false),
            };
            return Ok(Progress { read, unmappable, ended });
        }
    }

    /// Writes the number of `stands_for`: U+FFFD for the control characters of ISO-2022-JP, otherwise the character.
    fn replace<W: BufferWriter + ?Sized>(
        &self,
        character: char,
        stands_for: char,
        taken: usize,
        out: &mut W,
    ) -> Result<(), EncodeTextError> {
        if self.unmappable == Malformed::Refuse {
            return Err(EncodeTextError::Unmappable { taken, character, encoding: self.encoding.name() });
        }
        let number = u32::from(stands_for);
        let len = number.decimal_len();
        let memory = out.reserve(len + 3).and_then(|memory| memory.at_least(len + 3));
        let mut memory = memory.map_err(|source| EncodeTextError::Write { taken, source })?;
        memory[..2].copy_from_slice(b"&#");
        number.put_decimal(&mut memory[2..2 + len]);
        memory[2 + len] = b';';
        memory.advance(len + 3);
        Ok(())
    }
}

impl fmt::Debug for TextEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextEncoder")
            .field("encoding", &self.encoding.name())
            .field("unmappable", &self.unmappable)
            .finish_non_exhaustive()
    }
}
