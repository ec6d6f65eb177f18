//! Listening sockets.

use std::{io, net::SocketAddr};
#[cfg(unix)]
use std::{os::unix, path::Path};

use async_trait::async_trait;
use headpond_pipe::PipeOptions;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::net::{TcpListener, ToSocketAddrs};

use super::connection;
use crate::transport::{Connection, Listener, Pumps};

/// Accepts TCP connections.
#[derive(Debug)]
pub struct TcpAcceptor {
    listener: TcpListener,
    options: PipeOptions,
}

impl TcpAcceptor {
    /// Accepts from `listener`. The options are those of either pipe of each connection.
    pub fn new(listener: TcpListener, options: &PipeOptions) -> Self {
        Self { listener, options: options.clone() }
    }

    /// Listens on an address.
    ///
    /// # Errors
    ///
    /// When it cannot.
    pub async fn bind(address: impl ToSocketAddrs, options: &PipeOptions) -> io::Result<Self> {
        Ok(Self::new(TcpListener::bind(address).await?, options))
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

#[async_trait]
impl Listener for TcpAcceptor {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        let (stream, peer) = self.listener.accept().await?;
        Ok(connection::over_tcp(stream, peer.into(), &self.options))
    }
}

/// Accepts connections of a socket in the file system. The socket's file is its owner's to remove.
#[cfg(unix)]
#[derive(Debug)]
pub struct UnixAcceptor {
    listener: UnixListener,
    options: PipeOptions,
}

#[cfg(unix)]
impl UnixAcceptor {
    /// Accepts from `listener`. The options are those of either pipe of each connection.
    pub fn new(listener: UnixListener, options: &PipeOptions) -> Self {
        Self { listener, options: options.clone() }
    }

    /// Listens on a path, which must not exist.
    ///
    /// # Errors
    ///
    /// When it cannot.
    pub fn bind(path: impl AsRef<Path>, options: &PipeOptions) -> io::Result<Self> {
        Ok(Self::new(UnixListener::bind(path)?, options))
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<unix::net::SocketAddr> {
        self.listener.local_addr().map(Into::into)
    }
}

#[cfg(unix)]
#[async_trait]
impl Listener for UnixAcceptor {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        let (stream, peer) = self.listener.accept().await?;
        Ok(connection::over_unix(stream, connection::unix_peer(&peer), &self.options))
    }
}
