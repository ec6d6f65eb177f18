//! M1: bytes that connections hold which have been used once and now wait.
//!
//! It is counted, not timed: what the C library's allocator has given out and not got back, divided by the connections.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::contender::closed;

static MESSAGE: [u8; 64] = [b'm'; 64];

/// What idle connections of one kind hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) name: &'static str,
    /// Bytes a connection.
    pub(crate) bytes: f64,
    /// Pooled blocks of all of them, where there is a pool.
    pub(crate) blocks: Option<usize>,
}

/// Measures everyone.
pub(crate) fn measure(connections: usize, window: usize) -> Vec<Held> {
    vec![
        headpond::<4096>("headpond", connections, window),
        headpond::<16384>("headpond-16k", connections, window),
        duplex(connections, window),
        framed(connections, window),
        piper(connections, window),
    ]
}

/// Bytes given out by the allocator.
fn in_use() -> usize {
    // SAFETY: it only reads the allocator's own counts, under its own locks.
    let counts = unsafe { libc::mallinfo2() };
    counts.uordblks + counts.hblkhd
}

/// Opens connections by `open`, and counts what they hold together.
fn held<C>(name: &'static str, connections: usize, mut open: impl FnMut() -> C) -> Held {
    let mut all = Vec::with_capacity(connections);
    // What is allocated once, by the first, is not a connection's.
    all.push(open());
    let before = in_use();
    while all.len() < connections {
        all.push(open());
    }
    let bytes = in_use().saturating_sub(before) as f64 / (connections - 1) as f64;
    Held { name, bytes, blocks: None }
}

/// Polls what must be ready.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("64 bytes fit into every window"),
    }
}

/// Polls what must wait, and gives it up.
fn waits<F: Future>(future: F) {
    if pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready() {
        panic!("nothing was left to read");
    }
}

fn headpond<const BLOCK: usize>(name: &'static str, connections: usize, window: usize) -> Held {
    let Ok(pool) = PoolOptions::new().block_size(BLOCK).build() else { closed() };
    let Ok(options) = PipeOptions::builder(&pool).pause_threshold(window).build() else { closed() };
    let held = held(name, connections, || {
        let mut ends = (Pipe::new(&options), Pipe::new(&options));
        one_way(&mut ends.0);
        one_way(&mut ends.1);
        ends
    });
    Held { blocks: Some(rented(&pool)), ..held }
}

fn rented(pool: &Pool) -> usize {
    pool.stats().rented
}

/// Sends a message, receives it, and waits for another, as whoever serves a connection does.
fn one_way(Pipe { writer, reader }: &mut Pipe) {
    if writer.write(&MESSAGE).is_err() || now(writer.flush_release()).is_err() {
        closed();
    }
    let Ok(view) = now(reader.read()) else { closed() };
    assert_eq!(view.buffer(), MESSAGE[..]);
    view.advance_all();
    waits(reader.read());
}

fn duplex(connections: usize, window: usize) -> Held {
    held("duplex", connections, || {
        let (mut near, mut far) = tokio::io::duplex(window);
        pass(&mut near, &mut far);
        pass(&mut far, &mut near);
        (near, far)
    })
}

fn pass(from: &mut DuplexStream, to: &mut DuplexStream) {
    let mut message = [0; 64];
    let written = now(from.write_all(&MESSAGE));
    let read = now(to.read_exact(&mut message));
    assert!(written.is_ok() && read.is_ok() && message == MESSAGE);
    waits(to.read(&mut message));
}

fn framed(connections: usize, window: usize) -> Held {
    use futures_util::{SinkExt, StreamExt};

    held("framed", connections, || {
        let (near, far) = tokio::io::duplex(window);
        let mut ends = [near, far].map(|end| Framed::new(end, LengthDelimitedCodec::new()));
        for (from, to) in [(0, 1), (1, 0)] {
            let sent = now(ends[from].send(Bytes::from_static(&MESSAGE)));
            let frame = now(ends[to].next());
            assert!(sent.is_ok() && frame.is_some_and(|frame| frame.is_ok_and(|frame| frame[..] == MESSAGE)));
            waits(ends[to].next());
        }
        ends
    })
}

fn piper(connections: usize, window: usize) -> Held {
    held("piper", connections, || {
        let mut pipes = [piper::pipe(window), piper::pipe(window)];
        for (reader, writer) in &mut pipes {
            assert_eq!(writer.try_fill(&MESSAGE), MESSAGE.len());
            let mut message = [0; 64];
            assert_eq!(reader.try_drain(&mut message), MESSAGE.len());
            assert_eq!(message, MESSAGE);
        }
        pipes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_pipe_holds_no_block() {
        let all = measure(50, 64 * 1024);
        let ours: Vec<_> = all.iter().filter_map(|held| held.blocks).collect();
        assert_eq!(ours, [0, 0]);
        assert_eq!(all.len(), 5);
    }
}
