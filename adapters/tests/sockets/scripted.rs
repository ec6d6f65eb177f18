//! A server whose clients say what becomes of them, over either kind of socket.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use headpond_adapters::{
    tokio::{TcpAcceptor, UnixAcceptor, serve},
    transport::{Connection, Failure, Handler, HandlerError, Listener, Peer, Server, Stopper},
};
use headpond_pipe::{PipeOptions, ReadError, Reader};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    task::JoinHandle,
};

use crate::polling::pattern;

/// Sends back what comes, up to its end.
pub(crate) const ECHO: u8 = b'e';
/// Fails.
pub(crate) const FAIL: u8 = b'f';
/// Panics.
pub(crate) const PANIC: u8 = b'p';
/// Says all it has to say, ends that, and only then reads.
pub(crate) const SPEAK_FIRST: u8 = b's';
/// Says very much without waiting for anybody, and returns.
pub(crate) const SAY_MUCH: u8 = b'm';
/// Waits until the server is to stop.
pub(crate) const STAY: u8 = b'w';
/// Never returns.
pub(crate) const NEVER: u8 = b'n';
/// Returns at once.
pub(crate) const RETURN: u8 = b'r';

/// More than the kernel has room for.
pub(crate) const MUCH: usize = 12 << 20;

/// Does what the first byte of each connection says.
#[derive(Clone, Default)]
pub(crate) struct Script {
    inside: Arc<AtomicUsize>,
    pub(crate) most_inside: Arc<AtomicUsize>,
    pub(crate) handled: Arc<AtomicUsize>,
}

/// A handler at work.
struct Inside<'a>(&'a Script);

impl Script {
    fn enter(&self) -> Inside<'_> {
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_inside.fetch_max(inside, Ordering::SeqCst);
        Inside(self)
    }

    /// How many handlers are at work.
    pub(crate) fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
        self.0.handled.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Handler for Script {
    async fn handle(&self, connection: &mut Connection) -> Result<(), HandlerError> {
        let _inside = self.enter();
        match first_byte(&mut connection.reader).await? {
            ECHO => {
                connection.reader.copy_to(&mut connection.writer).await?;
            }
            FAIL => return Err("no".into()),
            PANIC => panic!("the panic of this test"),
            SPEAK_FIRST => {
                connection.writer.write(b"all I have to say")?;
                connection.writer.finish()?;
                let heard = read_all(&mut connection.reader).await?;
                assert_eq!(heard, pattern(300_000));
            }
            SAY_MUCH => connection.writer.write(&pattern(MUCH))?,
            STAY => {
                connection.stopping().await;
                connection.writer.write(b"good-bye")?;
            }
            NEVER => std::future::pending().await,
            RETURN => {}
            other => return Err(format!("{other} is no command").into()),
        }
        Ok(())
    }
}

async fn first_byte(reader: &mut Reader) -> Result<u8, HandlerError> {
    let view = reader.read().await?;
    let byte = *view.buffer().first_chunk().first().ok_or("a client that says nothing")?;
    let second = view.buffer().start() + 1;
    view.advance(second);
    Ok(byte)
}

async fn read_all(reader: &mut Reader) -> Result<Vec<u8>, ReadError> {
    match crate::drain(reader).await {
        (_, Some(error)) => Err(error),
        (bytes, None) => Ok(bytes),
    }
}

/// A kind of socket.
#[async_trait]
pub(crate) trait Net: Sized + Send + Sync + 'static {
    type Listener: Listener + 'static;
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    async fn listen(options: &PipeOptions) -> (Self, Self::Listener);
    async fn connect(&self) -> io::Result<Self::Stream>;
    /// How the server calls a client.
    fn name(client: &Self::Stream) -> Peer;
    /// Whether the server's abort of a connection is seen as such.
    const RESETS: bool;
}

pub(crate) struct Tcp(std::net::SocketAddr);

