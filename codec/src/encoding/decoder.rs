//! Bytes in any encoding, into UTF-8.

use std::fmt;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use headpond_pool::{BufferWriter, Cursor, Position};

use super::DecodeTextError;
use crate::utf8::Malformed;

/// Room that any decoder makes progress in, in bytes.
const MIN_ROOM: usize = 4;

/// The marks that a text may begin with, and the encodings that they mean.
const MARKS: [(&[u8], &Encoding); 3] = [(b"\xef\xbb\xbf", UTF_8), (b"\xfe\xff", UTF_16BE), (b"\xff\xfe", UTF_16LE)];

/// What becomes of a byte order mark at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ByteOrderMark {
    /// That of UTF-8, UTF-16LE or UTF-16BE decides the encoding, whichever was given, and is no part of the text: the
    /// standard's "decode".
    #[default]
    Sniff,
    /// That of the encoding given is no part of the text.
    Remove,
    /// It is part of the text.
    Keep,
}

/// Decodes a stream of bytes in some encoding into UTF-8.
///
/// Its output is written as whole characters. What is malformed is refused, unless [`malformed`](Self::malformed) says
/// otherwise.
///
/// # Examples
///
/// ```
/// use headpond_codec::encoding::{Encoding, TextDecoder};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let mut decoder = TextDecoder::new(Encoding::for_label(b"shift_jis").unwrap());
/// let mut out = Vec::new(); // or a pipe's writer
/// let first = SequenceBuf::from_iter([Slice::from(&b"\x83"[..]), Slice::from(&b"\x8f\x81"[..])]);
/// decoder.decode(&mut first.as_sequence().cursor(), &mut out)?;
/// assert_eq!(out, "ワ".as_bytes(), "the beginning of the next character is kept");
/// let last = SequenceBuf::from(&b"\x5b"[..]);
/// decoder.finish(&mut last.as_sequence().cursor(), &mut out)?;
/// assert_eq!(out, "ワー".as_bytes());
/// # Ok::<(), headpond_codec::encoding::DecodeTextError>(())
/// ```
pub struct TextDecoder {
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
    mark: ByteOrderMark,
    malformed: Malformed,
    /// Whether the start of the text is behind.
    begun: bool,
    /// Up to where the stream was decoded.
    end: Position,
    /// A replacement that there was no memory for.
    owes_replacement: bool,
    /// What was refused: for good.
    refused: Option<(u64, usize)>,
}

impl TextDecoder {
    /// At the start of a text.
    pub fn new(encoding: &'static Encoding) -> Self {
        Self {
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            mark: ByteOrderMark::Sniff,
            malformed: Malformed::Refuse,
            begun: false,
            end: Position::ZERO,
            owes_replacement: false,
            refused: None,
        }
    }

    /// Says what becomes of a byte order mark.
    #[must_use]
    pub fn mark(mut self, mark: ByteOrderMark) -> Self {
        self.mark = mark;
        self
    }

    /// Says what becomes of what is malformed.
    #[must_use]
    pub fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// Decodes everything from the cursor on, which goes past it, but for the beginning of a byte order mark. The beginning of a
    /// character is kept.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it: the cursor stands behind what is decoded, and decoding may go
    /// on there. And when bytes are refused: everything before them is written, and the same error comes again.
    pub fn decode<W: BufferWriter + ?Sized>(
        &mut self,
        input: &mut Cursor<'_>,
        out: &mut W,
    ) -> Result<(), DecodeTextError> {
        self.run(input, out, false)
    }

    /// As [`decode`](Self::decode), for the last bytes of a text, which may be none. Then the decoder is at the start of another.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and when the text ends within a character that is not to be replaced.
    pub fn finish<W: BufferWriter + ?Sized>(
        &mut self,
        input: &mut Cursor<'_>,
        out: &mut W,
    ) -> Result<(), DecodeTextError> {
        self.run(input, out, true)?;
        self.reset();
        Ok(())
    }

    /// Forgets everything but its options, for another text.
    pub fn reset(&mut self) {
        *self = Self::new(self.encoding).mark(self.mark).malformed(self.malformed);
    }

    /// The encoding, as a byte order mark may have decided it.
    pub fn encoding(&self) -> &'static Encoding {
        self.decoder.encoding()
    }

    fn run<W: BufferWriter + ?Sized>(
        &mut self,
        input: &mut Cursor<'_>,
        out: &mut W,
        last: bool,
    ) -> Result<(), DecodeTextError> {
        self.check()?;
        if !self.begun {
            if !self.pass_mark(input, last) {
                return Ok(());
            }
            self.begun = true;
        }
        let mut room = MIN_ROOM;
        loop {
            self.settle_replacement(out)?;
            let chunk = input.chunk();
            if chunk.is_empty() && !last {
                return Ok(());
            }
            let ends = last && chunk.len() == input.len();
            let mut memory = out.reserve_up_to(room, chunk.len())?.at_least(room)?;
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(chunk, &mut memory, ends);
            // Room that is too small is left, and never asked for again.
            room = if read + written == 0 { memory.len().saturating_add(1) } else { MIN_ROOM };
            memory.advance(written);
            if read > 0 {
                let _ = input.skip(read);
                self.end = input.position();
            }
            match result {
                DecoderResult::InputEmpty if ends => return Ok(()),
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
                DecoderResult::Malformed(len, behind) => {
                    let passed = u64::from(len) + u64::from(behind);
                    self.found_malformed(self.end.offset().saturating_sub(passed), usize::from(len))?;
                    room = MIN_ROOM;
                }
            }
        }
    }

    /// Passes a byte order mark; `false` when more must arrive to tell whether there is one.
    fn pass_mark(&mut self, input: &mut Cursor<'_>, last: bool) -> bool {
        let mut head = [0; 3];
        let len = input.remaining().copy_to(&mut head);
        let head = &head[..len];
        for (mark, encoding) in MARKS {
            let counts = match self.mark {
                ByteOrderMark::Sniff => true,
                ByteOrderMark::Remove => encoding == self.encoding,
                ByteOrderMark::Keep => false,
            };
            if counts && head.starts_with(mark) {
                let _ = input.skip(mark.len());
                self.decoder = encoding.new_decoder_without_bom_handling();
                return true;
            }
            if counts && !last && mark.starts_with(head) {
                return false;
            }
        }
        true
    }

    fn found_malformed(&mut self, offset: u64, len: usize) -> Result<(), DecodeTextError> {
        match self.malformed {
            Malformed::Replace => self.owes_replacement = true,
            Malformed::Refuse => self.refused = Some((offset, len)),
        }
        self.check()
    }

    /// Fails with what was refused.
    fn check(&self) -> Result<(), DecodeTextError> {
        match self.refused {
            Some((offset, len)) => Err(DecodeTextError::Malformed { offset, len, encoding: self.encoding().name() }),
            None => Ok(()),
        }
    }

    fn settle_replacement<W: BufferWriter + ?Sized>(&mut self, out: &mut W) -> Result<(), DecodeTextError> {
        if self.owes_replacement {
            crate::text::write_char(out, char::REPLACEMENT_CHARACTER)?;
            self.owes_replacement = false;
        }
        Ok(())
    }
}

impl fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextDecoder")
            .field("encoding", &self.encoding().name())
            .field("mark", &self.mark)
            .field("malformed", &self.malformed)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}
