//! The frames of WebSocket, after RFC 6455, and the messages they make up; without the handshake, which is HTTP's.
//!
//! | you want | take |
//! |---|---|
//! | messages, each by itself | [`MessageDecoder`], a [`Decoder`](crate::Decoder) of owned [`Message`]s |
//! | messages in memory of your own | [`MessageDecoder::decode_into`], which unmasks straight into any `BufferWriter` |
//! | frames, or messages larger than memory | [`FrameDecoder`], which gives heads and payloads as they arrive |
//! | to write either | [`FrameEncoder`], which masks while it copies into the writer's memory |
//!
//! A client masks what it sends, a server does not, and each refuses the other: both ends are told their [`Role`].
//! Lengths in a longer form than they need, fragmented or long control frames, opcodes and bits that nobody agreed on,
//! continuations of nothing, texts that are not UTF-8 and close codes that may not be sent are errors. Each is told with the first byte
//! that shows it, of a head, of a text, and of what a close frame says. [`WebSocketError::close_code`] is what to answer with.

mod close;
mod control;
mod encoder;
mod frame_decoder;
mod head;
mod mask;
mod message;
mod message_decoder;

pub use close::CloseCode;
pub use control::{Close, ControlPayload};
pub use encoder::{ClosePayload, Frame, FrameEncoder, PayloadWriter};
pub use frame_decoder::{FrameDecoder, Part, Piece};
pub use head::{FrameHead, Opcode};
pub use mask::Mask;
pub use message::{Event, Message};
pub use message_decoder::{MessageDecoder, MessageError};

/// Whose end of a connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It masks what it sends, and reads what is not masked.
    Client,
    /// It reads what is masked, and masks nothing.
    Server,
}

/// Why bytes are no frames, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebSocketError {
    /// Something else stands there than the protocol has.
    #[error("at offset {offset}: {expected} expected")]
    Malformed {
        /// Where what is wrong begins in the stream, in bytes.
        offset: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A frame or a message is longer than it may be.
    #[error("with the frame at offset {offset} there are more than {limit} bytes in the {unit}")]
    TooLong {
        /// Where the frame that announces it begins in the stream, in bytes.
        offset: u64,
        /// How long it may be, in bytes.
        limit: u64,
        /// What it is that is too long: a frame or a message.
        unit: &'static str,
    },
    /// A text, or the reason of a close frame, is not UTF-8.
    #[error("the text is not UTF-8 from offset {offset} on")]
    Utf8 {
        /// Where the code point begins that is none, in the stream, in bytes.
        offset: u64,
    },
    /// A close frame has a code that may not be sent. (One of whose first byte there is none that may is
    /// [`Malformed`](Self::Malformed): the other was not waited for.)
    #[error("at offset {offset}: {code} is no code that a close frame may have")]
    CloseCode {
        /// Where the code stands in the stream, in bytes.
        offset: u64,
        /// The code.
        code: u16,
    },
    /// Something follows the close frame.
    #[error("a frame at offset {offset}, behind the close frame")]
    AfterClose {
        /// Where it begins in the stream, in bytes.
        offset: u64,
    },
}

impl WebSocketError {
    /// The code of the close frame to answer with.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::TooLong { .. } => CloseCode::TOO_LARGE,
            Self::Utf8 { .. } => CloseCode::INVALID_DATA,
            Self::Malformed { .. } | Self::CloseCode { .. } | Self::AfterClose { .. } => CloseCode::PROTOCOL_ERROR,
        }
    }
}
