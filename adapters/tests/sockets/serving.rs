//! Servers: how many they serve, what they tell of, and how they end.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use headpond_adapters::{
    tokio::{TcpAcceptor, TcpConnection, TokioRuntime, serve},
    transport::{Connection, Listener, Peer, Pumps, Runtime, Server, Task},
};
use headpond_pipe::PipeOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    sync::watch,
    time::Instant,
};

use crate::{
    block_on, block_on_paused,
    polling::pattern,
    pool,
    scripted::{
        ECHO, FAIL, MUCH, NEVER, Net, PANIC, RETURN, Running, SAY_MUCH, SPEAK_FIRST, STAY, Script, Tcp, Unix,
        assert_broken_off, noted,
    },
    sockets, until,
};

const UNLIMITED: usize = usize::MAX;

/// Each of these over TCP, and over sockets in the file system.
macro_rules! over_each_net {
    ($($run:ident $name:ident)+) => {
        mod tcp {
            $(#[test] fn $name() { super::$run(super::$name::<super::Tcp>()); })+
        }
        mod unix {
            $(#[test] fn $name() { super::$run(super::$name::<super::Unix>()); })+
        }
    };
}

over_each_net! {
    block_on no_more_than_the_limit_are_served_at_once
    block_on a_failure_is_told_and_matters_to_nobody_else
    block_on a_client_that_vanishes_is_told_of
    block_on a_client_that_has_said_all_can_still_listen
    block_on a_handler_that_has_said_all_can_still_listen
    block_on what_a_handler_left_behind_is_sent
    block_on stopping_lets_those_who_are_there_come_to_their_ends
    block_on_paused a_stop_with_a_deadline_ends_with_the_last_connection
    block_on_paused a_stop_with_a_deadline_drops_who_is_still_there
    block_on_paused a_client_that_does_not_end_is_dropped_after_a_while
    block_on a_server_that_is_dropped_drops_its_connections
}

async fn no_more_than_the_limit_are_served_at_once<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, 3).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(server.client(ECHO).await);
    }
    for (ended, mut client) in clients.into_iter().enumerate() {
        until(|| server.stopper.active() == 3.min(10 - ended)).await;
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        drop(client);
        until(|| server.script.handled.load(Ordering::SeqCst) > ended).await;
    }
    assert_eq!(server.script.most_inside.load(Ordering::SeqCst), 3);
    assert_eq!(server.end().await, (10, vec![]));
    assert_eq!(pool.stats().rented, 0);
}

async fn a_failure_is_told_and_matters_to_nobody_else<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut bystander = server.client(ECHO).await;
    let mut told = Vec::new();
    for (command, report) in [
        (FAIL, "the handler failed: no"),
        (PANIC, "the handler panicked"),
        (b'?', "the handler failed: 63 is no command"),
    ] {
        let mut client = server.client(command).await;
        told.push((N::name(&client), report.to_owned()));
        assert_broken_off::<N>(&mut client).await;
        drop(client);
        until(|| server.reports.lock().unwrap().len() == told.len()).await;
        server.assert_echo().await;
    }
    bystander.write_all(b"still here").await.unwrap();
    bystander.shutdown().await.unwrap();
    let mut echo = String::new();
    bystander.read_to_string(&mut echo).await.unwrap();
    assert_eq!(echo, "still here");
    assert_eq!(server.end().await, (7, told));
    assert_eq!(pool.stats().rented, 0);
}

/// Be it while it speaks, or while it is spoken to.
async fn a_client_that_vanishes_is_told_of<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut deaf = server.client(SAY_MUCH).await;
    let name = N::name(&deaf);
    deaf.read_exact(&mut [0; 1000]).await.unwrap();
    drop(deaf);
    until(|| server.script.handled.load(Ordering::SeqCst) == 1).await;
    server.assert_echo().await;
    let (served, reports) = server.end().await;
    let [(peer, report)] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!((served, peer), (2, &name));
    assert!(report.starts_with("sending to the peer failed: "), "{report}");
    assert_eq!(pool.stats().rented, 0);
}

