//! Taking parts out of a cursor, by length, by predicate and by delimiter.

use memchr::{memchr, memchr2};

use super::{Cursor, Incomplete};
use crate::sequence::{Sequence, position::Position};

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    ///
    /// # Errors
    ///
    /// When fewer are left.
    #[inline]
    pub fn take_exact(&mut self, n: usize) -> Result<Sequence<'a>, Incomplete> {
        if n <= self.rest.len() {
            return Ok(self.take_near(n, n));
        }
        self.check(n)?;
        let start = self.position();
        Ok(self.take_to(start + n, 0))
    }

    /// The longest run of bytes that `holds` is true for: nothing, or everything that is left, too. It is called once
    /// for each byte up to and including the first it is false for.
    pub fn take_while(&mut self, mut holds: impl FnMut(u8) -> bool) -> Sequence<'a> {
        let mut first_other = |chunk: &[u8]| chunk.iter().position(|&byte| !holds(byte));
        match first_other(self.rest) {
            Some(offset) => self.take_near(offset, offset),
            None => {
                let end = self.behind_rest().position_by(first_other);
                self.take_to(end.unwrap_or(self.whole.end()), 0)
            }
        }
    }

    /// Passes the longest run of bytes that `holds` is true for, and returns its length.
    #[inline]
    pub fn skip_while(&mut self, holds: impl FnMut(u8) -> bool) -> usize {
        self.take_while(holds).len()
    }

    /// The bytes before the next `delimiter`; the cursor goes past it.
    ///
    /// # Errors
    ///
    /// When there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::SequenceBuf;
    ///
    /// let buffer = SequenceBuf::from("key=value");
    /// let mut cursor = buffer.as_sequence().cursor();
    /// assert_eq!(cursor.take_until(b'=')?, "key");
    /// assert!(cursor.take_until(b'\n').is_err());
    /// assert_eq!(cursor.remaining(), "value");
    /// # Ok::<(), headpond_pool::Incomplete>(())
    /// ```
    #[inline]
    pub fn take_until(&mut self, delimiter: u8) -> Result<Sequence<'a>, Incomplete> {
        if let Some(offset) = memchr(delimiter, self.rest) {
            return Ok(self.take_near(offset, offset + 1));
        }
        self.far(|cursor| cursor.take_until_far(delimiter))
    }

    /// Returns the bytes before the next `delimiter`. Nothing moves.
    ///
    /// # Errors
    ///
    /// When there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::SequenceBuf;
    ///
    /// let buffer = SequenceBuf::from("GET / HTTP/1.1");
    /// let mut cursor = buffer.as_sequence().cursor();
    /// if cursor.peek_until(b' ')? == "GET" {
    ///     cursor.skip(4)?;
    /// }
    /// assert_eq!(cursor.take_until(b' ')?, "/");
    /// # Ok::<(), headpond_pool::Incomplete>(())
    /// ```
    #[inline]
    pub fn peek_until(&self, delimiter: u8) -> Result<Sequence<'a>, Incomplete> {
        self.clone().take_until(delimiter)
    }

    /// The bytes before the next byte that is one of `delimiters`, and that byte; the cursor goes past it.
    ///
    /// # Errors
    ///
    /// When there is none, as in an empty set.
    pub fn take_until_any(&mut self, delimiters: &[u8]) -> Result<(Sequence<'a>, u8), Incomplete> {
        let none = Incomplete { needed: 1 };
        let position = self.remaining().find_any(delimiters).ok_or(none)?;
        let delimiter = self.whole.byte_at(position).ok_or(none)?;
        Ok((self.take_to(position, 1), delimiter))
    }

    /// The bytes before the next `delimiter`, a string of bytes; the cursor goes past it. The empty string is found
    /// at once.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn take_until_bytes(&mut self, delimiter: &[u8]) -> Result<Sequence<'a>, Incomplete> {
        match self.remaining().find(delimiter) {
            Some(position) => Ok(self.take_to(position, delimiter.len())),
            None => Err(Incomplete { needed: delimiter.len().saturating_sub(self.len()).max(1) }),
        }
    }

    /// The bytes before the next `delimiter` that no `escape` stands before; the cursor goes past it. An escape makes
    /// the byte after it ordinary, a delimiter or another escape, and stays in the result. When both are the same
    /// byte, it delimits.
    ///
    /// # Errors
    ///
    /// When there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::SequenceBuf;
    ///
    /// let buffer = SequenceBuf::from(r#"say \"hi\"" and go"#);
    /// let mut cursor = buffer.as_sequence().cursor();
    /// assert_eq!(cursor.take_until_unescaped(b'"', b'\\')?, r#"say \"hi\""#);
    /// # Ok::<(), headpond_pool::Incomplete>(())
    /// ```
    pub fn take_until_unescaped(&mut self, delimiter: u8, escape: u8) -> Result<Sequence<'a>, Incomplete> {
        let mut escaped = false;
        let found = self.remaining().position_by(|chunk| {
            let mut done = 0;
            loop {
                if escaped {
                    // At the end of a chunk the escaped byte is the next one's first.
                    chunk.get(done)?;
                    (done, escaped) = (done + 1, false);
                }
                let offset = done + memchr2(delimiter, escape, &chunk[done..])?;
                if chunk[offset] == delimiter {
                    return Some(offset);
                }
                (done, escaped) = (offset + 1, true);
            }
        });
        Ok(self.take_to(found.ok_or(Incomplete { needed: 1 + usize::from(escaped) })?, 1))
    }

    /// As [`take_until`](Self::take_until), behind the current chunk.
    #[inline(never)]
    fn take_until_far(mut self, delimiter: u8) -> (Self, Result<Sequence<'a>, Incomplete>) {
        let found = self.behind_rest().position_of(delimiter);
        let taken = found.map(|end| self.take_to(end, 1)).ok_or(Incomplete { needed: 1 });
        (self, taken)
    }

    /// Takes `n` bytes of the current chunk and goes on by `passed`, both within it.
    #[inline]
    fn take_near(&mut self, n: usize, passed: usize) -> Sequence<'a> {
        let (first, start) = (self.index(), self.position());
        let taken = &self.rest[..n];
        self.rest = &self.rest[passed..];
        self.whole.within_chunk(first, taken, start)
    }

    /// Takes what lies before `end`, and goes `passed` bytes past that.
    fn take_to(&mut self, end: Position, passed: usize) -> Sequence<'a> {
        let taken = self.whole.slice(self.position()..end);
        self.seek(end + passed);
        taken
    }
}
