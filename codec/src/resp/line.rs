//! What may stand in a line of RESP, byte by byte.

use headpond_pool::{Position, Sequence};

/// What the next byte of a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineText {
    /// Anything without a line break.
    Any,
    /// A big number, before its sign, before its first digit, and behind that.
    BigNumber,
    BigNumberDigit,
    BigNumberDigits,
    /// A double, before its sign, and before its first digit.
    Double,
    DoubleDigit {
        is_plus: bool,
    },
    /// Behind a digit, before a point or a fraction's first digit, and behind that.
    Whole,
    Point,
    Fraction,
    /// Behind the `e`, behind its sign, and behind a digit.
    Exponent,
    ExponentDigit,
    ExponentDigits,
    /// The rest of a name.
    Name(&'static [u8]),
}

impl LineText {
    /// How many bytes the text is from ending at the least.
    pub(super) fn least_missing(self) -> usize {
        match self {
            Self::Any | Self::BigNumberDigits | Self::Whole | Self::Fraction | Self::ExponentDigits => 0,
            Self::BigNumber
            | Self::BigNumberDigit
            | Self::Double
            | Self::DoubleDigit { .. }
            | Self::Point
            | Self::Exponent
            | Self::ExponentDigit => 1,
            Self::Name(rest) => rest.len(),
        }
    }

    /// Whether the bytes, in which there is no line break, are such a text.
    #[inline]
    pub(super) fn is_all_of(self, bytes: &[u8]) -> bool {
        let text = |text: Option<Self>| text.is_some_and(|text| text.least_missing() == 0);
        self == Self::Any || text(bytes.iter().try_fold(self, |text, byte| text.step(*byte)))
    }

    /// Goes on from `from` up to the line break in the window, if there is one.
    ///
    /// # Errors
    ///
    /// What should be there, or nothing when the text cannot end within `most` bytes.
    pub(super) fn find_end(
        &mut self,
        window: &Sequence<'_>,
        from: Position,
        most: usize,
    ) -> Result<Option<Position>, Option<&'static str>> {
        if *self == Self::Any {
            return Ok(window.slice(from..).find_any(b"\r\n"));
        }
        let mut at = from;
        for byte in window.slice(from..).bytes() {
            if matches!(byte, b'\r' | b'\n') {
                return if self.least_missing() == 0 { Ok(Some(at)) } else { Err(Some(self.expected())) };
            }
            let expected = self.expected();
            *self = self.step(byte).ok_or(Some(expected))?;
            at += 1;
            if (at - window.start()).saturating_add(self.least_missing()) > most {
                return Err(None);
            }
        }
        Ok(None)
    }

    fn expected(self) -> &'static str {
        match self {
            Self::BigNumber | Self::BigNumberDigit | Self::BigNumberDigits => "a big number",
            _ => "a double",
        }
    }

    /// What the byte behind this one belongs to.
    fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Any, _) => self,
            (Self::BigNumber, b'+' | b'-') => Self::BigNumberDigit,
            (Self::BigNumber | Self::BigNumberDigit | Self::BigNumberDigits, b'0'..=b'9') => Self::BigNumberDigits,
            (Self::Double, b'+' | b'-') => Self::DoubleDigit { is_plus: byte == b'+' },
            (Self::Double | Self::DoubleDigit { .. }, b'i' | b'I') => Self::Name(b"nf"),
            // Redis 7 writes `nan`, older ones as their C library does, and clients take it in any case.
            (Self::Double | Self::DoubleDigit { is_plus: false }, b'n' | b'N') => Self::Name(b"an"),
            (Self::Name([next, rest @ ..]), _) if byte.eq_ignore_ascii_case(next) => Self::Name(rest),
            (Self::Double | Self::DoubleDigit { .. } | Self::Whole, b'0'..=b'9') => Self::Whole,
            (Self::Double | Self::DoubleDigit { .. }, b'.') => Self::Point,
            (Self::Whole, b'.') => Self::Fraction,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Whole | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::ExponentDigit,
            (Self::Exponent | Self::ExponentDigit | Self::ExponentDigits, b'0'..=b'9') => Self::ExponentDigits,
            _ => return None,
        })
    }
}
