//! Ten thousand connections, two thousand at a time, most of which break off somewhere. A failure prints the seed it came
//! from, and `HEADPOND_SEED=0x…` begins with that one: what a connection does is its own, how they meet is not.

use std::{
    env,
    future::Future,
    hash::{BuildHasher, RandomState},
    io,
    pin::Pin,
    sync::{Arc, LazyLock, atomic::Ordering},
};

use async_trait::async_trait;
use headpond_adapters::{
    Duplex, duplex,
    futures_io::connection,
    tokio::{TcpAcceptor, TcpConnection, serve},
    transport::{Connection, Listener, Peer, Pumps},
};
use headpond_pipe::PipeOptions;
use headpond_pool::PoolOptions;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime,
    sync::{Semaphore, mpsc, watch},
    task::{JoinSet, yield_now},
};
use tokio_util::either::Either;

use crate::{
    polling::pattern,
    scripted::{ECHO, FAIL, RETURN, Script, noted},
};

const CONNECTIONS: usize = 10_000;
/// How many clients there are at the same time, where the system lets them.
const OPEN: usize = 2000;
/// More than a pipe has room for, less than all those there and back have: who does not listen can still say all.
const LONGEST: usize = 40_000;

static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| pattern(1 << 20));

/// A sequence of numbers from a seed: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// Where a client breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nowhere: it says all, hears all, and ends.
    Whole,
    MidWrite,
    MidRead,
    HalfClosed,
    /// The server does, as it is told.
    Server(u8),
}

/// What becomes of a connection that is not ended in order.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Breaks off by a reset, where there is such a thing, and not by an end.
    fn reset(self);
}

impl Stream for TcpStream {
    fn reset(self) {
        let _ = self.set_zero_linger();
    }
}

/// Dropped with its writer unfinished, a connection is reset.
impl Stream for Duplex {
    fn reset(self) {}
}

impl Stream for Either<TcpStream, Duplex> {
    fn reset(self) {
        match self {
            Self::Left(stream) => stream.reset(),
            Self::Right(stream) => stream.reset(),
        }
    }
}

/// A client's whole life. Says whether it came to a good end.
async fn live(mut stream: impl Stream, mut random: Random) -> bool {
    let fate = match random.below(16) {
        0..6 => Fate::Whole,
        6..9 => Fate::MidWrite,
        9..11 => Fate::MidRead,
        11..14 => Fate::HalfClosed,
        14 => Fate::Server(FAIL),
        _ => Fate::Server(RETURN),
    };
    let longest = [20, 3000, LONGEST][random.below(3)];
    let start = random.below(PATTERN.len() - longest);
    let text = &PATTERN[start..][..random.below(longest + 1)];
    let command = if let Fate::Server(command) = fate { command } else { ECHO };
    let said = if fate == Fate::MidWrite { random.below(text.len() + 1) } else { text.len() };
    let heard = match fate {
        Fate::Whole | Fate::Server(_) => usize::MAX,
        Fate::MidWrite => 0,
        Fate::MidRead | Fate::HalfClosed => random.below(text.len() + 1),
    };
    let ends = !matches!(fate, Fate::MidWrite | Fate::MidRead);
    let piece = 1 + random.below(longest);
    let (mut from, mut to) = tokio::io::split(&mut stream);
    let saying = async {
        to.write_all(&[command]).await?;
        for piece in text[..said].chunks(piece) {
            to.write_all(piece).await?;
        }
        if ends { to.shutdown().await } else { Ok(()) }
    };
    let (told, listened) = tokio::join!(saying, listen(&mut from, heard));
    if fate != Fate::Whole {
        if random.below(2) == 0 {
            stream.reset();
        }
        return false;
    }
    told.unwrap();
    assert_eq!(listened.unwrap(), (text.len(), crc32fast::hash(text)), "{text:?}");
    true
}

/// Reads so much, or up to the end. Returns how much that was, and its checksum.
async fn listen(from: &mut (impl AsyncRead + Unpin), at_most: usize) -> io::Result<(usize, u32)> {
    let (mut memory, mut read, mut sum) = (vec![0; 5000], 0, crc32fast::Hasher::new());
    while read < at_most {
        let room = memory.len().min(at_most - read);
        match from.read(&mut memory[..room]).await? {
            0 => break,
            n => {
                sum.update(&memory[..n]);
                read += n;
            }
        }
    }
    Ok((read, sum.finalize()))
}

type Dialled<S> = Pin<Box<dyn Future<Output = S> + Send>>;

