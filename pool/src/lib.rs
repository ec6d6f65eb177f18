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
mod buffer_writer;
mod error;
#[cfg(feature = "__internal")]
#[doc(hidden)]
pub mod internal;
#[cfg(all(test, loom))]
mod loom_models;
#[allow(unsafe_code)]
mod memory;
#[allow(unsafe_code)]
mod pool;
#[allow(unsafe_code)]
mod sequence;
#[allow(unsafe_code)]
mod sync;

#[cfg(feature = "bytes")]
pub use buffer_writer::{BufMutView, WritableBufMut};
pub use buffer_writer::{BufferWriter, Prefix};
pub use error::{PatchError, PoolError, SharedError, WriteError};
pub use memory::{Block, Slice, WritableBuffer};
pub use pool::{BlockSource, IntoBlockSource, Leak, Pool, PoolOptions, PoolOptionsError, PoolStats, RentAsync, Ticket};
#[cfg(feature = "bytes")]
pub use sequence::SharedBytes;
pub use sequence::{ByteIter, Chunks, Cursor, Incomplete, Position, Sequence, SequenceBuf, Slices, Split};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
