//! Strings and characters, over as many blocks as it takes, and whatever `write!` formats.

use std::fmt;

use headpond_pool::{BufferWriter, WriteError};

use crate::encode::{Encode, EncodeError, MaxSize, encode_bounded};

/// Writes a string as UTF-8.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it.
///
/// # Examples
///
/// ```
/// let mut out = Vec::new();
/// headpond_codec::text::write_str(&mut out, "Hello, world!")?;
/// assert_eq!(out, b"Hello, world!");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[inline]
pub fn write_str(out: &mut (impl BufferWriter + ?Sized), text: &str) -> Result<(), WriteError> {
    out.write(text.as_bytes())
}

/// Writes a character as UTF-8, and returns how many bytes that took. It is never torn between two blocks.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. Nothing is written then.
#[inline]
pub fn write_char(out: &mut (impl BufferWriter + ?Sized), character: char) -> Result<usize, WriteError> {
    let len = character.len_utf8();
    let mut memory = out.reserve(len)?.at_least(len)?;
    character.encode_utf8(&mut memory[..len]);
    memory.advance(len);
    Ok(len)
}

/// Writes what `format_args!` describes, and returns how many bytes that took.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it, or a formatting trait fails of itself ([`WriteError::Format`]). What was
/// formatted before is written.
///
/// # Examples
///
/// ```
/// let mut out = Vec::new();
/// headpond_codec::text::write_fmt(&mut out, format_args!("{:>6.2}|{:?}", 2.5, "x"))?;
/// assert_eq!(out, b"  2.50|\"x\"");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub fn write_fmt(out: &mut (impl BufferWriter + ?Sized), arguments: fmt::Arguments<'_>) -> Result<usize, WriteError> {
    let mut text = TextWriter::new(out);
    text.write_fmt(arguments)?;
    text.finish()
}

/// Any [`BufferWriter`] as a [`fmt::Write`], so that `write!` formats straight into its blocks.
///
/// `write!` on it fails with the writer's own error. Code that only knows [`fmt::Write`] gets a [`fmt::Error`], which says nothing: the
/// writer's first error is kept for [`finish`](Self::finish) and [`error`](Self::error). Nothing is written after it.
///
/// # Examples
///
/// ```
/// use headpond_codec::text::TextWriter;
///
/// let mut out = Vec::new();
/// let mut text = TextWriter::new(&mut out);
/// write!(text, "{} of {}", 3, 7)?;
/// assert_eq!(text.finish()?, 6);
/// assert_eq!(out, b"3 of 7");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
///
/// For one call:
///
/// ```
/// use headpond_codec::text::Text;
///
/// let mut out = Vec::new();
/// write!(out.text(), "{:>8}", 42)?;
/// assert_eq!(out, b"      42");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[must_use = "`finish` tells whether everything was written"]
pub struct TextWriter<'a, W: BufferWriter + ?Sized> {
    out: &'a mut W,
    written: usize,
    error: Option<WriteError>,
}

impl<'a, W: BufferWriter + ?Sized> TextWriter<'a, W> {
    /// Writes behind what `out` holds.
    pub fn new(out: &'a mut W) -> Self {
        Self { out, written: 0, error: None }
    }

    /// How many bytes were written.
    ///
    /// # Errors
    ///
    /// The first that the writer gave. What was formatted before it is written.
    pub fn finish(self) -> Result<usize, WriteError> {
        self.error.map_or(Ok(self.written), Err)
    }

    /// The first error the writer gave, if there was one.
    pub fn error(&self) -> Option<&WriteError> {
        self.error.as_ref()
    }

    /// Formats: this is what `write!` and `writeln!` call.
    ///
    /// # Errors
    ///
    /// The first error that the writer gave, or [`WriteError::Format`] when a formatting trait fails of itself. What was formatted
    /// before it is written.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), WriteError> {
        let formatted = fmt::Write::write_fmt(self, arguments);
        if self.error.is_none() && formatted.is_err() {
            self.error = Some(WriteError::Format);
        }
        self.error.clone().map_or(Ok(()), Err)
    }

    /// Counts what an attempt wrote, or keeps its error.
    fn settle(&mut self, attempt: Result<usize, WriteError>) -> fmt::Result {
        match attempt {
            Ok(len) => {
                self.written += len;
                Ok(())
            }
            Err(error) => {
                self.error = Some(error);
                Err(fmt::Error)
            }
        }
    }
}

impl<W: BufferWriter + ?Sized> fmt::Write for TextWriter<'_, W> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.error.is_some() {
            return Err(fmt::Error);
        }
        let attempt = write_str(self.out, text).map(|()| text.len());
        self.settle(attempt)
    }

    #[inline]
    fn write_char(&mut self, character: char) -> fmt::Result {
        if self.error.is_some() {
            return Err(fmt::Error);
        }
        let attempt = write_char(self.out, character);
        self.settle(attempt)
    }
}

impl<W: BufferWriter + ?Sized> fmt::Debug for TextWriter<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextWriter").field("written", &self.written).field("error", &self.error).finish_non_exhaustive()
    }
}

/// Adds [`text`](Self::text) to every [`BufferWriter`].
pub trait Text: BufferWriter {
    /// The writer as a [`fmt::Write`], for `write!(writer.text(), "{x:>8}")?`, which fails with the writer's own error.
    fn text(&mut self) -> TextWriter<'_, Self> {
        TextWriter::new(self)
    }
}

impl<W: BufferWriter + ?Sized> Text for W {}

impl Encode for char {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for char {
    const MAX_SIZE: usize = 4;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        self.encode_utf8(memory).len()
    }
}

/// Formatted text is what `format_args!` describes.
impl Encode for fmt::Arguments<'_> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        write_fmt(out, *self)?;
        Ok(())
    }
}
