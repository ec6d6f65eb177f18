//! A byte pipe: a writer that fills pooled memory in place, a reader that sees everything unread across blocks without a copy.
//!
//! | type | what it is |
//! |---|---|
//! | [`Pipe`] | both ends of a new pipe, made of [`PipeOptions`] |
//! | [`Writer`] | the writing end: hands out memory, publishes it by a flush, is held back when the reader is behind |
//! | [`Reader`] | the reading end: shows everything unread as a [`ReadView`], and is told how far that was used |
//! | [`PipeRead`], [`PipeWrite`] | what the ends have in common with sources and sinks behind adapters; their `Ext` traits have the futures |
//! | [`ReadCanceller`], [`FlushCanceller`] | end a wait from anywhere |
//! | [`FixedReader`] | a reader of bytes that are all there |
//!
//! [`Pipe::new`] makes a pipe of [`PipeOptions`], which hold a pool and serve for any number of pipes. A pipe is both its ends, and
//! has a direction: bytes go in at the [`Writer`] and come out at the [`Reader`]. Two directions take two pipes.
//!
//! - The writer asks for memory ([`reserve`](Writer::reserve)), fills it, says how much counts, and publishes it by a
//!   [`flush`](Writer::flush), which waits while the reader is too far behind.
//! - The reader [`read`](Reader::read)s: a [`ReadView`] of everything unconsumed, as one [`Sequence`](headpond_pool::Sequence)
//!   over many blocks. It ends by saying how far the bytes were *consumed* (their blocks go back to the pool) and how far they
//!   were *examined* (the next read waits for a byte behind that).
//!
//! Both ends are owned, `Send`, and take `&mut self`, so that two reads at once, or a view used after it was advanced, do not
//! compile. They need no executor. The traits [`PipeRead`] and [`PipeWrite`] are what the ends have in common with sources and
//! sinks behind adapters; both are object-safe.
//!
//! In the steady state a message costs two atomic read-modify-writes, no lock, no allocation and no copy.
//!
//! # Examples
//!
//! ```
//! use headpond_pipe::{Pipe, PipeOptions};
//! use headpond_pool::Pool;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { futures_lite::future::block_on(async {
//! let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
//! writer.write(b"half a li")?;
//! writer.flush().await?;
//!
//! let view = reader.read().await?;
//! assert_eq!(view.buffer().position_of(b'\n'), None);
//! let start = view.buffer().start();
//! view.need_more(start);
//!
//! writer.write(b"ne\n")?;
//! writer.finish()?;
//! let view = reader.read().await?;
//! assert_eq!(view.buffer(), b"half a line\n"[..]);
//! assert!(view.is_finished());
//! # Ok(()) }) }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod budget;
mod cancel;
#[allow(unsafe_code)]
mod core;
mod error;
mod fixed;
#[cfg(all(test, loom))]
mod loom_models;
#[cfg(doctest)]
mod misuse;
#[allow(unsafe_code)]
mod node;
mod options;
mod pipe;
mod read;
#[allow(unsafe_code)]
mod reader;
#[allow(unsafe_code)]
mod spare_nodes;
mod stats;
mod sync;
#[allow(unsafe_code)]
mod waker_cell;
mod word;
mod write;
#[allow(unsafe_code)]
mod writer;

pub use budget::PollBudget;
pub use cancel::{FlushCanceller, ReadCanceller};
pub use error::{CopyError, FlushError, OptionsError, ReadError, ReadInFull, WriterDropped};
pub use fixed::FixedReader;
pub use options::{OnWriterDrop, Oversize, PipeOptions, PipeOptionsBuilder};
pub use pipe::{Pipe, ResetError};
pub use read::{CopyTo, PipeRead, PipeReadExt, Read, ReadAtLeast, ReadStatus, ReadView};
pub use reader::Reader;
pub use stats::PipeStats;
pub use write::{Closed, Finish, Flush, PipeWrite, PipeWriteExt, Reserve};
pub use writer::{Drained, Writer};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
