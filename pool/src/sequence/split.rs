//! A sequence in parts that a byte separates.

use std::iter::FusedIterator;

use memchr::memrchr;

use super::Sequence;
use crate::sequence::position::Position;

impl<'a> Sequence<'a> {
    /// Returns the parts between the bytes that are `delimiter`, in order, without copying them.
    ///
    /// As with [`slice::split`], there is one part more than there are delimiters: between two in a row is an empty part, and the last
    /// part is what stands behind the last delimiter, empty when nothing does. A sequence without a delimiter is one part, and so is
    /// an empty one. Where bytes go on arriving, the last part may be the beginning of a longer one:
    /// [`Cursor::take_until`](crate::Cursor::take_until) gives only parts that have ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::{SequenceBuf, Slice};
    ///
    /// let buffer = SequenceBuf::from_iter([Slice::from("a,b"), Slice::from("c,,")]);
    /// let parts: Vec<String> = buffer.as_sequence().split(b',').map(|part| part.to_string()).collect();
    /// assert_eq!(parts, ["a", "bc", "", ""]);
    /// ```
    pub fn split(&self, delimiter: u8) -> Split<'a> {
        Split { rest: Some(*self), delimiter }
    }

    /// Where the last `byte` stands.
    fn last_position_of(&self, byte: u8) -> Option<Position> {
        let mut after = self.end();
        for chunk in self.chunks().rev() {
            after -= chunk.len();
            if let Some(offset) = memrchr(byte, chunk) {
                return Some(after + offset);
            }
        }
        None
    }
}

/// The parts of a [`Sequence`] between delimiters: see [`Sequence::split`].
#[derive(Clone, Debug)]
pub struct Split<'a> {
    /// What has not been given out: nothing once the last part has.
    rest: Option<Sequence<'a>>,
    delimiter: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = Sequence<'a>;

    #[inline]
    fn next(&mut self) -> Option<Sequence<'a>> {
        let rest = self.rest.take()?;
        let Some(end) = rest.position_of(self.delimiter) else { return Some(rest) };
        self.rest = Some(rest.slice(end + 1..));
        Some(rest.slice(..end))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.map_or((0, Some(0)), |rest| (1, rest.len().checked_add(1)))
    }
}

impl DoubleEndedIterator for Split<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        let Some(end) = rest.last_position_of(self.delimiter) else { return Some(rest) };
        self.rest = Some(rest.slice(..end));
        Some(rest.slice(end + 1..))
    }
}

impl FusedIterator for Split<'_> {}
