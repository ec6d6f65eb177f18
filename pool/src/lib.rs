//! Memory for bytes in flight: a [`Pool`] of fixed blocks, shared [`Slice`]s of them, and [`Sequence`] views over many.
//!
//! | type | what it is |
//! |---|---|
//! | [`Pool`] | rents out fixed blocks and takes them back, from any thread; bounded by a budget, if wanted |
//! | [`Block`] | one exclusive piece of memory |
//! | [`Slice`] | shared, immutable bytes of a block, or of memory somebody else owns |
//! | [`SequenceBuf`] | an owned queue of slices |
//! | [`Sequence`] | a borrowed view over bytes in many pieces, as one: searched, narrowed and compared without joining them |
//! | [`Cursor`] | a place in a sequence, from which values are read |
//! | [`BufferWriter`] | whoever hands out memory to be written in place: a pipe's writer, a `Vec<u8>`, a `BytesMut` |
//! | [`BlockSource`] | where a pipe's memory comes from: a pool, or your own |
//!
//! # Examples
//!
//! ```
//! use headpond_pool::{Pool, SequenceBuf};
//!
//! let pool = Pool::new();
//! let mut block = pool.rent()?;
//! block[..11].copy_from_slice(b"hello world");
//! let slice = block.into_slice(..11);
//! let buffer = SequenceBuf::from_iter([slice.slice(..3), slice.slice(3..)]);
//! assert_eq!(buffer.as_sequence().find(b"lo w").map(|at| at.offset()), Some(3));
//! # Ok::<(), headpond_pool::PoolError>(())
//! ```

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
mod cache;
#[allow(unsafe_code)]
mod chunk;
#[allow(unsafe_code)]
mod chunk_queue;
mod containment;
mod cursor;
#[allow(unsafe_code)]
mod dedicated;
#[allow(unsafe_code)]
mod depot;
#[doc(hidden)]
#[allow(unsafe_code)]
pub mod doors;
mod error;
#[allow(unsafe_code)]
mod foreign;
mod format;
#[allow(unsafe_code)]
mod growable;
#[allow(unsafe_code)]
mod header;
mod leaks;
#[allow(unsafe_code)]
mod locked;
#[cfg(all(test, loom))]
mod loom_models;
#[allow(unsafe_code)]
mod memory;
mod options;
#[allow(unsafe_code)]
mod pool;
mod position;
mod rent;
#[allow(unsafe_code)]
mod sequence;
#[allow(unsafe_code)]
mod sequence_buf;
#[allow(unsafe_code)]
mod shared;
#[allow(unsafe_code)]
mod slab;
mod slab_set;
#[allow(unsafe_code)]
mod slice;
mod source;
mod stats;
#[allow(unsafe_code)]
mod sync;
mod thread_index;
mod waiting;
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
pub use sequence::{ByteIter, Chunks, Sequence, Slices, Split};
pub use sequence_buf::SequenceBuf;
pub use slice::Slice;
pub use source::{BlockSource, IntoBlockSource, Turn};
pub use stats::PoolStats;
pub use writable::WritableBuffer;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
