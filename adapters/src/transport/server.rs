//! Serving connections, many at a time.

use std::{fmt, future::poll_fn, io, mem, time::Duration};

use headpond_pipe::PollBudget;

use super::{
    connection::{Connection, ConnectionError, Peer, Pumps},
    one_line::OneLine,
    panicking::caught,
    phase::{Active, Phase, Phases},
    race::{First, beside, race},
    roles::{Handler, HandlerError, Listener, Runtime},
};
use crate::sync::Arc;

/// What is told of each connection that failed.
type Report = dyn Fn(&Peer, &Failure) + Send + Sync;

/// What an attempt to accept counts for, in bytes of a budget.
const ACCEPTED: usize = PollBudget::BYTES / 32;

/// How long a server that cannot accept waits before it tries again, unless a connection ends before.
const RETRY: Duration = Duration::from_millis(100);

/// How long a connection may take to end once its handler has returned, unless said otherwise.
const LINGER: Duration = Duration::from_secs(5);

/// Serves the connections of a listener by a handler: each in a task of its own, with its pumps.
///
/// - At most [`limit`](Self::limit) are served at once; those beyond wait to be accepted.
/// - What a connection ends with otherwise than well is [reported](Self::on_failure), and does not matter to the others; so is
///   what keeps the server from accepting, which it goes on trying.
/// - Once a handler has returned, what is buffered is sent, and the peer is waited for to end its stream, but no longer than
///   [`linger`](Self::linger).
/// - A [`Stopper`] ends it: accepting at once, and the connections in their own time or in the time they are given.
///
/// Dropped while it serves, it drops all its connections.
///
/// # Examples
///
/// An echo, for whatever listener and runtime:
///
/// ```
/// use headpond_adapters::transport::{Connection, Handler, HandlerError, Listener, Runtime, Server, async_trait};
///
/// struct Echo;
///
/// #[async_trait]
/// impl Handler for Echo {
///     async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
///         connection.reader.copy_to(&mut connection.writer).await?;
///         Ok(())
///     }
/// }
///
/// async fn echo(listener: impl Listener, runtime: impl Runtime + 'static) {
///     let server = Server::new(listener, Echo, runtime).limit(100);
///     server.on_failure(|peer, failure| eprintln!("{peer}: {failure}")).serve().await;
/// }
/// ```
#[must_use = "nobody is served before `serve` is awaited"]
pub struct Server<L> {
    listener: L,
    limit: usize,
    shared: Shared,
    _end: End,
}

/// What the tasks of a server have in common.
#[derive(Clone)]
struct Shared {
    handler: Arc<dyn Handler>,
    runtime: Arc<dyn Runtime>,
    report: Arc<Report>,
    linger: Duration,
    phases: Phases,
}

/// What became of a connection, or of the attempt to accept one.
///
/// It is there to be shown: its text has the causes behind it, in one line, so that `source` gives none. The variants hold them.
///
/// Two are equal when they are of the same kind: what they hold is not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// None could be accepted.
    #[error("no connection could be accepted: {}", OneLine(.0))]
    Accept(io::Error),
    /// Its handler failed.
    #[error("the handler failed: {}", OneLine(.0.as_ref()))]
    Handler(HandlerError),
    /// Its handler panicked. No more than that connection is lost, whatever the runtime makes of a task's panic.
    #[error("the handler panicked")]
    Panic,
    /// Its handler returned, and then it failed.
    #[error("{}", OneLine(.0))]
    Connection(ConnectionError),
    /// The server was aborted or dropped while it was served, or its runtime was shut down.
    #[error("the server was stopped before the connection was over")]
    Stopped,
}

impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }
}

impl Eq for Failure {}

impl<L: Listener> Server<L> {
    /// A server that takes its tasks and its time from `runtime`.
    pub fn new(listener: L, handler: impl Handler + 'static, runtime: impl Runtime + 'static) -> Self {
        let shared = Shared {
            handler: Arc::new(handler),
            runtime: Arc::new(runtime),
            report: Arc::new(|_, _| {}),
            linger: LINGER,
            phases: Phases::default(),
        };
        let end = End(shared.phases.clone());
        Self { listener, limit: usize::MAX, shared, _end: end }
    }

    /// Serves at most so many connections at once, and at least one.
    pub fn limit(mut self, connections: usize) -> Self {
        self.limit = connections.max(1);
        self
    }

    /// How long a connection may take to end once its handler has returned: 5 seconds, unless said otherwise.
    pub fn linger(mut self, duration: Duration) -> Self {
        self.shared.linger = duration;
        self
    }

    /// Has every failure reported, by whichever task meets it: shown, it says why. An attempt to accept has an unknown peer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use headpond_adapters::transport::{Listener, Server};
    /// fn logged<L: Listener>(server: Server<L>) -> Server<L> {
    ///     // 192.0.2.7:50123: the handler failed: the reader is closed: Connection reset by peer (os error 104)
    ///     server.on_failure(|peer, failure| eprintln!("{peer}: {failure}"))
    /// }
    /// ```
    pub fn on_failure(mut self, report: impl Fn(&Peer, &Failure) + Send + Sync + 'static) -> Self {
        self.shared.report = Arc::new(report);
        self
    }

