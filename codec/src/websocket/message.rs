//! What the frames of a connection amount to.

use super::{Close, ControlPayload};

/// A message, or a control frame, whose payload is owned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A message that is text.
    Text(String),
    /// A message of any bytes.
    Binary(Vec<u8>),
    /// To be answered with a pong of the same payload.
    Ping(ControlPayload),
    /// The answer to a ping, or a sign of life.
    Pong(ControlPayload),
    /// The last that comes: to be answered with a close frame, unless one was sent.
    Close(Option<Close>),
}

/// A message whose payload lies in the caller's memory, or a control frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A text is complete, of so many bytes, and is UTF-8.
    Text(u64),
    /// A message of any bytes is complete, of so many.
    Binary(u64),
    /// As [`Message::Ping`]. The message in whose midst it comes, if there is one, goes on behind it.
    Ping(ControlPayload),
    /// As [`Message::Pong`].
    Pong(ControlPayload),
    /// As [`Message::Close`].
    Close(Option<Close>),
}
