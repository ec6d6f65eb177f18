//! For threads without a runtime: the ends of a pipe as `std::io::{Read, BufRead, Write}`, and such streams as ends.
//!
//! Each end is blocking or not by itself: a thread can feed a task, and a task a thread. A thread waits parked, and is woken as
//! a task would be. Do not call these from a task: it would hold up its executor.
//!
//! # Timeouts
//!
//! With a timeout set, a call that has waited that long fails with [`TimedOut`](std::io::ErrorKind::TimedOut), and nothing
//! is lost: no byte was consumed, none was written, and the next call begins anew. A timeout of zero does not wait at all.
//! Methods that call others in a loop, such as `read_exact`, may wait that long in each turn, and lose what their earlier
//! turns brought, as with a socket.
//!
//! # Examples
//!
//! A thread that produces, a task that consumes:
//!
//! ```
//! use std::io::Write;
//!
//! use headpond_adapters::blocking::BlockingWriteExt;
//! use headpond_pipe::{Pipe, PipeOptions};
//! use headpond_pool::Pool;
//!
//! let Pipe { writer, mut reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
//! let producer = std::thread::spawn(move || {
//!     let mut writer = writer.into_blocking();
//!     write!(writer, "{} bottles", 99)?;
//!     writer.finish()
//! });
//! # futures_lite::future::block_on(async {
//! loop {
//!     let view = reader.read().await?;
//!     if view.is_finished() {
//!         assert_eq!(view.buffer(), "99 bottles");
//!         break;
//!     }
//!     let start = view.buffer().start();
//!     view.need_more(start);
//! }
//! # Ok::<(), headpond_pipe::ReadError>(()) }).unwrap();
//! # producer.join().unwrap()?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod duplex;
mod reader;
mod sink;
mod source;
mod stream;
mod wait;
mod writer;

use std::{
    future::poll_fn,
    io::{Read, Write},
};

use headpond_pipe::{CopyError, PipeRead, PipeWrite};

pub use duplex::BlockingDuplex;
pub use reader::BlockingReader;
pub use sink::SinkWriter;
pub use source::SourceReader;
pub(crate) use wait::block_on;
pub use writer::BlockingWriter;

use self::stream::StdStream;
use crate::copy::{Copy, from::CopyIn};

/// As [`copy`](crate::copy()), for a thread that may wait: copies everything from a reader to a writer, and finishes the writer.
/// Returns the number of bytes moved. A thread has nobody to give way to, and goes on at once.
///
/// It notices that nobody reads the destination any more while it waits for a pipe. While it waits in a call of a stream, it
/// does so behind that call.
///
/// # Errors
///
/// As [`copy`](crate::copy()).
///
/// # Examples
///
/// From one stream of the standard library to another, with few calls of either:
///
/// ```
/// use headpond_adapters::blocking::{self, SinkWriter, SourceReader};
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
///
/// let options = PipeOptions::new(&Pool::new());
/// let mut text = Vec::new();
/// let mut sink = SinkWriter::new(&mut text, &options);
/// assert_eq!(blocking::copy(&mut SourceReader::new("a pond".as_bytes(), &options), &mut sink)?, 6);
/// drop(sink);
/// assert_eq!(text, b"a pond");
/// # Ok::<(), headpond_pipe::CopyError>(())
/// ```
pub fn copy<R: PipeRead + ?Sized, W: PipeWrite + ?Sized>(reader: &mut R, writer: &mut W) -> Result<u64, CopyError> {
    block_on(crate::copy(reader, writer))
}

/// What a reading end can do for a thread.
pub trait BlockingReadExt: PipeRead {
    /// This end as a [`Read`] and [`BufRead`](std::io::BufRead).
    fn into_blocking(self) -> BlockingReader<Self>
    where
        Self: Sized,
    {
        BlockingReader::new(self)
    }

    /// Copies everything to a stream, straight from the blocks, many with one call, up to the end of this one. The stream is
    /// flushed whenever there is nothing more to read. Returns the number of bytes.
    ///
    /// # Errors
    ///
    /// When the reader or the stream fails, or a read is cancelled. What the stream did not take is still to be read.
    fn copy_to_blocking<S: Write>(&mut self, stream: &mut S) -> Result<u64, CopyError> {
        let (mut copy, mut stream) = (Copy::default(), StdStream(stream));
        block_on(poll_fn(|cx| copy.poll(cx, self, &mut stream)))
    }
}

impl<R: PipeRead + ?Sized> BlockingReadExt for R {}

/// What a writing end can do for a thread.
pub trait BlockingWriteExt: PipeWrite {
    /// This end as a [`Write`].
    fn into_blocking(self) -> BlockingWriter<Self>
    where
        Self: Sized,
    {
        BlockingWriter::new(self)
    }

    /// Copies everything from a stream, straight into this end's memory, up to the end of that one, and flushes after each read.
    /// This end is not finished. Returns the number of bytes. While the thread waits in the stream, nothing else is noticed.
    ///
    /// # Errors
    ///
    /// When the stream or the writer fails. What was read before is written.
    fn copy_from_blocking<S: Read>(&mut self, stream: &mut S) -> Result<u64, CopyError> {
        let (mut copy, mut stream) = (CopyIn::default(), StdStream(stream));
        block_on(poll_fn(|cx| copy.poll(cx, &mut stream, self)))
    }
}

impl<W: PipeWrite + ?Sized> BlockingWriteExt for W {}
