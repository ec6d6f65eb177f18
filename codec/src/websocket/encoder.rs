//! Frames, written and masked in the memory that a writer hands out.

use headpond_pool::BufferWriter;

use super::{CloseCode, FrameHead, Mask, Opcode, head::MAX_CONTROL};
use crate::encode::{Encode, EncodeError, Encoder, MaxSize, Payload, SMALL_LEN, put_pieces, write_through};

/// A frame to be written.
///
/// # Examples
///
/// A message in two fragments.
///
/// ```
/// use headpond_codec::{Encoder, websocket::{Frame, FrameEncoder}};
///
/// let (mut frames, mut out) = (FrameEncoder::server(), Vec::new());
/// frames.encode(Frame::text("Hel").fragment(), &mut out)?;
/// frames.encode(Frame::continuation("lo"), &mut out)?;
/// assert_eq!(out, b"\x01\x03Hel\x80\x02lo");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame<P> {
    /// What it is.
    pub opcode: Opcode,
    /// Whether it ends its message.
    pub is_final: bool,
    /// The bits that are for extensions to use: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub reserved: u8,
    /// What it holds.
    pub payload: P,
}

impl<P: Payload> Frame<P> {
    /// Such a frame, which ends its message.
    pub const fn new(opcode: Opcode, payload: P) -> Self {
        Self { opcode, is_final: true, reserved: 0, payload }
    }

    /// A text.
    pub fn text(text: P) -> Self
    where
        P: AsRef<str>,
    {
        Self::new(Opcode::Text, text)
    }

    /// Any bytes.
    pub const fn binary(bytes: P) -> Self {
        Self::new(Opcode::Binary, bytes)
    }

    /// The last fragment of the message that has begun.
    pub const fn continuation(part: P) -> Self {
        Self::new(Opcode::Continuation, part)
    }

    /// A ping, of at most 125 bytes.
    pub const fn ping(payload: P) -> Self {
        Self::new(Opcode::Ping, payload)
    }

    /// A pong, of at most 125 bytes.
    pub const fn pong(payload: P) -> Self {
        Self::new(Opcode::Pong, payload)
    }

    /// The same, but that more of the message follows.
    #[must_use]
    pub fn fragment(mut self) -> Self {
        self.is_final = false;
        self
    }
}

impl<'r> Frame<ClosePayload<'r>> {
    /// A close frame with a code, and a reason of at most 123 bytes.
    pub const fn close(code: CloseCode, reason: &'r str) -> Self {
        Self::new(Opcode::Close, ClosePayload { code: code.get().to_be_bytes(), reason })
    }
}

/// A code and a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosePayload<'r> {
    code: [u8; 2],
    reason: &'r str,
}

impl Encode for ClosePayload<'_> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        out.write(&self.code)?;
        self.reason.encode(out)
    }
}

impl Payload for ClosePayload<'_> {
    fn len(&self) -> usize {
        self.code.len() + self.reason.len()
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        [&self.code, self.reason.as_bytes()].into_iter()
    }
}

/// Puts frames on a stream, masked if it is a client's. The close frame is the last.
///
/// # Examples
///
/// The masked text of RFC 6455. Real keys must not be foreseen by who chooses the payloads: take them from the system.
///
/// ```
/// use headpond_codec::{Encoder, websocket::{Frame, FrameEncoder}};
///
/// let (mut frames, mut out) = (FrameEncoder::client(|| [0x37, 0xfa, 0x21, 0x3d]), Vec::new());
/// frames.encode(Frame::text("Hello"), &mut out)?;
/// assert_eq!(out, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FrameEncoder<K = fn() -> [u8; 4]> {
    /// Where a client's masking keys come from.
    keys: Option<K>,
    /// Whether a message has begun that has not ended.
    is_open: bool,
    is_closed: bool,
}

impl FrameEncoder {
    /// Frames as a server sends them.
    pub const fn server() -> Self {
        Self { keys: None, is_open: false, is_closed: false }
    }
}

impl<K: FnMut() -> [u8; 4]> FrameEncoder<K> {
    /// Frames as a client sends them, each masked with a key that `keys` gives.
    pub const fn client(keys: K) -> Self {
        Self { keys: Some(keys), is_open: false, is_closed: false }
    }

