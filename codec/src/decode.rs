//! How a value comes out of a cursor: the traits, what a decoder answers, and what it builds on.

use headpond_pool::{Cursor, Incomplete, Sequence};

use crate::{items::Items, pair::Mapped};

/// What a decoder found at a cursor: a value, or the beginning of one.
///
/// Too little is no error. `while let Decoded::Value(line) = decoder.decode(&mut cursor)?` takes all that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Decoded<T> {
    /// A value; the cursor stands behind it.
    Value(T),
    /// So many more bytes are needed before the answer may be another, never 0: a value, or an error. The cursor stands where it stood.
    NeedMore(usize),
}

impl<T> Decoded<T> {
    /// The value, if it is there.
    #[inline]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::NeedMore(_) => None,
        }
    }

    /// The same with the value changed.
    #[inline]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Decoded<U> {
        match self {
            Self::Value(value) => Decoded::Value(change(value)),
            Self::NeedMore(at_least) => Decoded::NeedMore(at_least),
        }
    }
}

/// A value that needs no memory of what was read before: a number in a fixed or a variable width, a frame's header.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Decoded, varint::Leb128};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let mut buffer = SequenceBuf::from(vec![0xac]);
/// assert_eq!(Leb128::<u64>::decode(&mut buffer.as_sequence().cursor())?, Decoded::NeedMore(1));
/// buffer.push(Slice::from(vec![0x02]));
/// assert_eq!(Leb128::<u64>::decode(&mut buffer.as_sequence().cursor())?, Decoded::Value(Leb128(300)));
/// # Ok::<(), headpond_codec::varint::VarintError>(())
/// ```
pub trait Decode<'a>: Sized {
    /// Why bytes are no such value. It names the offset in the stream.
    type Error: std::error::Error;

    /// The value at the cursor, which goes past it.
    ///
    /// # Errors
    ///
    /// When what is there can never become one, with the first byte that shows it. The cursor stands where it stood.
    fn decode(cursor: &mut Cursor<'a>) -> Result<Decoded<Self>, Self::Error>;
}

/// Takes items off a stream, and remembers between two calls what it has already looked at.
///
/// A call that ends in [`Decoded::NeedMore`] or in an error leaves the cursor where it was. What it has searched it does
/// not search again, for which it remembers positions of the stream: one decoder serves one stream, and stays in step with it
/// as long as the bytes it has taken are consumed, and the others are offered again with what has come behind them.
/// [`reset`](Self::reset) makes it ready for another stream. An error is for good: called again at the same place, it comes again.
///
/// [`items`](Self::items) gives everything that has arrived; [`map`](Self::map) makes owned items of borrowed ones.
pub trait Decoder {
    /// What it takes, borrowed from the stream where that is possible.
    type Item<'a>;

    /// Why bytes are no such item. It names the offset in the stream.
    type Error: std::error::Error;

    /// The next item; the cursor goes past it.
    ///
    /// # Errors
    ///
    /// When what is there can never become one, or one no larger than it may be. That is told with the first byte that shows it, before the
    /// rest is gathered.
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Self::Item<'a>>, Self::Error>;

    /// The next item of a stream that has ended; `None` when nothing is left.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and when the stream ends within an item.
    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<Self::Item<'a>>, FinishError<Self::Error>> {
        match self.decode(cursor).map_err(FinishError::Invalid)? {
            Decoded::Value(item) => Ok(Some(item)),
            Decoded::NeedMore(_) if cursor.is_empty() && !self.is_inside() => Ok(None),
            Decoded::NeedMore(needed) => Err(FinishError::truncated(cursor, needed)),
        }
    }

    /// Whether the items taken so far leave something open: a body given in parts, an array without its last elements.
    fn is_inside(&self) -> bool {
        false
    }

    /// Forgets everything but its options, for another stream.
    fn reset(&mut self);

    /// All the items of a buffer that begins where the decoder stands: what a loop over a reader takes after each read.
    /// `is_ended` says that the stream ends with the buffer: then what is left is [finished](Self::finish).
    ///
    /// # Examples
    ///
    /// Everything before [`consumed`](Items::consumed) is consumed then, and everything in the buffer examined.
    ///
    /// ```
    /// use headpond_codec::{Decoder, line::LineDecoder};
    /// use headpond_pool::SequenceBuf;
    ///
    /// let mut decoder = LineDecoder::new();
    /// let buffer = SequenceBuf::from("one\ntwo\nthr");
    /// let mut lines = decoder.items(buffer.as_sequence(), false);
    /// let lengths = lines.by_ref().map(|line| Ok(line?.len())).collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
    /// assert_eq!((lengths, lines.consumed().offset(), lines.needed()), (vec![3, 3], 8, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn items<'a>(&mut self, buffer: Sequence<'a>, is_ended: bool) -> Items<'_, 'a, Self>
    where
        Self: Sized,
    {
        Items::new(self, buffer, is_ended)
    }

    /// A decoder of what `change` makes of the items: of something owned, when they are to be kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_codec::{Decoder, line::LineDecoder};
    /// use headpond_pool::SequenceBuf;
    ///
    /// let mut lines = LineDecoder::new().map(|line| line.to_vec());
    /// let line = lines.decode(&mut SequenceBuf::from("kept\n").as_sequence().cursor())?.value();
    /// assert_eq!(line.unwrap(), b"kept"); // the buffer is gone
    /// # Ok::<(), headpond_codec::line::LineTooLong>(())
    /// ```
    fn map<O, F>(self, change: F) -> Mapped<Self, F>
    where
        Self: Sized,
        F: for<'a> FnMut(Self::Item<'a>) -> O,
    {
        Mapped::new(self, change)
    }
}

