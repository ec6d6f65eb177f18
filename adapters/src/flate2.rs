//! For compressed streams (gzip, zlib and raw deflate): a reader that inflates, and a writer that deflates.
//!
//! Both stand on any end, and are ends themselves: they can be stacked on a socket's, a file's, or each other. Bytes go from
//! block to block: the compressed ones are read and written where they lie in the blocks of the end below, the plain ones in
//! blocks of the door's own.
//!
//! - **Hostile input** costs bounded memory: no more is inflated than is asked for, a block at a time. A reader that only
//!   examines meets the hard limit of its options ([`ReadError::LimitExceeded`](headpond_pipe::ReadError::LimitExceeded)), and
//!   [`max_output`](InflateReader::max_output) bounds what one that consumes can be made to read.
//! - **A flush** sends everything written before it so that the peer can inflate it at once (a sync flush); each costs some five
//!   bytes. What is only written waits for it, as in any pipe.
//!
//! Either takes memory of its own besides the blocks: inflating some 50 KiB, deflating some 370.
//!
//! # Examples
//!
//! ```
//! use headpond_adapters::flate2::{Compression, DeflateWriter, Format, InflateReader};
//! use headpond_pipe::{Pipe, PipeOptions, PipeReadExt, PipeWriteExt};
//! use headpond_pool::{BufferWriter, Pool};
//!
//! # futures_lite::future::block_on(async {
//! let options = PipeOptions::new(&Pool::new());
//! let Pipe { writer, reader } = Pipe::new(&options);
//! let mut writer = DeflateWriter::new(writer, Format::Gzip, Compression::default(), &options);
//! let mut reader = InflateReader::new(reader, Format::Gzip, &options).max_output(1 << 20);
//! writer.write(b"a message")?;
//! writer.flush().await?; // arrives, though the stream goes on
//! assert_eq!(reader.read_at_least(9).await?.buffer(), "a message");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod deflate;
mod deflater;
mod error;
mod format;
mod inflate;
mod inflater;

pub use deflate::DeflateWriter;
pub use error::InflateError;
pub use flate2::Compression;
pub use format::Format;
pub use inflate::InflateReader;
