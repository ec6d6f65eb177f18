//! For `Sink`s of bytes: a writing end as one, and one as a writing end, both without a copy.
//!
//! # Examples
//!
//! ```
//! use bytes::Bytes;
//! use futures_util::SinkExt;
//! use headpond_adapters::futures_sink::{SinkWriter, WriterSink};
//! use headpond_pipe::{Pipe, PipeOptions, PipeWriteExt};
//! use headpond_pool::{BufferWriter, Pool};
//!
//! # futures_lite::future::block_on(async {
//! # let options = PipeOptions::new(&Pool::new());
//! let Pipe { writer, mut reader } = Pipe::new(&options);
//! let mut sink = WriterSink::new(writer);
//! sink.send(Bytes::from_static(b"linked in, ")).await?;
//!
//! let mut writer = SinkWriter::new(sink, &options); // and back again
//! writer.write(b"written in place")?;
//! writer.finish_async().await?; // closes the sink
//! assert_eq!(reader.peek(), "linked in, written in place");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod outlet;
mod sink_writer;
mod writer_sink;

pub use sink_writer::SinkWriter;
pub use writer_sink::WriterSink;
