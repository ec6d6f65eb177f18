//! Sockets of tokio as connections, and tokio as what serves them.

mod acceptor;
mod connection;
mod connector;
mod runtime;
mod socket;

pub use acceptor::TcpAcceptor;
#[cfg(unix)]
pub use acceptor::UnixAcceptor;
pub use connection::TcpConnection;
#[cfg(unix)]
pub use connection::UnixConnection;
pub use connector::TcpConnector;
#[cfg(unix)]
pub use connector::UnixConnector;
pub use runtime::{TokioRuntime, serve};
