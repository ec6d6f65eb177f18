//! Why a command is answered with an error, and how that is worded.

use std::{borrow::Cow, error::Error, fmt};

use headpond_codec::{EncodeError, resp::RespError};
use headpond_pool::{Position, Sequence};

/// Why a command was not carried out.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// The client is told so: a code and a text.
    Refused(Cow<'static, str>),
    /// The client could not be told anything.
    Reply(EncodeError),
}

pub(crate) const WRONG_TYPE: CommandError =
    refused("WRONGTYPE Operation against a key holding the wrong kind of value");
pub(crate) const SYNTAX: CommandError = refused("ERR syntax error");
pub(crate) const NOT_AN_INTEGER: CommandError = refused("ERR value is not an integer or out of range");
pub(crate) const NOT_A_FLOAT: CommandError = refused("ERR value is not a valid float");
pub(crate) const NOT_POSITIVE: CommandError = refused("ERR value is out of range, must be positive");
pub(crate) const OVERFLOW: CommandError = refused("ERR increment or decrement would overflow");

/// An error of this wording.
pub(crate) const fn refused(text: &'static str) -> CommandError {
    CommandError::Refused(Cow::Borrowed(text))
}

/// An error of this wording, without line breaks.
pub(crate) fn refused_as(text: fmt::Arguments<'_>) -> CommandError {
    CommandError::Refused(text.to_string().replace(['\r', '\n'], " ").into())
}

pub(crate) fn wrong_arity(command: &str) -> CommandError {
    refused_as(format_args!("ERR wrong number of arguments for '{command}' command"))
}

pub(crate) fn invalid_expiry(command: &str) -> CommandError {
    refused_as(format_args!("ERR invalid expire time in '{command}' command"))
}

/// Somebody has been made to send what is HTTP to a browser, and commands to a server of Redis.
#[derive(Debug)]
pub(crate) struct CrossProtocol;

impl fmt::Display for CrossProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to this server. This is \
             likely due to an attacker attempting to use Cross Protocol Scripting to compromise it. Connection aborted.",
        )
    }
}

impl Error for CrossProtocol {}

impl From<EncodeError> for CommandError {
    fn from(error: EncodeError) -> Self {
        Self::Reply(error)
    }
}

/// What a client is told whose bytes are no command, before it is hung up on.
pub(crate) fn protocol_error(error: &RespError, buffer: Sequence<'_>, is_authenticated: bool) -> String {
    let what = match *error {
        RespError::Malformed { offset, expected } => match (expected, byte_at(buffer, offset)) {
            ("an argument's $", Some(byte)) => format!("expected '$', got '{}'", char::from(byte)),
            ("a count of arguments", _) => "invalid multibulk length".into(),
            ("a length", _) => "invalid bulk length".into(),
            _ => format!("{expected} expected"),
        },
        RespError::TooLong { unit: "arguments", .. } if !is_authenticated => "unauthenticated multibulk length".into(),
        RespError::TooLong { unit: "arguments", .. } => "invalid multibulk length".into(),
        RespError::TooLong { offset, .. } => match byte_at(buffer, offset) {
            Some(b'$') if !is_authenticated => "unauthenticated bulk length".into(),
            Some(b'$' | b'*') => "invalid bulk length".into(),
            _ => "too big inline request".into(),
        },
        RespError::UnbalancedQuotes { .. } => "unbalanced quotes in request".into(),
        _ => error.to_string(),
    };
    format!("ERR Protocol error: {what}")
}

fn byte_at(buffer: Sequence<'_>, offset: u64) -> Option<u8> {
    let from = buffer.start().offset();
    let position: Position = buffer.start() + usize::try_from(offset.checked_sub(from)?).ok()?;
    if position < buffer.end() { buffer.byte_at(position) } else { None }
}
