//! Floating-point numbers as decimal text: the shortest that is read back as the same number.

use headpond_pool::{BufferWriter, Sequence, WriteError};

use super::{NumberError, sealed::Sealed};
use crate::encode::{Encode, EncodeError, MaxSize, encode_bounded};

/// The longest text of a number, in bytes.
pub(crate) const MAX_FLOAT_LEN: usize = 32;

/// The longest text that is read, in bytes: more digits than any number has.
const MAX_TEXT_LEN: usize = 1100;

/// Writes a number as the shortest text that is read back as the same, and returns how many bytes that took.
///
/// There is always a point or an exponent. What is not finite is written as `NaN`, `inf` and `-inf`, as the standard
/// library does.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. Nothing is written then.
///
/// # Examples
///
/// ```
/// use headpond_codec::number::write_float;
///
/// let mut out = Vec::new();
/// write_float(&mut out, 0.1_f64 + 0.2)?;
/// assert_eq!(out, b"0.30000000000000004");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub fn write_float<F: Float>(out: &mut (impl BufferWriter + ?Sized), value: F) -> Result<usize, WriteError> {
    let mut memory = out.reserve(MAX_FLOAT_LEN)?.at_least(MAX_FLOAT_LEN)?;
    let len = put_float(value, &mut memory);
    memory.advance(len);
    Ok(len)
}

/// A floating-point number as the shortest text that is read back as the same: as [`write_float`] writes it.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, number::Shortest};
///
/// let mut out = Vec::new();
/// (Shortest(0.5_f32), ' ', Shortest(1e300_f64)).encode(&mut out)?;
/// assert_eq!(out, b"0.5 1e+300");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Shortest<F>(pub F);

impl<F: Float> Encode for Shortest<F> {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl<F: Float> MaxSize for Shortest<F> {
    const MAX_SIZE: usize = MAX_FLOAT_LEN;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        put_float(self.0, memory)
    }
}

/// Reads a number that is all of `text`, in whatever chunks it lies.
///
/// Accepted is what the standard library's `FromStr` accepts, up to 1100 bytes.
///
/// # Errors
///
/// When the text is no number.
///
/// # Examples
///
/// ```
/// use headpond_codec::number::parse_float;
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("-2."), Slice::from("5e"), Slice::from("3")]);
/// assert_eq!(parse_float::<f64>(buffer.as_sequence())?, -2500.0);
/// # Ok::<(), headpond_codec::number::NumberError>(())
/// ```
pub fn parse_float<F: Float>(text: Sequence<'_>) -> Result<F, NumberError> {
    let mut scratch = [0; MAX_TEXT_LEN];
    let invalid = NumberError::Invalid { offset: text.start().offset() };
    if text.len() > scratch.len() {
        return Err(invalid);
    }
    let bytes = text.cursor().read_contiguous(text.len(), &mut scratch).map_err(|_| invalid)?;
    F::parse(bytes).ok_or(invalid)
}

/// Reads a number that is all of `bytes`.
pub(crate) fn parse_float_bytes(bytes: &[u8]) -> Option<f64> {
    f64::parse(bytes)
}

/// Puts the text at the start of `memory`, at least [`MAX_FLOAT_LEN`] bytes, and returns its length.
pub(crate) fn put_float<F: Float>(value: F, memory: &mut [u8]) -> usize {
    value.put(&mut memory[..MAX_FLOAT_LEN])
}

/// The numbers that [`write_float`] writes: `f32` and `f64`.
pub trait Float: Copy + Sealed {
    #[doc(hidden)]
    fn put(self, memory: &mut [u8]) -> usize;

    #[doc(hidden)]
    fn parse(bytes: &[u8]) -> Option<Self>;
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl Sealed for $float {}

        impl Float for $float {
            #[inline]
            fn put(self, memory: &mut [u8]) -> usize {
                let mut buffer = zmij::Buffer::new();
                let text = if self.is_finite() {
                    buffer.format_finite(self)
                } else if self.is_nan() {
                    "NaN"
                } else if self > 0.0 {
                    "inf"
                } else {
                    "-inf"
                };
                memory[..text.len()].copy_from_slice(text.as_bytes());
                text.len()
            }

            #[inline]
            fn parse(bytes: &[u8]) -> Option<Self> {
                fast_float2::parse(bytes).ok()
            }
        }
    )*};
}

floats!(f32 f64);
