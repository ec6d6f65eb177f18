//! A body in the chunked coding, piece by piece as it arrives.

use headpond_pool::{Cursor, Position, Sequence};

use super::{
    ChunkedError, Limits, Piece,
    grammar::{Fault, Line, Place},
};
use crate::{
    ascii::Ascii,
    body::Body,
    decode::{Decoded, Decoder, FinishError},
    searched::Searched,
};

/// Takes one body off a stream.
///
/// It gives [`Piece::End`] last, and needs more for ever then: what follows is the next message's. Ask
/// [`is_done`](Self::is_done), and [`reset`](Decoder::reset) it for another body.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, chunked::{ChunkedDecoder, Piece}};
/// use headpond_pool::SequenceBuf;
///
/// let mut decoder = ChunkedDecoder::new();
/// let buffer = SequenceBuf::from("5;a=b\r\nhello\r\n8\r\n, wo");
/// let mut cursor = buffer.as_sequence().cursor();
/// let (mut body, mut sizes) = (Vec::new(), Vec::new());
/// while let Decoded::Value(piece) = decoder.decode(&mut cursor)? {
///     match piece {
///         Piece::Chunk { size, .. } => sizes.push(size),
///         Piece::Data(data) => data.chunks().for_each(|chunk| body.extend_from_slice(chunk)),
///         _ => break,
///     }
/// }
/// assert_eq!((&body[..], &sizes[..], decoder.is_done()), (&b"hello, wo"[..], &[5, 8][..], false));
/// # Ok::<(), headpond_codec::chunked::ChunkedError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChunkedDecoder {
    limits: Limits,
    stage: Stage,
    body_left: u64,
    extensions_left: u64,
    trailers_left: usize,
    /// How much of the line that has not ended was read, and what is known of it.
    searched: Searched,
    line: Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    First,
    Data(Body),
    Trailers,
    Done,
}

