//! For `Stream`s of bytes: a reading end as one, and one as a reading end, both without a copy.
//!
//! # Examples
//!
//! ```
//! use futures_util::{StreamExt, stream};
//! use headpond_adapters::futures_core::{ReaderStream, StreamReader};
//! use headpond_pipe::{PipeOptions, PipeReadExt};
//! use headpond_pool::{Pool, Slice};
//!
//! # futures_lite::future::block_on(async {
//! let pieces = stream::iter(["half a li", "ne\nand more"].map(Ok::<_, std::io::Error>));
//! let mut reader = StreamReader::new(pieces, &PipeOptions::new(&Pool::new()));
//! let view = reader.read_at_least(12).await?;
//! let end = view.buffer().position_of(b'\n').unwrap();
//! assert_eq!(view.buffer().slice(..end), "half a line"); // across pieces
//! view.advance(end + 1);
//!
//! let mut rest = ReaderStream::new(reader);
//! assert_eq!(rest.next().await.unwrap()?, "and more");
//! assert!(rest.next().await.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod reader_stream;
mod stream_reader;

pub use reader_stream::ReaderStream;
pub use stream_reader::StreamReader;
