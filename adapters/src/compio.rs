//! For compio, and io_uring under it: blocks and slices as the buffers that a system call owns until it is over.
//!
//! A completion-based runtime takes a buffer by value, and gives it back with the outcome; a dropped operation keeps it until the
//! system is done with it. A [`BlockBuf`] is a pool's block to be filled, a [`SliceBuf`] a stretch of a pipe, or of anything else
//! shared, to be sent. Neither copies a byte, nor do the pipe's own calls: what was received is
//! [appended](headpond_pool::BufferWriter::append), what is to be sent is taken by
//! [`to_slices`](headpond_pool::Sequence::to_slices), and several go with one call as a `Vec`.
//!
//! A block that was filled in part is held whole, as long as its bytes are: see [`Slice::compact`](headpond_pool::Slice::compact).
//!
//! # Rust version
//!
//! The buffers' crate, `compio-buf`, asks for Rust 1.93 from 0.8.2 on. Older compilers take 0.8.1, which goes with compio 0.18.
//!
//! # Examples
//!
//! A receiver that fills a pipe:
//!
//! ```
//! use compio::{io::AsyncRead, buf::BufResult};
//! use headpond_adapters::compio::BlockBuf;
//! use headpond_pipe::Writer;
//! use headpond_pool::Pool;
//!
//! # type Failure = Box<dyn std::error::Error>;
//! async fn receive(mut source: impl AsyncRead, pool: &Pool, mut writer: Writer) -> Result<(), Failure> {
//!     loop {
//!         let BufResult(received, buffer) = source.read(BlockBuf::new(pool.rent_async(1).await?)).await;
//!         if received? == 0 {
//!             return Ok(writer.finish()?);
//!         }
//!         writer.append(buffer.into_slice())?;
//!         writer.flush().await?;
//!     }
//! }
//! # let pool = Pool::new();
//! # let headpond_pipe::Pipe { writer, mut reader } = headpond_pipe::Pipe::new(&headpond_pipe::PipeOptions::new(&pool));
//! # futures_lite::future::block_on(receive(&b"received"[..], &pool, writer))?;
//! # assert_eq!(reader.peek(), "received");
//! # Ok::<(), Failure>(())
//! ```

#[allow(unsafe_code)]
mod block_buf;
mod slice_buf;

pub use block_buf::BlockBuf;
pub use slice_buf::SliceBuf;
