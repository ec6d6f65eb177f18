//! TLS over the connections of a transport: for its handlers, and for its connectors.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::Poll,
};

use async_trait::async_trait;
use rustls::pki_types::ServerName;

use super::{
    error::TlsError,
    roles::{TlsAcceptor, TlsConnector},
};
use crate::{
    sync::Arc,
    transport::{Connection, ConnectionError, Connector, Handler, HandlerError, Pumps, Traffic, race::beside},
};

/// A handler that speaks TLS, and has another speak over what is behind it.
///
/// That one's connection holds the plaintext, and tells what was [agreed upon](Connection::session). When it returns, what
/// is buffered is sent, and the peer told of the end. A handshake may take as long as the peer likes: a server that minds gives
/// its handler a deadline.
///
/// # Examples
///
/// ```
/// use headpond_adapters::{
///     rustls::{TlsAcceptor, TlsHandler},
///     transport::{Handler, Listener, Runtime, Server},
/// };
/// use headpond_pipe::PipeOptions;
/// use rustls::ServerConfig;
///
/// fn secured<L: Listener>(
///     listener: L,
///     handler: impl Handler + 'static,
///     runtime: impl Runtime + 'static,
///     config: ServerConfig,
///     options: &PipeOptions,
/// ) -> Server<L> {
///     Server::new(listener, TlsHandler::new(TlsAcceptor::new(config, options), handler), runtime)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct TlsHandler<H> {
    acceptor: TlsAcceptor,
    handler: H,
}

impl<H: Handler> TlsHandler<H> {
    /// Has `handler` speak over what `acceptor` makes of each connection.
    pub fn new(acceptor: TlsAcceptor, handler: H) -> Self {
        Self { acceptor, handler }
    }
}

#[async_trait]
impl<H: Handler> Handler for TlsHandler<H> {
    async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
        let origin = connection.origin();
        let (plaintext, mut pump) = self.acceptor.accept(&mut connection.reader, &mut connection.writer).await?;
        let mut secured = Connection::secured(plaintext, origin);
        let (pumped, handled) = beside(&mut pump, self.handler.handle(&mut secured)).await;
        handled?;
        // A session that has failed is what the pump tells of.
        let _ = secured.writer.finish();
        secured.reader.close();
        match pumped {
            Some(pumped) => pumped?,
            None => pump.sent().await?,
        }
        Ok(())
    }
}

/// A connector that speaks TLS over the connections of another.
#[derive(Clone)]
pub struct TlsDialer {
    connector: Arc<dyn Connector>,
    tls: TlsConnector,
    name: ServerName<'static>,
}

impl TlsDialer {
    /// Comes to terms, over each of the connections of `connector`, with the server of that name.
    pub fn new(connector: impl Connector + 'static, tls: TlsConnector, name: ServerName<'static>) -> Self {
        Self { connector: Arc::new(connector), tls, name }
    }
}

#[async_trait]
impl Connector for TlsDialer {
    async fn connect(&self) -> io::Result<(Connection, Pumps)> {
        let (connection, mut pumps) = self.connector.connect().await?;
        let origin = connection.origin();
        let connecting = self.tls.connect(self.name.clone(), connection.reader, connection.writer);
        let (pumped, connected) = beside(&mut pumps, connecting).await;
        let (plaintext, pump) = match connected {
            Ok(connected) => connected,
            Err(error) => {
                if pumped.is_none() {
                    // The peer is to be told why.
                    poll_fn(|cx| Poll::Ready(Pin::new(&mut pumps).poll(cx).is_ready())).await;
                }
                return Err(io::Error::new(error.kind(), error));
            }
        };
        Ok((Connection::secured(plaintext, origin), Pumps::new(both(pump, pumps, pumped))))
    }
}

impl fmt::Debug for TlsDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsDialer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Drives a session and the connection it is over, to the ends of both.
async fn both(
    pump: impl Future<Output = Result<(), TlsError>>,
    mut pumps: Pumps,
    pumped: Option<Result<Traffic, ConnectionError>>,
) -> Result<Traffic, ConnectionError> {
    let (pumped, secured) = match pumped {
        Some(pumped) => (Some(pumped), pump.await),
        None => beside(&mut pumps, pump).await,
    };
    let pumped = match pumped {
        Some(pumped) => pumped,
        None => pumps.await,
    };
    // What the session failed with says why its connection did.
    match secured {
        Ok(()) => pumped,
        Err(error) => Err(failure(error, pumped)),
    }
}

/// A failure of the connection itself counts for more than what the session makes of it.
fn failure(error: TlsError, pumped: Result<Traffic, ConnectionError>) -> ConnectionError {
    match (error, pumped) {
        (TlsError::Aborted(error), _) => ConnectionError::Aborted(error),
        (TlsError::Receive(_) | TlsError::Send(_), Err(error)) => error,
        (error @ (TlsError::Send(_) | TlsError::Room(_)), _) => ConnectionError::Send(Arc::new(error)),
        (error, _) => ConnectionError::Receive(Arc::new(error)),
    }
}
