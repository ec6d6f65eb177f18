//! Replies, encoded straight into the outgoing pipe.

use headpond_codec::{
    EncodeError, Encoder, Payload,
    resp::{RespEncoder, RespVersion, Token},
};
use headpond_pool::BufferWriter;

/// The most that a reply has beside the bytes of its strings, for each of them and for whatever else it is made of.
const FRAMING: usize = 32;

/// What a command is answered with, in the version that its client speaks.
pub(crate) struct Reply<'o> {
    out: &'o mut dyn BufferWriter,
    encoder: RespEncoder,
    /// How long it is by now, at the most, and how long it may become.
    len: usize,
    most: usize,
}

type Written = Result<(), EncodeError>;

impl<'o> Reply<'o> {
    pub(crate) fn new(out: &'o mut dyn BufferWriter, version: RespVersion) -> Self {
        Self { out, encoder: RespEncoder::new(version), len: 0, most: usize::MAX }
    }

    /// Fails once it is longer than so many bytes.
    #[must_use]
    pub(crate) fn at_most(self, bytes: usize) -> Self {
        Self { most: bytes, ..self }
    }

    /// The part of it that a command of a transaction writes. Afterwards, [`go_on`](Self::go_on) where that has ended.
    pub(crate) fn part(&mut self) -> Reply<'_> {
        let encoder = RespEncoder::new(self.version());
        Reply { out: self.out, encoder, len: self.len, most: self.most }
    }

    /// How long it is by now, with everything before it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn go_on(&mut self, version: RespVersion, len: usize) {
        self.switch(version);
        self.len = len;
    }

    /// Goes on in another version.
    pub(crate) fn switch(&mut self, version: RespVersion) {
        self.encoder = RespEncoder::new(version);
    }

    pub(crate) fn version(&self) -> RespVersion {
        self.encoder.version()
    }

    pub(crate) fn ok(&mut self) -> Written {
        self.simple("OK")
    }

    pub(crate) fn simple(&mut self, text: &str) -> Written {
        self.token(&Token::Simple(text))
    }

    pub(crate) fn error(&mut self, text: &str) -> Written {
        self.token(&Token::Error(text))
    }

    pub(crate) fn integer(&mut self, number: i64) -> Written {
        self.token(&Token::<&str>::Integer(number))
    }

    /// How many there are.
    pub(crate) fn count(&mut self, count: usize) -> Written {
        self.integer(count as i64)
    }

    /// 1 or 0.
    pub(crate) fn flag(&mut self, is_so: bool) -> Written {
        self.integer(i64::from(is_so))
    }

    pub(crate) fn bulk(&mut self, bytes: impl Payload) -> Written {
        self.spend(bytes.len())?;
        self.token(&Token::Bulk(bytes))
    }

    /// A bulk string, or null.
    pub(crate) fn optional(&mut self, bytes: Option<impl Payload>) -> Written {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    /// A score: a number of its own in RESP3, and text in RESP2.
    pub(crate) fn double(&mut self, number: f64) -> Written {
        self.token(&Token::<&str>::Double(number))
    }

    /// A score as text, whatever the version.
    pub(crate) fn double_as_text(&mut self, number: f64) -> Written {
        self.spend(FRAMING)?;
        RespEncoder::new(RespVersion::V2).encode(&Token::<&str>::Double(number), self.out)
    }

    /// Lines for people to read, of any bytes.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> Written {
        self.spend(lines.len())?;
        self.token(&Token::Verbatim { format: *b"txt", text: lines })
    }

    pub(crate) fn null(&mut self) -> Written {
        self.token(&Token::<&str>::Null)
    }

    /// Null, where an array was asked for.
    pub(crate) fn null_array(&mut self) -> Written {
        match self.version() {
            RespVersion::V2 => self.token(&Token::<&str>::NullArray),
            _ => self.null(),
        }
    }

    /// So many replies follow.
    pub(crate) fn array(&mut self, len: usize) -> Written {
        self.token(&Token::<&str>::Array(len as u64))
    }

    /// So many replies follow, in no order.
    pub(crate) fn set(&mut self, len: usize) -> Written {
        self.token(&Token::<&str>::Set(len as u64))
    }

    /// So many keys with their values follow.
    pub(crate) fn map(&mut self, pairs: usize) -> Written {
        self.token(&Token::<&str>::Map(pairs as u64))
    }

    fn token<B: Payload>(&mut self, token: &Token<B>) -> Written {
        self.spend(FRAMING)?;
        self.encoder.encode(token, self.out)
    }

    fn spend(&mut self, bytes: usize) -> Written {
        self.len = self.len.saturating_add(bytes);
        if self.len > self.most {
            return Err(EncodeError::TooLong { len: self.len as u64, limit: self.most as u64 });
        }
        Ok(())
    }
}
