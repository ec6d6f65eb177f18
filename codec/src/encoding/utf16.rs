//! UTF-16, which the Encoding Standard decodes and does not encode.

use encoding_rs::mem::convert_str_to_utf16;
use headpond_pool::{BufferWriter, WriteError};

/// The longest character, in bytes.
const MAX_LEN: usize = 4;
/// How many units are converted at a time.
const STRETCH: usize = 128;

/// Which byte of a code unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Writes the characters that one stretch of memory has room for, and returns how many bytes of `text` those are, not none
/// unless there is none.
pub(super) fn put_utf16<W: BufferWriter + ?Sized>(
    text: &str,
    order: ByteOrder,
    out: &mut W,
) -> Result<usize, WriteError> {
    let mut memory = out.reserve_up_to(MAX_LEN, text.len().saturating_mul(2))?.at_least(MAX_LEN)?;
    let (mut read, mut written) = (0, 0);
    // No text has more units than bytes, so what there are units for fits.
    let mut units = [0; STRETCH];
    loop {
        let stretch = whole_characters(&text[read..], STRETCH.min((memory.len() - written) / 2));
        if stretch.is_empty() {
            break;
        }
        let len = convert_str_to_utf16(stretch, &mut units);
        written += put_units(&units[..len], order, &mut memory[written..]);
        read += stretch.len();
    }
    // Characters of two and more bytes that are one unit.
    for character in text[read..].chars() {
        if memory.len() - written < 2 * character.len_utf16() {
            break;
        }
        written += put_units(character.encode_utf16(&mut [0; 2]), order, &mut memory[written..]);
        read += character.len_utf8();
    }
    memory.advance(written);
    Ok(read)
}

/// Puts units at the start of `memory`, and returns how many bytes that are.
fn put_units(units: &[u16], order: ByteOrder, memory: &mut [u8]) -> usize {
    for (place, unit) in memory.chunks_exact_mut(2).zip(units) {
        place.copy_from_slice(&match order {
            ByteOrder::Little => unit.to_le_bytes(),
            ByteOrder::Big => unit.to_be_bytes(),
        });
    }
    2 * units.len()
}

/// As much of the text's beginning as `most` bytes hold.
fn whole_characters(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
