//! Memory for bytes in flight: a [`Pool`] of fixed blocks, shared [`Slice`]s of them, and [`Sequence`] views over
//! many.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod block;
#[cfg(feature = "bytes")]
mod buf;
#[cfg(feature = "bytes")]
#[allow(unsafe_code)]
mod buf_mut;
mod buffer_writer;
#[allow(unsafe_code)]
mod chunk;
mod chunk_queue;
mod cursor;
#[doc(hidden)]
#[allow(unsafe_code)]
pub mod doors;
mod error;
#[allow(unsafe_code)]
mod foreign;
#[allow(unsafe_code)]
mod growable;
#[allow(unsafe_code)]
mod header;
mod leaks;
mod options;
mod pool;
mod position;
mod rent;
#[allow(unsafe_code)]
mod sequence;
#[allow(unsafe_code)]
mod sequence_buf;
#[allow(unsafe_code)]
mod slice;
mod source;
mod stats;
mod sync;
#[allow(unsafe_code)]
mod writable;

pub use block::Block;
#[cfg(feature = "bytes")]
pub use buf_mut::{BufMutView, WritableBufMut};
pub use buffer_writer::{BufferWriter, Prefix};
pub use cursor::{Cursor, Incomplete};
pub use error::{PatchError, PoolError, SharedError, WriteError};
pub use leaks::Leak;
pub use options::{PoolOptions, PoolOptionsError};
pub use pool::Pool;
pub use position::Position;
pub use rent::RentAsync;
#[cfg(feature = "bytes")]
pub use sequence::SharedBytes;
pub use sequence::{ByteIter, Chunks, Sequence, Slices};
pub use sequence_buf::SequenceBuf;
pub use slice::Slice;
pub use source::{BlockSource, Turn};
pub use stats::PoolStats;
pub use writable::WritableBuffer;
