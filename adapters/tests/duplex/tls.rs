//! TLS: rustls against rustls, between tasks, between a task and a thread, and with either side between pipes.

use std::{
    io::{self, Read, Write},
    sync::Arc,
    thread,
};

use headpond_adapters::{
    Duplex, duplex,
    rustls::{TlsAcceptor, TlsConnection, TlsConnector, TlsError},
    tokio::{SinkWriter, SourceReader},
};
use headpond_pipe::{PipeOptions, PipeRead, PipeWrite};
use headpond_pool::Pool;
use rustls::{ClientConnection, ServerConnection, StreamOwned};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

use crate::{
    certificates::{CONFIGS, name},
    chunked::Chunked,
    plan::{Done, Ending, Least, Plan, body, connections, connections_up_to},
};

/// How much is sent, and how much is wanted in reply: what a request begins with.
fn head(sent: usize, wanted: usize) -> [u8; 8] {
    let mut head = [0; 8];
    head[..4].copy_from_slice(&(sent as u32).to_be_bytes());
    head[4..].copy_from_slice(&(wanted as u32).to_be_bytes());
    head
}

fn sizes(head: [u8; 8]) -> (usize, usize) {
    let size = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
    (size(0), size(4))
}

/// A reply of this size is the end of the server's direction.
const CLOSE: usize = u32::MAX as usize;

/// What stands behind each reply, so that even an empty one is read, and the tickets before it: unread bytes hold a block.
const END: u8 = b'.';

/// Answers requests until the client closes its direction, or wants the server to close its own.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    loop {
        let mut head = [0; 8];
        // The end between two requests is a clean one.
        match stream.read(&mut head[..1]).await? {
            0 => return stream.shutdown().await,
            _ => stream.read_exact(&mut head[1..]).await?,
        };
        let (sent, wanted) = sizes(head);
        if wanted == CLOSE {
            stream.shutdown().await?;
            continue;
        }
        let mut received = vec![0; sent];
        stream.read_exact(&mut received).await?;
        assert!(received == body(sent), "a request of {sent} bytes was changed on its way");
        stream.write_all(&body(wanted)).await?;
        stream.write_all(&[END]).await?;
        stream.flush().await?;
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, sent: usize, wanted: usize) -> io::Result<()> {
    stream.write_all(&head(sent, wanted)).await?;
    stream.write_all(&body(sent)).await?;
    stream.flush().await?;
    let mut received = vec![0; wanted + 1];
    stream.read_exact(&mut received).await?;
    check(&received);
    Ok(())
}

fn check(received: &[u8]) {
    let wanted = received.len() - 1;
    assert!(received[..wanted] == body(wanted), "a reply of {wanted} bytes was changed on its way");
    assert_eq!(received[wanted], END);
}

/// Which side is a session between pipes; any other is tokio-rustls'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    Neither,
    Client,
    Server,
    Both,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Pump = JoinHandle<Result<(), TlsError>>;

/// The ends of the ciphertext, as pipes over a stream.
fn pipes(stream: Chunked<Duplex>, options: &PipeOptions) -> (impl PipeRead + 'static, impl PipeWrite + 'static) {
    let (source, sink) = split(stream);
    (SourceReader::new(source, options), SinkWriter::new(sink, options))
}

fn stream_of(plaintext: TlsConnection) -> Box<dyn Stream> {
    Box::new(plaintext.into_duplex())
}

async fn accept(
    end: Chunked<Duplex>,
    options: &PipeOptions,
    ours: Ours,
) -> io::Result<(Box<dyn Stream>, Option<Pump>)> {
    if matches!(ours, Ours::Neither | Ours::Client) {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&CONFIGS.server));
        return Ok((Box::new(acceptor.accept(end).await?), None));
    }
    let (reader, writer) = pipes(end, options);
    let acceptor = TlsAcceptor::new(Arc::clone(&CONFIGS.server), options);
    let (plaintext, pump) =
        acceptor.accept(reader, writer).await.map_err(|error| io::Error::new(error.kind(), error))?;
    Ok((stream_of(plaintext), Some(tokio::spawn(pump))))
}

async fn connect(end: Chunked<Duplex>, options: &PipeOptions, ours: Ours) -> (Box<dyn Stream>, Option<Pump>) {
    if matches!(ours, Ours::Neither | Ours::Server) {
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&CONFIGS.client));
        return (Box::new(connector.connect(name(), end).await.unwrap()), None);
    }
    let (reader, writer) = pipes(end, options);
    let connector = TlsConnector::new(Arc::clone(&CONFIGS.client), options);
    let (plaintext, pump) = connector.connect(name(), reader, writer).await.unwrap();
    (stream_of(plaintext), Some(tokio::spawn(pump)))
}

