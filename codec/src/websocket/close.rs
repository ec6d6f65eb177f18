//! The codes of close frames.

/// A code that a close frame may have.
///
/// # Examples
///
/// ```
/// use headpond_codec::websocket::CloseCode;
///
/// assert_eq!(CloseCode::new(1000), Some(CloseCode::NORMAL));
/// assert_eq!(CloseCode::new(4321).map(CloseCode::get), Some(4321));
/// // "No code was there" is for programs to say to themselves, and never sent.
/// assert_eq!(CloseCode::new(1005), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the connection has done what it was for.
    pub const NORMAL: Self = Self(1000);
    /// 1001: a server goes down, a browser leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: data of a kind that is not accepted.
    pub const UNSUPPORTED: Self = Self(1003);
    /// 1007: a message is not what its kind says: a text that is not UTF-8.
    pub const INVALID_DATA: Self = Self(1007);
    /// 1008: a message against the receiver's policy.
    pub const POLICY: Self = Self(1008);
    /// 1009: a message that is too large.
    pub const TOO_LARGE: Self = Self(1009);
    /// 1010: the server did not agree on an extension that the client needs.
    pub const EXTENSION: Self = Self(1010);
    /// 1011: the server met a condition that it did not expect.
    pub const INTERNAL: Self = Self(1011);

    /// The code of that number, when it may be sent: those of the RFC and of IANA's registry up to 1014, and those from
    /// 3000 to 4999, which are for libraries and applications.
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// Whether there are codes whose first byte is that one.
    pub(super) const fn may_begin_with(byte: u8) -> bool {
        matches!(byte, 0x03 | 0x0b..=0x13)
    }

    /// Its number.
    pub const fn get(self) -> u16 {
        self.0
    }
}