async fn a_client_that_has_said_all_can_still_listen<N: Net>() {
    let (_, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let client = server.client(ECHO).await;
    let (mut read, mut write) = tokio::io::split(client);
    let saying = async {
        write.write_all(&pattern(3 << 20)).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut echo = Vec::new();
    let ((), heard) = tokio::join!(saying, read.read_to_end(&mut echo));
    heard.unwrap();
    assert!(echo == pattern(3 << 20), "{} bytes", echo.len());
    drop((read, write));
    assert_eq!(server.end().await, (1, vec![]));
}

async fn a_handler_that_has_said_all_can_still_listen<N: Net>() {
    let (_, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut client = server.client(SPEAK_FIRST).await;
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "all I have to say");
    client.write_all(&pattern(300_000)).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(server.end().await, (1, vec![]), "the handler has heard every byte");
}

/// The client has said more than anybody reads, over which a socket that is merely closed would be reset, and bytes lost.
async fn what_a_handler_left_behind_is_sent<N: Net>() {
    let (pool, _) = pool();
    let options = PipeOptions::builder(&pool).pause_threshold(0).build().unwrap();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut client = server.client(SAY_MUCH).await;
    client.write_all(&pattern(100_000)).await.unwrap();
    until(|| server.script.handled.load(Ordering::SeqCst) == 1).await;
    server.stopper.stop();
    let heard = read_slowly(&mut client).await;
    assert!(heard == pattern(MUCH), "{} bytes", heard.len());
    client.write_all(&pattern(100_000)).await.unwrap();
    drop(client);
    assert_eq!(server.end().await, (1, vec![]));
    assert_eq!(pool.stats().rented, 0);
}

async fn read_slowly(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let (mut bytes, mut memory) = (Vec::new(), vec![0; 50_000]);
    loop {
        match stream.read(&mut memory).await.unwrap() {
            0 => return bytes,
            n => bytes.extend_from_slice(&memory[..n]),
        }
        tokio::task::yield_now().await;
    }
}

async fn stopping_lets_those_who_are_there_come_to_their_ends<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut echoing = server.client(ECHO).await;
    let mut staying = server.client(STAY).await;
    until(|| server.stopper.active() == 2).await;
    server.stopper.stop();
    // Who is told of it says good-bye; who is not goes on; and nobody comes in addition.
    let mut heard = String::new();
    staying.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "good-bye");
    drop(staying);
    until(|| server.stopper.active() == 1).await;
    assert_eq!(server.net.connect().await.err().map(|error| error.kind()), Some(ErrorKind::ConnectionRefused));
    assert!(!server.task.is_finished());
    echoing.write_all(b"at leisure").await.unwrap();
    echoing.shutdown().await.unwrap();
    heard.clear();
    echoing.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "at leisure");
    drop(echoing);
    assert_eq!(server.end().await, (2, vec![]));
    assert_eq!(pool.stats().rented, 0);
}

async fn a_stop_with_a_deadline_ends_with_the_last_connection<N: Net>() {
    let (_, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut client = server.client(STAY).await;
    until(|| server.stopper.active() == 1).await;
    let started = Instant::now();
    let leaving = async {
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        tokio::time::advance(Duration::from_secs(2)).await;
        drop(client);
    };
    tokio::join!(server.stopper.stop_within(Duration::from_secs(3600)), leaving);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(server.end().await, (1, vec![]));
}

async fn a_stop_with_a_deadline_drops_who_is_still_there<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut clients = [server.client(NEVER).await, server.client(ECHO).await];
    clients[1].write_all(&pattern(1000)).await.unwrap();
    clients[1].read_exact(&mut [0; 1000]).await.unwrap();
    until(|| server.stopper.active() == 2).await;
    let started = Instant::now();
    server.stopper.stop_within(Duration::from_secs(60)).await;
    assert_eq!(started.elapsed(), Duration::from_secs(60));
    assert_eq!((server.stopper.active(), pool.stats().rented), (0, 0));
    for client in &mut clients {
        assert_broken_off::<N>(client).await;
    }
    let (served, reports) = server.end().await;
    assert_eq!(served, 2);
    assert!(reports.iter().all(|(_, text)| text == "the server was stopped before the connection was over"));
    assert_eq!(reports.len(), 2);
}

