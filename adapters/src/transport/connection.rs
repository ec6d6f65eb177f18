//! A connection as those who speak over it see it.

use std::{
    fmt,
    future::Future,
    mem,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
};

use headpond_pipe::{Reader, Writer};
use headpond_pool::SharedError;

use super::phase::Phases;
#[cfg(feature = "rustls")]
use crate::rustls::{Session, TlsConnection};

/// A connection: a reader of what the peer sends, and a writer of what it is sent. Between them and the stream stand [`Pumps`].
///
/// - **The peer's end** is the end of the reader's stream; the writer is not concerned by it.
/// - **Finishing the writer** sends what is buffered, then ends the stream towards the peer; the reader is not concerned by that.
/// - **Closing the reader** early has the pumps discard what still comes, so that the peer is not reset over it, which could
///   cost it the last bytes it was sent.
/// - **Aborting the writer**, or dropping it unfinished, resets the connection where the stream can do so. What the peer was to be
///   sent and the stream had not taken is dropped. While the stream takes nothing, an abort is noticed once the reader is
///   closed or dropped behind it.
/// - **A failure of the stream** is an error at the reader, behind what came before it, and at the writer: a reset met by a write
///   never looks like the peer's clean end. With nothing to be sent it is noticed by receiving, unless the reader is so far behind that
///   nothing is received, or the peer's stream has ended before: then by what is sent next.
///
/// The ends may be moved out of it: the connection lives as long as either of them, and its pumps.
#[derive(Debug)]
pub struct Connection {
    // Dropped first: the pumps are woken by the reader that closes, and are to see the abort then.
    /// What the peer is sent.
    pub writer: Writer,
    /// What the peer sends.
    pub reader: Reader,
    peer: Peer,
    phases: Option<Phases>,
    #[cfg(feature = "rustls")]
    session: Option<Session>,
}

impl Connection {
    #[cfg(any(feature = "futures-io", feature = "tokio-net"))]
    pub(crate) fn new(reader: Reader, writer: Writer, peer: Peer) -> Self {
        Self {
            reader,
            writer,
            peer,
            phases: None,
            #[cfg(feature = "rustls")]
            session: None,
        }
    }

    /// Who is at the other side.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Resolves when the server that accepted the connection is to stop: time to finish what is under way and begin nothing more.
    /// Never, for any other connection.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let phases = self.phases.clone();
        async move {
            match phases {
                Some(phases) => phases.until_stopping().await,
                None => std::future::pending().await,
            }
        }
    }

    /// What was agreed upon, where the connection is secured by TLS.
    #[cfg(feature = "rustls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The same connection as those see it who speak over what is behind its TLS.
    #[cfg(feature = "rustls")]
    pub(crate) fn secured(plaintext: TlsConnection, origin: Origin) -> Self {
        let TlsConnection { reader, writer, session } = plaintext;
        Self { reader, writer, peer: origin.peer, phases: origin.phases, session: Some(session) }
    }

    #[cfg(feature = "rustls")]
    pub(crate) fn origin(&self) -> Origin {
        Origin { peer: self.peer.clone(), phases: self.phases.clone() }
    }

    pub(super) fn served_by(&mut self, phases: Phases) {
        self.phases = Some(phases);
    }
}

/// Where a connection comes from.
#[cfg(feature = "rustls")]
pub(crate) struct Origin {
    peer: Peer,
    phases: Option<Phases>,
}

/// Who is at the other side of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Peer {
    /// A socket of the internet protocols.
    Internet(SocketAddr),
    /// A socket in the file system, which has a path if it was bound to one: a client's seldom is.
    Unix(Option<PathBuf>),
    /// Somebody of whom nothing is known.
    #[default]
    Unknown,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet(address) => address.fmt(f),
            Self::Unix(path) => path.as_deref().unwrap_or(Path::new("unnamed socket")).display().fmt(f),
            Self::Unknown => f.write_str("unknown peer"),
        }
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self::Internet(address)
    }
}

/// What moves a connection's bytes between its pipes and its stream: a future to be spawned, or to be polled beside the task that
/// speaks over the connection.
///
/// Each direction has a pump of its own: one reads straight into blocks, many at once while the peer is fast, and stops while the
/// reader is behind; the other sends all that was flushed with as few calls as it takes. While the peer is silent, no block
/// is held. Both are over when the peer has ended its stream and everything was sent, or the connection failed.
///
/// # Errors
///
/// See [`ConnectionError`].
///
/// # Cancel safety
///
/// Dropped before they are over, they abort the connection: both ends fail, and the stream is reset where it can be.
#[must_use = "nothing is received or sent unless the pumps are polled"]
pub struct Pumps(Pin<Box<dyn Future<Output = Result<Traffic, ConnectionError>> + Send>>);

impl Pumps {
    /// Those of a transport of one's own, whatever moves its bytes.
    pub fn new(pumps: impl Future<Output = Result<Traffic, ConnectionError>> + Send + 'static) -> Self {
        Self(Box::pin(pumps))
    }
}

impl Future for Pumps {
    type Output = Result<Traffic, ConnectionError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Pumps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pumps").finish_non_exhaustive()
    }
}

/// How much went over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Traffic {
    /// Bytes that the peer sent and the reader was given.
    pub received: u64,
    /// Bytes that the stream took.
    pub sent: u64,
}

impl Traffic {
    /// So many bytes each way.
    pub const fn new(received: u64, sent: u64) -> Self {
        Self { received, sent }
    }
}

/// What ended a connection otherwise than well.
///
/// Two are equal when they are of the same kind: what the stream failed with, or a side aborted with, is not compared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The stream failed to be read: the peer has reset it, or the network is gone.
    #[error("receiving from the peer failed")]
    Receive(#[source] SharedError),
    /// The stream failed to be written.
    #[error("sending to the peer failed")]
    Send(#[source] SharedError),
    /// This side aborted the connection, by the error its writer was aborted with.
    #[error("this side aborted the connection")]
    Aborted(#[source] SharedError),
    /// It was not over in time, and was aborted.
    #[error("the connection was not over at its deadline")]
    Deadline,
    /// What drove the connection is gone: its task has panicked, or its runtime was shut down.
    #[error("the task of the connection is gone")]
    Gone,
}

impl PartialEq for ConnectionError {
    fn eq(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }
}

impl Eq for ConnectionError {}
