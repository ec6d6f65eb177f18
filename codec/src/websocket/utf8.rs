//! The check that a text is UTF-8, which comes in pieces that may end within a code point.
//!
//! [`Utf8Validator`](crate::utf8::Utf8Validator) counts the offset of an error by the bytes that it was given; between those of
//! two frames there are others in the stream.

/// What is known of a text that has come in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Utf8Check {
    /// The first bytes of a code point, and how many they are.
    begun: [u8; 4],
    len: usize,
    /// Where it begins in the stream.
    offset: u64,
}

impl Utf8Check {
    /// Nothing has come.
    pub(super) const NOTHING: Self = Self { begun: [0; 4], len: 0, offset: 0 };

    /// Takes the next bytes, of which the first stands at `offset` in the stream. Fails with where the code point begins
    /// that is none, as soon as it cannot become one.
    pub(super) fn check(&mut self, bytes: &[u8], offset: u64) -> Result<(), u64> {
        let mut rest = bytes;
        while self.len > 0 {
            let Some((&byte, behind)) = rest.split_first() else { return Ok(()) };
            self.begun[self.len] = byte;
            self.len += 1;
            rest = behind;
            match std::str::from_utf8(&self.begun[..self.len]) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return Err(self.offset),
                Err(_) => {}
            }
        }
        let Err(error) = std::str::from_utf8(rest) else { return Ok(()) };
        let offset = offset + (bytes.len() - rest.len() + error.valid_up_to()) as u64;
        if error.error_len().is_some() {
            return Err(offset);
        }
        let begun = &rest[error.valid_up_to()..];
        self.begun[..begun.len()].copy_from_slice(begun);
        (self.len, self.offset) = (begun.len(), offset);
        Ok(())
    }

    /// Fails when the text ends within a code point.
    pub(super) fn end(&self) -> Result<(), u64> {
        if self.len == 0 { Ok(()) } else { Err(self.offset) }
    }
}
