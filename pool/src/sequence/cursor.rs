//! Reading a sequence from its start to its end.
//!
//! All of it is safe code over `&[u8]`. `rest` is what is left of the current chunk, `rest_end` where it ends, and
//! `next` the index of the chunk that begins there: the hot path is a look at `rest` and nothing else. An empty `rest`
//! says to go on to the next chunk, or that there is none.
//!
//! What goes on to another chunk is out of line, and takes and returns the cursor by value: a loop whose common path is inlined
//! then keeps its cursor in registers. By reference it lies in memory, and each round waits for the store of the one before.

#[cfg(feature = "bytes")]
mod buf;
mod numbers;
mod take;

use std::fmt;

use crate::sequence::{Sequence, position::Position};

/// Fewer bytes than an operation needs; the cursor stands where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at least {needed} more bytes are needed")]
pub struct Incomplete {
    /// How many bytes more are needed at the least, never 0. A delimiter may be further away than that.
    pub needed: usize,
}

/// A reader over a [`Sequence`]: peeks, takes, skips and decodes, across the joins of chunks.
///
/// An operation that finds too little fails with [`Incomplete`] and leaves the cursor where it was. Parts come out as
/// sequences, not copied. Cloning a cursor is cheap, and is the way to try something.
///
/// # Examples
///
/// ```
/// use headpond_pool::{Incomplete, SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("\0"), Slice::from("\x05he"), Slice::from("llo\x01")]);
/// let mut cursor = buffer.as_sequence().cursor();
/// let len = cursor.u16_be()?;
/// assert_eq!(cursor.take_exact(usize::from(len))?, "hello");
/// assert_eq!(cursor.u32_be(), Err(Incomplete { needed: 3 }));
/// assert_eq!(cursor.u8()?, 1);
/// # Ok::<(), Incomplete>(())
/// ```
#[derive(Clone)]
pub struct Cursor<'a> {
    whole: Sequence<'a>,
    rest: &'a [u8],
    rest_end: Position,
    next: usize,
}

impl<'a> Cursor<'a> {
    /// Stands at the start of `sequence`.
    #[inline]
    pub fn new(sequence: Sequence<'a>) -> Self {
        let rest = sequence.chunk_bytes(0);
        Self { whole: sequence, rest, rest_end: sequence.start() + rest.len(), next: sequence.chunk_count().min(1) }
    }

