//! What stands before a payload.

use headpond_pool::{BufferWriter, Cursor};

use super::WebSocketError;
use crate::{
    decode::{Decode, Decoded, Interrupt, attempt},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

/// The longest payload of a control frame, in bytes.
pub(super) const MAX_CONTROL: usize = 125;

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

impl FrameHead {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Interrupt<WebSocketError>> {
        let offset = cursor.position().offset();
        let malformed =
            |at, expected| Err(Interrupt::Invalid(WebSocketError::Malformed { offset: offset + at, expected }));
        let first = cursor.u8()?;
        let Some(opcode) = Opcode::of(first & 0xf) else { return malformed(0, "an opcode of RFC 6455") };
        let (is_final, reserved) = (first & 0x80 != 0, first >> 4 & 0x7);
        if opcode.is_control() && !is_final {
            return malformed(0, "a control frame in one piece");
        }
        let second = cursor.u8()?;
        let (is_masked, short) = (second & 0x80 != 0, second & 0x7f);
        if opcode.is_control() && usize::from(short) > MAX_CONTROL {
            return malformed(1, "a control frame of at most 125 bytes");
        }
        let missing = len_size(short) + if is_masked { 4 } else { 0 };
        if cursor.len() < missing {
            return Err(Interrupt::NeedMore(missing - cursor.len()));
        }
        let (len, shortest) = match short {
            126 => (cursor.u16_be()?.into(), 126),
            127 => (cursor.u64_be()?, u64::from(u16::MAX) + 1),
            short => (short.into(), 0),
        };
        if len < shortest {
            return malformed(2, "a length in its shortest form");
        }
        if len > i64::MAX as u64 {
            return malformed(2, "a length of at most 63 bits");
        }
        let mask = if is_masked { Some(cursor.array()?) } else { None };
        Ok(Self { is_final, reserved, opcode, mask, len })
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
        attempt(cursor, Self::read)
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
