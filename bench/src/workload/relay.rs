//! C1: what two peers say to each other over loopback TCP, relayed between their sockets: half of it each way, at once.
//!
//! One unit of work is so much that a round carries 256 MiB. The peers are the same for everybody, and take their part of the
//! time: a relay that cost nothing would not be far ahead.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, TcpListener, TcpStream as StdStream},
};

use headpond_adapters::tokio::TcpConnection;
use headpond_pipe::PipeOptions;
use headpond_pool::PoolOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{Round, Runner};
use crate::{
    contender::{Measure, closed},
    form::{Form, Stage},
    payload::{Look, Produce, Sum, Verdict, Words},
};

/// A way of copying between two sockets, both ways, until both have ended.
pub(crate) trait Relay: 'static {
    const NAME: &'static str;

    /// Resolves to the bytes there and the bytes back.
    fn relay(a: TcpStream, b: TcpStream, window: usize) -> impl Future<Output = (u64, u64)> + Send;
}

/// One way of copying, with new sockets for each round.
pub(crate) struct Relayed<R> {
    measure: Measure,
    relay: std::marker::PhantomData<R>,
}

/// Straight between the sockets.
pub(crate) struct Headpond<const BLOCK: usize>;

/// Between connections of two pipes each, whose pumps are tasks of their own.
pub(crate) struct Connections<const BLOCK: usize>;

/// tokio's own, with the buffers it takes by itself.
pub(crate) struct Tokio;

/// tokio's own, with buffers of a window.
pub(crate) struct TokioSized;

impl<R: Relay> Relayed<R> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { measure, relay: std::marker::PhantomData }
    }
}

impl<R: Relay> Runner for Relayed<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round {
        let (each_way, window) = (times * self.bytes() / 2, self.measure.window);
        let within = stage.enter();
        let ((near, a), (b, far)) = (connected(), connected());
        let relaying = tokio::spawn(R::relay(a, b, window));
        drop(within);
        let ran = stage.run_apart(form, talk(near, each_way, window), async move {
            let heard = talk(far, each_way, window).await;
            (heard, relaying.await.unwrap_or_default())
        });
        let (back, (there, relayed)) = ran.outputs;
        let right = back.is_right(each_way) && there.is_right(each_way) && relayed == (each_way, each_way);
        Round { elapsed: ran.elapsed, right, waits: ran.waits }
    }

    fn bytes(&self) -> u64 {
        self.measure.size as u64
    }
}

impl<const BLOCK: usize> Relay for Headpond<BLOCK> {
    const NAME: &'static str = if BLOCK == 4096 { "headpond" } else { "headpond-16k" };

    async fn relay(mut a: TcpStream, mut b: TcpStream, _: usize) -> (u64, u64) {
        let copied = headpond_adapters::tokio::copy_bidirectional(&mut a, &mut b, &options(BLOCK)).await;
        copied.unwrap_or_default()
    }
}

impl<const BLOCK: usize> Relay for Connections<BLOCK> {
    const NAME: &'static str = if BLOCK == 4096 { "headpond-pumps" } else { "headpond-pumps-16k" };

    async fn relay(a: TcpStream, b: TcpStream, _: usize) -> (u64, u64) {
        let options = options(BLOCK);
        let (mut a, mut b) = (TcpConnection::new(a, &options), TcpConnection::new(b, &options));
        let ends = ((&mut a.reader, &mut a.writer), (&mut b.reader, &mut b.writer));
        let copied = headpond_adapters::copy_bidirectional(ends.0, ends.1).await;
        let ended = (a.finish().await, b.finish().await);
        if ended.0.is_ok() && ended.1.is_ok() { copied.unwrap_or_default() } else { (0, 0) }
    }
}

impl Relay for Tokio {
    const NAME: &'static str = "tokio";

    async fn relay(mut a: TcpStream, mut b: TcpStream, _: usize) -> (u64, u64) {
        tokio::io::copy_bidirectional(&mut a, &mut b).await.unwrap_or_default()
    }
}

impl Relay for TokioSized {
    const NAME: &'static str = "tokio-sized";

    async fn relay(mut a: TcpStream, mut b: TcpStream, window: usize) -> (u64, u64) {
        tokio::io::copy_bidirectional_with_sizes(&mut a, &mut b, window, window).await.unwrap_or_default()
    }
}

fn options(block: usize) -> PipeOptions {
    let Ok(pool) = PoolOptions::new().block_size(block).build() else { closed() };
    PipeOptions::new(&pool)
}

/// Two sockets that are connected to each other, within the runtime.
fn connected() -> (TcpStream, TcpStream) {
    let connect = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let near = StdStream::connect(listener.local_addr()?)?;
        let (far, _) = listener.accept()?;
        let asynchronous = |stream: StdStream| {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            TcpStream::from_std(stream)
        };
        io::Result::Ok((asynchronous(near)?, asynchronous(far)?))
    };
    match connect() {
        Ok(sockets) => sockets,
        Err(error) => panic!("no sockets: {error}"),
    }
}

/// Says so much and hears the same, at once. Returns what was heard.
async fn talk(stream: TcpStream, bytes: u64, window: usize) -> Sum {
    let (read, write) = stream.into_split();
    futures_util::future::join(hear(read, window), say(write, bytes, window)).await.0
}

async fn say(mut stream: OwnedWriteHalf, mut bytes: u64, window: usize) {
    let (mut words, mut memory) = (Words::default(), vec![0; window]);
    while bytes > 0 {
        let n = bytes.min(window as u64) as usize;
        words.fill(&mut memory[..n]);
        if stream.write_all(&memory[..n]).await.is_err() {
            return;
        }
        bytes -= n as u64;
    }
    // Whoever does not hear the end says so.
    let _ = stream.shutdown().await;
}

async fn hear(mut stream: OwnedReadHalf, window: usize) -> Sum {
    let (mut sum, mut memory) = (Sum::default(), vec![0; window]);
    loop {
        match stream.read(&mut memory).await {
            Ok(0) | Err(_) => return sum,
            Ok(n) => sum.add(&memory[..n]),
        }
    }
}