    /// A handle that ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper { phases: self.shared.phases.clone(), runtime: Arc::clone(&self.shared.runtime) }
    }

    /// Serves until it is stopped and the last connection is over. Resolves to how many there were.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts every connection.
    pub async fn serve(mut self) -> u64 {
        let phases = self.shared.phases.clone();
        let mut served = 0;
        let mut budget = PollBudget::new();
        while let First::Right(accepted) = race(phases.until_stopping(), self.accept()).await {
            match accepted {
                Ok((connection, pumps)) => {
                    served += 1;
                    self.spawn(connection, pumps);
                }
                Err(error) => self.shared.wait_to_accept(error).await,
            }
            budget.spend(ACCEPTED);
            poll_fn(|cx| budget.poll(cx)).await;
        }
        // Nobody else is to queue up.
        drop(self.listener);
        phases.until_fewer_than(1).await;
        served
    }

    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        self.shared.phases.until_fewer_than(self.limit).await;
        self.listener.accept().await
    }

    fn spawn(&self, mut connection: Connection, pumps: Pumps) {
        let shared = self.shared.clone();
        let active = shared.phases.begin();
        connection.served_by(shared.phases.clone());
        let guard = Guard { peer: connection.peer().clone(), shared: shared.clone(), done: false, _active: active };
        self.shared.runtime.spawn(Box::pin(shared.run(connection, pumps, guard)));
    }
}

impl Shared {
    /// Waits until it makes sense to try again: at once, when it was the peer who had gone; otherwise descriptors or memory may
    /// have run short, and the next connection to end may give some back.
    async fn wait_to_accept(&self, error: io::Error) {
        let gone = matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
        (self.report)(&Peer::Unknown, &Failure::Accept(error));
        if !gone {
            let ended = race(self.phases.until_fewer_than(self.phases.active()), self.phases.until_stopping());
            race(self.runtime.sleep(RETRY), ended).await;
        }
    }

    async fn run(self, connection: Connection, pumps: Pumps, mut guard: Guard) {
        let conversed = caught(self.converse(connection, pumps));
        let failure = match race(self.phases.until_aborting(), conversed).await {
            First::Left(()) => Err(Failure::Stopped),
            First::Right(conversed) => conversed.unwrap_or(Err(Failure::Panic)),
        };
        guard.done = true;
        if let Err(failure) = failure {
            (self.report)(&guard.peer, &failure);
        }
    }

    /// Runs the handler beside the pumps, then the pumps alone.
    async fn converse(&self, mut connection: Connection, mut pumps: Pumps) -> Result<(), Failure> {
        // When the pumps are over the handler goes on: there may be something to read yet.
        let (pumped, handled) = beside(&mut pumps, self.handler.handle(&mut connection)).await;
        if let Err(error) = handled {
            connection.writer.abort(HandlerFailed);
            connection.reader.close();
            if pumped.is_none() {
                let _ = race(pumps, self.runtime.sleep(self.linger)).await;
            }
            return Err(Failure::Handler(error));
        }
        // A stream that has failed is what the pumps tell of.
        let _ = connection.writer.finish();
        connection.reader.close();
        let pumped = match pumped {
            Some(pumped) => pumped,
            None => match race(pumps, self.runtime.sleep(self.linger)).await {
                First::Left(pumped) => pumped,
                First::Right(()) => Err(ConnectionError::Deadline),
            },
        };
        pumped.map(|_| ()).map_err(Failure::Connection)
    }
}

/// What the pumps of a connection whose handler failed are told: the error itself goes to the server's report.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the handler failed")]
struct HandlerFailed;

/// Counts a connection, and reports its end when its task is dropped before it comes to that.
struct Guard {
    peer: Peer,
    shared: Shared,
    done: bool,
    _active: Active,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.done {
            (self.shared.report)(&self.peer, &Failure::Stopped);
        }
    }
}

/// The end of a server, however it comes.
struct End(Phases);

impl Drop for End {
    fn drop(&mut self) {
        self.0.enter(Phase::Over);
    }
}

/// Ends a [`Server`], from anywhere.
#[derive(Clone)]
pub struct Stopper {
    phases: Phases,
    runtime: Arc<dyn Runtime>,
}

impl Stopper {
    /// Has the server accept nobody else. The connections that are there go on to their ends; their handlers can tell by
    /// [`Connection::stopping`].
    pub fn stop(&self) {
        self.phases.enter(Phase::Stopping);
    }

    /// Has the server accept nobody else, and drop the connections that are there: they are reset where they can be.
    pub fn abort(&self) {
        self.phases.enter(Phase::Aborting);
    }

    /// Stops the server, and drops what is left of it after a while. Resolves once no connection is left.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the server stays stopped; it waits for its connections without a deadline then.
    pub async fn stop_within(&self, duration: Duration) {
        self.stop();
        if let First::Right(()) = race(self.phases.until_over(), self.runtime.sleep(duration)).await {
            self.abort();
            self.phases.until_over().await;
        }
    }

    /// How many connections are being served.
    pub fn active(&self) -> usize {
        self.phases.active()
    }
}

impl<L: fmt::Debug> fmt::Debug for Server<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("listener", &self.listener)
            .field("limit", &self.limit)
            .field("linger", &self.shared.linger)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").field("phases", &self.phases).finish_non_exhaustive()
    }
}
