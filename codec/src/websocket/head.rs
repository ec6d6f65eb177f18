//! What stands before a payload.

use headpond_pool::{BufferWriter, Cursor};

use super::{Role, WebSocketError};
use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
    field_range::FieldRange,
};

/// The longest payload of a control frame, in bytes.
pub(super) const MAX_CONTROL: usize = 125;

/// How long a masking key is, in bytes.
const KEY_LEN: usize = 4;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Opcode {
    /// More of the message that has begun.
    Continuation = 0x0,
    /// A message that is text, or its beginning.
    Text = 0x1,
    /// A message of any bytes, or its beginning.
    Binary = 0x2,
    /// The last frame.
    Close = 0x8,
    /// To be answered with a pong of the same payload.
    Ping = 0x9,
    /// The answer to a ping, or a sign of life.
    Pong = 0xa,
}

impl Opcode {
    /// Whether such frames stand by themselves, between those of a message.
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    const fn of(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }
}

/// The head of a frame.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Encode, websocket::{FrameHead, Opcode}};
/// use headpond_pool::SequenceBuf;
///
/// let head = FrameHead { is_final: true, reserved: 0, opcode: Opcode::Binary, mask: None, len: 65536 };
/// let mut out = Vec::new();
/// head.encode(&mut out)?;
/// assert_eq!(out, [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
/// let buffer = SequenceBuf::from(out);
/// assert_eq!(FrameHead::decode(&mut buffer.as_sequence().cursor())?.value(), Some(head));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// Whether it ends its message.
    pub is_final: bool,
    /// The bits that are for extensions to use: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub reserved: u8,
    /// What it is.
    pub opcode: Opcode,
    /// The key that its payload is masked with.
    pub mask: Option<[u8; 4]>,
    /// How long its payload is, in bytes.
    pub len: u64,
}

/// What the head of a frame must be beside what RFC 6455 says of all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Who reads it, if that is known.
    pub(super) role: Option<Role>,
    /// Which of the reserved bits may be set.
    pub(super) reserved: u8,
    /// Whether a message has begun that has not ended, if that is known.
    pub(super) is_open: Option<bool>,
    /// How long a frame may be.
    pub(super) max_frame: u64,
    /// Of messages that are put together: how long they may be, how much of that is left for the open one, and what it needs.
    pub(super) message: Option<MessageRules>,
}

/// What the head of a frame must be for a message to come of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct MessageRules {
    pub(super) max_len: u64,
    pub(super) left: u64,
    /// Where a character of its text begins that is not whole, and how many bytes are missing.
    pub(super) missing: Option<(u64, usize)>,
}

/// What there is of a head that has not ended, when nothing is wrong with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unfinished {
    /// After how many bytes something may be wrong with it.
    pub(super) fails_after: Option<usize>,
    /// How many bytes are missing.
    pub(super) missing: usize,
    /// The least that the head may become, once its first two bytes have come.
    pub(super) least: Option<FrameHead>,
}

impl Unfinished {
    /// After how many bytes the answer may be another, when `behind` of them follow the end of the head.
    pub(super) fn changes_after(&self, behind: u64) -> usize {
        let whole = self.missing.saturating_add(usize::try_from(behind).unwrap_or(usize::MAX));
        self.fails_after.map_or(whole, |fails_after| fails_after.min(whole))
    }
}

impl Rules {
    /// Those of the RFC alone.
    const NONE: Self = Self { role: None, reserved: 0x7, is_open: None, max_frame: u64::MAX, message: None };

    /// Reads a head, whose first byte tells what it tells before the next one is looked at.
    #[inline]
    pub(super) fn read(&self, cursor: &mut Cursor<'_>) -> Result<Result<FrameHead, Unfinished>, WebSocketError> {
        if let Some((head, len)) = self.near(cursor.chunk()) {
            let _ = cursor.skip(len);
            return Ok(Ok(head));
        }
        self.read_far(cursor)
    }

