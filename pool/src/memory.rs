//! Pieces of memory: what counts them, and who may read or write them.
//!
//! A header counts the references to a piece and knows how to give it back. A [`Block`] is its only reference, and so may write;
//! a [`Slice`] is one of many, which only read. Behind either is memory of a pool, or of another owner.

mod block;
mod foreign;
mod header;
mod panic_guard;
#[cfg(feature = "__internal")]
pub(crate) mod raw_chunk;
mod raw_memory;
mod slice;
mod writable;

pub use block::Block;
pub(crate) use header::{Handle, Header, Kind, add_ref};
pub(crate) use panic_guard::catch_panic;
#[cfg(feature = "zeroize")]
pub(crate) use raw_memory::wipe;
pub(crate) use raw_memory::{RawMemory, poison};
pub use slice::Slice;
pub use writable::WritableBuffer;
#[cfg(feature = "bytes")]
pub(crate) use writable::past_the_view;
