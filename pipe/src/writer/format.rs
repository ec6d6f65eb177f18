//! Formatted text, straight into the blocks.

use std::fmt;

use headpond_pool::{BufferWriter, WriteError};

use super::Writer;

impl Writer {
    /// Formats straight into the blocks, over as many as it takes: this is what `write!` and `writeln!` call.
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve), and [`WriteError::Format`] when a formatting trait fails of itself. What was formatted before
    /// is written.
    ///
    /// # Examples
    ///
    /// ```
    /// # use headpond_pipe::{Pipe, PipeOptions};
    /// # use headpond_pool::Pool;
    /// let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    /// writeln!(writer, "{} bottles", 99)?;
    /// writer.finish()?;
    /// assert_eq!(reader.peek(), b"99 bottles\n"[..]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), WriteError> {
        let out: &mut dyn BufferWriter = self;
        out.write_fmt(arguments)
    }
}
