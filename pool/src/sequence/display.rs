//! A sequence as text.

use std::{
    fmt::{self, Write},
    str,
};

use super::Sequence;

/// The longest character, in bytes.
const MAX_LEN: usize = 4;

/// Shows the bytes as UTF-8. What is not, is U+FFFD, as [`String::from_utf8_lossy`] has it; a character that lies in several chunks
/// is shown whole.
///
/// # Examples
///
/// ```
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([&b"na\xc3"[..], &b"\xafve \xff"[..]].map(Slice::from));
/// assert_eq!(buffer.as_sequence().to_string(), "na\u{ef}ve \u{fffd}");
/// assert_eq!(format!("{:>8.5}|", buffer.as_sequence()), "   na\u{ef}ve|");
/// ```
impl fmt::Display for Sequence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let padded = match (f.width(), f.precision()) {
            (None, None) => return self.write_lossy(f),
            // No character comes of more bytes.
            (_, Some(most)) => self.slice(..self.start() + self.len().min(most.saturating_mul(MAX_LEN))),
            (Some(_), None) => *self,
        };
        f.pad(&String::from_utf8_lossy(&padded.to_cow()))
    }
}

impl Sequence<'_> {
    fn write_lossy(&self, out: &mut impl Write) -> fmt::Result {
        let mut open = Open::default();
        for chunk in self.chunks() {
            let rest = open.go_on(chunk, out)?;
            let mut left = rest.len();
            for piece in rest.utf8_chunks() {
                out.write_str(piece.valid())?;
                let invalid = piece.invalid();
                left -= piece.valid().len() + invalid.len();
                if left == 0 && is_unfinished(invalid) {
                    open.begin(invalid);
                } else if !invalid.is_empty() {
                    out.write_char(char::REPLACEMENT_CHARACTER)?;
                }
            }
        }
        open.end(out)
    }
}

/// Whether bytes that are no text may yet become it.
fn is_unfinished(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// A character that begins at the end of a chunk.
#[derive(Default)]
struct Open {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Open {
    fn begin(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.len = bytes.len();
        }
    }

    /// Goes on with the character in the next chunk, and returns what is behind it there.
    fn go_on<'c>(&mut self, chunk: &'c [u8], out: &mut impl Write) -> Result<&'c [u8], fmt::Error> {
        let mut rest = chunk;
        while let (1.., [byte, behind @ ..]) = (self.len, rest) {
            self.bytes[self.len] = *byte;
            match str::from_utf8(&self.bytes[..=self.len]) {
                Ok(character) => {
                    out.write_str(character)?;
                    self.len = 0;
                }
                Err(error) if error.error_len().is_none() => self.len += 1,
                // The byte belongs to what comes next.
                Err(_) => {
                    self.end(out)?;
                    break;
                }
            }
            rest = behind;
        }
        Ok(rest)
    }

    /// Shows a character that does not go on.
    fn end(&mut self, out: &mut impl Write) -> fmt::Result {
        if self.len > 0 {
            self.len = 0;
            out.write_char(char::REPLACEMENT_CHARACTER)?;
        }
        Ok(())
    }
}
