//! Reads over several blocks: when, how many, and that no byte and no block is lost to them.

use std::{
    collections::VecDeque,
    io::{self, IoSliceMut},
    pin::Pin,
    task::{Context, Poll},
};

use futures_lite::AsyncRead;
use futures_lite::future::block_on;
use headpond_adapters::futures_io::SourceReader;
use headpond_pipe::{PipeOptions, PipeRead, PipeReadExt};
use headpond_pool::{Pool, PoolOptions};

#[expect(dead_code, reason = "some of it serves the other tests only")]
#[path = "streams/polling.rs"]
mod polling;

use polling::{now, pattern, pends};

/// Gives bytes in pieces that cross the memory it is offered, and notes how many pieces of memory that was.
struct Scatter {
    pieces: VecDeque<Option<Vec<u8>>>,
    offers: Vec<usize>,
    offered: usize,
}

impl Scatter {
    fn new(pieces: impl IntoIterator<Item = Option<Vec<u8>>>) -> Self {
        Self { pieces: pieces.into_iter().collect(), offers: Vec::new(), offered: 0 }
    }
}

impl AsyncRead for Scatter {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.as_mut().poll_read_vectored(cx, &mut [IoSliceMut::new(memory)])
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        memories: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.offers.push(memories.len());
        this.offered = this.offered.max(memories.iter().map(|memory| memory.len()).sum());
        let Some(mut bytes) = this.pieces.pop_front().unwrap_or(Some(Vec::new())) else { return Poll::Pending };
        let mut read = 0;
        for memory in memories {
            let n = memory.len().min(bytes.len());
            memory[..n].copy_from_slice(&bytes[..n]);
            bytes.drain(..n);
            read += n;
        }
        if !bytes.is_empty() {
            this.pieces.push_front(Some(bytes));
        }
        Poll::Ready(Ok(read))
    }
}

fn pool_of(block_size: usize) -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(block_size).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

#[test]
fn reads_grow_while_they_are_filled_and_shrink_when_they_are_not() {
    let (_, options) = pool_of(64);
    let mut reader = SourceReader::new(Scatter::new([Some(pattern(64 * 40)), Some(pattern(10))]), &options);
    now(reader.read_at_least(64 * 40)).unwrap().advance_all();
    assert_eq!(reader.get_ref().offers, [1, 2, 4, 8, 16, 16], "the last one is not filled");
    now(reader.read()).unwrap().advance_all();
    assert_eq!(reader.get_ref().offers[6..], [1]);
}

#[test]
fn a_read_is_offered_64_kib_at_most_unless_a_block_has_more() {
    for (block_size, most) in [(4096, 65536), (16384, 65536), (40_000, 40_000), (100_000, 100_000), (64, 1024)] {
        let (_, options) = pool_of(block_size);
        let mut reader = SourceReader::new(Scatter::new([Some(pattern(1 << 20))]), &options);
        // It may give way in between.
        let _ = block_on(reader.read_at_least(1 << 20)).unwrap();
        assert_eq!(reader.get_ref().offered, most);
    }
}

/// Every length on either side of every block's end, in every order of reads.
#[test]
fn bytes_arrive_and_blocks_are_filled_wherever_reads_end() {
    for first in [1, 63, 64, 65, 127, 128, 129, 200, 1000] {
        for second in [1, 7, 64, 100, 191, 192, 193, 1500] {
            let bytes = pattern(3 * (first + second));
            let lens = [first, second].into_iter().cycle();
            let mut rest = &bytes[..];
            let pieces = lens.map_while(|len| {
                let (piece, behind) = rest.split_at_checked(len)?;
                rest = behind;
                Some(Some(piece.to_vec()))
            });
            let pieces: Vec<_> = pieces.collect();
            let (pool, options) = pool_of(64);
            let mut reader = SourceReader::new(Scatter::new(pieces), &options);
            assert_eq!(now(reader.read_at_least(bytes.len())).unwrap().buffer(), bytes[..]);
            assert_eq!(pool.stats().rented, bytes.len().div_ceil(64), "no byte of a block is left unused");
            let view = now(reader.read_at_least(bytes.len() + 1)).unwrap();
            assert!(view.is_finished());
            view.advance_all();
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

#[test]
fn a_small_rest_is_read_into_together_with_the_next_block() {
    let (_, options) = pool_of(64);
    let mut reader = SourceReader::new(Scatter::new([Some(pattern(60)), Some(pattern(50))]), &options);
    let _ = now(reader.read()).unwrap();
    let view = now(reader.read_at_least(110)).unwrap();
    assert_eq!(view.buffer().chunks().map(<[u8]>::len).collect::<Vec<_>>(), [64, 46]);
    assert_eq!(reader.get_ref().offers, [1, 2]);
}

#[test]
fn blocks_rented_for_a_read_go_back_while_the_stream_has_nothing() {
    let (pool, options) = pool_of(64);
    let mut reader = SourceReader::new(Scatter::new([Some(pattern(64 * 7)), None, None]), &options);
    now(reader.read_at_least(64 * 7)).unwrap().advance_all();
    pends(reader.read());
    assert_eq!(reader.get_ref().offers, [1, 2, 4, 8], "it was offered eight blocks in vain");
    assert_eq!(pool.stats().rented, 0);
    pends(reader.read());
    assert_eq!(reader.get_ref().offers[4..], [1]);
}

#[test]
fn a_budget_bounds_the_reads_and_stops_none() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64 * 3).build().unwrap();
    let bytes = pattern(64 * 30);
    let mut reader = SourceReader::new(Scatter::new([Some(bytes.clone())]), &PipeOptions::new(&pool));
    let mut read = Vec::new();
    loop {
        let view = now(reader.read()).unwrap();
        read.extend(view.buffer().to_vec());
        let finished = view.is_finished();
        view.advance_all();
        if finished {
            break;
        }
    }
    assert_eq!(read, bytes);
    assert_eq!(reader.get_ref().offers.iter().max(), Some(&3));
    assert_eq!(pool.stats().rented, 0);
}

/// The trait cannot keep a stream from claiming what it has not done.
#[test]
fn a_claim_of_more_than_all_the_pieces_is_an_error_and_no_panic() {
    struct Liar;
    impl AsyncRead for Liar {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(memory.len()))
        }
        fn poll_read_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            memories: &mut [IoSliceMut<'_>],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(memories.iter().map(|memory| memory.len()).sum::<usize>() + 1))
        }
    }
    let (pool, options) = pool_of(64);
    let mut reader = SourceReader::new(Liar, &options);
    now(reader.read()).unwrap().advance_all();
    assert!(now(reader.read()).is_err());
    assert!(reader.buffer().is_empty());
    assert_eq!(pool.stats().rented, 0);
}