impl<D: Decoder + ?Sized> Decoder for &mut D {
    type Item<'a> = D::Item<'a>;
    type Error = D::Error;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Self::Item<'a>>, Self::Error> {
        (**self).decode(cursor)
    }

    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<Self::Item<'a>>, FinishError<Self::Error>> {
        (**self).finish(cursor)
    }

    fn is_inside(&self) -> bool {
        (**self).is_inside()
    }

    fn reset(&mut self) {
        (**self).reset();
    }
}

/// Why the rest of a stream that has ended is not an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FinishError<E> {
    /// What is there can never become one.
    #[error(transparent)]
    Invalid(E),
    /// The stream ended within an item.
    #[error("the stream ended at offset {end}, at least {needed} bytes before the item that begins at {offset} does")]
    Truncated {
        /// Where the item, or the part of it that is missing, begins in the stream, in bytes.
        offset: u64,
        /// Where the stream ended.
        end: u64,
        /// How many bytes are missing at the least.
        needed: usize,
    },
}

impl<E> FinishError<E> {
    /// The stream ended `needed` bytes too early for what begins at the cursor.
    pub fn truncated(cursor: &Cursor<'_>, needed: usize) -> Self {
        Self::Truncated { offset: cursor.position().offset(), end: cursor.sequence().end().offset(), needed }
    }
}

/// Why an [`attempt`] gave no value: what `?` carries out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt<E> {
    /// So many more bytes are needed before anything else is known.
    NeedMore(usize),
    /// What is there can never become the value.
    Invalid(E),
}

impl<E> From<Incomplete> for Interrupt<E> {
    #[inline]
    fn from(incomplete: Incomplete) -> Self {
        Self::NeedMore(incomplete.needed)
    }
}

/// Reads with a cursor that goes back to where it stood unless a value comes of it: the way to write a decoder whose
/// value is read in several steps.
///
/// # Errors
///
/// What `read` found invalid.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Interrupt, attempt};
/// use headpond_pool::{Cursor, Sequence, SequenceBuf};
///
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// #[error("no packet begins at offset {0}")]
/// struct NoPacket(u64);
///
/// /// A letter, and a length of two bytes before the body.
/// fn packet<'a>(cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, NoPacket> {
///     attempt(cursor, |cursor| {
///         let offset = cursor.position().offset();
///         if cursor.u8()? != b'P' {
///             return Err(Interrupt::Invalid(NoPacket(offset)));
///         }
///         let len = cursor.u16_be()?;
///         Ok(cursor.take_exact(len.into())?)
///     })
/// }
///
/// let buffer = SequenceBuf::from("P\0\x05hello?");
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(packet(&mut cursor)?.value().unwrap(), "hello");
/// assert_eq!(packet(&mut cursor), Err(NoPacket(8)));
/// assert_eq!(cursor.position().offset(), 8);
/// # Ok::<(), NoPacket>(())
/// ```
#[inline]
pub fn attempt<'a, T, E>(
    cursor: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Interrupt<E>>,
) -> Result<Decoded<T>, E> {
    let start = cursor.position();
    let interrupt = match read(cursor) {
        Ok(value) => return Ok(Decoded::Value(value)),
        Err(interrupt) => interrupt,
    };
    cursor.rewind_to(start);
    match interrupt {
        Interrupt::NeedMore(at_least) => Ok(Decoded::NeedMore(at_least)),
        Interrupt::Invalid(error) => Err(error),
    }
}