impl ChunkedDecoder {
    /// A body within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// A body within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            stage: Stage::First,
            body_left: limits.max_body,
            extensions_left: limits.max_extensions,
            trailers_left: limits.max_trailers,
            searched: Searched::NOTHING,
            line: Line::beginning(Place::Size),
        }
    }

    /// Whether the body has ended.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The line before a chunk, and the end of the data before it.
    fn decode_head<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        first: Place,
    ) -> Result<Decoded<Piece<Sequence<'a>>>, ChunkedError> {
        let max_line = self.limits.max_line;
        let line = match self.read_line(cursor, first, max_line, max_line)? {
            Decoded::Value(line) => line,
            Decoded::NeedMore(at_least) => return Ok(Decoded::NeedMore(at_least)),
        };
        let extensions = cursor.sequence().slice(line.middle..line.end);
        // They were compared as the line came.
        self.body_left = self.body_left.saturating_sub(line.size);
        self.extensions_left = self.extensions_left.saturating_sub(extensions.len() as u64);
        self.stage = if line.size == 0 { Stage::Trailers } else { Stage::Data(Body::of(line.size)) };
        Ok(Decoded::Value(Piece::Chunk { size: line.size, extensions }))
    }

    fn decode_trailer<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Piece<Sequence<'a>>>, ChunkedError> {
        let start = cursor.position();
        let limit = self.limits.max_trailers;
        let line = match self.read_line(cursor, Place::TrailerStart, self.trailers_left, limit)? {
            Decoded::Value(line) => line,
            Decoded::NeedMore(at_least) => return Ok(Decoded::NeedMore(at_least)),
        };
        if line.is_end {
            self.stage = Stage::Done;
            return Ok(Decoded::Value(Piece::End));
        }
        self.trailers_left -= line.end - start;
        let whole = cursor.sequence();
        let (name, value) = (whole.slice(start..line.middle), whole.slice(line.middle + 1..line.end));
        Ok(Decoded::Value(Piece::Trailer { name, value: value.trim_bytes(|byte| matches!(byte, b' ' | b'\t')) }))
    }

    /// A line of at most `max_len` bytes and a line end; the cursor goes past it, or stays. `limit` is what an error names.
    fn read_line(
        &mut self,
        cursor: &mut Cursor<'_>,
        first: Place,
        max_len: usize,
        limit: usize,
    ) -> Result<Decoded<Line>, ChunkedError> {
        let rest = cursor.remaining();
        let start = rest.start();
        let end = start + max_len.saturating_add(first.len_before()).min(rest.len());
        let mut at = self.searched.resume(start, rest.end());
        // An error leaves what was noted as it is, so that it comes again.
        let mut line = if at == start { Line::beginning(first) } else { self.line };
        // Up to there nothing is too long, whatever must follow.
        let is_near = max_len.min(usize::try_from(self.extensions_left).unwrap_or(usize::MAX)).saturating_sub(2);
        let near = start + first.len_before() + is_near.min(rest.len());
        for byte in rest.slice(at..).chunks().flatten() {
            if at == end && !matches!(byte, b'\r' | b'\n') {
                let (offset, limit) = ((start + first.len_before()).offset(), limit as u64);
                return Err(ChunkedError::TooLong { offset, limit, unit: "bytes in lines" });
            }
            line.step(*byte, at, self.limits.max_chunk).map_err(|fault| self.error(&fault, start, at, first))?;
            at += 1;
            if (at > near || line.size > self.body_left) && !line.place.is_behind() {
                self.check(&line, start + first.len_before(), at, max_len, limit)?;
            }
            if line.place == Place::Complete {
                cursor.rewind_to(at);
                return Ok(Decoded::Value(line));
            }
        }
        self.searched.note(start, at);
        self.line = line;
        Ok(Decoded::NeedMore(1))
    }

    /// That a line within the limits may come of what began at `start` and goes on `at` that place.
    #[inline]
    fn check(
        &self,
        line: &Line,
        start: Position,
        at: Position,
        max_len: usize,
        limit: usize,
    ) -> Result<(), ChunkedError> {
        let too_long = |limit, unit| Err(ChunkedError::TooLong { offset: start.offset(), limit, unit });
        let least = line.place.least_before_end(line.has_size);
        // The line end of the data before may not have come.
        let len = if at > start { at - start } else { 0 };
        if len.saturating_add(least) > max_len {
            return too_long(limit as u64, "bytes in lines");
        }
        if line.size > self.body_left {
            return too_long(self.limits.max_body, "bytes of data in the body");
        }
        let is_extension = line.has_size && line.place != Place::Size;
        if is_extension && ((at - line.middle).saturating_add(least)) as u64 > self.extensions_left {
            return too_long(self.limits.max_extensions, "bytes of extensions in the body");
        }
        Ok(())
    }

    #[cold]
    fn error(&self, fault: &Fault, start: Position, at: Position, first: Place) -> ChunkedError {
        match *fault {
            Fault::Expected(expected) => ChunkedError::Malformed { offset: at.offset(), expected },
            Fault::Size => {
                let (offset, limit) = ((start + first.len_before()).offset(), self.limits.max_chunk);
                ChunkedError::TooLong { offset, limit, unit: "bytes in the chunk" }
            }
        }
    }
}

impl Default for ChunkedDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for ChunkedDecoder {
    type Item<'a> = Piece<Sequence<'a>>;
    type Error = ChunkedError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Piece<Sequence<'a>>>, ChunkedError> {
        match &mut self.stage {
            Stage::Done => Ok(Decoded::NeedMore(1)),
            Stage::First => self.decode_head(cursor, Place::Size),
            Stage::Data(body) if body.is_done() => self.decode_head(cursor, Place::DataEnd),
            Stage::Data(body) => {
                let data = body.take(cursor);
                Ok(if data.is_empty() { Decoded::NeedMore(1) } else { Decoded::Value(Piece::Data(data)) })
            }
            Stage::Trailers => self.decode_trailer(cursor),
        }
    }

    /// Nothing is missing once the body has ended, whatever follows it. A stream that ends before is truncated.
    fn finish<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
    ) -> Result<Option<Piece<Sequence<'a>>>, FinishError<ChunkedError>> {
        if self.is_done() {
            return Ok(None);
        }
        match self.decode(cursor).map_err(FinishError::Invalid)? {
            Decoded::Value(piece) => Ok(Some(piece)),
            Decoded::NeedMore(needed) => Err(FinishError::truncated(cursor, needed)),
        }
    }

    fn is_inside(&self) -> bool {
        !self.is_done()
    }

    fn reset(&mut self) {
        *self = Self::with_limits(self.limits);
    }
}
