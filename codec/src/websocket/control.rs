//! The payloads of control frames, which are short enough to be held in place.

use std::{fmt, ops::Deref};

use super::{CloseCode, WebSocketError, head::MAX_CONTROL};
use crate::utf8::{Utf8Error, Utf8Validator};

/// At most 125 bytes, without an allocation.
#[derive(Clone, Copy)]
pub struct ControlPayload {
    bytes: [u8; MAX_CONTROL],
    len: u8,
}

impl ControlPayload {
    pub(super) const EMPTY: Self = Self { bytes: [0; MAX_CONTROL], len: 0 };

    /// The place for `len` more bytes, if there is one.
    pub(super) fn grow(&mut self, len: usize) -> Option<&mut [u8]> {
        let start = usize::from(self.len);
        let place = self.bytes.get_mut(start..start + len)?;
        self.len += len as u8;
        Some(place)
    }
}

impl Deref for ControlPayload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl AsRef<[u8]> for ControlPayload {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for ControlPayload {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ControlPayload {}

impl fmt::Debug for ControlPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

/// What a close frame says: a code, and a reason, which may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    code: CloseCode,
    payload: ControlPayload,
}

impl Close {
    /// That something that a close frame may say can come of the first bytes of its payload, which begins at `offset`; so many of them are
    /// missing.
    pub(super) fn check(payload: &ControlPayload, missing: u64, offset: u64) -> Result<(), WebSocketError> {
        let (code, reason) = match payload[..] {
            [] => return Ok(()),
            [high, ..] if !CloseCode::may_begin_with(high) => {
                return Err(WebSocketError::Malformed { offset, expected: "a code that a close frame may have" });
            }
            [_] => return Ok(()),
            [high, low, ref reason @ ..] => (u16::from_be_bytes([high, low]), reason),
        };
        if CloseCode::new(code).is_none() {
            return Err(WebSocketError::CloseCode { offset, code });
        }
        let mut text = Utf8Validator::starting_at(offset + 2);
        let open = match text.push(reason) {
            Ok(()) => text.missing().filter(|(_, bytes)| *bytes as u64 > missing),
            Err(Utf8Error::Invalid { offset, .. } | Utf8Error::Truncated { offset, .. }) => Some((offset, 0)),
        };
        open.map_or(Ok(()), |(offset, _)| Err(WebSocketError::Utf8 { offset }))
    }

    /// After how many bytes a payload may be wrong that begins with these.
    pub(super) fn changes_after(payload: &[u8]) -> u64 {
        match *payload {
            // The other byte of the code may be any.
            [high] if (0..=u8::MAX).all(|low| CloseCode::new(u16::from_be_bytes([high, low])).is_some()) => 2,
            _ => 1,
        }
    }

    /// What a payload says that was checked; an empty one says nothing.
    pub(super) fn of(payload: &ControlPayload) -> Option<Self> {
        let [high, low, ..] = payload[..] else { return None };
        Some(Self { code: CloseCode::new(u16::from_be_bytes([high, low]))?, payload: *payload })
    }

    /// The code.
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason: for a log, and not to be shown to a user.
    pub fn reason(&self) -> &str {
        // It was checked when it was read.
        self.payload.get(2..).and_then(|reason| std::str::from_utf8(reason).ok()).unwrap_or_default()
    }
}
