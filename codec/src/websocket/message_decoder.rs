//! Messages put together from their frames.

use headpond_pool::{BufferWriter, Cursor, WriteError};

use super::{
    Close, ControlPayload, Event, FrameDecoder, FrameHead, Message, Opcode, Role, WebSocketError, head::MessageRules,
};
use crate::{
    decode::{Decoded, Decoder},
    searched::Searched,
    utf8::{Utf8Error, Utf8Validator},
};

/// How long a message may be unless [`MessageDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: u64 = 64 << 20;

/// Why there is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// What is there can never become one.
    #[error(transparent)]
    Invalid(#[from] WebSocketError),
    /// There is no memory to put it in.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Takes messages off a stream, each put together from its frames and checked, and the control frames between them.
///
/// The close frame is the last it takes.
///
/// # Examples
///
/// The fragmented text of RFC 6455, with a ping in its midst.
///
/// ```
/// use headpond_codec::{Decoded, Decoder, websocket::{Message, MessageDecoder, Role}};
/// use headpond_pool::SequenceBuf;
///
/// let mut messages = MessageDecoder::new(Role::Client);
/// let buffer = SequenceBuf::from(&b"\x01\x03Hel\x89\x01!\x80\x02lo"[..]);
/// let mut cursor = buffer.as_sequence().cursor();
/// assert!(matches!(messages.decode(&mut cursor)?, Decoded::Value(Message::Ping(payload)) if *payload == *b"!"));
/// assert_eq!(messages.decode(&mut cursor)?.value(), Some(Message::Text("Hello".to_owned())));
/// # Ok::<(), headpond_codec::websocket::MessageError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MessageDecoder {
    frames: FrameDecoder,
    max_len: u64,
    /// The frame that has not ended, if one has begun, and where its payload goes on in the stream.
    frame: Option<FrameHead>,
    control: ControlPayload,
    /// Of the message that has not ended: whether it is text, how long it is so far, and what is known of it.
    is_text: bool,
    len: u64,
    text: Utf8Validator,
    failed: Option<WebSocketError>,
    /// Of an owned message: what was taken of it, and up to where in the stream that is.
    gathered: Vec<u8>,
    taken: Searched,
}

impl MessageDecoder {
    /// Messages of at most 64 MiB, in frames of at most 16 MiB, as they come to that end of a connection.
    pub const fn new(role: Role) -> Self {
        Self {
            frames: FrameDecoder::new(role),
            max_len: DEFAULT_MAX_LEN,
            frame: None,
            control: ControlPayload::EMPTY,
            is_text: false,
            len: 0,
            text: Utf8Validator::new(),
            failed: None,
            gathered: Vec::new(),
            taken: Searched::NOTHING,
        }
    }

    /// How long a message may be, in bytes. It is refused when a frame is announced that makes it longer.
    #[must_use]
    pub const fn max_len(mut self, bytes: u64) -> Self {
        self.max_len = bytes;
        self
    }

    /// How long a frame may be, in bytes.
    #[must_use]
    pub fn max_frame_len(mut self, bytes: u64) -> Self {
        self.frames = self.frames.max_len(bytes);
        self
    }

