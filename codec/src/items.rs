//! All items that have arrived, one after the other.

use headpond_pool::{Cursor, Position, Sequence};

use crate::decode::{Decoded, Decoder, FinishError};

/// The items of a buffer, as a decoder takes them: see [`Decoder::items`].
///
/// The first error is the last item.
#[derive(Debug)]
pub struct Items<'d, 'a, D> {
    decoder: &'d mut D,
    cursor: Cursor<'a>,
    is_ended: bool,
    is_done: bool,
    needed: usize,
}

impl<'d, 'a, D: Decoder> Items<'d, 'a, D> {
    pub(crate) fn new(decoder: &'d mut D, buffer: Sequence<'a>, is_ended: bool) -> Self {
        Self { decoder, cursor: buffer.cursor(), is_ended, is_done: false, needed: 0 }
    }

    /// Up to where the stream is done with: behind the last item given out.
    #[inline]
    pub fn consumed(&self) -> Position {
        self.cursor.position()
    }

    /// Once there are no more: how many bytes must at least come behind the buffer before there is another, 0 when none
    /// will be.
    #[inline]
    pub fn needed(&self) -> usize {
        self.needed
    }

    fn decode(&mut self) -> Result<Option<D::Item<'a>>, FinishError<D::Error>> {
        if self.is_ended {
            return self.decoder.finish(&mut self.cursor);
        }
        match self.decoder.decode(&mut self.cursor).map_err(FinishError::Invalid)? {
            Decoded::Value(item) => Ok(Some(item)),
            Decoded::NeedMore(at_least) => {
                self.needed = at_least;
                Ok(None)
            }
        }
    }
}

impl<'a, D: Decoder> Iterator for Items<'_, 'a, D> {
    type Item = Result<D::Item<'a>, FinishError<D::Error>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let item = self.decode().transpose();
        self.is_done = !matches!(item, Some(Ok(_)));
        item
    }
}

impl<D: Decoder> std::iter::FusedIterator for Items<'_, '_, D> {}
