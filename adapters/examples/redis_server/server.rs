//! The server: a socket in, a socket out, and a conversation in between, many at a time on one thread.

use std::{
    cell::Cell,
    io::{self, Write},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_pipe::{PipeOptions, PipeWriteExt};
use tokio::{
    net::{TcpListener, TcpStream},
    task, time,
};

use super::{
    AnyError, client::Client, clients::Ends, error::CrossProtocol, one_line, session::converse, shared::Shared,
};

/// How long a server that cannot accept waits before it tries again.
const RETRY: Duration = Duration::from_millis(100);

/// How long it says nothing of attacks after it has told of one, as Redis does.
const QUIET: Duration = Duration::from_secs(60);

/// A server that listens.
pub(crate) struct Server {
    listener: TcpListener,
    options: PipeOptions,
    shared: Rc<Shared>,
}

impl Server {
    /// Listens, and asks clients for the password, if there is one.
    pub(crate) async fn bind(
        address: &str,
        options: &PipeOptions,
        password: Option<Vec<u8>>,
    ) -> Result<Self, AnyError> {
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|error| format!("cannot listen on {address}: {error}"))?;
        let shared = Rc::new(Shared::new(listener.local_addr()?, password));
        Ok(Self { listener, options: options.clone(), shared })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// How many clients there were.
    pub(crate) fn clients(&self) -> u64 {
        self.shared.clients.count()
    }

    /// Serves clients, for ever. One that fails is told of, and does not matter to the others. Runs within a `LocalSet`.
    pub(crate) async fn serve(&self) {
        loop {
            let (socket, address) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                // It had gone before it was served.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                // Descriptors or memory have run short, which clients that go give back.
                Err(error) => {
                    let _ = writeln!(io::stderr(), "cannot accept: {error}");
                    time::sleep(RETRY).await;
                    continue;
                }
            };
            let (options, shared) = (self.options.clone(), Rc::clone(&self.shared));
            task::spawn_local(async move {
                if let Err(error) = handle(socket, address, &options, &shared).await {
                    log(address, &error, &shared.told);
                }
            });
        }
    }
}

/// Tells what became of a client.
fn log(address: SocketAddr, error: &AnyError, told: &Cell<Option<Instant>>) {
    if error.is::<CrossProtocol>() {
        // Whoever does so does it often.
        if told.get().is_some_and(|before| before.elapsed() < QUIET) {
            return;
        }
        told.set(Some(Instant::now()));
    }
    // Whether anybody looks at the output does not matter to the clients.
    let _ = writeln!(io::stderr(), "{address}: {}", one_line(error.as_ref()));
}

/// A client that is connected: to be seen by the others, and to watch keys, until this goes.
struct Connected<'s> {
    client: Client,
    shared: &'s Shared,
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.shared.clients.remove(self.client.profile.id);
        // It is borrowed when a command has panicked; then the server is about to end.
        if let Ok(mut store) = self.shared.store.try_borrow_mut() {
            self.client.discard(&mut store);
        }
    }
}

/// Receives straight into blocks, and sends straight from them, until the client goes or is killed by another.
async fn handle(socket: TcpStream, peer: SocketAddr, options: &PipeOptions, shared: &Shared) -> Result<(), AnyError> {
    socket.set_nodelay(true)?;
    let ends = Ends { peer, local: socket.local_addr()?, descriptor: descriptor(&socket) };
    let now = {
        let mut store = shared.store.borrow_mut();
        store.look_at_the_clock();
        store.now()
    };
    let client = Client::new(shared.clients.add(ends, now), shared);
    let mut connected = Connected { client, shared };
    let profile = Rc::clone(&connected.client.profile);
    let (source, sink) = socket.into_split();
    let mut input = SourceReader::new(source, options);
    let mut output = SinkWriter::new(sink, options);
    let served = async {
        converse(&mut input, &mut output, shared, &mut connected.client).await?;
        Ok(output.finish_async().await?)
    };
    tokio::select! {
        biased;
        served = served => served,
        () = profile.killed() => Ok(()),
    }
}

#[cfg(unix)]
fn descriptor(socket: &TcpStream) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(socket)
}

#[cfg(not(unix))]
fn descriptor(_: &TcpStream) -> i32 {
    -1
}
