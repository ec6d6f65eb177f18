//! A socket of tokio as a connection whose pumps run in a task of their own.

#[cfg(unix)]
use std::path::Path;
use std::{io, time::Duration};

use headpond_pipe::{PipeOptions, PipeWrite, Reader, Writer};
use headpond_pool::SharedError;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(unix)]
use tokio::net::unix::SocketAddr as UnixAddress;
use tokio::{
    net::{TcpStream, ToSocketAddrs},
    task::{JoinHandle, spawn},
    time::timeout,
};

use super::socket::NetSocket;
use crate::transport::{Connection, ConnectionError, Peer, Pumps, Traffic, pumping};

type PumpTask = JoinHandle<Result<Traffic, ConnectionError>>;

/// A connection over TCP, and its pumps.
pub(super) fn over_tcp(stream: TcpStream, peer: Peer, options: &PipeOptions) -> (Connection, Pumps) {
    // What is flushed is to go at once, and in as few calls as it takes: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    pumping::connect(NetSocket(stream), peer, options)
}

/// A connection over a socket in the file system, and its pumps.
#[cfg(unix)]
pub(super) fn over_unix(stream: UnixStream, peer: Peer, options: &PipeOptions) -> (Connection, Pumps) {
    pumping::connect(NetSocket(stream), peer, options)
}

#[cfg(unix)]
pub(super) fn unix_peer(address: &UnixAddress) -> Peer {
    Peer::Unix(address.as_pathname().map(Path::to_path_buf))
}

macro_rules! spawned_connection {
    ($(#[$doc:meta])* $name:ident, $stream:ty, $over:ident, $peer_of:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            /// What the peer sends.
            pub reader: Reader,
            /// What the peer is sent.
            pub writer: Writer,
            peer: Peer,
            pumps: PumpTask,
        }

        impl $name {
            /// A connection over `stream`, whose pumps are spawned. The options are those of either pipe.
            ///
            /// # Panics
            ///
            /// Outside of a runtime of tokio.
            pub fn new(stream: $stream, options: &PipeOptions) -> Self {
                let (Connection { reader, writer, .. }, pumps, peer) = Self::parts(stream, options);
                Self { reader, writer, peer, pumps: spawn(pumps) }
            }

            /// A connection over `stream`, and its pumps, which are the caller's to drive.
            pub fn unspawned(stream: $stream, options: &PipeOptions) -> (Connection, Pumps) {
                let (connection, pumps, _) = Self::parts(stream, options);
                (connection, pumps)
            }

            /// Who is at the other side.
            pub fn peer(&self) -> &Peer {
                &self.peer
            }

            /// Finishes the writer, closes the reader, and waits until everything is sent and the peer has ended its stream, too.
            ///
            /// # Errors
            ///
            /// When the connection failed.
            ///
            /// # Cancel safety
            ///
            /// Dropped, the connection goes on to that end by itself.
            pub async fn finish(mut self) -> Result<Traffic, ConnectionError> {
                self.end();
                joined(self.pumps).await
            }

            /// As [`finish`](Self::finish), for so long; then it aborts.
            ///
            /// # Errors
            ///
            /// When the connection failed, or was not over in time.
            ///
            /// # Cancel safety
            ///
            /// Dropped, the connection goes on to its end by itself, and without a deadline.
            pub async fn shutdown(mut self, within: Duration) -> Result<Traffic, ConnectionError> {
                self.end();
                if let Ok(over) = timeout(within, joined(&mut self.pumps)).await {
                    return over;
                }
                self.pumps.abort();
                // So that the socket is closed, and all blocks are back, when this returns. It may have ended meanwhile.
                match self.pumps.await {
                    Ok(over) => over,
                    Err(_) => Err(ConnectionError::Deadline),
                }
            }

            /// Ends the connection at once, with an error: see [`Connection`]. Resolves when the socket is closed.
            pub async fn abort(mut self, error: SharedError) {
                PipeWrite::abort(&mut self.writer, error);
                self.reader.close();
                // The pumps fail with what they were aborted with.
                let _ = joined(self.pumps).await;
            }

            fn parts(stream: $stream, options: &PipeOptions) -> (Connection, Pumps, Peer) {
                let peer = stream.peer_addr().map_or(Peer::Unknown, $peer_of);
                let (connection, pumps) = $over(stream, peer.clone(), options);
                (connection, pumps, peer)
            }

            fn end(&mut self) {
                // A connection that has failed is what the pumps tell of.
                let _ = self.writer.finish();
                self.reader.close();
            }
        }
    };
}

spawned_connection! {
    /// A TCP connection, driven by a task of tokio: see [`Connection`] for what its ends do.
    ///
    /// Dropped, it is aborted, unless its writer was finished: then what is buffered is sent first. Its ends may be moved out of
    /// it. What is flushed is sent without delay (`TCP_NODELAY`).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use headpond_adapters::tokio::TcpConnection;
    /// use headpond_pipe::PipeOptions;
    /// use headpond_pool::Pool;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let address = listener.local_addr()?;
    /// # let options = PipeOptions::new(&Pool::new());
    /// # let served = tokio::spawn(async move {
    /// #     let mut server = TcpConnection::new(listener.accept().await?.0, &options);
    /// #     server.reader.copy_to(&mut server.writer).await?;
    /// #     server.finish().await?;
    /// #     Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// # });
    /// let options = PipeOptions::new(&Pool::new());
    /// let mut connection = TcpConnection::connect(address, &options).await?;
    /// connection.writer.write(b"an echo, please")?;
    /// connection.writer.flush_release().await?;
    /// assert_eq!(connection.reader.read_at_least(15).await?.buffer(), "an echo, please");
    /// let traffic = connection.shutdown(Duration::from_secs(10)).await?;
    /// assert_eq!((traffic.sent, traffic.received), (15, 15));
    /// # served.await?.map_err(|error| error as Box<dyn std::error::Error>)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    TcpConnection, TcpStream, over_tcp, Peer::Internet
}

impl TcpConnection {
    /// Connects, and spawns the pumps.
    ///
    /// # Errors
    ///
    /// When the peer cannot be reached.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio.
    pub async fn connect(address: impl ToSocketAddrs, options: &PipeOptions) -> io::Result<Self> {
        Ok(Self::new(TcpStream::connect(address).await?, options))
    }
}

#[cfg(unix)]
spawned_connection! {
    /// A connection over a socket in the file system, driven by a task of tokio: see [`Connection`] for what its ends do.
    ///
    /// Dropped, it is aborted, unless its writer was finished: then what is buffered is sent first. Such sockets know no reset: to
    /// the peer an abort looks like an end.
    UnixConnection, UnixStream, over_unix, |address| unix_peer(&address)
}

#[cfg(unix)]
impl UnixConnection {
    /// Connects, and spawns the pumps.
    ///
    /// # Errors
    ///
    /// When nobody listens at `path`.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio.
    pub async fn connect(path: impl AsRef<Path>, options: &PipeOptions) -> io::Result<Self> {
        Ok(Self::new(UnixStream::connect(path).await?, options))
    }
}

async fn joined(
    pumps: impl Future<Output = Result<Result<Traffic, ConnectionError>, tokio::task::JoinError>>,
) -> Result<Traffic, ConnectionError> {
    pumps.await.unwrap_or(Err(ConnectionError::Gone))
}
