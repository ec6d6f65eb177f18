//! Which aggregates are open, and what each of them still expects.

use super::{Limits, RespError, Token};

/// The open aggregates of one stream, the innermost last.
#[derive(Debug, Clone)]
pub(super) struct Nesting {
    open: Vec<Open>,
    /// Attributes have ended, and what they belong to is due.
    is_owed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Open {
    /// So many tokens' values are missing.
    Fixed { missing: u64, is_attributes: bool },
    /// Up to an end; of a map there are pairs.
    Streamed { is_map: bool, is_odd: bool },
    /// Chunks up to an end.
    String,
}

impl Nesting {
    /// Nothing is open.
    pub(super) const NOTHING: Self = Self { open: Vec::new(), is_owed: false };

    /// Whether a value has begun that has not ended.
    pub(super) fn is_inside(&self) -> bool {
        self.is_owed || !self.open.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.is_owed = false;
    }

    /// Whether the next token is one of a streamed string.
    pub(super) fn wants_chunk(&self) -> bool {
        matches!(self.open.last(), Some(Open::String))
    }

    /// Takes a token into account that begins at `offset`; nothing changes when it fails.
    #[inline]
    pub(super) fn step<B>(&mut self, token: &Token<B>, limits: &Limits, offset: u64) -> Result<(), RespError> {
        let malformed = |expected| Err(RespError::Malformed { offset, expected });
        match (token, self.wants_chunk()) {
            (Token::Chunk(_), true) => return Ok(()),
            (Token::EndOfString, true) => {
                self.open.pop();
                self.value_ended();
                return Ok(());
            }
            (_, true) => return malformed("a chunk of the streamed string"),
            (Token::Chunk(_) | Token::EndOfString, false) => return malformed("a value, and no chunk of a string"),
            _ => {}
        }
        let opened = match *token {
            Token::Array(len) | Token::Set(len) | Token::Push(len) => {
                Open::Fixed { missing: len, is_attributes: false }
            }
            Token::Map(pairs) => Open::Fixed { missing: pairs.saturating_mul(2), is_attributes: false },
            Token::Attributes(pairs) => Open::Fixed { missing: pairs.saturating_mul(2), is_attributes: true },
            Token::StreamedArray | Token::StreamedSet => Open::Streamed { is_map: false, is_odd: false },
            Token::StreamedMap => Open::Streamed { is_map: true, is_odd: false },
            Token::StreamedString => Open::String,
            Token::End => return self.end_streamed(offset),
            // The parts of a string are one value, which ends with its line end.
            Token::BulkHead(_) | Token::Part(_) => return Ok(()),
            _ => {
                self.value_ended();
                return Ok(());
            }
        };
        if self.open.len() >= limits.max_depth.into() {
            return Err(RespError::TooDeep { offset, limit: limits.max_depth });
        }
        self.is_owed = false;
        self.open.push(opened);
        self.close_complete();
        Ok(())
    }

    fn end_streamed(&mut self, offset: u64) -> Result<(), RespError> {
        let malformed = |expected| Err(RespError::Malformed { offset, expected });
        if self.is_owed {
            return malformed("the value that the attributes are of");
        }
        match self.open.last() {
            Some(Open::Streamed { is_odd: true, .. }) => malformed("the value of a map's last key"),
            Some(Open::Streamed { .. }) => {
                self.open.pop();
                self.value_ended();
                Ok(())
            }
            _ => malformed("a value, and no end of an aggregate"),
        }
    }

    /// A value has ended that stands in the innermost aggregate.
    #[inline]
    fn value_ended(&mut self) {
        self.is_owed = false;
        match self.open.last_mut() {
            None => return,
            Some(Open::Fixed { missing, .. }) => *missing -= 1,
            Some(Open::Streamed { is_map, is_odd }) => *is_odd = *is_map && !*is_odd,
            Some(Open::String) => {}
        }
        self.close_complete();
    }

    /// Closes what misses nothing.
    #[inline]
    fn close_complete(&mut self) {
        while let Some(&Open::Fixed { missing: 0, is_attributes }) = self.open.last() {
            self.open.pop();
            if is_attributes {
                self.is_owed = true;
                return;
            }
            match self.open.last_mut() {
                Some(Open::Fixed { missing, .. }) => *missing -= 1,
                Some(Open::Streamed { is_map, is_odd }) => *is_odd = *is_map && !*is_odd,
                _ => {}
            }
        }
    }
}
