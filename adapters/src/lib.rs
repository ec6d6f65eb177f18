//! The doors of a pipe: its ends as the streams of a runtime, and such streams as ends of a pipe.
//!
//! A server of sockets, by the feature `tokio-net`: each client is a [`Reader`](headpond_pipe::Reader) and a
//! [`Writer`](headpond_pipe::Writer).
//!
//! ```
//! use headpond_adapters::{
//!     tokio::{TcpAcceptor, serve},
//!     transport::{Connection, Handler, HandlerError, async_trait},
//! };
//! use headpond_pipe::PipeOptions;
//! use headpond_pool::Pool;
//!
//! struct Echo;
//!
//! #[async_trait]
//! impl Handler for Echo {
//!     async fn handle(&self, client: &mut Connection) -> Result<(), HandlerError> {
//!         client.reader.copy_to(&mut client.writer).await?; // links blocks over: nothing is copied
//!         Ok(())
//!     }
//! }
//!
//! # async fn run() -> std::io::Result<()> {
//! let acceptor = TcpAcceptor::bind("127.0.0.1:7000", &PipeOptions::new(Pool::new())).await?;
//! let server = serve(acceptor, Echo).limit(10_000);
//! server.on_failure(|peer, failure| eprintln!("{peer}: {failure}")).serve().await;
//! # Ok(())
//! # }
//! ```
//!
//! | sockets | of tokio (`tokio-net`) | of any runtime |
//! |---|---|---|
//! | a server: who accepts, and a handler for each | [`serve`](tokio::serve), [`TcpAcceptor`](tokio::TcpAcceptor), [`UnixAcceptor`](tokio::UnixAcceptor) | [`Server`](transport::Server), [`Listener`](transport::Listener), [`Handler`](transport::Handler) |
//! | a client, or a socket that you have | [`TcpConnection`](tokio::TcpConnection), [`UnixConnection`](tokio::UnixConnection) | [`futures_io::connection`](futures_io::connection()), [`Connection`](transport::Connection), [`Pumps`](transport::Pumps) |
//! | who connects, again and again | [`TcpConnector`](tokio::TcpConnector), [`UnixConnector`](tokio::UnixConnector) | [`Connector`](transport::Connector) |
//! | what stops a server, and what it runs on | [`TokioRuntime`](tokio::TokioRuntime) | [`Stopper`](transport::Stopper), [`Runtime`](transport::Runtime) |
//!
//! | | module [`futures_io`] | module [`tokio`] | module [`blocking`] |
//! |---|---|---|---|
//! | a reading end as a stream | [`FuturesReader`](futures_io::FuturesReader) | [`TokioReader`](tokio::TokioReader) | [`BlockingReader`](blocking::BlockingReader) |
//! | a writing end as a stream | [`FuturesWriter`](futures_io::FuturesWriter) | [`TokioWriter`](tokio::TokioWriter) | [`BlockingWriter`](blocking::BlockingWriter) |
//! | both as one, and two that face each other | [`Duplex`], [`duplex()`] | [`Duplex`], [`duplex()`] | [`BlockingDuplex`](blocking::BlockingDuplex) |
//! | a stream as a reading end | [`SourceReader`](futures_io::SourceReader) | [`SourceReader`](tokio::SourceReader) | [`SourceReader`](blocking::SourceReader) |
//! | a stream as a writing end | [`SinkWriter`](futures_io::SinkWriter) | [`SinkWriter`](tokio::SinkWriter) | [`SinkWriter`](blocking::SinkWriter) |
//! | a reading end copied to a stream | [`copy_to_futures_io`](futures_io::FuturesReadExt::copy_to_futures_io) | [`copy_to_tokio`](tokio::TokioReadExt::copy_to_tokio) | [`copy_to_blocking`](blocking::BlockingReadExt::copy_to_blocking) |
//! | a stream copied to a writing end | [`copy_from_futures_io`](futures_io::FuturesWriteExt::copy_from_futures_io) | [`copy_from_tokio`](tokio::TokioWriteExt::copy_from_tokio) | [`copy_from_blocking`](blocking::BlockingWriteExt::copy_from_blocking) |
//!
//! | | module | an end as that | that as an end |
//! |---|---|---|---|
//! | a `Stream` of `Bytes` | [`futures_core`] | [`ReaderStream`](futures_core::ReaderStream) | [`StreamReader`](futures_core::StreamReader) |
//! | a `Sink` of `Bytes` | [`futures_sink`] | [`WriterSink`](futures_sink::WriterSink) | [`SinkWriter`](futures_sink::SinkWriter) |
//! | the body of an HTTP message | [`http_body`] | [`PipeBody`](http_body::PipeBody) | [`BodyReader`](http_body::BodyReader) |
//! | items of a `headpond_codec` codec | [`codec`] | [`Framed`](codec::Framed), [`ReadItemExt`](codec::ReadItemExt) | |
//! | the ciphertext of TLS | [`rustls`] | | [`TlsConnector`](rustls::TlsConnector), [`TlsAcceptor`](rustls::TlsAcceptor) |
//! | frames of a `tokio_util` codec | [`tokio_util`] | [`Framed`](tokio_util::Framed) | |
//! | compressed bytes | [`flate2`] | | [`InflateReader`](flate2::InflateReader), [`DeflateWriter`](flate2::DeflateWriter) |
//! | a buffer of compio's | [`compio`] | [`BlockBuf`](compio::BlockBuf), [`SliceBuf`](compio::SliceBuf) | |
//! | a file | [`file`](mod@file) | | [`file::read`], [`file::write()`] |
//! | a file mapped into memory | [`memmap2`] | | [`memmap2::reader`] |
//!
//! A protocol is best written over [`PipeRead`](headpond_pipe::PipeRead) and [`PipeWrite`](headpond_pipe::PipeWrite): a socket
//! becomes both by a connection, or by a `SourceReader`, which reads straight into pooled blocks, and a `SinkWriter`, which writes all
//! of them with one vectored call. The way round, `into_futures_io()` and `into_tokio()`, is for code that wants `AsyncRead` and
//! `AsyncWrite`, and copies the bytes once.
//!
//! # Errors
//!
//! What a pipe fails with is an [`io::Error`](std::io::Error) of the streams: of a kind that code which knows no pipe understands,
//! with the typed error inside (`get_ref`). [`IntoIoError`] makes one of what a pipe's own ends fail with.
//!
//! | what happened | kind |
//! |---|---|
//! | the writer was dropped before it finished | `UnexpectedEof` |
//! | the writer aborted | `ConnectionAborted` |
//! | the reader is gone, or this end was closed or finished | `BrokenPipe` |
//! | either was done with an `io::Error`, or what stands behind the end failed with one | that one's kind (but never `Interrupted` nor `WouldBlock`) |
//! | what stands behind the end failed otherwise, or breaks the contract of [`PipeRead`](headpond_pipe::PipeRead) | `Other` |
//! | the pool can never give what a write takes | `OutOfMemory` |
//! | more is unconsumed than the pipe may hold | `QuotaExceeded` |
//! | more is reserved at once than the pipe allows | `InvalidInput` |
//! | a formatting trait failed | `Other` |
//! | a canceller cancelled it | `Other`, with [`Cancelled`] inside |
//! | a blocking call took too long | `TimedOut` |
//! | a TLS session was cut off before its end | `UnexpectedEof` |
//! | a TLS peer was refused, or has given up | `InvalidData` |
//!
//! # Features
//!
//! - `futures-io` (on): the module [`futures_io`], for smol, async-std and whatever else speaks those traits.
//! - `tokio` (off): the module [`tokio`].
//! - `transport` (on): the module [`transport`], for connections of two pipes, and servers of them; `tokio-net` (off) brings
//!   those over tokio's sockets.
//! - `codec` (off): the module [`codec`], for the codecs of `headpond-codec`.
//! - `compio` (off): the module [`compio`], for io_uring.
//! - `flate2` (off): the module [`flate2`], for compressed streams.
//! - `futures-core`, `futures-sink` (off): the modules [`futures_core`] and [`futures_sink`], for `Stream`s and `Sink`s of
//!   `Bytes`.
//! - `http-body` (off): the module [`http_body`], for the bodies of HTTP messages.
//! - `memmap2` (off): the module [`memmap2`], for files mapped into memory.
//! - `rustls` (off): the module [`rustls`], for TLS.
//! - `tokio-util` (off): the module [`tokio_util`], for its codecs.
//! - `parking_lot` (on): as in `headpond-pool`.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The front page names what each feature brings; a build without all of them documents less.
#![cfg_attr(
    not(all(
        feature = "codec",
        feature = "compio",
        feature = "flate2",
        feature = "futures-core",
        feature = "futures-io",
        feature = "futures-sink",
        feature = "http-body",
        feature = "memmap2",
        feature = "rustls",
        feature = "tokio-net",
        feature = "tokio-util",
        unix
    )),
    allow(rustdoc::broken_intra_doc_links)
)]
#![deny(unsafe_code)]

