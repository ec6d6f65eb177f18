//! The lines of the coding, byte by byte, so that a line is gone on with wherever it stopped.

use headpond_pool::Position;

pub(super) const LINE_END: &[u8] = b"\r\n";

/// Where in its line the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the line end of the chunk's data.
    DataEnd,
    DataLineFeed,
    Size,
    /// White space behind a size: only a semicolon may follow.
    SizeSpace,
    ExtensionStart,
    ExtensionName,
    ExtensionNameSpace,
    ValueStart,
    Value,
    Quoted,
    QuotedPair,
    QuotedEnd,
    ValueSpace,
    HeadLineFeed,
    /// Where a trailer begins, or the end does.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    EndLineFeed,
    /// The line is complete.
    Complete,
}

impl Place {
    /// How many bytes must come at the least before the line may end, the line end not counted; `has_size` says whether there is a
    /// digit of its size.
    #[inline]
    pub(super) fn least_before_end(self, has_size: bool) -> usize {
        match self {
            Self::Size => usize::from(!has_size),
            Self::DataEnd
            | Self::DataLineFeed
            | Self::ExtensionStart
            | Self::ValueStart
            | Self::Quoted
            | Self::TrailerName => 1,
            Self::SizeSpace | Self::ExtensionNameSpace | Self::QuotedPair | Self::ValueSpace => 2,
            _ => 0,
        }
    }

    /// Whether the end of the line, or a part of it, has come.
    #[inline]
    pub(super) fn is_behind(self) -> bool {
        matches!(self, Self::HeadLineFeed | Self::TrailerLineFeed | Self::EndLineFeed | Self::Complete)
    }

    /// How many bytes stand before the line itself, when it is read from here on.
    pub(super) fn len_before(self) -> usize {
        if self == Self::DataEnd { LINE_END.len() } else { 0 }
    }
}

/// What is known of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) place: Place,
    pub(super) size: u64,
    pub(super) has_size: bool,
    /// Behind the size, or at the colon of a trailer.
    pub(super) middle: Position,
    /// Before the line end.
    pub(super) end: Position,
    /// What it turned out to be, when it is a trailer's line, or the end's.
    pub(super) is_end: bool,
}

/// Why a line does not go on with a byte.
pub(super) enum Fault {
    Expected(&'static str),
    Size,
}

impl Line {
    pub(super) const fn beginning(place: Place) -> Self {
        let (middle, end) = (Position::ZERO, Position::ZERO);
        Self { place, size: 0, has_size: false, middle, end, is_end: false }
    }

    /// Goes on with the byte that stands `at` there.
    #[inline]
    pub(super) fn step(&mut self, byte: u8, at: Position, max_chunk: u64) -> Result<(), Fault> {
        self.place = match (self.place, byte) {
            (Place::Size, _) => return self.step_size(byte, at, max_chunk),
            (Place::TrailerStart | Place::TrailerName | Place::TrailerValue, _) => return self.step_trailer(byte, at),
            (Place::DataEnd, b'\r') => Place::DataLineFeed,
            (Place::DataLineFeed, b'\n') => Place::Size,
            (Place::HeadLineFeed | Place::TrailerLineFeed | Place::EndLineFeed, b'\n') => Place::Complete,
            (place, byte) => self.step_extension(place, byte, at).ok_or(Fault::Expected(expected_at(place)))?,
        };
        Ok(())
    }

    fn step_size(&mut self, byte: u8, at: Position, max_chunk: u64) -> Result<(), Fault> {
        if let Some(digit) = char::from(byte).to_digit(16) {
            let size = self.size.checked_mul(16).map(|high| high | u64::from(digit));
            self.size = size.filter(|&size| size <= max_chunk).ok_or(Fault::Size)?;
            self.has_size = true;
            return Ok(());
        }
        if !self.has_size {
            return Err(Fault::Expected("the size of a chunk in hexadecimal digits"));
        }
        self.middle = at;
        self.place = match byte {
            b'\r' => self.line_end(at),
            b';' => Place::ExtensionStart,
            b' ' | b'\t' => Place::SizeSpace,
            _ => return Err(Fault::Expected("a hexadecimal digit, a semicolon or a line end")),
        };
        Ok(())
    }

