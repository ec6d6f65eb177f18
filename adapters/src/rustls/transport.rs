//! TLS over the connections of a transport: for its handlers, and for its connectors.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, pending, poll_fn},
    io,
    pin::{Pin, pin},
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
    transport::{
        Connection, ConnectionError, Connector, Handler, HandlerError, Pumps, Traffic,
        race::{First, race},
    },
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

/// Runs a future to its end, and what it depends upon beside it: that may be over before.
async fn beside<P: Future + Unpin, F: Future>(pumps: P, future: F) -> (Option<P::Output>, F::Output) {
    let mut pumped = None;
    let pumping = async {
        pumped = Some(pumps.await);
        pending::<Infallible>().await
    };
    match race(pumping, future).await {
        First::Left(never) => match never {},
        First::Right(output) => (pumped, output),
    }
}

/// Drives a session and the connection it is over, to the ends of both.
async fn both(
    pump: impl Future<Output = Result<(), TlsError>>,
    mut pumps: Pumps,
    mut pumped: Option<Result<Traffic, ConnectionError>>,
) -> Result<Traffic, ConnectionError> {
    let mut pump = pin!(pump);
    let mut secured = None;
    poll_fn(|cx| {
        if secured.is_none() {
            if let Poll::Ready(outcome) = pump.as_mut().poll(cx) {
                secured = Some(outcome);
            }
        }
        if pumped.is_none() {
            if let Poll::Ready(outcome) = Pin::new(&mut pumps).poll(cx) {
                pumped = Some(outcome);
            }
        }
        if secured.is_some() && pumped.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    match (secured, pumped) {
        // What the session failed with says why its connection did.
        (Some(Err(error)), pumped) => Err(failure(error, pumped)),
        (_, Some(pumped)) => pumped,
        (_, None) => Err(ConnectionError::Gone),
    }
}

/// A failure of the connection itself counts for more than what the session makes of it.
fn failure(error: TlsError, pumped: Option<Result<Traffic, ConnectionError>>) -> ConnectionError {
    match (error, pumped) {
        (TlsError::Aborted(error), _) => ConnectionError::Aborted(error),
        (TlsError::Receive(_) | TlsError::Send(_), Some(Err(error))) => error,
        (error @ (TlsError::Send(_) | TlsError::Room(_)), _) => ConnectionError::Send(Arc::new(error)),
        (error, _) => ConnectionError::Receive(Arc::new(error)),
    }
}