    /// A head that lies in one chunk and that nothing is wrong with, of a frame of no more than 125 bytes, and how long it is.
    #[inline]
    pub(super) fn near(&self, chunk: &[u8]) -> Option<(FrameHead, usize)> {
        let [first, second, rest @ ..] = chunk else { return None };
        let (is_masked, len) = (second & 0x80 != 0, u64::from(second & 0x7f));
        let opcode = Opcode::of(first & 0xf)?;
        let (is_final, reserved) = (first & 0x80 != 0, first >> 4 & 0x7);
        let is_due = match opcode {
            Opcode::Continuation => self.is_open != Some(false),
            Opcode::Text | Opcode::Binary => self.is_open != Some(true),
            _ => is_final,
        };
        let is_role = self.role.is_none_or(|role| (role == Role::Server) == is_masked);
        // What messages want is looked at elsewhere, but for data of which there is enough.
        let is_data = match &self.message {
            None => true,
            Some(message) => !opcode.is_control() && message.missing.is_none() && len <= message.left,
        };
        let fits = len <= MAX_CONTROL as u64 && len <= self.max_frame && reserved & !self.reserved == 0;
        if !(is_due && is_role && is_data && fits) {
            return None;
        }
        let (mask, len_of_head) = if is_masked { (Some(*rest.first_chunk()?), 2 + KEY_LEN) } else { (None, 2) };
        Some((FrameHead { is_final, reserved, opcode, mask, len }, len_of_head))
    }

    #[inline(never)]
    fn read_far(&self, cursor: &mut Cursor<'_>) -> Result<Result<FrameHead, Unfinished>, WebSocketError> {
        let offset = cursor.position().offset();
        let [Ok(first), second] = [cursor.peek(), cursor.peek_at(1)] else {
            return Ok(Err(Unfinished { fails_after: Some(1), missing: 2, least: None }));
        };
        let (opcode, is_final, reserved) = self.first(first, offset)?;
        let Ok(second) = second else { return Ok(Err(Unfinished { fails_after: Some(1), missing: 1, least: None })) };
        let (is_masked, short) = (second & 0x80 != 0, second & 0x7f);
        self.second(opcode, is_final, is_masked, short, offset)?;
        let (size, key) = (len_size(short), if is_masked { KEY_LEN } else { 0 });
        let head = |len, mask| FrameHead { is_final, reserved, opcode, mask, len };
        let available = cursor.len() - 2;
        let mut rest = cursor.clone();
        let _ = rest.skip(2);
        let (len, fails_after) = self.len(opcode, short, &rest, offset)?;
        if available < size + key {
            let mask = is_masked.then_some([0; KEY_LEN]);
            return Ok(Err(Unfinished { fails_after, missing: size + key - available, least: Some(head(len, mask)) }));
        }
        let _ = rest.skip(size);
        let mask = if is_masked { rest.array().ok() } else { None };
        *cursor = rest;
        Ok(Ok(head(len, mask)))
    }

    fn first(&self, first: u8, offset: u64) -> Result<(Opcode, bool, u8), WebSocketError> {
        let malformed = |expected| Err(WebSocketError::Malformed { offset, expected });
        let Some(opcode) = Opcode::of(first & 0xf) else { return malformed("an opcode of RFC 6455") };
        let (is_final, reserved) = (first & 0x80 != 0, first >> 4 & 0x7);
        if opcode.is_control() && !is_final {
            return malformed("a control frame in one piece");
        }
        if reserved & !self.reserved != 0 {
            return malformed("no bit of an extension that was not agreed on");
        }
        match (opcode, self.is_open) {
            (Opcode::Continuation, Some(false)) => malformed("a message, which begins with its kind"),
            (Opcode::Text | Opcode::Binary, Some(true)) => malformed("a continuation of the message"),
            _ => Ok((opcode, is_final, reserved)),
        }
    }

