//! Connections: two pipes over a stream, who makes them, who speaks over them, and who serves many at a time.
//!
//! | | what it is |
//! |---|---|
//! | [`Connection`] | a reader and a writer, whatever stream is behind them |
//! | [`Pumps`] | what moves the bytes between those and the stream: a future to be driven |
//! | [`Listener`], [`Connector`] | who makes connections |
//! | [`Handler`] | who speaks over them |
//! | [`Server`], [`Stopper`] | serves a listener's connections by a handler, up to a limit, and stops |
//!
//! Nothing here knows a runtime: a [`Runtime`] gives tasks and time, and the streams are those of the modules `tokio` (feature
//! `tokio-net`: sockets, and a runtime) and `futures_io` (its `connection`).
//!
//! # Examples
//!
//! A protocol is written once, over a [`Connection`], and tested without a socket:
//!
//! ```
//! use headpond_adapters::transport::{Connection, HandlerError};
//!
//! async fn greet(connection: &mut Connection) -> Result<(), HandlerError> {
//!     let peer = connection.peer().to_string();
//!     connection.writer.write(b"Hello, ")?;
//!     connection.writer.write(peer.as_bytes())?;
//!     connection.writer.flush_release().await?;
//!     Ok(())
//! }
//! ```

mod connection;
#[cfg(any(feature = "futures-io", feature = "tokio-net"))]
mod inbound;
mod one_line;
#[cfg(any(feature = "futures-io", feature = "tokio-net"))]
mod outbound;
mod panicking;
mod phase;
#[cfg(any(feature = "futures-io", feature = "tokio-net"))]
pub(crate) mod pumping;
pub(crate) mod race;
mod roles;
mod server;
#[cfg(any(feature = "futures-io", feature = "tokio-net"))]
pub(crate) mod socket;

/// What [`Handler`], [`Listener`] and [`Connector`] are implemented under: the attribute of the crate `async-trait`.
pub use async_trait::async_trait;
pub use connection::{Connection, ConnectionError, Peer, Pumps, Traffic};
pub use roles::{Connector, Handler, HandlerError, Listener, Runtime, Task};
pub use server::{Failure, Server, Stopper};
