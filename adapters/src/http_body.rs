//! For HTTP messages of whatever speaks `http-body` 1 (hyper, axum, tonic, reqwest): a reading end as a body, and a body as
//! a reading end, both without a copy.
//!
//! # Examples
//!
//! A handler that answers with what another task writes, and reads the request where it was received:
//!
//! ```
//! use headpond_adapters::http_body::{BodyReader, PipeBody};
//! use headpond_pipe::{Pipe, PipeOptions, PipeReadExt};
//! use http_body_util::{BodyExt, Full};
//! # use headpond_pool::Pool;
//!
//! # futures_lite::future::block_on(async {
//! # let options = PipeOptions::new(&Pool::new());
//! # let request = http::Request::new(Full::new(bytes::Bytes::from_static(b"shout\n")));
//! let mut reader = BodyReader::new(request.into_body(), &options);
//! let Pipe { mut writer, reader: reply } = Pipe::new(&options);
//! let response = http::Response::new(PipeBody::new(reply));
//!
//! let view = reader.read_at_least(6).await?;
//! let shouted = view.buffer().to_vec().to_ascii_uppercase();
//! view.advance_all();
//! writer.write(&shouted)?;
//! writer.finish()?;
//! assert_eq!(response.into_body().collect().await?.to_bytes(), "SHOUT\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod body_reader;
mod pipe_body;

pub use body_reader::BodyReader;
pub use pipe_body::PipeBody;
