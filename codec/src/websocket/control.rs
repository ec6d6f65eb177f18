//! The payloads of control frames, which are short enough to be held in place.

use std::{fmt, ops::Deref};

use super::{CloseCode, WebSocketError, head::MAX_CONTROL};

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
    /// Reads the payload of a close frame, which begins at `offset`. An empty one says nothing.
    pub(super) fn read(payload: &ControlPayload, offset: u64) -> Result<Option<Self>, WebSocketError> {
        let (code, reason) = match payload[..] {
            [] => return Ok(None),
            [_] => return Err(WebSocketError::Malformed { offset, expected: "a close code of two bytes" }),
            [high, low, ref reason @ ..] => (u16::from_be_bytes([high, low]), reason),
        };
        let code = CloseCode::new(code).ok_or(WebSocketError::CloseCode { offset, code })?;
        if let Err(error) = std::str::from_utf8(reason) {
            return Err(WebSocketError::Utf8 { offset: offset + 2 + error.valid_up_to() as u64 });
        }
        Ok(Some(Self { code, payload: *payload }))
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
