//! Consistent overhead byte stuffing: frames that end with a zero and hold none, at the cost of a byte in 254.
//!
//! After S. Cheshire and M. Baker, "Consistent overhead byte stuffing" (1997).

use headpond_pool::{BufferWriter, Cursor, Position, Sequence, WriteError};

use crate::{
    decode::{Decoded, Decoder},
    encode::{EncodeError, Encoder, Payload},
    searched::Searched,
};

/// How long a frame may be unless [`Cobs::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 * 1024;

/// The most bytes that one code byte stands before.
const MAX_RUN: usize = 254;

/// Why a frame is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CobsError {
    /// The frame is longer than it may be.
    #[error("the frame at offset {offset} is longer than {limit} bytes")]
    TooLong {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How long it may be, stuffed, without its zero, in bytes.
        limit: usize,
    },
    /// A code byte points beyond the end of its frame, or there is none.
    #[error("the run at offset {offset} goes on beyond its frame")]
    Run {
        /// Where the code byte stands in the stream, or should, in bytes.
        offset: u64,
    },
}

/// Stuffed frames, in both directions.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, Encoder, cobs::Cobs};
/// use headpond_pool::SequenceBuf;
///
/// let mut out = Vec::new();
/// Cobs::new().encode(&b"a\0bc"[..], &mut out)?;
/// assert_eq!(out, b"\x02a\x03bc\0");
///
/// let buffer = SequenceBuf::from(out);
/// let frame = Cobs::new().decode(&mut buffer.as_sequence().cursor())?.value().unwrap();
/// assert_eq!(frame.to_vec(), b"a\0bc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cobs {
    max_len: usize,
    searched: Searched,
    /// Where the code byte stands, or will, up to which the runs of the frame were followed, and the one of the run before it.
    code: Position,
    run: Position,
}

impl Cobs {
    /// Frames of at most 64 KiB.
    pub const fn new() -> Self {
        Self { max_len: DEFAULT_MAX_LEN, searched: Searched::NOTHING, code: Position::ZERO, run: Position::ZERO }
    }

    /// Says how long a frame may be, stuffed, without its zero, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// How long a frame of `len` bytes is when it is stuffed, at the most, without its zero.
    pub const fn stuffed_len(len: usize) -> usize {
        1 + len + len / MAX_RUN
    }

    /// Follows the runs of the frame that begins at `start` as far as there are any before `end`, where its zero stands, or nothing yet.
    fn follow(&mut self, frame: Sequence<'_>, start: Position, ended: bool) -> Result<(), CobsError> {
        let mut cursor = frame.slice(self.code.min(frame.end())..).cursor();
        let mut is_there = self.code < frame.end();
        while let Some(code) = is_there.then(|| cursor.u8().ok()).flatten() {
            let next = self.code + usize::from(code);
            // The zero stands there at the earliest.
            if next - start > self.max_len {
                return Err(CobsError::TooLong { offset: start.offset(), limit: self.max_len });
            }
            (self.run, self.code) = (self.code, next);
            is_there = cursor.skip(usize::from(code) - 1).is_ok();
        }
        if ended && self.code > frame.end() {
            return Err(CobsError::Run { offset: self.run.offset() });
        }
        Ok(())
    }

    /// Fails when a frame is too long once it is stuffed. Where the zeros stand is looked at only where it depends on them.
    fn check_fits(&self, item: &impl Payload) -> Result<(), EncodeError> {
        let limit = self.max_len as u64;
        EncodeError::check_len(item.len().saturating_add(1), limit)?;
        if Self::stuffed_len(item.len()) <= self.max_len {
            return Ok(());
        }
        let (mut len, mut run) = (1, 0);
        for byte in item.pieces().flatten() {
            if run == MAX_RUN {
                (len, run) = (len + 1, 0);
            }
            (len, run) = (len + 1, if *byte == 0 { 0 } else { run + 1 });
        }
        EncodeError::check_len(len, limit)
    }
}

