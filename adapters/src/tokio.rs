//! For tokio.
//!
//! tokio's `AsyncRead` fills one piece of memory, so a [`SourceReader`] or a [`copy_bidirectional`] reads a block a call: with much
//! to move, give it larger blocks. The connections of the feature `tokio-net` know their socket, and read into many blocks at
//! once.
//!
//! # Examples
//!
//! A line of a socket, read from the blocks it was received into:
//!
//! ```
//! use headpond_adapters::tokio::SourceReader;
//! use headpond_pipe::{PipeOptions, PipeReadExt};
//! use headpond_pool::Pool;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_io().build()?.block_on(async {
//! # use tokio::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
//! # let listener = TcpListener::bind("127.0.0.1:0").await?;
//! # let mut client = TcpStream::connect(listener.local_addr()?).await?;
//! # client.write_all(b"Hello, world!\nand more").await?;
//! # let (socket, _) = listener.accept().await?;
//! let mut reader = SourceReader::new(socket, &PipeOptions::new(&Pool::new()));
//! loop {
//!     let view = reader.read().await?;
//!     let buffer = view.buffer();
//!     if let Some(end) = buffer.position_of(b'\n') {
//!         assert_eq!(buffer.slice(..end), "Hello, world!");
//!         view.advance(end + 1);
//!         break;
//!     }
//!     let start = buffer.start();
//!     view.need_more(start);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod copy;
mod duplex;
#[cfg(feature = "tokio-net")]
mod net;
mod pieces;
mod reader;
mod sink;
mod source;
mod stream;
mod writer;

use headpond_pipe::{PipeRead, PipeWrite};
use tokio::io::{AsyncRead, AsyncWrite};

pub use copy::{CopyFromStream, CopyToStream, copy, copy_bidirectional};
#[cfg(feature = "tokio-net")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio-net")))]
pub use net::{TcpAcceptor, TcpConnection, TcpConnector, TokioRuntime, serve};
#[cfg(all(feature = "tokio-net", unix))]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio-net")))]
pub use net::{UnixAcceptor, UnixConnection, UnixConnector};
pub use reader::TokioReader;
pub use sink::SinkWriter;
pub use source::SourceReader;
pub use writer::TokioWriter;

/// What a reading end can do with streams of tokio.
pub trait TokioReadExt: PipeRead {
    /// This end as an [`AsyncRead`] and [`AsyncBufRead`](tokio::io::AsyncBufRead).
    fn into_tokio(self) -> TokioReader<Self>
    where
        Self: Sized,
    {
        TokioReader::new(self)
    }

    /// Copies everything to a stream, straight from the blocks, up to the end of this one: see [`CopyToStream`].
    fn copy_to_tokio<'a, S: AsyncWrite + Unpin>(&'a mut self, stream: &'a mut S) -> CopyToStream<'a, Self, S> {
        CopyToStream::new(self, stream)
    }
}

impl<R: PipeRead + ?Sized> TokioReadExt for R {}

/// What a writing end can do with streams of tokio.
pub trait TokioWriteExt: PipeWrite {
    /// This end as an [`AsyncWrite`].
    fn into_tokio(self) -> TokioWriter<Self>
    where
        Self: Sized,
    {
        TokioWriter::new(self)
    }

    /// Copies everything from a stream, straight into this end's memory, up to the end of that one: see [`CopyFromStream`].
    fn copy_from_tokio<'a, S: AsyncRead + Unpin>(&'a mut self, stream: &'a mut S) -> CopyFromStream<'a, Self, S> {
        CopyFromStream::new(self, stream)
    }
}

impl<W: PipeWrite + ?Sized> TokioWriteExt for W {}