/// Serves the clients that `dial` makes. They speak in batches: when all places are taken, and everybody is being served, the
/// half that has waited longest is let loose.
async fn serve_all<S: Stream>(listener: impl Listener + 'static, open: usize, dial: impl Fn(usize) -> Dialled<S>) {
    let seed = match env::var("HEADPOND_SEED") {
        Ok(seed) => u64::from_str_radix(seed.trim_start_matches("0x"), 16).unwrap(),
        Err(_) => RandomState::new().hash_one(0),
    };
    println!("HEADPOND_SEED={seed:#x}, {open} open at a time");
    let script = Script::default();
    let (server, reports) = noted(serve(listener, script.clone()).limit(open));
    let stopper = server.stopper();
    let serving = tokio::spawn(server.serve());
    let script = &script;
    let served = |count| settle(move || script.inside() + script.handled.load(Ordering::SeqCst) >= count);
    let (room, (release, released)) = (Arc::new(Semaphore::new(open)), watch::channel(0));
    let (mut clients, mut whole) = (JoinSet::new(), 0);
    for index in 0..CONNECTIONS {
        let place = Arc::clone(&room).acquire_owned().await.unwrap();
        let (dialled, random, mut released) = (dial(index), Random(seed ^ (index as u64) << 32), released.clone());
        clients.spawn(async move {
            let stream = dialled.await;
            released.wait_for(|released| *released > index).await.unwrap();
            let lived = live(stream, random).await;
            drop(place);
            lived
        });
        let begun = index + 1;
        if begun >= open && (begun - open) % (open / 2) == 0 {
            served(begun).await;
            release.send_replace(begun - open / 2);
        }
        while let Some(lived) = clients.try_join_next() {
            whole += usize::from(lived.unwrap());
        }
    }
    release.send_replace(CONNECTIONS);
    whole += clients.join_all().await.into_iter().filter(|lived| *lived).count();
    served(CONNECTIONS).await;
    stopper.stop();
    assert_eq!(serving.await.unwrap(), CONNECTIONS as u64, "everybody was served");
    assert_eq!((stopper.active(), script.inside()), (0, 0));
    assert_eq!(script.most_inside.load(Ordering::SeqCst), open);
    assert!(whole > CONNECTIONS / 4, "{whole} came to a good end");
    let failed = reports.lock().unwrap().len();
    assert!(failed <= CONNECTIONS - whole, "{failed} reports, though {whole} came to a good end");
    // The pumps of the clients who were dropped are told of it.
    let metrics = runtime::Handle::current().metrics();
    settle(|| metrics.num_alive_tasks() == 0).await;
    assert_eq!(metrics.num_alive_tasks(), 0);
}

/// Gives what was begun every chance to end.
async fn settle(done: impl Fn() -> bool) {
    for _ in 0..1_000_000 {
        if done() {
            return;
        }
        yield_now().await;
    }
}

fn block_on(future: impl Future) {
    runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future);
}

/// Raises the limit of descriptors as far as it goes. Returns how many connections that lets this process have both ends of.
fn most_open() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it stays as it was, the storm is so much smaller.
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.map_or(OPEN * 4, |files| files as usize);
    // Others in this process have files, too; and a server has those of clients who are gone until it learns of that.
    OPEN.min(files.saturating_sub(200) / 4).max(2)
}

fn storm_options() -> (headpond_pool::Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(2048).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(16 * 1024).resume_threshold(8 * 1024).build().unwrap();
    (pool, options)
}

/// Bare sockets and connections take turns as clients.
#[test]
fn over_tcp() {
    let (pool, options) = storm_options();
    block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(4096).unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TcpAcceptor::new(listener, &options);
        serve_all(acceptor, most_open(), |index| {
            let options = (index % 2 == 0).then(|| options.clone());
            Box::pin(async move {
                let stream = TcpStream::connect(address).await.unwrap();
                match options {
                    None => Either::Left(stream),
                    Some(options) => {
                        let TcpConnection { reader, writer, .. } = TcpConnection::new(stream, &options);
                        Either::Right(Duplex::new(reader, writer))
                    }
                }
            })
        })
        .await;
    });
    assert_eq!(pool.stats().rented, 0);
}

/// Accepts what is sent to it.
struct Memory(mpsc::UnboundedReceiver<Duplex>, PipeOptions);

#[async_trait]
impl Listener for Memory {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        let stream = self.0.recv().await.unwrap();
        Ok(connection(stream, Peer::Unknown, &self.1))
    }
}

#[test]
fn in_memory() {
    let (pool, options) = storm_options();
    block_on(async {
        let (sender, receiver) = mpsc::unbounded_channel();
        serve_all(Memory(receiver, options.clone()), OPEN, |_| {
            let (near, far) = duplex(&options);
            sender.send(far).unwrap();
            Box::pin(async { near })
        })
        .await;
    });
    assert_eq!(pool.stats().rented, 0);
}