    /// Takes what has arrived, payloads unmasked straight into the memory that `out` hands out, up to the next event.
    ///
    /// What it takes it has taken: the cursor stands behind it, also when more is needed, and it may be consumed. The bytes of one
    /// message come one after the other, whatever control frames come between. Use either this or
    /// [`decode`](Decoder::decode) of one decoder.
    ///
    /// # Errors
    ///
    /// When what is there can never become a message, or becomes one longer than it may be. That is for good, and what was written of
    /// the message is worth nothing. When `out` has no memory nothing is lost: the cursor stands behind what it has
    /// taken, and a later call goes on there.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_codec::{Decoded, websocket::{Event, MessageDecoder, Role}};
    /// use headpond_pool::SequenceBuf;
    ///
    /// let mut messages = MessageDecoder::new(Role::Server);
    /// let mut out = Vec::new(); // or the writer of another pipe
    /// let buffer = SequenceBuf::from(&b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"[..]);
    /// let event = messages.decode_into(&mut buffer.as_sequence().cursor(), &mut out)?;
    /// assert_eq!((event, &out[..]), (Decoded::Value(Event::Text(5)), &b"Hello"[..]));
    /// # Ok::<(), headpond_codec::websocket::MessageError>(())
    /// ```
    pub fn decode_into<W: BufferWriter + ?Sized>(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut W,
    ) -> Result<Decoded<Event>, MessageError> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let decoded = self.go_on(cursor, out);
        if let Err(MessageError::Invalid(error)) = decoded {
            self.failed = Some(error);
        }
        decoded
    }

    fn go_on<W: BufferWriter + ?Sized>(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut W,
    ) -> Result<Decoded<Event>, MessageError> {
        loop {
            let Some(head) = self.frame else {
                let (max_len, left) = (self.max_len, self.max_len.saturating_sub(self.len_so_far()));
                let missing = if self.frames.is_inside() && self.is_text { self.text.missing() } else { None };
                match self.frames.decode_head(cursor, Some(MessageRules { max_len, left, missing }))? {
                    Ok(head) => self.begin(head),
                    Err(unfinished) => {
                        let behind = unfinished.least.map_or(0, |head| self.changes_behind(&head, head.len, &[]));
                        return Ok(Decoded::NeedMore(unfinished.changes_after(behind)));
                    }
                }
                continue;
            };
            if head.opcode.is_control() {
                let offset = cursor.position().offset() - self.control.len() as u64;
                self.take_control(cursor);
                if head.opcode == Opcode::Close {
                    Close::check(&self.control, self.frames.remaining(), offset)?;
                }
            } else {
                self.take_data(cursor, out, head.is_final)?;
            }
            let remaining = self.frames.remaining();
            if remaining > 0 {
                let needed = self.changes_behind(&head, remaining, &self.control);
                return Ok(Decoded::NeedMore(usize::try_from(needed).unwrap_or(usize::MAX)));
            }
            self.frame = None;
            if let Some(event) = self.end(&head) {
                return Ok(Decoded::Value(event));
            }
        }
    }

    /// How long the open message is so far.
    fn len_so_far(&self) -> u64 {
        if self.frames.is_inside() { self.len } else { 0 }
    }

    /// After how many bytes the answer may be another, behind the head of a frame of whose payload so many bytes are missing. Of a close
    /// frame's, the others are these.
    fn changes_behind(&self, head: &FrameHead, missing: u64, close: &[u8]) -> u64 {
        let is_text = match head.opcode {
            Opcode::Text => true,
            Opcode::Continuation => self.is_text,
            Opcode::Close => return missing.min(Close::changes_after(close)),
            Opcode::Binary => false,
            Opcode::Ping | Opcode::Pong => return missing,
        };
        // The next byte may be no text, and that behind a fragment no head.
        match missing {
            1.. if is_text => 1,
            _ if head.is_final => missing,
            _ => missing.saturating_add(1),
        }
    }

    /// Takes a head into account.
    fn begin(&mut self, head: FrameHead) {
        match head.opcode {
            Opcode::Text | Opcode::Binary => {
                (self.is_text, self.len, self.text) = (head.opcode == Opcode::Text, 0, Utf8Validator::new());
            }
            Opcode::Continuation => {}
            _ => self.control = ControlPayload::EMPTY,
        }
        if !head.opcode.is_control() {
            self.len = self.len.saturating_add(head.len);
        }
        self.frame = Some(head);
    }

    fn take_control(&mut self, cursor: &mut Cursor<'_>) {
        let available = cursor.len().min(usize::try_from(self.frames.remaining()).unwrap_or(usize::MAX));
        // There is a place for as many as a control frame may have.
        if let Some(place) = self.control.grow(available) {
            self.frames.take_part(cursor, available).copy_to(place);
        }
    }

    /// Nothing is taken off the stream that there is no memory for.
    fn take_data<W: BufferWriter + ?Sized>(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut W,
        is_final: bool,
    ) -> Result<(), MessageError> {
        loop {
            let available = cursor.len().min(usize::try_from(self.frames.remaining()).unwrap_or(usize::MAX));
            if available == 0 {
                return Ok(());
            }
            let offset = cursor.position().offset();
            let mut memory = out.reserve_up_to(1, available)?.at_least(1)?;
            let len = available.min(memory.len());
            self.frames.take_part(cursor, len).copy_to(&mut memory[..len]);
            if self.is_text {
                self.text.push_at(&memory[..len], offset).map_err(no_text)?;
                // What may still come of the message must hold the rest of its last character.
                let room = self.frames.remaining() + if is_final { 0 } else { self.max_len.saturating_sub(self.len) };
                if let Some((offset, _)) = self.text.missing().filter(|(_, bytes)| *bytes as u64 > room) {
                    return Err(WebSocketError::Utf8 { offset }.into());
                }
            }
            memory.advance(len);
        }
    }

    /// What the end of a frame means.
    fn end(&mut self, head: &FrameHead) -> Option<Event> {
        Some(match head.opcode {
            Opcode::Ping => Event::Ping(self.control),
            Opcode::Pong => Event::Pong(self.control),
            Opcode::Close => Event::Close(Close::of(&self.control)),
            _ if !head.is_final => return None,
            _ if self.is_text => Event::Text(self.len),
            _ => Event::Binary(self.len),
        })
    }

    /// The event with what was gathered for it.
    fn own(&mut self, event: Event) -> Message {
        match event {
            // It was checked as it came.
            Event::Text(_) => Message::Text(String::from_utf8(std::mem::take(&mut self.gathered)).unwrap_or_default()),
            Event::Binary(_) => Message::Binary(std::mem::take(&mut self.gathered)),
            Event::Ping(payload) => Message::Ping(payload),
            Event::Pong(payload) => Message::Pong(payload),
            Event::Close(close) => Message::Close(close),
        }
    }
}

/// A message is unmasked as it arrives, once, though its bytes stay in the stream until it is complete.
impl Decoder for MessageDecoder {
    type Item<'a> = Message;
    type Error = MessageError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Message>, MessageError> {
        let start = cursor.position();
        cursor.rewind_to(self.taken.resume(start, cursor.sequence().end()));
        let mut gathered = std::mem::take(&mut self.gathered);
        let decoded = self.decode_into(cursor, &mut gathered);
        self.gathered = gathered;
        if let Ok(Decoded::Value(event)) = decoded {
            self.taken = Searched::NOTHING;
            return Ok(Decoded::Value(self.own(event)));
        }
        self.taken.note(start, cursor.position());
        cursor.rewind_to(start);
        decoded.map(|decoded| match decoded {
            Decoded::NeedMore(needed) => Decoded::NeedMore(needed),
            Decoded::Value(_) => Decoded::NeedMore(1),
        })
    }

    fn is_inside(&self) -> bool {
        self.frames.is_inside()
    }

    fn reset(&mut self) {
        self.frames.reset();
        (self.frame, self.failed) = (None, None);
        self.gathered.clear();
        self.taken = Searched::NOTHING;
    }
}

fn no_text(error: Utf8Error) -> WebSocketError {
    match error {
        Utf8Error::Invalid { offset, .. } | Utf8Error::Truncated { offset, .. } => WebSocketError::Utf8 { offset },
    }
}
