//! The server: a socket in, a socket out, and a conversation in between, many at a time on one thread.

use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_pipe::{PipeOptions, PipeWriteExt};
use tokio::{
    net::{TcpListener, TcpStream},
    task, time,
};

use super::{AnyError, client::Client, one_line, session::converse, store::Store};

/// How long a server that cannot accept waits before it tries again.
const RETRY: Duration = Duration::from_millis(100);

/// A server that listens.
pub(crate) struct Server {
    listener: TcpListener,
    options: PipeOptions,
    store: Rc<RefCell<Store>>,
    clients: Cell<u64>,
}

impl Server {
    pub(crate) async fn bind(address: &str, options: &PipeOptions) -> Result<Self, AnyError> {
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|error| format!("cannot listen on {address}: {error}"))?;
        let store = Rc::new(RefCell::new(Store::new()));
        Ok(Self { listener, options: options.clone(), store, clients: Cell::new(0) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// How many clients there were.
    pub(crate) fn clients(&self) -> u64 {
        self.clients.get()
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
            let id = self.clients.get() + 1;
            self.clients.set(id);
            let (options, store) = (self.options.clone(), Rc::clone(&self.store));
            task::spawn_local(async move {
                if let Err(error) = handle(socket, &options, &store, Client::new(id)).await {
                    // Whether anybody looks at the output does not matter to the clients.
                    let _ = writeln!(io::stderr(), "{address}: {}", one_line(error.as_ref()));
                }
            });
        }
    }
}

/// Receives straight into blocks, and sends straight from them.
async fn handle(
    socket: TcpStream,
    options: &PipeOptions,
    store: &RefCell<Store>,
    mut client: Client,
) -> Result<(), AnyError> {
    socket.set_nodelay(true)?;
    let (source, sink) = socket.into_split();
    let mut input = SourceReader::new(source, options);
    let mut output = SinkWriter::new(sink, options);
    converse(&mut input, &mut output, store, &mut client).await?;
    Ok(output.finish_async().await?)
}
