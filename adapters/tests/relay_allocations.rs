//! The relay's loop allocates nothing. Alone in its binary, since the counting allocator is everybody's.

#[path = "../examples/relay/session.rs"]
mod session;
#[expect(dead_code, reason = "the counts are the relay's own tests' matter")]
#[path = "../examples/relay/tally.rs"]
mod tally;

use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use allocation_counter::measure;
use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_pipe::PipeOptions;
use headpond_pool::PoolOptions;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As in the example.
pub(crate) type AnyError = Box<dyn std::error::Error + Send + Sync>;

const BLOCK_SIZE: usize = 32 * 1024;

/// Lines of every length up to 200, for ever, with a rest after so many bytes.
struct Lines {
    at: usize,
    since_rest: usize,
    rest_after: usize,
}

impl AsyncRead for Lines {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.since_rest >= self.rest_after {
            self.since_rest = 0;
            return Poll::Pending;
        }
        // Reads of odd lengths, so that lines lie across reads and blocks in every way.
        let n = memory.remaining().min(1 + self.at * 31 % 5000);
        for byte in memory.initialize_unfilled_to(n) {
            let line = self.at / 200 % 200 + 1;
            *byte = if self.at % line == 0 { b'\n' } else { b'a' + (self.at % 26) as u8 };
            self.at += 1;
        }
        memory.advance(n);
        self.since_rest += n;
        Poll::Ready(Ok(()))
    }
}

/// Takes a little less than it is offered.
struct Discard;

impl AsyncWrite for Discard {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len() - bytes.len() / 7))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn the_loop_of_the_relay_allocates_nothing() {
    let pool = PoolOptions::new().block_size(BLOCK_SIZE).build().unwrap();
    let options = PipeOptions::new(&pool);
    let mut input = SourceReader::new(Lines { at: 0, since_rest: 0, rest_after: 1 << 20 }, &options);
    let mut output = SinkWriter::new(Discard, &options);
    let mut tally = tally::Tally::default();
    let mut conversation = pin!(session::converse(&mut input, &mut output, &mut tally));
    let mut cx = Context::from_waker(Waker::noop());

    // Up to its first rest it rents its blocks.
    assert!(conversation.as_mut().poll(&mut cx).is_pending());
    assert!(pool.stats().rented <= 1, "idle, it holds what an unfinished line lies in");
    let mut rests = 0;
    let allocated = measure(|| {
        for _ in 0..16 {
            rests += usize::from(conversation.as_mut().poll(&mut cx).is_pending());
        }
    });
    assert_eq!(rests, 16, "16 MiB went through");
    assert_eq!((allocated.count_total, allocated.bytes_total), (0, 0));
    let served = pool.stats();
    assert!(served.system_bytes <= 32 * BLOCK_SIZE, "one slab is enough: {served:?}");
}
