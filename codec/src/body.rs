//! Bodies of known length, taken in parts as they arrive: for those that are not to be gathered first.

use headpond_pool::{Cursor, Sequence};

use crate::decode::{Decoded, Decoder};

/// What is left of a body of known length.
///
/// As a [`Decoder`] it gives a part whenever there is one, and needs more for ever once nothing is left: ask
/// [`is_done`](Self::is_done).
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, body::Body};
/// use headpond_pool::SequenceBuf;
///
/// let mut body = Body::of(8);
/// let buffer = SequenceBuf::from("first");
/// assert_eq!(body.decode(&mut buffer.as_sequence().cursor())?.value().unwrap(), "first");
/// assert_eq!(body.remaining(), 3);
/// let buffer = SequenceBuf::from("endnext");
/// assert_eq!(body.decode(&mut buffer.as_sequence().cursor())?.value().unwrap(), "end");
/// assert!(body.is_done());
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    remaining: u64,
}

impl Body {
    /// A body of `len` bytes, none of them taken yet.
    pub const fn of(len: u64) -> Self {
        Self { remaining: len }
    }

    /// Takes what has arrived of it, which may be nothing.
    #[inline]
    pub fn take<'a>(&mut self, cursor: &mut Cursor<'a>) -> Sequence<'a> {
        self.take_at_most(cursor, usize::MAX)
    }

    /// Takes what has arrived of it up to `most` bytes, for which there is room.
    #[inline]
    pub(crate) fn take_at_most<'a>(&mut self, cursor: &mut Cursor<'a>, most: usize) -> Sequence<'a> {
        let len = cursor.len().min(most).min(usize::try_from(self.remaining).unwrap_or(usize::MAX));
        let part = cursor.take_exact(len).unwrap_or_default();
        self.remaining -= part.len() as u64;
        part
    }

    /// How many bytes have not been taken.
    pub const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Whether all of it was taken.
    pub const fn is_done(&self) -> bool {
        self.remaining == 0
    }
}

impl Decoder for Body {
    type Item<'a> = Sequence<'a>;
    type Error = std::convert::Infallible;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, Self::Error> {
        let part = self.take(cursor);
        Ok(if part.is_empty() { Decoded::NeedMore(1) } else { Decoded::Value(part) })
    }

    fn is_inside(&self) -> bool {
        !self.is_done()
    }

    /// Leaves nothing of the body.
    fn reset(&mut self) {
        self.remaining = 0;
    }
}
