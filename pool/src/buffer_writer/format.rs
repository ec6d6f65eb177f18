//! Formatted text, straight into the memory that a writer hands out.

use std::fmt;

use crate::{buffer_writer::BufferWriter, error::WriteError};

/// What `write!` and `writeln!` call on a writer whose type is not known. A writer whose type is known has its own: a pipe's an
/// inherent one, a `Vec<u8>` that of [`std::io::Write`].
macro_rules! format_into {
    ($($object:ty),*) => {$(
        impl $object {
            /// Formats straight into the writer's memory, over as many blocks as it takes: this is what `write!` calls.
            ///
            /// # Errors
            ///
            /// When the writer fails, with its own error, or a formatting trait does, with [`WriteError::Format`]. What was
            /// formatted before is written.
            ///
            /// # Examples
            ///
            /// ```
            /// use headpond_pool::{BufferWriter, WriteError};
            ///
            /// fn greet(out: &mut dyn BufferWriter, number: u32) -> Result<(), WriteError> {
            ///     writeln!(out, "Hello, number {number:>3}!")
            /// }
            ///
            /// let mut out = Vec::new();
            /// greet(&mut out, 7)?;
            /// assert_eq!(out, b"Hello, number   7!\n");
            /// # Ok::<(), WriteError>(())
            /// ```
            pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), WriteError> {
                write_into(self, arguments)
            }
        }
    )*};
}

format_into!(dyn BufferWriter + '_, dyn BufferWriter + Send + '_, dyn BufferWriter + Send + Sync + '_);

/// A writer for the time of one formatting, and the error that `fmt::Error` has no room for.
struct Formatting<'a, W: ?Sized> {
    out: &'a mut W,
    error: Option<WriteError>,
}

fn write_into<W: BufferWriter + ?Sized>(out: &mut W, arguments: fmt::Arguments<'_>) -> Result<(), WriteError> {
    let mut formatting = Formatting { out, error: None };
    let formatted = fmt::Write::write_fmt(&mut formatting, arguments);
    match formatting.error {
        Some(error) => Err(error),
        None => formatted.map_err(|fmt::Error| WriteError::Format),
    }
}

impl<W: BufferWriter + ?Sized> fmt::Write for Formatting<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // A formatting trait may pass over an error; nothing is to stand behind the gap.
        if self.error.is_some() {
            return Err(fmt::Error);
        }
        self.out.write(text.as_bytes()).map_err(|error| {
            self.error = Some(error);
            fmt::Error
        })
    }
}