#[async_trait]
impl Net for Tcp {
    type Listener = TcpAcceptor;
    type Stream = TcpStream;

    async fn listen(options: &PipeOptions) -> (Self, TcpAcceptor) {
        let acceptor = TcpAcceptor::bind("127.0.0.1:0", options).await.unwrap();
        (Self(acceptor.local_addr().unwrap()), acceptor)
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.0).await
    }

    fn name(client: &TcpStream) -> Peer {
        client.local_addr().unwrap().into()
    }

    const RESETS: bool = true;
}

/// A socket in the file system, gone with this.
pub(crate) struct Unix(PathBuf);

impl Drop for Unix {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[async_trait]
impl Net for Unix {
    type Listener = UnixAcceptor;
    type Stream = UnixStream;

    async fn listen(options: &PipeOptions) -> (Self, UnixAcceptor) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("served-{}-{}.socket", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_file(&path);
        let acceptor = UnixAcceptor::bind(&path, options).unwrap();
        (Self(path), acceptor)
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(&self.0).await
    }

    fn name(_: &UnixStream) -> Peer {
        Peer::Unix(None)
    }

    const RESETS: bool = false;
}

/// What a server reported: of whom, and with the cause behind it.
pub(crate) type Reports = Arc<Mutex<Vec<(Peer, String)>>>;

/// Has every failure noted.
pub(crate) fn noted<L: Listener>(server: Server<L>) -> (Server<L>, Reports) {
    let reports = Reports::default();
    let noting = Arc::clone(&reports);
    let server = server.on_failure(move |peer, failure: &Failure| {
        let mut text = failure.to_string();
        let mut cause = std::error::Error::source(failure);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        noting.lock().unwrap().push((peer.clone(), text));
    });
    (server, reports)
}

/// A server that runs.
pub(crate) struct Running<N> {
    pub(crate) net: N,
    pub(crate) script: Script,
    pub(crate) stopper: Stopper,
    pub(crate) task: JoinHandle<u64>,
    pub(crate) reports: Reports,
}

impl<N: Net> Running<N> {
    pub(crate) async fn new(options: &PipeOptions, limit: usize) -> Self {
        let (net, listener) = N::listen(options).await;
        let script = Script::default();
        let (server, reports) = noted(serve(listener, script.clone()).limit(limit));
        let stopper = server.stopper();
        Self { net, script, stopper, task: tokio::spawn(server.serve()), reports }
    }

    /// A client that has said what is to become of it.
    pub(crate) async fn client(&self, command: u8) -> N::Stream {
        let mut client = self.net.connect().await.unwrap();
        client.write_all(&[command]).await.unwrap();
        client
    }

    /// Stops the server, and waits for its end. Returns how many it has served, and what it reported.
    pub(crate) async fn end(self) -> (u64, Vec<(Peer, String)>) {
        self.stopper.stop();
        let served = self.task.await.unwrap();
        assert_eq!((self.stopper.active(), self.script.inside()), (0, 0));
        let reports = std::mem::take(&mut *self.reports.lock().unwrap());
        (served, reports)
    }

    /// Has a client say something, and hear the same.
    pub(crate) async fn assert_echo(&self) {
        let mut client = self.client(ECHO).await;
        client.write_all(b"anybody there?").await.unwrap();
        client.shutdown().await.unwrap();
        let mut echo = String::new();
        client.read_to_string(&mut echo).await.unwrap();
        assert_eq!(echo, "anybody there?");
    }
}

/// The server ends a connection, and not in order where that can be told.
pub(crate) async fn assert_broken_off<N: Net>(client: &mut N::Stream) {
    let mut rest = Vec::new();
    let ended = client.read_to_end(&mut rest).await.map_err(|error| error.kind());
    match N::RESETS {
        true => assert_eq!(ended, Err(io::ErrorKind::ConnectionReset)),
        false => assert!(matches!(ended, Ok(_) | Err(io::ErrorKind::ConnectionReset)), "{ended:?}"),
    }
}
