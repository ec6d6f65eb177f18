//! For `futures-io`: smol, async-std and whatever else speaks its traits.
//!
//! # Examples
//!
//! ```
//! use futures_lite::{AsyncReadExt, AsyncWriteExt, future};
//! use headpond_adapters::futures_io::{FuturesReadExt, FuturesWriteExt};
//! use headpond_pipe::{Pipe, PipeOptions};
//! use headpond_pool::Pool;
//!
//! let Pipe { writer, reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
//! let (mut writer, mut reader) = (writer.into_futures_io(), reader.into_futures_io());
//! future::block_on(async {
//!     writer.write_all(b"Hello, world!").await?;
//!     writer.close().await?;
//!     let mut text = String::new();
//!     reader.read_to_string(&mut text).await?;
//!     assert_eq!(text, "Hello, world!");
//!     Ok::<(), std::io::Error>(())
//! })?;
//! # Ok::<(), std::io::Error>(())
//! ```

#[cfg(feature = "transport")]
mod connection;
mod copy;
mod duplex;
mod pieces;
mod reader;
mod sink;
mod source;
mod stream;
mod writer;

use futures_io::{AsyncRead, AsyncWrite};
use headpond_pipe::{PipeRead, PipeWrite};

#[cfg(feature = "transport")]
#[cfg_attr(docsrs, doc(cfg(feature = "transport")))]
pub use connection::connection;
pub use copy::{CopyFromStream, CopyToStream, copy, copy_bidirectional};
pub use reader::FuturesReader;
pub use sink::SinkWriter;
pub use source::SourceReader;
pub use writer::FuturesWriter;

/// What a reading end can do with streams of `futures-io`.
pub trait FuturesReadExt: PipeRead {
    /// This end as an [`AsyncRead`] and [`AsyncBufRead`](futures_io::AsyncBufRead).
    fn into_futures_io(self) -> FuturesReader<Self>
    where
        Self: Sized,
    {
        FuturesReader::new(self)
    }

    /// Copies everything to a stream, straight from the blocks, up to the end of this one: see [`CopyToStream`].
    fn copy_to_futures_io<'a, S: AsyncWrite + Unpin>(&'a mut self, stream: &'a mut S) -> CopyToStream<'a, Self, S> {
        CopyToStream::new(self, stream)
    }
}

impl<R: PipeRead + ?Sized> FuturesReadExt for R {}

/// What a writing end can do with streams of `futures-io`.
pub trait FuturesWriteExt: PipeWrite {
    /// This end as an [`AsyncWrite`].
    fn into_futures_io(self) -> FuturesWriter<Self>
    where
        Self: Sized,
    {
        FuturesWriter::new(self)
    }

    /// Copies everything from a stream, straight into this end's memory, up to the end of that one: see [`CopyFromStream`].
    fn copy_from_futures_io<'a, S: AsyncRead + Unpin>(&'a mut self, stream: &'a mut S) -> CopyFromStream<'a, Self, S> {
        CopyFromStream::new(self, stream)
    }
}

impl<W: PipeWrite + ?Sized> FuturesWriteExt for W {}
