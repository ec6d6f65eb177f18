//! For the codecs of `tokio-util`: any of them over any end of a pipe.
//!
//! # Examples
//!
//! ```
//! use futures_util::{SinkExt, StreamExt};
//! use headpond_adapters::{duplex, tokio_util::Framed};
//! use headpond_pipe::PipeOptions;
//! use headpond_pool::Pool;
//! use tokio_util::codec::LinesCodec;
//!
//! # futures_lite::future::block_on(async {
//! let (client, server) = duplex(&PipeOptions::new(&Pool::new()));
//! let mut client = Framed::new(client, LinesCodec::new());
//! let mut server = Framed::new(server, LinesCodec::new_with_max_length(1024));
//! client.send("how deep is it?").await?;
//! assert_eq!(server.next().await.unwrap()?, "how deep is it?");
//! server.send("ten fathoms").await?;
//! drop(server);
//! assert_eq!(client.next().await.unwrap()?, "ten fathoms");
//! assert!(client.next().await.is_none());
//! # Ok::<(), tokio_util::codec::LinesCodecError>(())
//! # })?;
//! # Ok::<(), tokio_util::codec::LinesCodecError>(())
//! ```

mod framed;

pub use framed::{Framed, FramedParts};
