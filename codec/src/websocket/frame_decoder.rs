//! Frames, head by head and part by part, as they arrive.

use headpond_pool::{BufferWriter, Cursor, Sequence, WriteError};

use super::{
    FrameHead, Mask, Opcode, Role, WebSocketError,
    head::{MessageRules, Rules, Unfinished},
};
use crate::{
    body::Body,
    decode::{Decoded, Decoder},
    encode::write_through,
};

/// How long a frame may be unless [`FrameDecoder::max_len`] says otherwise, in bytes.
pub(super) const DEFAULT_MAX_LEN: u64 = 16 << 20;

/// What frames come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece<'a> {
    /// The head of a frame. So many bytes of payload follow, in parts, as it says.
    Head(FrameHead),
    /// As much of the payload as has arrived, not empty.
    Payload(Part<'a>),
}

/// A part of a payload, still masked if it came so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    bytes: Sequence<'a>,
    mask: Option<Mask>,
}

impl<'a> Part<'a> {
    /// How many bytes there are.
    #[expect(clippy::len_without_is_empty, reason = "a part is never empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes where they arrived, if they are not masked.
    pub fn unmasked(&self) -> Option<Sequence<'a>> {
        self.mask.is_none().then_some(self.bytes)
    }

    /// Unmasks into the start of the caller's memory as many bytes as it has room for, and returns how many.
    pub fn copy_to(&self, memory: &mut [u8]) -> usize {
        let Some(mut mask) = self.mask else { return self.bytes.copy_to(memory) };
        let mut done = 0;
        for chunk in self.bytes.chunks() {
            let len = chunk.len().min(memory.len() - done);
            mask.copy(&chunk[..len], &mut memory[done..]);
            done += len;
        }
        done
    }

    /// Unmasks into the memory that a writer hands out, over as many blocks as it takes.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it: what is before is written.
    pub fn write_to<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), WriteError> {
        match self.mask {
            Some(mut mask) => {
                self.bytes.chunks().try_for_each(|chunk| write_through(out, chunk, |from, to| mask.copy(from, to)))
            }
            None => self.bytes.chunks().try_for_each(|chunk| out.write(chunk)),
        }
    }

    /// The bytes, unmasked.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        if let Some(mut mask) = self.mask {
            mask.apply(&mut bytes);
        }
        bytes
    }
}

/// Takes frames off a stream, and sees to it that they make up messages, and that none follows the close frame. What the messages hold
/// it does not look at.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, websocket::{FrameDecoder, Opcode, Piece, Role}};
/// use headpond_pool::SequenceBuf;
///
/// let mut frames = FrameDecoder::new(Role::Client);
/// let buffer = SequenceBuf::from(&b"\x81\x05Hel"[..]);
/// let mut cursor = buffer.as_sequence().cursor();
/// let head = frames.decode(&mut cursor)?.value().unwrap();
/// assert!(matches!(head, Piece::Head(head) if head.opcode == Opcode::Text && head.len == 5));
/// let payload = frames.decode(&mut cursor)?.value().unwrap();
/// assert!(matches!(payload, Piece::Payload(part) if part.unmasked().unwrap() == "Hel"));
/// assert_eq!((frames.decode(&mut cursor)?, frames.remaining()), (Decoded::NeedMore(1), 2));
/// # Ok::<(), headpond_codec::websocket::WebSocketError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FrameDecoder {
    role: Role,
    max_len: u64,
    reserved: u8,
    /// Whether a message has begun that has not ended.
    is_open: bool,
    /// Whether the head of the close frame has come, which is the last.
    is_closed: bool,
    body: Body,
    mask: Option<Mask>,
}

impl FrameDecoder {
    /// Frames of at most 16 MiB as they come to that end of a connection.
    pub const fn new(role: Role) -> Self {
        Self {
            role,
            max_len: DEFAULT_MAX_LEN,
            reserved: 0,
            is_open: false,
            is_closed: false,
            body: Body::of(0),
            mask: None,
        }
    }

    /// How long the payload of a frame may be, in bytes. It is given in parts, so that this costs no memory.
    #[must_use]
    pub const fn max_len(mut self, bytes: u64) -> Self {
        self.max_len = bytes;
        self
    }

    /// Which of the reserved bits an extension was agreed on for: RSV1 is 4, RSV2 is 2, RSV3 is 1. Without, none.
    #[must_use]
    pub const fn allow_reserved(mut self, bits: u8) -> Self {
        self.reserved = bits;
        self
    }

    /// How many bytes of the payload of the frame whose head came last are missing.
    pub const fn remaining(&self) -> u64 {
        self.body.remaining()
    }

    /// At most `most` bytes of the payload.
    pub(super) fn take_part<'a>(&mut self, cursor: &mut Cursor<'a>, most: usize) -> Part<'a> {
        let part = Part { bytes: self.body.take_at_most(cursor, most), mask: self.mask };
        if let Some(mask) = &mut self.mask {
            mask.skip(part.bytes.len());
        }
        part
    }

    /// What the next head must be.
    fn rules(&self, message: Option<MessageRules>) -> Rules {
        let (reserved, is_open) = (self.reserved, Some(self.is_open));
        Rules { role: Some(self.role), reserved, is_open, max_frame: self.max_len, message }
    }

    /// The next head, behind the payload of the frame before.
    pub(super) fn decode_head(
        &mut self,
        cursor: &mut Cursor<'_>,
        message: Option<MessageRules>,
    ) -> Result<Result<FrameHead, Unfinished>, WebSocketError> {
        if self.is_closed && !cursor.is_empty() {
            return Err(WebSocketError::AfterClose { offset: cursor.position().offset() });
        }
        let head = self.rules(message).read(cursor)?;
        if let Ok(head) = &head {
            self.begin(head);
        }
        Ok(head)
    }

    /// Takes a head into account.
    #[inline]
    fn begin(&mut self, head: &FrameHead) {
        if !head.opcode.is_control() {
            self.is_open = !head.is_final;
        }
        self.is_closed = head.opcode == Opcode::Close;
        (self.body, self.mask) = (Body::of(head.len), head.mask.map(Mask::new));
    }
}

impl Decoder for FrameDecoder {
    type Item<'a> = Piece<'a>;
    type Error = WebSocketError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Piece<'a>>, WebSocketError> {
        if !self.body.is_done() {
            if cursor.is_empty() {
                return Ok(Decoded::NeedMore(1));
            }
            return Ok(Decoded::Value(Piece::Payload(self.take_part(cursor, usize::MAX))));
        }
        if !self.is_closed {
            if let Some((head, len)) = self.rules(None).near(cursor.chunk()) {
                let _ = cursor.skip(len);
                self.begin(&head);
                return Ok(Decoded::Value(Piece::Head(head)));
            }
        }
        Ok(match self.decode_head(cursor, None)? {
            Ok(head) => Decoded::Value(Piece::Head(head)),
            Err(unfinished) => Decoded::NeedMore(unfinished.changes_after(0)),
        })
    }

    /// Not behind the close frame, which may leave a message unfinished.
    fn is_inside(&self) -> bool {
        (self.is_open && !self.is_closed) || !self.body.is_done()
    }

    fn reset(&mut self) {
        (self.is_open, self.is_closed, self.body, self.mask) = (false, false, Body::of(0), None);
    }
}