async fn a_client_that_does_not_end_is_dropped_after_a_while<N: Net>() {
    let (pool, options) = pool();
    let (net, listener) = N::listen(&options).await;
    let (server, reports) = noted(serve(listener, Script::default()).linger(Duration::from_secs(7)));
    let stopper = server.stopper();
    let serving = tokio::spawn(server.serve());
    let mut client = net.connect().await.unwrap();
    client.write_all(&[RETURN]).await.unwrap();
    let started = Instant::now();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    until(|| stopper.active() == 1).await;
    stopper.stop();
    assert_eq!(serving.await.unwrap(), 1);
    assert_eq!(started.elapsed().as_secs(), 7);
    let reports = reports.lock().unwrap();
    assert_eq!(*reports, [(N::name(&client), "the connection was not over at its deadline".to_owned())]);
    assert_eq!(pool.stats().rented, 0);
}

async fn a_server_that_is_dropped_drops_its_connections<N: Net>() {
    let (pool, options) = pool();
    let server = Running::<N>::new(&options, UNLIMITED).await;
    let mut client = server.client(NEVER).await;
    until(|| server.stopper.active() == 1).await;
    server.task.abort();
    assert_broken_off::<N>(&mut client).await;
    until(|| server.stopper.active() == 0).await;
    // There is nobody left to wait for.
    server.stopper.stop_within(Duration::MAX).await;
    assert_eq!(server.reports.lock().unwrap().len(), 1);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn an_abort_drops_everybody_at_once() {
    let (pool, options) = pool();
    block_on(async {
        let server = Running::<Tcp>::new(&options, UNLIMITED).await;
        let mut client = server.client(NEVER).await;
        until(|| server.stopper.active() == 1).await;
        server.stopper.abort();
        assert_broken_off::<Tcp>(&mut client).await;
        let (served, reports) = server.end().await;
        assert_eq!((served, reports.len()), (1, 1));
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_client_that_resets_mid_frame_fails_its_handler_alone() {
    let (pool, options) = pool();
    block_on(async {
        let server = Running::<Tcp>::new(&options, UNLIMITED).await;
        let mut client = server.client(ECHO).await;
        let name = Tcp::name(&client);
        client.write_all(b"whole frame;half a fra").await.unwrap();
        client.read_exact(&mut [0; 22]).await.unwrap();
        client.set_zero_linger().unwrap();
        drop(client);
        until(|| server.stopper.active() == 0).await;
        server.assert_echo().await;
        let (served, reports) = server.end().await;
        let [(peer, report)] = &reports[..] else { panic!("{reports:?}") };
        assert_eq!((served, peer), (2, &name));
        assert!(report.starts_with("the handler failed: ") && report.contains("eset"), "{report}");
    });
    assert_eq!(pool.stats().rented, 0);
}

/// Counts tasks that panic: some runtimes make more of that than tokio does.
#[derive(Clone, Default)]
struct Watched(Arc<AtomicUsize>);

impl Runtime for Watched {
    fn spawn(&self, task: Task) {
        let panics = Arc::clone(&self.0);
        let running = tokio::spawn(task);
        tokio::spawn(async move { panics.fetch_add(usize::from(running.await.is_err()), Ordering::SeqCst) });
    }

    fn sleep(&self, duration: Duration) -> Task {
        TokioRuntime.sleep(duration)
    }
}

#[test]
fn a_handlers_panic_is_not_its_tasks() {
    let (_, options) = pool();
    let watched = Watched::default();
    block_on(async {
        let (net, listener) = Tcp::listen(&options).await;
        let (server, reports) = noted(Server::new(listener, Script::default(), watched.clone()));
        let stopper = server.stopper();
        let serving = tokio::spawn(server.serve());
        let mut client = net.connect().await.unwrap();
        client.write_all(&[PANIC]).await.unwrap();
        assert_broken_off::<Tcp>(&mut client).await;
        stopper.stop();
        assert_eq!(serving.await.unwrap(), 1);
        assert_eq!(reports.lock().unwrap().len(), 1);
    });
    assert_eq!(watched.0.load(Ordering::SeqCst), 0);
}

/// Fails as it is told, and otherwise never comes to anything.
struct Failing {
    errors: VecDeque<ErrorKind>,
    attempts: watch::Sender<usize>,
    first: Option<(Connection, Pumps)>,
}

#[async_trait]
impl Listener for Failing {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        self.attempts.send_modify(|attempts| *attempts += 1);
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        match self.errors.pop_front() {
            Some(kind) => Err(kind.into()),
            None => std::future::pending().await,
        }
    }
}

impl Failing {
    fn new(errors: &[ErrorKind]) -> (Self, watch::Receiver<usize>) {
        let (attempts, attempted) = watch::channel(0);
        (Self { errors: errors.iter().copied().collect(), attempts, first: None }, attempted)
    }
}

#[test]
fn a_server_that_cannot_accept_tells_of_it_and_goes_on() {
    block_on_paused(async {
        // Who has gone again is nobody to wait for; what else has run short may be back after a while.
        let errors = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::OutOfMemory];
        let (listener, mut attempts) = Failing::new(&errors);
        let (server, reports) = noted(serve(listener, Script::default()));
        let stopper = server.stopper();
        let started = Instant::now();
        let serving = tokio::spawn(server.serve());
        attempts.wait_for(|attempts| *attempts == 3).await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
        attempts.wait_for(|attempts| *attempts == 4).await.unwrap();
        assert!((100..=102).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
        stopper.stop();
        assert_eq!(serving.await.unwrap(), 0);
        let reports = reports.lock().unwrap();
        assert!(
            reports.iter().all(|(peer, text)| {
                *peer == Peer::Unknown && text.starts_with("no connection could be accepted: ")
            })
        );
        assert_eq!(reports.len(), 3);
    });
}

#[test]
fn a_connection_that_ends_has_the_server_try_again_and_so_does_a_stop_end_its_wait() {
    let (_, options) = pool();
    block_on_paused(async {
        let (ours, mut peer) = sockets().await;
        let (listener, attempts) = Failing::new(&[ErrorKind::OutOfMemory; 2]);
        let listener = Failing { first: Some(TcpConnection::unspawned(ours, &options)), ..listener };
        let server = serve(listener, Script::default());
        let stopper = server.stopper();
        let started = Instant::now();
        let serving = tokio::spawn(server.serve());
        until(|| *attempts.borrow() == 2).await;
        peer.write_all(&[RETURN]).await.unwrap();
        drop(peer);
        until(|| *attempts.borrow() == 3).await;
        stopper.stop();
        assert_eq!(serving.await.unwrap(), 1);
        assert_eq!(started.elapsed(), Duration::ZERO);
    });
}

/// Nobody is accepted and then forgotten when the server is stopped in between.
#[test]
fn who_waits_for_the_limit_is_not_accepted_before() {
    let (_, options) = pool();
    block_on(async {
        let acceptor = TcpAcceptor::bind("127.0.0.1:0", &options).await.unwrap();
        let address = acceptor.local_addr().unwrap();
        // A limit of none would serve nobody for ever, and counts as one.
        let server = serve(acceptor, Script::default()).limit(0);
        let stopper = server.stopper();
        let serving = tokio::spawn(server.serve());
        let mut first = tokio::net::TcpStream::connect(address).await.unwrap();
        first.write_all(&[ECHO]).await.unwrap();
        until(|| stopper.active() == 1).await;
        let mut second = tokio::net::TcpStream::connect(address).await.unwrap();
        second.write_all(&[ECHO]).await.unwrap();
        stopper.stop();
        drop(first);
        assert_eq!(serving.await.unwrap(), 1);
        assert_eq!(second.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}