    fn step_extension(&mut self, place: Place, byte: u8, at: Position) -> Option<Place> {
        let is_space = matches!(byte, b' ' | b'\t');
        Some(match place {
            Place::SizeSpace if is_space => place,
            Place::SizeSpace if byte == b';' => Place::ExtensionStart,
            Place::ExtensionStart if is_space => place,
            Place::ExtensionStart | Place::ExtensionName if is_token(byte) => Place::ExtensionName,
            Place::ExtensionName if byte == b'\r' => self.line_end(at),
            Place::ExtensionName | Place::ExtensionNameSpace if byte == b'=' => Place::ValueStart,
            Place::ExtensionName | Place::ExtensionNameSpace if byte == b';' => Place::ExtensionStart,
            Place::ExtensionName | Place::ExtensionNameSpace if is_space => Place::ExtensionNameSpace,
            Place::ValueStart if is_space => place,
            Place::ValueStart if byte == b'"' => Place::Quoted,
            Place::ValueStart | Place::Value if is_token(byte) => Place::Value,
            Place::Quoted if byte == b'"' => Place::QuotedEnd,
            Place::Quoted if byte == b'\\' => Place::QuotedPair,
            Place::Quoted | Place::QuotedPair if is_text(byte) => Place::Quoted,
            Place::Value | Place::QuotedEnd if byte == b'\r' => self.line_end(at),
            Place::Value | Place::QuotedEnd | Place::ValueSpace if byte == b';' => Place::ExtensionStart,
            Place::Value | Place::QuotedEnd | Place::ValueSpace if is_space => Place::ValueSpace,
            _ => return None,
        })
    }

    fn step_trailer(&mut self, byte: u8, at: Position) -> Result<(), Fault> {
        self.place = match (self.place, byte) {
            (Place::TrailerStart, b'\r') => {
                self.is_end = true;
                Place::EndLineFeed
            }
            (Place::TrailerStart | Place::TrailerName, _) if is_token(byte) => Place::TrailerName,
            (Place::TrailerName, b':') => {
                self.middle = at;
                Place::TrailerValue
            }
            (Place::TrailerValue, b'\r') => {
                self.end = at;
                Place::TrailerLineFeed
            }
            (Place::TrailerValue, _) if is_text(byte) => Place::TrailerValue,
            (place, _) => return Err(Fault::Expected(expected_at(place))),
        };
        Ok(())
    }

    fn line_end(&mut self, at: Position) -> Place {
        self.end = at;
        Place::HeadLineFeed
    }
}

#[cold]
fn expected_at(place: Place) -> &'static str {
    match place {
        Place::DataEnd => "a line end behind the data of a chunk",
        Place::SizeSpace => "a semicolon behind the space",
        Place::ExtensionStart => "the name of an extension",
        Place::ExtensionName => "a line end, or more of an extension",
        Place::ExtensionNameSpace => "an equals sign or a semicolon behind the space",
        Place::ValueStart => "the value of an extension",
        Place::Value | Place::QuotedEnd => "a line end or another extension",
        Place::ValueSpace => "another extension behind the space",
        Place::Quoted | Place::QuotedPair => "text, and no control character, in a quoted string",
        Place::TrailerStart => "a trailer, not folded, or the end",
        Place::TrailerName => "the colon of a trailer",
        Place::TrailerValue => "text, and no control character, in a trailer",
        _ => "a line feed behind the carriage return",
    }
}

/// Whether a byte may stand in a token of RFC 9110.
pub(super) const fn is_token(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}

/// Whether a byte may stand in a field's value or a quoted string: no control character but a tabulator.
pub(super) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
