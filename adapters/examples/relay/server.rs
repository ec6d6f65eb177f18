//! The line server: a socket in, a socket out, and a conversation in between.

use std::{
    io::{self, Write},
    net::SocketAddr,
    time::Duration,
};

use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_pipe::{PipeOptions, PipeRead, PipeWriteExt};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};

use super::{AnyError, one_line, session::converse, tally::Tally};

/// How long a server that cannot accept waits before it tries again.
const RETRY: Duration = Duration::from_millis(100);

/// A server that listens.
pub(crate) struct Server {
    listener: TcpListener,
    options: PipeOptions,
}

impl Server {
    pub(crate) async fn bind(address: &str, options: &PipeOptions) -> Result<Self, AnyError> {
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|error| format!("cannot listen on {address}: {error}"))?;
        Ok(Self { listener, options: options.clone() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves one client.
    pub(crate) async fn serve_one(&self) -> Result<Tally, AnyError> {
        let (socket, _) = self.listener.accept().await?;
        handle(socket, &self.options).await
    }

    /// Serves clients, many at a time, for ever. One that fails is told of, and does not matter to the others.
    pub(crate) async fn serve(&self) {
        loop {
            let (socket, client) = match self.listener.accept().await {
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
            let options = self.options.clone();
            tokio::spawn(async move {
                // Whether anybody looks at the output does not matter to the clients.
                let _ = match handle(socket, &options).await {
                    Ok(tally) => {
                        let (lines, words, bytes) = (tally.lines(), tally.words(), tally.bytes());
                        writeln!(io::stdout(), "{client}: {lines} lines, {words} words, {bytes} bytes")
                    }
                    Err(error) => writeln!(io::stderr(), "{client}: {}", one_line(error.as_ref())),
                };
            });
        }
    }
}

/// Receives straight into blocks, and sends straight from them.
async fn handle(socket: TcpStream, options: &PipeOptions) -> Result<Tally, AnyError> {
    let (source, sink) = socket.into_split();
    let mut input = SourceReader::new(source, options);
    let mut output = SinkWriter::new(sink, options);
    let mut tally = Tally::default();
    let ended = converse(&mut input, &mut output, &mut tally).await;
    let finished = match ended {
        Ok(()) => output.finish_async().await.map_err(AnyError::from),
        Err(error) => Err(error),
    };
    finished.map_err(|error| -> AnyError {
        let (bytes, rest) = (tally.bytes(), input.buffer().len());
        let place = if rest > 0 { "in the middle of a line" } else { "behind a line" };
        format!("gone after {} bytes, {place}: {}", bytes + rest as u64, one_line(error.as_ref())).into()
    })?;
    Ok(tally)
}
