//! How much memory a connection holds when one side is slow.

use headpond_pipe::{PipeOptions, PipeWrite};
use headpond_pool::PoolOptions;

use crate::{
    block_on, connection, drain,
    polling::{Wakes, pattern},
    until,
};

const BLOCK: usize = 4096;
const PAUSE: usize = 64 * 1024;
/// What one read is offered at most.
const READ: usize = 64 * 1024;

/// Sends as much as the sockets and pipes take.
async fn flood(peer: &tokio::net::TcpStream) -> usize {
    let bytes = pattern(1 << 20);
    let (mut sent, mut refused) = (0, 0);
    // The reactor, which says when there is room again, is asked once in a while only.
    while refused < 10_000 {
        match peer.try_write(&bytes[sent % 1000..]) {
            Ok(n) => (sent, refused) = (sent + n, 0),
            Err(_) => refused += 1,
        }
        tokio::task::yield_now().await;
    }
    sent
}

#[test]
fn a_fast_peer_and_a_reader_that_does_not_read() {
    let pool = PoolOptions::new().block_size(BLOCK).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    block_on(async {
        let (mut ours, peer) = connection(&options).await;
        let sent = flood(&peer).await;
        let peak = pool.stats().peak_rented * BLOCK;
        assert!(peak <= PAUSE + READ, "{peak} bytes");
        assert!(peak >= PAUSE, "{peak} bytes are less than it should take before it stops");
        drop(peer);
        let (bytes, error) = drain(&mut ours.reader).await;
        assert_eq!((bytes.len(), error.is_none()), (sent, true));
        ours.finish().await.unwrap();
    });
    assert_eq!(pool.stats().rented, 0);
}

/// A few bytes at a time, and never so that blocks and reads end together.
#[test]
fn a_fast_peer_and_a_slow_reader() {
    for (block, pause, resume) in [(BLOCK, PAUSE, PAUSE / 2), (BLOCK, 10_000, 1), (512, 3000, 3000), (16384, PAUSE, 1)]
    {
        let pool = PoolOptions::new().block_size(block).slab_blocks(1).build().unwrap();
        let options = PipeOptions::builder(&pool).pause_threshold(pause).resume_threshold(resume).build().unwrap();
        let total = 2 << 20;
        block_on(async {
            let (mut ours, peer) = connection(&options).await;
            let sending = tokio::spawn(async move {
                let bytes = pattern(1 << 20);
                let mut left = total;
                while left > 0 {
                    peer.writable().await.unwrap();
                    left -= peer.try_write(&bytes[..left.min(bytes.len())]).unwrap_or(0);
                }
            });
            let mut read = 0;
            loop {
                let view = ours.reader.read().await.unwrap();
                let (start, len) = (view.buffer().start(), view.buffer().len());
                if len == 0 && view.is_finished() {
                    break;
                }
                let n = len.min(1 + read * 7 % 3001);
                view.advance(start + n);
                read += n;
                if read % 3 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            assert_eq!(read, total);
            sending.await.unwrap();
            ours.finish().await.unwrap();
        });
        let peak = pool.stats().peak_rented * block;
        // The reader is somewhere within its first block.
        assert!(peak <= pause + READ.min(16 * block) + block, "{peak} bytes with blocks of {block}, pause at {pause}");
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn a_fast_writer_and_a_peer_that_does_not_read() {
    let pool = PoolOptions::new().block_size(BLOCK).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    block_on(async {
        let (mut ours, mut peer) = connection(&options).await;
        let (wakes, waker) = Wakes::new();
        let mut cx = std::task::Context::from_waker(&waker);
        let mut written = 0;
        // Until the flush is held back although the pump had every chance.
        loop {
            ours.writer.write(&pattern(1000)).unwrap();
            written += 1000;
            let before = wakes.count();
            if PipeWrite::poll_flush(&mut ours.writer, &mut cx).is_pending() {
                let mut turns = 0;
                while wakes.count() == before && turns < 10_000 {
                    turns += 1;
                    tokio::task::yield_now().await;
                }
                if wakes.count() == before {
                    break;
                }
            }
        }
        let peak = pool.stats().peak_rented * BLOCK;
        assert!(peak <= PAUSE + 2 * BLOCK, "{peak} bytes");
        ours.writer.finish().unwrap();
        let mut received = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut peer, &mut received).await.unwrap();
        assert!(received == pattern(1000).repeat(written / 1000));
        drop(peer);
        until(|| pool.stats().rented == 0).await;
        ours.finish().await.unwrap();
    });
}
