//! A check that goes along with a stream whose bytes go elsewhere.

use super::{
    Utf8Error,
    scan::{self, Flaw},
};

/// Checks a stream as its bytes pass, whoever consumes them: it keeps at most three bytes of a character that is not whole.
///
/// # Examples
///
/// ```
/// use headpond_codec::utf8::{Utf8Error, Utf8Validator};
///
/// let mut validator = Utf8Validator::new();
/// validator.push(b"10 \xe2\x82")?;
/// validator.push(b"\xac")?;
/// assert!(validator.is_complete());
/// assert_eq!(validator.push(b"\xff"), Err(Utf8Error::Invalid { offset: 6, len: 1 }));
/// # Ok::<(), Utf8Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utf8Validator {
    /// Where the open character begins in the stream, or the next byte does.
    offset: u64,
    /// The beginning of a character, and its length.
    open: [u8; 4],
    open_len: usize,
    error: Option<Utf8Error>,
}

impl Utf8Validator {
    /// At the start of a stream.
    pub const fn new() -> Self {
        Self::starting_at(0)
    }

    /// At an offset of a stream, from which its errors count.
    pub const fn starting_at(offset: u64) -> Self {
        Self { offset, open: [0; 4], open_len: 0, error: None }
    }

    /// Checks the next bytes.
    ///
    /// # Errors
    ///
    /// At the first bytes that are no text; from then on, the same again.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Utf8Error> {
        self.push_at(bytes, self.offset + self.open_len as u64)
    }

    /// As [`push`](Self::push), when the bytes begin `at` that offset of the stream: others may stand between them and those before.
    #[inline]
    pub(crate) fn push_at(&mut self, bytes: &[u8], at: u64) -> Result<(), Utf8Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let rest = if self.open_len == 0 { bytes } else { self.close(bytes)? };
        if self.open_len > 0 {
            return Ok(());
        }
        self.offset = at + (bytes.len() - rest.len()) as u64;
        match scan::check(rest) {
            Ok(_) => self.offset += rest.len() as u64,
            Err(Flaw { valid_up_to, error_len }) => {
                self.offset += valid_up_to as u64;
                if let Some(len) = error_len {
                    return Err(self.invalid(len));
                }
                let open = &rest[valid_up_to..];
                self.open[..open.len()].copy_from_slice(open);
                self.open_len = open.len();
            }
        }
        Ok(())
    }

    /// Checks that the stream may end here.
    ///
    /// # Errors
    ///
    /// When that is within a character; and the error that there was.
    pub fn finish(&self) -> Result<(), Utf8Error> {
        match self.error {
            Some(error) => Err(error),
            None if self.is_complete() => Ok(()),
            None => {
                let needed = scan::width(self.open[0]) - self.open_len;
                Err(Utf8Error::Truncated { offset: self.offset, needed })
            }
        }
    }

    /// Where the open character begins, and how many of its bytes are missing.
    pub(crate) fn missing(&self) -> Option<(u64, usize)> {
        (self.open_len > 0).then(|| (self.offset, scan::width(self.open[0]) - self.open_len))
    }

    /// Whether no character is open: what was pushed is text by itself.
    pub const fn is_complete(&self) -> bool {
        self.open_len == 0 && self.error.is_none()
    }

    /// Takes the bytes that the open character wants, and returns the others: none if it stays open.
    fn close<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Utf8Error> {
        let mut rest = bytes;
        while let ([next, behind @ ..], true) = (rest, self.open_len > 0) {
            self.open[self.open_len] = *next;
            match scan::check(&self.open[..=self.open_len]) {
                Ok(_) => self.open_len = 0,
                Err(Flaw { error_len: None, .. }) => self.open_len += 1,
                Err(Flaw { error_len: Some(len), .. }) => return Err(self.invalid(len)),
            }
            rest = behind;
        }
        Ok(rest)
    }

    #[cold]
    fn invalid(&mut self, len: usize) -> Utf8Error {
        let error = Utf8Error::Invalid { offset: self.offset, len };
        self.error = Some(error);
        error
    }
}

impl Default for Utf8Validator {
    fn default() -> Self {
        Self::new()
    }
}
