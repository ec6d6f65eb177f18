//! Values that nest, as their bytes, out of a decoder of tokens: what the frames of RESP and of MessagePack share.

use headpond_pool::{Cursor, Position, Sequence};

use crate::{
    decode::{Decoded, Decoder},
    searched::Searched,
};

/// A decoder of tokens that make up values.
pub(crate) trait Tokens: Decoder {
    /// What a value that begins at `offset` and is longer than `limit` bytes fails with.
    fn too_long(offset: u64, limit: u64) -> Self::Error;

    /// Passes a token of a value of which `left` bytes may come from the cursor on; it asks for as many bytes as nothing changes before
    /// for the whole value.
    fn pass(&mut self, cursor: &mut Cursor<'_>, left: u64) -> Result<Passed, Self::Error>;

    /// How many bytes the value that has begun is from ending at the least.
    fn least_missing(&self) -> u64;
}

/// What became of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Passed {
    /// The cursor stands behind it.
    Token,
    /// So many more bytes are needed.
    NeedMore(usize),
    /// It, or what it belongs to, needs more than there may be.
    NoRoom,
}

/// Finds where values end. What was checked of one that has arrived in part is not read again.
#[derive(Debug, Clone)]
pub(crate) struct Nested<T> {
    tokens: T,
    /// How long a value may be, in bytes.
    pub(crate) max_len: usize,
    /// How much of the value that has not ended was taken into account.
    checked: Searched,
}

impl<T> Nested<T> {
    pub(crate) const fn new(tokens: T, max_len: usize) -> Self {
        Self { tokens, max_len, checked: Searched::NOTHING }
    }
}

impl<T: Tokens> Nested<T> {
    /// The bytes of the next value; the cursor goes past them.
    pub(crate) fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, T::Error> {
        if cursor.is_empty() {
            return Ok(Decoded::NeedMore(1));
        }
        let (start, whole) = (cursor.position(), cursor.sequence());
        // What lies behind the limit is not looked at: what it fails with must not depend on how much has arrived.
        let mut near = match cursor.len() {
            len if len <= self.max_len => cursor.clone(),
            _ => whole.slice(start..start + self.max_len).cursor(),
        };
        if self.checked.begins_at(start) {
            near.rewind_to(self.checked.resume(start, near.sequence().end()));
        } else {
            self.tokens.reset();
        }
        let decoded = self.go_on(&mut near, start);
        let end = near.position();
        match &decoded {
            Ok(Decoded::Value(())) => {
                self.checked = Searched::NOTHING;
                cursor.rewind_to(end);
            }
            Ok(Decoded::NeedMore(_)) => self.checked.note(start, end),
            Err(_) => self.reset(),
        }
        decoded.map(|decoded| decoded.map(|()| whole.slice(start..end)))
    }

    pub(crate) fn reset(&mut self) {
        self.tokens.reset();
        self.checked = Searched::NOTHING;
    }

    /// Goes on with the value that begins at `start`, up to its end or as far as there is something. The cursor has no more than the
    /// longest value.
    fn go_on(&mut self, cursor: &mut Cursor<'_>, start: Position) -> Result<Decoded<()>, T::Error> {
        loop {
            let left = (self.max_len - (cursor.position() - start)) as u64;
            let fits = self.tokens.least_missing() <= left;
            match if fits { self.tokens.pass(cursor, left)? } else { Passed::NoRoom } {
                Passed::Token if self.tokens.is_inside() => {}
                Passed::Token => return Ok(Decoded::Value(())),
                Passed::NeedMore(needed) if left > 0 => return Ok(Decoded::NeedMore(needed)),
                _ => return Err(T::too_long(start.offset(), self.max_len as u64)),
            }
        }
    }
}
