//! UTF-16, which the standard decodes and does not encode.

use headpond_pool::{BufferWriter, WriteError};

/// The longest character, in bytes.
const MAX_LEN: usize = 4;

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
    let mut memory = out.reserve_up_to(MAX_LEN, text.len().saturating_mul(2))?;
    let (mut read, mut written) = (0, 0);
    for character in text.chars() {
        let mut units = [0; 2];
        let units = &*character.encode_utf16(&mut units);
        let Some(place) = memory.get_mut(written..written + 2 * units.len()) else {
            break;
        };
        for (place, unit) in place.chunks_exact_mut(2).zip(units) {
            place.copy_from_slice(&match order {
                ByteOrder::Little => unit.to_le_bytes(),
                ByteOrder::Big => unit.to_be_bytes(),
            });
        }
        read += character.len_utf8();
        written += 2 * units.len();
    }
    memory.advance(written);
    Ok(read)
}