    /// Whether a close frame was written. It is the last: nothing is written behind it.
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Writes the head of a frame whose payload is not there as a whole: it is written afterwards, by what this returns.
    ///
    /// # Errors
    ///
    /// When the writer has no memory, or nobody to read it, and when no such frame is due. Nothing is written then.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_codec::websocket::{FrameEncoder, Opcode};
    ///
    /// let mut out = Vec::new();
    /// let mut payload = FrameEncoder::server().begin(Opcode::Binary, true, 5, &mut out)?;
    /// payload.write("Hel", &mut out)?;
    /// payload.write("lo", &mut out)?;
    /// assert!(payload.is_done());
    /// assert_eq!(out, b"\x82\x05Hello");
    /// # Ok::<(), headpond_codec::EncodeError>(())
    /// ```
    pub fn begin<W: BufferWriter + ?Sized>(
        &mut self,
        opcode: Opcode,
        is_final: bool,
        len: u64,
        out: &mut W,
    ) -> Result<PayloadWriter, EncodeError> {
        let head = self.head(opcode, is_final, 0, len)?;
        head.encode(out)?;
        self.wrote(&head);
        Ok(PayloadWriter { remaining: len, mask: head.mask.map(Mask::new) })
    }

    /// The head of the next frame, if it is one that may come next.
    fn head(&mut self, opcode: Opcode, is_final: bool, reserved: u8, len: u64) -> Result<FrameHead, EncodeError> {
        let unrepresentable = |reason| Err(EncodeError::Unrepresentable { reason });
        if self.is_closed {
            return unrepresentable("nothing follows the close frame");
        }
        match (opcode, self.is_open) {
            (Opcode::Continuation, false) => return unrepresentable("no message has begun that could be continued"),
            (Opcode::Text | Opcode::Binary, true) => return unrepresentable("a message has begun that has not ended"),
            _ => {}
        }
        let limit = if opcode.is_control() { MAX_CONTROL as u64 } else { i64::MAX as u64 };
        if len > limit {
            return Err(EncodeError::TooLong { len, limit });
        }
        if opcode.is_control() && !is_final {
            return unrepresentable("a control frame is not fragmented");
        }
        let mask = self.keys.as_mut().map(|keys| keys());
        Ok(FrameHead { is_final, reserved, opcode, mask, len })
    }

    fn wrote(&mut self, head: &FrameHead) {
        if !head.opcode.is_control() {
            self.is_open = !head.is_final;
        }
        self.is_closed = head.opcode == Opcode::Close;
    }
}

/// A frame that is not due, any behind the close frame, and a control frame that is too long, are refused before anything is written.
impl<P: Payload, K: FnMut() -> [u8; 4]> Encoder<Frame<P>> for FrameEncoder<K> {
    fn encode<W: BufferWriter + ?Sized>(&mut self, frame: Frame<P>, out: &mut W) -> Result<(), EncodeError> {
        let (payload, len) = (&frame.payload, frame.payload.len());
        let head = self.head(frame.opcode, frame.is_final, frame.reserved, len as u64)?;
        if len <= SMALL_LEN {
            let room = FrameHead::MAX_SIZE + len;
            let mut memory = out.reserve(room)?.at_least(room)?;
            let start = head.put(&mut memory);
            let end = start + put_pieces(payload, &mut memory[start..]);
            if let Some(key) = head.mask {
                Mask::new(key).apply(&mut memory[start..end]);
            }
            memory.advance(end);
        } else {
            head.encode(out)?;
            write_payload(payload, head.mask.map(Mask::new).as_mut(), out)?;
        }
        self.wrote(&head);
        Ok(())
    }
}

fn write_payload<W: BufferWriter + ?Sized>(
    payload: &impl Payload,
    mask: Option<&mut Mask>,
    out: &mut W,
) -> Result<(), EncodeError> {
    match mask {
        Some(mask) => {
            Ok(payload.pieces().try_for_each(|piece| write_through(out, piece, |from, to| mask.copy(from, to)))?)
        }
        None => payload.encode(out),
    }
}

/// Writes the payload of a frame whose head is written.
///
/// Nothing else may be written before it [is done](Self::is_done): the frame is as long as its head says.
#[derive(Debug)]
#[must_use]
pub struct PayloadWriter {
    remaining: u64,
    mask: Option<Mask>,
}

impl PayloadWriter {
    /// Writes the next part.
    ///
    /// # Errors
    ///
    /// When it is longer than what is missing, before anything is written; when the writer has no memory, or nobody to read it,
    /// which leaves the frame broken.
    pub fn write<W: BufferWriter + ?Sized>(&mut self, part: impl Payload, out: &mut W) -> Result<(), EncodeError> {
        EncodeError::check_len(part.len(), self.remaining)?;
        write_payload(&part, self.mask.as_mut(), out)?;
        self.remaining -= part.len() as u64;
        Ok(())
    }

    /// How many bytes are missing.
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Whether the frame is complete.
    pub const fn is_done(&self) -> bool {
        self.remaining == 0
    }
}
