//! Which aggregates are open, and what each of them still expects.

use super::{Limits, RespError, Token};

/// The shortest value there is, and the end of a streamed aggregate, in bytes: `_\r\n` and `.\r\n`.
pub(super) const LEAST_VALUE: u64 = 3;

/// The end of a streamed string, in bytes: `;0\r\n`.
pub(super) const END_OF_STRING: u64 = 4;

/// The open aggregates of one stream, the innermost last. Attributes are open until the value that they are of has ended.
#[derive(Debug, Clone)]
pub(super) struct Nesting {
    open: Vec<Open>,
    /// How many bytes all of them are from ending at the least.
    least: u64,
}

#[derive(Debug, Clone, Copy)]
enum Open {
    /// So many values are missing.
    Fixed { missing: u64 },
    /// So many values are missing of attributes.
    Attributes { missing: u64 },
    /// Attributes have ended, and what they are of is due.
    Attributed,
    /// Up to an end; of a map there are pairs.
    Streamed { is_map: bool, is_odd: bool },
    /// Chunks up to an end.
    String,
}

impl Nesting {
    /// Nothing is open.
    pub(super) const NOTHING: Self = Self { open: Vec::new(), least: 0 };

    /// Whether a value has begun that has not ended.
    pub(super) fn is_inside(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.least = 0;
    }

    /// How many bytes must come at the least before all that is open has ended.
    pub(super) fn least_missing(&self) -> u64 {
        self.least
    }

    /// The same behind the next token, which begins with `sign`, without what that opens itself.
    pub(super) fn least_behind(&self, sign: u8) -> u64 {
        match (sign, self.open.last()) {
            (b'.', _) => self.least.saturating_sub(LEAST_VALUE),
            (_, Some(Open::String)) => self.least.saturating_sub(END_OF_STRING),
            _ => self.least_behind_value(),
        }
    }

    /// Whether values may come next, and not the parts of one.
    #[inline]
    pub(super) fn admits_values(&self) -> bool {
        !matches!(self.open.last(), Some(Open::String))
    }

    /// Whether nothing more may be opened.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.open.len() >= limits.max_depth.into()
    }

    /// That a token may begin with `sign` here, at `offset`.
    #[inline]
    pub(super) fn admit(&self, sign: u8, limits: &Limits, offset: u64) -> Result<(), RespError> {
        let malformed = |expected| Err(RespError::Malformed { offset, expected });
        match (sign, self.open.last()) {
            (b';', Some(Open::String)) => Ok(()),
            (_, Some(Open::String)) => malformed("a chunk of the streamed string"),
            (b';', _) => malformed("a value, and no chunk of a string"),
            (b'.', Some(Open::Attributed)) => malformed("the value that the attributes are of"),
            (b'.', Some(Open::Streamed { is_odd: true, .. })) => malformed("the value of a map's last key"),
            (b'.', Some(Open::Streamed { .. })) => Ok(()),
            (b'.', _) => malformed("a value, and no end of an aggregate"),
            // The others may be a null, or a string that is not streamed.
            (b'%' | b'~' | b'>' | b'|', _) if self.is_full(limits) => {
                Err(RespError::TooDeep { offset, limit: limits.max_depth })
            }
            _ => Ok(()),
        }
    }

    /// Takes a token into account that begins at `offset`, with a sign that was admitted; nothing changes when it fails.
    #[inline]
    pub(super) fn step<B>(&mut self, token: &Token<B>, limits: &Limits, offset: u64) -> Result<(), RespError> {
        let (opened, least) = match *token {
            Token::Array(len) | Token::Set(len) | Token::Push(len) => fixed(len),
            Token::Map(pairs) => fixed(pairs.saturating_mul(2)),
            Token::Attributes(pairs) => {
                let missing = pairs.saturating_mul(2);
                let opened = if missing == 0 { Open::Attributed } else { Open::Attributes { missing } };
                (opened, missing.saturating_mul(LEAST_VALUE).saturating_add(LEAST_VALUE))
            }
            Token::StreamedArray | Token::StreamedSet => (Open::Streamed { is_map: false, is_odd: false }, LEAST_VALUE),
            Token::StreamedMap => (Open::Streamed { is_map: true, is_odd: false }, LEAST_VALUE),
            Token::StreamedString => (Open::String, END_OF_STRING),
            Token::End | Token::EndOfString => {
                let end = if let Token::End = token { LEAST_VALUE } else { END_OF_STRING };
                self.least = self.least.saturating_sub(end);
                self.open.pop();
                self.value_ended();
                return Ok(());
            }
            // The parts of a string are one value, which ends with its line end.
            Token::Chunk(_) | Token::BulkHead(_) | Token::Part(_) => return Ok(()),
            _ => {
                match self.open.last_mut() {
                    None => {}
                    Some(Open::Fixed { missing: missing @ 2.. }) => {
                        *missing -= 1;
                        self.least = self.least.saturating_sub(LEAST_VALUE);
                    }
                    Some(_) => {
                        self.least = self.least_behind_value();
                        self.value_ended();
                    }
                }
                return Ok(());
            }
        };
        if self.is_full(limits) {
            return Err(RespError::TooDeep { offset, limit: limits.max_depth });
        }
        self.least = self.least_behind_value().saturating_add(least);
        if let Open::Fixed { missing: 0 } = opened {
            self.value_ended();
        } else {
            self.open.push(opened);
        }
        Ok(())
    }

    /// How many bytes are missing at the least once a value more has come.
    #[inline]
    fn least_behind_value(&self) -> u64 {
        match self.open.last() {
            None | Some(Open::String | Open::Streamed { is_map: false, .. }) => self.least,
            // A key is one value more.
            Some(Open::Streamed { is_odd: false, .. }) => self.least.saturating_add(LEAST_VALUE),
            Some(_) => self.least.saturating_sub(LEAST_VALUE),
        }
    }

    /// A value has ended that stands in the innermost aggregate, and with it those that it was the last of.
    #[inline]
    fn value_ended(&mut self) {
        while let Some(open) = self.open.last_mut() {
            match open {
                Open::Fixed { missing: 2.. } | Open::Attributes { missing: 2.. } => {
                    if let Open::Fixed { missing } | Open::Attributes { missing } = open {
                        *missing -= 1;
                    }
                    return;
                }
                Open::Attributes { .. } => {
                    *open = Open::Attributed;
                    return;
                }
                Open::Streamed { is_map, is_odd } => {
                    *is_odd = *is_map && !*is_odd;
                    return;
                }
                Open::Fixed { .. } | Open::Attributed | Open::String => {
                    self.open.pop();
                }
            }
        }
    }
}

/// What holds so many values.
fn fixed(missing: u64) -> (Open, u64) {
    (Open::Fixed { missing }, missing.saturating_mul(LEAST_VALUE))
}
