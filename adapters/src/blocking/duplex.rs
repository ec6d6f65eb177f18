//! A stream in both directions as a `Read` and `Write`.

use std::{
    io::{self, BufRead, IoSlice, IoSliceMut, Read, Write},
    time::Duration,
};

use headpond_pipe::{PipeRead, PipeWrite, Reader, Writer};
use headpond_pool::WritableBuffer;

use super::{BlockingReader, BlockingWriter};
use crate::{byte_reader::has_room, duplex::poll_fill};

/// A [`Duplex`](crate::Duplex) as a [`Read`], [`BufRead`] and [`Write`], for a thread that may wait: see
/// [`BlockingReader`] and [`BlockingWriter`]. Its peer may be a task's. A read that waits sends on what was written, as
/// [there](crate::Duplex#which-bytes-go-when).
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
///
/// use headpond_adapters::duplex;
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
///
/// let (client, server) = duplex(&PipeOptions::new(&Pool::new()));
/// let (mut client, mut server) = (client.into_blocking(), server.into_blocking());
/// let echo = std::thread::spawn(move || {
///     let mut word = [0; 4];
///     server.read_exact(&mut word)?;
///     server.write_all(&word)
/// });
/// client.write_all(b"pond")?;
/// let mut reply = String::new();
/// client.read_to_string(&mut reply)?; // up to the end of the stream
/// assert_eq!(reply, "pond");
/// # echo.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct BlockingDuplex<R = Reader, W = Writer> {
    reader: BlockingReader<R>,
    writer: BlockingWriter<W>,
}

impl<R: PipeRead, W: PipeWrite> BlockingDuplex<R, W> {
    pub(crate) fn of_halves(reader: BlockingReader<R>, writer: BlockingWriter<W>) -> Self {
        Self { reader, writer }
    }

    /// How long one read may wait; `None`, as it is at first, for as long as it takes.
    pub fn set_read_timeout(&mut self, timeout: Option<Duration>) {
        self.reader.set_timeout(timeout);
    }

    /// How long one write, flush or finish may wait; `None`, as it is at first, for as long as it takes.
    pub fn set_write_timeout(&mut self, timeout: Option<Duration>) {
        self.writer.set_timeout(timeout);
    }

    /// Publishes what was put in place before, and waits for memory to write into: see [`BlockingWriter::reserve`].
    ///
    /// # Errors
    ///
    /// As [`BlockingWriter::reserve`].
    pub fn reserve(&mut self, min: usize) -> io::Result<WritableBuffer<'_>> {
        self.writer.reserve(min)
    }

    /// Ends the stream to the peer cleanly. Reading goes on.
    ///
    /// # Errors
    ///
    /// As [`BlockingWriter::finish`].
    pub fn finish(&mut self) -> io::Result<()> {
        self.writer.finish()
    }

    /// Both halves, for two threads. What was written goes on by the writing half's own calls then, as [`BlockingWriter`] says.
    pub fn into_split(self) -> (BlockingReader<R>, BlockingWriter<W>) {
        (self.reader, self.writer)
    }

    /// Waits for bytes to read, or the end, and has the writing half go on meanwhile.
    fn fill(&mut self) -> io::Result<()> {
        let Self { reader, writer } = self;
        let writer = writer.as_bytes();
        let filled = reader.wait(|reader, cx| poll_fill(reader, writer, cx));
        if filled.is_err() {
            writer.withdraw_reading();
        }
        filled
    }
}

impl<R: PipeRead, W: PipeWrite> Read for BlockingDuplex<R, W> {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(memory)])
    }

    fn read_vectored(&mut self, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        if has_room(pieces) {
            self.fill()?;
        }
        Ok(self.reader.as_bytes().take_pieces(pieces))
    }
}

impl<R: PipeRead, W: PipeWrite> BufRead for BlockingDuplex<R, W> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.reader.as_bytes().lent())
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
    }
}

impl<R, W: PipeWrite> Write for BlockingDuplex<R, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.writer.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