    fn second(
        &self,
        opcode: Opcode,
        is_final: bool,
        is_masked: bool,
        short: u8,
        offset: u64,
    ) -> Result<(), WebSocketError> {
        let malformed = |expected| Err(WebSocketError::Malformed { offset: offset + 1, expected });
        if opcode.is_control() && usize::from(short) > MAX_CONTROL {
            return malformed("a control frame of at most 125 bytes");
        }
        match (self.role, is_masked) {
            (Some(Role::Server), false) => return malformed("a masked frame, as a client sends them"),
            (Some(Role::Client), true) => return malformed("a frame without a mask, as a server sends them"),
            _ => {}
        }
        let Some(message) = &self.message else { return Ok(()) };
        if opcode == Opcode::Close && short == 1 {
            return malformed("a close code of two bytes, or none");
        }
        match message.missing {
            Some((offset, missing)) if opcode == Opcode::Continuation && is_final && usize::from(short) < missing => {
                Err(WebSocketError::Utf8 { offset })
            }
            _ => Ok(()),
        }
    }

    /// The least length that the bytes at the cursor may be, of which there may be too few, and after how many more it may be wrong.
    fn len(
        &self,
        opcode: Opcode,
        short: u8,
        rest: &Cursor<'_>,
        offset: u64,
    ) -> Result<(u64, Option<usize>), WebSocketError> {
        let max_message = match &self.message {
            Some(message) if !opcode.is_control() => message.left,
            _ => u64::MAX,
        };
        let shortest = match short {
            126 => 126,
            127 => u64::from(u16::MAX) + 1,
            short => return self.check_len(short.into(), max_message, offset).map(|()| (short.into(), None)),
        };
        let high = (i64::MAX as u64).min(self.max_frame).min(max_message);
        if high < shortest {
            return self.check_len(shortest, max_message, offset).map(|()| (shortest, None));
        }
        let field = FieldRange::big_endian(len_size(short), shortest, high);
        let malformed = |expected| Err(WebSocketError::Malformed { offset: offset + 2, expected });
        match field.read(rest) {
            Ok(partial) => Ok((field.least(partial).unwrap_or(shortest), field.fails_after(partial))),
            Err(partial) if field.is_below(partial) => malformed("a length in its shortest form"),
            Err(partial) if partial.number > i64::MAX as u64 => malformed("a length of at most 63 bits"),
            Err(partial) => self.check_len(partial.number, max_message, offset).map(|()| (partial.number, None)),
        }
    }

    /// That a frame of so many bytes at the least is not too long.
    fn check_len(&self, len: u64, max_message: u64, offset: u64) -> Result<(), WebSocketError> {
        if len > self.max_frame {
            return Err(WebSocketError::TooLong { offset, limit: self.max_frame, unit: "frame" });
        }
        match &self.message {
            Some(message) if len > max_message => {
                Err(WebSocketError::TooLong { offset, limit: message.max_len, unit: "message" })
            }
            _ => Ok(()),
        }
    }
}

/// How many bytes the length takes behind the first seven bits of it.
const fn len_size(short: u8) -> usize {
    match short {
        126 => 2,
        127 => 8,
        _ => 0,
    }
}

/// An opcode that the RFC does not have, a length in a longer form than it needs, and a control frame that is long or not final
/// are errors. Bits and masks are the reader's affair.
impl Decode<'_> for FrameHead {
    type Error = WebSocketError;

    fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, WebSocketError> {
        Ok(match Rules::NONE.read(cursor)? {
            Ok(head) => Decoded::Value(head),
            Err(unfinished) => Decoded::NeedMore(unfinished.changes_after(0)),
        })
    }
}

impl Encode for FrameHead {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

/// As the fields say, whether they agree with the protocol or not.
impl MaxSize for FrameHead {
    const MAX_SIZE: usize = 14;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        memory[0] = u8::from(self.is_final) << 7 | (self.reserved & 0x7) << 4 | self.opcode as u8;
        let mut end = 2;
        let short = match self.len {
            0..126 => self.len as u8,
            126..0x1_0000 => {
                memory[2..4].copy_from_slice(&(self.len as u16).to_be_bytes());
                126
            }
            _ => {
                memory[2..10].copy_from_slice(&self.len.to_be_bytes());
                127
            }
        };
        end += len_size(short);
        memory[1] = short | u8::from(self.mask.is_some()) << 7;
        if let Some(key) = self.mask {
            memory[end..end + 4].copy_from_slice(&key);
            end += 4;
        }
        end
    }
}