    /// Goes `n` bytes on.
    ///
    /// # Errors
    ///
    /// When fewer are left.
    #[inline]
    pub fn skip(&mut self, n: usize) -> Result<(), Incomplete> {
        match self.rest.get(n..) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.far(|cursor| cursor.skip_far(n)),
        }
    }

    /// Passes everything that is left, and returns how many bytes that is.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::SequenceBuf;
    ///
    /// let buffer = SequenceBuf::from("a comment");
    /// let mut cursor = buffer.as_sequence().cursor();
    /// cursor.skip(2)?;
    /// assert_eq!(cursor.skip_to_end(), 7);
    /// assert_eq!(cursor.position(), buffer.end());
    /// # Ok::<(), headpond_pool::Incomplete>(())
    /// ```
    pub fn skip_to_end(&mut self) -> usize {
        let passed = self.len();
        (self.rest, self.rest_end, self.next) = (&[], self.whole.end(), self.whole.chunk_count());
        passed
    }

    /// Goes `n` bytes back.
    ///
    /// # Panics
    ///
    /// When that is before the start, with nothing changed.
    #[inline]
    #[track_caller]
    pub fn rewind(&mut self, n: usize) {
        let passed = self.position() - self.whole.start();
        assert!(n <= passed, "cannot rewind by {n} bytes: the cursor has passed {passed}");
        self.seek(self.whole.start() + (passed - n));
    }

    /// Goes back, or on, to `position`, found in O(log chunks).
    ///
    /// # Panics
    ///
    /// When it lies outside the sequence, with nothing changed.
    #[inline]
    #[track_caller]
    pub fn rewind_to(&mut self, position: Position) {
        let (start, end) = (self.whole.start(), self.whole.end());
        assert!(start <= position && position <= end, "position {position} is outside of the sequence {start}..{end}");
        self.seek(position);
    }

    /// Copies the next bytes into `out`, all of it.
    ///
    /// # Errors
    ///
    /// When fewer are left; nothing is copied then.
    #[inline]
    pub fn read_exact_into(&mut self, out: &mut [u8]) -> Result<(), Incomplete> {
        if let Some((bytes, rest)) = self.rest.split_at_checked(out.len()) {
            out.copy_from_slice(bytes);
            self.rest = rest;
            return Ok(());
        }
        self.check(out.len())?;
        let mut out = out;
        while !out.is_empty() {
            self.load();
            let n = self.rest.len().min(out.len());
            let (head, tail) = out.split_at_mut(n);
            let (bytes, rest) = self.rest.split_at(n);
            head.copy_from_slice(bytes);
            (self.rest, out) = (rest, tail);
        }
        Ok(())
    }

    /// The next `n` bytes in one piece: borrowed where they lie in one chunk, otherwise copied into `scratch`.
    ///
    /// # Errors
    ///
    /// When fewer are left.
    ///
    /// # Panics
    ///
    /// When `scratch` is shorter than `n`, whether it is used or not.
    #[inline]
    pub fn read_contiguous<'s>(&mut self, n: usize, scratch: &'s mut [u8]) -> Result<&'s [u8], Incomplete>
    where
        'a: 's,
    {
        assert!(n <= scratch.len(), "{n} bytes do not fit a scratch of {}", scratch.len());
        self.load();
        if let Some((bytes, rest)) = self.rest.split_at_checked(n) {
            self.rest = rest;
            return Ok(bytes);
        }
        let scratch = &mut scratch[..n];
        self.read_exact_into(scratch)?;
        Ok(scratch)
    }

    /// Where the next byte stands in the stream.
    #[inline]
    pub fn position(&self) -> Position {
        Position::new(self.rest_end.offset() - self.rest.len() as u64)
    }

    /// Everything that is left.
    #[inline]
    pub fn remaining(&self) -> Sequence<'a> {
        self.whole.narrow(self.index(), self.whole.chunk_count(), self.position(), self.whole.end())
    }

    /// The sequence it was made of.
    #[inline]
    pub fn sequence(&self) -> Sequence<'a> {
        self.whole
    }

    /// How many bytes are left.
    #[inline]
    pub fn len(&self) -> usize {
        self.rest.len() + (self.whole.end() - self.rest_end)
    }

    /// Whether no byte is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.rest_end == self.whole.end()
    }

    /// The next contiguous bytes, empty only at the end. Nothing moves.
    #[inline]
    pub fn chunk(&self) -> &'a [u8] {
        if self.rest.is_empty() { self.clone().first_after_rest() } else { self.rest }
    }

    /// The next byte. Nothing moves.
    ///
    /// # Errors
    ///
    /// At the end.
    #[inline]
    pub fn peek(&self) -> Result<u8, Incomplete> {
        match self.chunk() {
            [byte, ..] => Ok(*byte),
            [] => Err(Incomplete { needed: 1 }),
        }
    }

    /// The byte `offset` bytes ahead, 0 being the next. Nothing moves.
    ///
    /// # Errors
    ///
    /// When there are not so many.
    #[inline]
    pub fn peek_at(&self, offset: usize) -> Result<u8, Incomplete> {
        match self.rest.get(offset) {
            Some(byte) => Ok(*byte),
            None => self.clone().peek_far(offset),
        }
    }

    /// Whether `bytes` are next. Nothing moves.
    #[inline]
    pub fn starts_with(&self, bytes: &[u8]) -> bool {
        if self.rest.len() >= bytes.len() { self.rest.starts_with(bytes) } else { self.remaining().starts_with(bytes) }
    }

    /// Fails unless `n` bytes are left.
    #[inline]
    fn check(&self, n: usize) -> Result<(), Incomplete> {
        match n.saturating_sub(self.len()) {
            0 => Ok(()),
            needed => Err(Incomplete { needed }),
        }
    }

    /// The chunk that holds the next byte.
    #[inline]
    fn index(&self) -> usize {
        self.next - usize::from(!self.rest.is_empty())
    }

    /// Makes `rest` non-empty, unless nothing is left.
    #[inline]
    fn load(&mut self) {
        if self.rest.is_empty() {
            self.load_next();
        }
    }

    #[inline(never)]
    fn load_next(&mut self) {
        while self.rest.is_empty() && self.next < self.whole.chunk_count() {
            self.rest = self.whole.chunk_bytes(self.next);
            self.rest_end += self.rest.len();
            self.next += 1;
        }
    }

    /// The first bytes behind the current chunk.
    #[inline(never)]
    fn first_after_rest(self) -> &'a [u8] {
        self.behind_rest().first_chunk()
    }

    /// What lies behind the current chunk.
    fn behind_rest(&self) -> Sequence<'a> {
        self.whole.narrow(self.next, self.whole.chunk_count(), self.rest_end, self.whole.end())
    }

    #[inline(never)]
    fn skip_far(mut self, n: usize) -> (Self, Result<(), Incomplete>) {
        let checked = self.check(n);
        if checked.is_ok() {
            self.seek(self.position() + n);
        }
        (self, checked)
    }

    /// Does what takes the cursor by value.
    #[inline(always)]
    fn far<T>(&mut self, go: impl FnOnce(Self) -> (Self, T)) -> T {
        let (cursor, result) = go(self.clone());
        *self = cursor;
        result
    }

    #[inline(never)]
    fn peek_far(self, offset: usize) -> Result<u8, Incomplete> {
        self.check(offset.saturating_add(1))?;
        self.whole.byte_at(self.position() + offset).ok_or(Incomplete { needed: 1 })
    }

    /// Stands at `position`, which lies within the sequence, or at its end.
    fn seek(&mut self, position: Position) {
        let count = self.whole.chunk_count();
        let current = self.next.saturating_sub(1);
        let within = self.whole.chunk_start(current) <= position && position < self.rest_end;
        let index = if within { current } else { self.whole.chunk_holding(position) };
        let (start, bytes) = (self.whole.chunk_start(index), self.whole.chunk_bytes(index));
        self.rest = &bytes[position - start..];
        self.rest_end = start + bytes.len();
        self.next = (index + 1).min(count);
    }
}

impl<'a> From<Sequence<'a>> for Cursor<'a> {
    fn from(sequence: Sequence<'a>) -> Self {
        Self::new(sequence)
    }
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("position", &self.position()).field("remaining", &self.remaining()).finish()
    }
}