mod byte_reader;
mod byte_writer;
mod copy;
mod duplex;
mod error;
#[cfg(any(feature = "futures-core", feature = "http-body"))]
mod feed;
mod forward;
#[cfg(any(feature = "codec", feature = "futures-sink", feature = "tokio-util"))]
mod gathered;
mod halves;
mod intake;
#[cfg(any(feature = "futures-core", feature = "http-body"))]
mod piece_reader;
mod pipes;
mod sink;
mod source;
mod stream;
mod sync;

pub mod blocking;
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
pub mod codec;
#[cfg(feature = "compio")]
#[cfg_attr(docsrs, doc(cfg(feature = "compio")))]
pub mod compio;
pub mod file;
#[cfg(feature = "flate2")]
#[cfg_attr(docsrs, doc(cfg(feature = "flate2")))]
pub mod flate2;
#[cfg(feature = "futures-core")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures-core")))]
pub mod futures_core;
#[cfg(feature = "futures-io")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures-io")))]
pub mod futures_io;
#[cfg(feature = "futures-sink")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures-sink")))]
pub mod futures_sink;
#[cfg(feature = "http-body")]
#[cfg_attr(docsrs, doc(cfg(feature = "http-body")))]
pub mod http_body;
#[cfg(feature = "memmap2")]
#[cfg_attr(docsrs, doc(cfg(feature = "memmap2")))]
pub mod memmap2;
#[cfg(feature = "rustls")]
#[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
pub mod rustls;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod tokio;
#[cfg(feature = "tokio-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio-util")))]
pub mod tokio_util;

#[cfg(feature = "transport")]
#[cfg_attr(docsrs, doc(cfg(feature = "transport")))]
pub mod transport;

pub use duplex::{Duplex, duplex};
pub use error::{Cancelled, IntoIoError};
pub use pipes::{CopyFromExt, copy, copy_bidirectional};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
