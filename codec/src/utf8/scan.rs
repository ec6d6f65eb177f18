//! The pieces that text falls into where it is cut.

use headpond_pool::Cursor;

/// What stands at a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text in one chunk, never empty.
    Text(&'a str),
    /// A character over a join.
    Joined(char),
    /// Bytes that begin no character.
    Invalid { len: usize },
    /// The beginning of a character, and then nothing more. The cursor stands before it.
    Unfinished { needed: usize },
    /// Nothing.
    End,
}

/// How text that is not all of `bytes` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flaw {
    /// How many bytes before it are text.
    pub(super) valid_up_to: usize,
    /// How many bytes are malformed together; `None` for the beginning of a character.
    pub(super) error_len: Option<usize>,
}

impl Flaw {
    fn of(valid_up_to: usize, error_len: Option<usize>) -> Self {
        Self { valid_up_to, error_len }
    }
}

/// The bytes as text.
#[inline]
pub(super) fn check(bytes: &[u8]) -> Result<&str, Flaw> {
    /// Less than this is not worth a vector, and more of it not worth one before it was seen to begin with text.
    #[cfg(feature = "simdutf8")]
    const NEAR: usize = 64;

    #[cfg(feature = "simdutf8")]
    if let Some(near) = bytes.get(..NEAR) {
        return match check_by_std(near) {
            // Bytes that are malformed again and again would cost a long run each.
            Err(flaw @ Flaw { error_len: Some(_), .. }) => Err(flaw),
            _ => simdutf8::compat::from_utf8(bytes).map_err(|error| Flaw::of(error.valid_up_to(), error.error_len())),
        };
    }
    check_by_std(bytes)
}

#[inline]
fn check_by_std(bytes: &[u8]) -> Result<&str, Flaw> {
    std::str::from_utf8(bytes).map_err(|error| Flaw::of(error.valid_up_to(), error.error_len()))
}

/// The next piece; the cursor goes past it.
///
/// A piece costs what it is long: one that ends at malformed bytes is checked up to there, and then once more, to be borrowed.
#[inline]
pub(super) fn next_piece<'a>(cursor: &mut Cursor<'a>) -> Piece<'a> {
    let chunk = cursor.chunk();
    let (piece, len) = match check(chunk) {
        Ok("") => return Piece::End,
        Ok(text) => (Piece::Text(text), text.len()),
        Err(flaw) => match (flaw.valid_up_to, flaw.error_len) {
            (0, Some(len)) => (Piece::Invalid { len }, len),
            (0, None) => over_a_join(cursor),
            (len, _) => (Piece::Text(check(&chunk[..len]).unwrap_or_default()), len),
        },
    };
    let _ = cursor.skip(len);
    piece
}

/// The piece that begins with the beginning of a character at the end of a chunk, and its length.
#[inline(never)]
fn over_a_join<'a>(cursor: &Cursor<'a>) -> (Piece<'a>, usize) {
    let mut bytes = [0; 4];
    let len = cursor.remaining().copy_to(&mut bytes);
    let valid = match check(&bytes[..len]) {
        Ok(text) => text,
        Err(Flaw { valid_up_to: 0, error_len: Some(len) }) => return (Piece::Invalid { len }, len),
        Err(Flaw { valid_up_to: 0, error_len: None }) => {
            return (Piece::Unfinished { needed: width(bytes[0]).saturating_sub(len) }, 0);
        }
        Err(flaw) => check(&bytes[..flaw.valid_up_to]).unwrap_or_default(),
    };
    valid.chars().next().map_or((Piece::End, 0), |character| (Piece::Joined(character), character.len_utf8()))
}

/// How many bytes a character has that begins with `lead`, which begins one of several.
pub(super) fn width(lead: u8) -> usize {
    match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    }
}
