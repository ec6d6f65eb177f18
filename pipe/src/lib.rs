//! The pipe: a writer that fills pooled memory in place, a reader that sees everything unread across blocks without a copy.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod cancel;
#[allow(unsafe_code)]
mod core;
mod error;
mod fixed;
#[allow(unsafe_code)]
mod node;
mod options;
#[allow(unsafe_code)]
mod park;
mod pipe;
mod read;
#[allow(unsafe_code)]
mod reader;
mod stats;
mod sync;
mod word;
mod write;
#[allow(unsafe_code)]
mod writer;

pub use cancel::{FlushCanceller, ReadCanceller};
pub use error::{CopyError, FlushError, OptionsError, ReadError, WriterDropped};
pub use fixed::FixedReader;
pub use options::{OnWriterDrop, Oversize, PipeOptions, PipeOptionsBuilder};
pub use pipe::{Pipe, ResetError};
pub use read::{CopyTo, PipeRead, PipeReadExt, Read, ReadStatus, ReadView};
pub use reader::Reader;
pub use stats::PipeStats;
pub use write::{Closed, Finish, Flush, PipeWrite, PipeWriteExt, Reserve};
pub use writer::{Drained, Writer};
