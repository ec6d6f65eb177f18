//! The doors of a pipe: its ends as the streams of a runtime, and such streams as ends of a pipe.
//!
//! | | module `futures_io` | module `tokio` |
//! |---|---|---|
//! | a reading end as a stream | `FuturesReader` | `TokioReader` |
//! | a writing end as a stream | `FuturesWriter` | `TokioWriter` |
//! | a stream as a reading end | `SourceReader` | `SourceReader` |
//! | a stream as a writing end | `SinkWriter` | `SinkWriter` |
//! | a reading end copied to a stream | `CopyToStream` | `CopyToStream` |
//!
//! A protocol is best written over [`PipeRead`](headpond_pipe::PipeRead) and [`PipeWrite`](headpond_pipe::PipeWrite): a socket
//! becomes both by a `SourceReader`, which reads straight into pooled blocks, and a `SinkWriter`, which writes all of them
//! with one vectored call. The way round, `into_futures_io()` and `into_tokio()`, is for code that wants `AsyncRead` and
//! `AsyncWrite`, and copies the bytes once.
//!
//! # Features
//!
//! - `futures-io` (on): the module `futures_io`, for smol, async-std and whatever else speaks those traits.
//! - `tokio` (off): the module `tokio`.
//! - `parking_lot` (on): as in `headpond-pool`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod byte_reader;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod byte_writer;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod copy;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod error;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod forward;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod sink;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod source;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod stream;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
mod sync;

#[cfg(feature = "futures-io")]
#[cfg_attr(docsrs, doc(cfg(feature = "futures-io")))]
pub mod futures_io;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod tokio;

#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub use error::Cancelled;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
