//! Who connects, again and again, to one peer.

#[cfg(unix)]
use std::path::PathBuf;
use std::{io, net::SocketAddr};

use async_trait::async_trait;
use headpond_pipe::PipeOptions;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::connection;
use crate::transport::{Connection, Connector, Peer, Pumps};

/// Makes TCP connections to one address.
#[derive(Debug, Clone)]
pub struct TcpConnector {
    address: SocketAddr,
    options: PipeOptions,
}

impl TcpConnector {
    /// Connects to `address`. The options are those of either pipe of each connection.
    pub fn new(address: SocketAddr, options: &PipeOptions) -> Self {
        Self { address, options: options.clone() }
    }
}

#[async_trait]
impl Connector for TcpConnector {
    async fn connect(&self) -> io::Result<(Connection, Pumps)> {
        let stream = TcpStream::connect(self.address).await?;
        Ok(connection::over_tcp(stream, self.address.into(), &self.options))
    }
}

/// Makes connections to a socket in the file system.
#[cfg(unix)]
#[derive(Debug, Clone)]
pub struct UnixConnector {
    path: PathBuf,
    options: PipeOptions,
}

#[cfg(unix)]
impl UnixConnector {
    /// Connects to the socket at `path`. The options are those of either pipe of each connection.
    pub fn new(path: impl Into<PathBuf>, options: &PipeOptions) -> Self {
        Self { path: path.into(), options: options.clone() }
    }
}

#[cfg(unix)]
#[async_trait]
impl Connector for UnixConnector {
    async fn connect(&self) -> io::Result<(Connection, Pumps)> {
        let stream = UnixStream::connect(&self.path).await?;
        Ok(connection::over_unix(stream, Peer::Unix(Some(self.path.clone())), &self.options))
    }
}