async fn connection(mut plan: Plan, ours: Ours) -> Done {
    let (client, server) = plan.connect();
    let options = plan.options.clone();
    let server = tokio::spawn(async move {
        let (mut stream, pump) = accept(server, &options, ours).await?;
        let served = serve(&mut stream).await;
        drop(stream);
        match pump {
            Some(pump) if served.is_ok() => pump.await.unwrap().map_err(|error| io::Error::new(error.kind(), error)),
            _ => served,
        }
    });
    let (mut stream, pump) = connect(client, &plan.options, ours).await;
    let mut done = Done::default();
    for _ in 0..plan.exchanges {
        let (sent, wanted) = (plan.size(), plan.size());
        exchange(&mut stream, sent, wanted).await.unwrap();
        plan.until_idle().await;
        done.count(sent, wanted);
    }
    match plan.ending {
        Ending::ClientCloses => stream.shutdown().await.unwrap(),
        Ending::ServerCloses => {
            stream.write_all(&head(0, CLOSE)).await.unwrap();
            stream.flush().await.unwrap();
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
            stream.shutdown().await.unwrap();
        }
        Ending::BothClose => {
            stream.write_all(&head(0, CLOSE)).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        vanishing => {
            let client = tokio::spawn(async move { exchange(&mut stream, 50_000, 50_000).await });
            plan.some_turns().await;
            let (gone, left) = if vanishing == Ending::ClientVanishes { (client, server) } else { (server, client) };
            gone.abort();
            let _ = gone.await;
            if let Err(error) = left.await.unwrap() {
                assert!(matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe), "{error}");
            }
            plan.until_idle().await;
            return done;
        }
    }
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "a clean end");
    server.await.unwrap().unwrap();
    if let Some(pump) = pump {
        pump.await.unwrap().unwrap();
    }
    plan.until_idle().await;
    done
}

#[test]
fn a_thousand_exchanges_over_tls() {
    connections(4, Least { window: 1000, piece: 1 }, |plan| connection(plan, Ours::Neither));
}

#[test]
fn a_thousand_exchanges_over_tls_between_pipes() {
    connections_up_to(1 << 20, 14, Least { window: 1000, piece: 1 }, |mut plan| {
        let ours = [Ours::Client, Ours::Server, Ours::Both][plan.random.below(3)];
        connection(plan, ours)
    });
}

/// How much goes either way in each exchange of a thread and a task.
fn mixed_sizes() -> impl Iterator<Item = (usize, usize)> {
    (0..100).map(|i| (i * i * 13 % 40_001, i * 7 % 97)).chain([(1 << 20, 1 << 20), (0, 0)])
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_thread_is_the_client_of_a_task() {
    let pool = Pool::new();
    let (client, mut server) = duplex(&PipeOptions::new(&pool));
    let client = thread::spawn(move || {
        let connection = ClientConnection::new(Arc::clone(&CONFIGS.client), name()).unwrap();
        let mut stream = StreamOwned::new(connection, client.into_blocking());
        for (sent, wanted) in mixed_sizes() {
            stream.write_all(&head(sent, wanted))?;
            stream.write_all(&body(sent))?;
            let mut received = vec![0; wanted + 1];
            stream.read_exact(&mut received)?;
            check(&received);
        }
        stream.conn.send_close_notify();
        stream.flush()?;
        stream.sock.finish()?;
        assert_eq!(stream.read(&mut [0; 1])?, 0, "a clean end");
        io::Result::Ok(())
    });
    current_thread().block_on(async {
        let mut stream =
            tokio_rustls::TlsAcceptor::from(Arc::clone(&CONFIGS.server)).accept(&mut server).await.unwrap();
        serve(&mut stream).await.unwrap();
    });
    client.join().unwrap().unwrap();
    drop(server);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_thread_is_the_server_of_a_task() {
    let pool = Pool::new();
    let (mut client, server) = duplex(&PipeOptions::new(&pool));
    let server = thread::spawn(move || {
        let connection = ServerConnection::new(Arc::clone(&CONFIGS.server)).unwrap();
        let mut stream = StreamOwned::new(connection, server.into_blocking());
        loop {
            let mut head = [0; 8];
            match stream.read(&mut head[..1])? {
                0 => break,
                _ => stream.read_exact(&mut head[1..])?,
            }
            let (sent, wanted) = sizes(head);
            let mut received = vec![0; sent];
            stream.read_exact(&mut received)?;
            assert!(received == body(sent), "a request of {sent} bytes was changed on its way");
            stream.write_all(&body(wanted))?;
            stream.write_all(&[END])?;
        }
        stream.conn.send_close_notify();
        stream.flush()
    });
    current_thread().block_on(async {
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&CONFIGS.client));
        let mut stream = connector.connect(name(), &mut client).await.unwrap();
        for (sent, wanted) in mixed_sizes() {
            exchange(&mut stream, sent, wanted).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "a clean end");
    });
    server.join().unwrap().unwrap();
    drop(client);
    assert_eq!(pool.stats().rented, 0);
}