impl Default for Cobs {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for Cobs {
    type Item<'a> = CobsFrame<'a>;
    type Error = CobsError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<CobsFrame<'a>>, CobsError> {
        let rest = cursor.remaining();
        let start = rest.start();
        let window = rest.slice(..start + rest.len().min(self.max_len.saturating_add(1)));
        let from = self.searched.resume(start, window.end());
        // An error leaves what was noted as it is, so that it comes again.
        if from == start {
            self.code = start;
        }
        let noted = (self.code, self.run);
        let end = window.slice(from..).position_of(0);
        let stuffed = window.slice(..end.unwrap_or(window.end()));
        let followed = match end {
            Some(end) if end == start => Err(CobsError::Run { offset: start.offset() }),
            // Nearly every frame lies in one chunk, and is whole.
            Some(_) if from == start && stuffed.as_single_chunk().is_some_and(is_whole) => Ok(()),
            _ => self.follow(stuffed, start, end.is_some()),
        };
        if followed.is_err() {
            (self.code, self.run) = noted;
        }
        followed?;
        let Some(end) = end else {
            if rest.len() > self.max_len {
                return Err(CobsError::TooLong { offset: start.offset(), limit: self.max_len });
            }
            self.searched.note(start, window.end());
            return Ok(Decoded::NeedMore(1));
        };
        cursor.rewind_to(end + 1);
        Ok(Decoded::Value(CobsFrame { stuffed }))
    }

    fn reset(&mut self) {
        self.searched = Searched::NOTHING;
    }
}

/// Whether the last run ends where the bytes do.
fn is_whole(stuffed: &[u8]) -> bool {
    let mut at = 0;
    while let Some(code) = stuffed.get(at) {
        at += usize::from(*code);
    }
    at == stuffed.len()
}

/// A frame, still stuffed, and known to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CobsFrame<'a> {
    stuffed: Sequence<'a>,
}

impl<'a> CobsFrame<'a> {
    /// Writes the bytes that it stands for, over as many blocks as it takes.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it.
    pub fn write_to<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), WriteError> {
        self.try_for_each(|piece| out.write(piece))
    }

    /// The bytes that it stands for.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.stuffed.len());
        let Ok(()) = self.try_for_each::<std::convert::Infallible>(|piece| {
            out.extend_from_slice(piece);
            Ok(())
        });
        out
    }

    /// Its bytes as they stand in the stream, without the zero behind them.
    pub fn stuffed(&self) -> Sequence<'a> {
        self.stuffed
    }

    /// Calls `visit` with the bytes that it stands for, in contiguous pieces.
    fn try_for_each<E>(&self, mut visit: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut cursor = self.stuffed.cursor();
        while let Ok(code) = cursor.u8() {
            let run = cursor.take_exact(usize::from(code) - 1).unwrap_or_default();
            run.chunks().try_for_each(&mut visit)?;
            // A run of the greatest length stands for no zero, and neither does the last.
            if usize::from(code) <= MAX_RUN && !cursor.is_empty() {
                visit(&[0])?;
            }
        }
        Ok(())
    }
}

impl<P: Payload> Encoder<P> for Cobs {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        self.check_fits(&item)?;
        let mut run = Run { bytes: [0; MAX_RUN], len: 0 };
        for piece in item.pieces() {
            run.stuff(piece, out)?;
        }
        run.end(out)?;
        Ok(out.write(&[0])?)
    }
}

/// Bytes whose code byte, which stands before them, is not known yet.
struct Run {
    bytes: [u8; MAX_RUN],
    len: usize,
}

impl Run {
    fn stuff<W: BufferWriter + ?Sized>(&mut self, piece: &[u8], out: &mut W) -> Result<(), WriteError> {
        let mut rest = piece;
        while !rest.is_empty() {
            if self.len == MAX_RUN {
                self.end(out)?;
            }
            let room = (MAX_RUN - self.len).min(rest.len());
            let len = memchr::memchr(0, &rest[..room]).unwrap_or(room);
            self.bytes[self.len..self.len + len].copy_from_slice(&rest[..len]);
            self.len += len;
            rest = &rest[len..];
            if len < room {
                self.end(out)?;
                rest = &rest[1..];
            }
        }
        Ok(())
    }

    fn end<W: BufferWriter + ?Sized>(&mut self, out: &mut W) -> Result<(), WriteError> {
        let mut memory = out.reserve(1 + self.len)?.at_least(1 + self.len)?;
        memory[0] = self.len as u8 + 1;
        memory[1..=self.len].copy_from_slice(&self.bytes[..self.len]);
        memory.advance(1 + self.len);
        self.len = 0;
        Ok(())
    }
}
