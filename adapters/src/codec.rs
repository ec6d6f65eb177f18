//! For the codecs of `headpond-codec`: their items off and onto any end of a pipe.
//!
//! | you want | take |
//! |---|---|
//! | all items of a read, where they lie, and one flush for all answers | [`Decoder::items`](headpond_codec::Decoder::items) in a loop, as below |
//! | one owned item after the other, awaited | [`ReadItemExt::read_item`] |
//! | a `Stream` and a `Sink` | [`Framed`] |
//!
//! # Examples
//!
//! The loop, which needs nothing of this module: items borrow from the view, and are consumed together.
//! What stands behind the last line feed is a line as well when the stream ends. Where half a command must not be taken for a whole one, the
//! decoder is `LineDecoder::new().require_ending(true)`.
//!
//! ```
//! use headpond_codec::{Decoder, line::LineDecoder, number::write_integer};
//! use headpond_pipe::{PipeRead, PipeReadExt, PipeWrite, PipeWriteExt};
//!
//! /// Answers each line with its length.
//! async fn serve(input: &mut impl PipeRead, output: &mut impl PipeWrite) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut decoder = LineDecoder::new();
//!     loop {
//!         let view = input.read().await?;
//!         let is_finished = view.is_finished();
//!         let mut lines = decoder.items(view.buffer(), is_finished);
//!         for line in &mut lines {
//!             write_integer(output, line?.len())?;
//!             output.write(b"\n")?;
//!         }
//!         let consumed = lines.consumed();
//!         view.need_more(consumed);
//!         output.flush_release().await?;
//!         if is_finished {
//!             return Ok(());
//!         }
//!     }
//! }
//! # futures_lite::future::block_on(async {
//! # use headpond_pipe::{Pipe, PipeOptions};
//! # let options = PipeOptions::new(&headpond_pool::Pool::new());
//! # let (mut input, mut output) = (Pipe::new(&options), Pipe::new(&options));
//! # input.writer.write(b"one\nthree")?;
//! # input.writer.finish()?;
//! # serve(&mut input.reader, &mut output.writer).await?;
//! # assert_eq!(output.reader.peek(), "3\n5\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! And a stream and a sink, of frames that share the memory they arrived in:
//!
//! ```
//! use futures_util::{SinkExt, StreamExt};
//! use headpond_adapters::{codec::Framed, duplex};
//! use headpond_codec::{Decoder, length_delimited::LengthDelimited};
//! use headpond_pipe::PipeOptions;
//! use headpond_pool::{Pool, Slice};
//!
//! # futures_lite::future::block_on(async {
//! let (client, server) = duplex(&PipeOptions::new(&Pool::new()));
//! let codec = || LengthDelimited::new().max_len(1 << 20).map(|frame| frame.to_contiguous(..));
//! let (mut client, mut server) = (Framed::new(client, codec()), Framed::new(server, codec()));
//! client.send("how deep is it?").await?;
//! let question: Slice = server.next().await.ok_or("no question")??;
//! assert_eq!(question, "how deep is it?");
//! server.send("ten fathoms").await?;
//! drop(server);
//! assert_eq!(client.next().await.ok_or("no answer")??, "ten fathoms");
//! assert!(client.next().await.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod framed;
mod read_item;

pub use error::{ReadItemError, SendItemError};
pub use framed::Framed;
pub use read_item::{ReadItem, ReadItemExt};
