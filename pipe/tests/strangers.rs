//! What a pipe survives of its users: sources, owners and wakers that keep no promise but those of their types.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use headpond_pipe::{Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite};
use headpond_pool::{Block, BlockSource, PatchError, Pool, PoolError, PoolOptions, Prefix, Slice};

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Blocks whose owner panics when it is dropped, as often as it is.
#[derive(Debug, Clone, Default)]
struct Bombs {
    made: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Bomb(Vec<u8>, Arc<AtomicUsize>);

impl AsMut<[u8]> for Bomb {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        panic!("an owner's own mistake");
    }
}

impl Bombs {
    fn bomb(&self) -> Bomb {
        self.made.fetch_add(1, Ordering::SeqCst);
        Bomb(vec![0; 16], Arc::clone(&self.dropped))
    }
}

impl BlockSource for Bombs {
    fn block_size(&self) -> usize {
        16
    }

    fn rent(&self, _: usize) -> Result<Block, PoolError> {
        Ok(Block::from_owner(self.bomb()))
    }
}

#[test]
fn blocks_whose_owner_panics_are_given_back_once_each() {
    let bombs = Bombs::default();
    for ending in 0..4 {
        let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&bombs));
        writer.reserve(1).expect("memory").advance(0);
        // Gives an empty block back, and the second finds none.
        writer.release();
        writer.release();
        writer.write(&[1; 40]).expect("memory");
        assert!(poll(writer.flush()).is_ready());
        let end = reader.peek().end();
        reader.advance_to(end, end);
        writer.release();
        writer.write(&[2; 20]).expect("memory");
        assert!(poll(writer.flush()).is_ready());
        writer.append(Slice::from_owner(bombs.bomb())).expect("open");
        writer.write(&[3; 20]).expect("memory");
        match ending {
            0 => drop((writer, reader)),
            1 => drop((reader, writer)),
            2 => writer.abort("given up"),
            _ => assert!(writer.finish().is_ok()),
        }
    }
    assert_eq!(bombs.dropped.load(Ordering::SeqCst), bombs.made.load(Ordering::SeqCst));
}

#[test]
fn a_forged_prefix_patches_nothing() {
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    writer.write(b"flushed").expect("memory");
    assert!(poll(writer.flush()).is_ready());
    let prefix = writer.reserve_prefix(4).expect("memory");
    for before in [1, 2, 64, 4096] {
        // From so many bytes before the end of all positions into the stream.
        let forged = Prefix::new(prefix.owner(), 0_u64.wrapping_sub(before), before as usize + 9);
        let patched = writer.patch(&forged, &vec![1; forged.len()]);
        assert!(matches!(patched, Err(PatchError::Foreign)), "{before}: {patched:?}");
    }
    for (position, len) in [(6, 2), (7, 4), (8, 4), (11, 1), (u64::MAX, 1)] {
        let patched = writer.patch(&Prefix::new(prefix.owner(), position, len), &vec![1; len]);
        assert!(
            matches!(patched, Err(PatchError::Flushed { .. } | PatchError::Foreign)),
            "{position}, {len}: {patched:?}"
        );
    }
    assert!(poll(writer.flush()).is_ready());
    assert_eq!(reader.peek(), b"flushed\0\0\0\0"[..]);
}

/// A waker that panics when its last clone is dropped.
struct Fragile;

impl Wake for Fragile {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("a waker's own mistake");
    }
}

/// Leaves the pipe the only clone of a fragile waker.
fn poll_fragile<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) {
    let waker = Waker::from(Arc::new(Fragile));
    assert!(poll(&mut Context::from_waker(&waker)).is_pending());
}

#[test]
fn an_end_whose_waker_panics_when_dropped_is_closed_all_the_same() {
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    poll_fragile(|cx| reader.poll_read(cx, 8));
    writer.write(b"bytes").expect("memory");
    assert!(poll(writer.flush()).is_ready());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(reader))).is_err());
    assert!(matches!(poll(writer.flush()), Poll::Ready(Err(_))));
    drop(writer);

    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    poll_fragile(|cx| writer.poll_closed(cx));
    writer.write(b"bytes").expect("memory");
    assert!(catch_unwind(AssertUnwindSafe(|| drop(writer))).is_err());
    assert!(reader.is_aborted());
    assert!(reader.try_read().is_err());
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

/// Rents of a pool, of which one fails, or panics.
#[derive(Debug)]
struct Failing {
    pool: Pool,
    rents: AtomicUsize,
    at: usize,
    panics: bool,
}

impl BlockSource for Failing {
    fn block_size(&self) -> usize {
        self.pool.block_size()
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        if self.rents.fetch_add(1, Ordering::SeqCst) == self.at {
            assert!(!self.panics, "a source's own mistake");
            return Err(PoolError::Exhausted { requested: min, limit: 0 });
        }
        self.pool.rent_sized(min)
    }
}

#[test]
fn a_source_that_fails_or_panics_in_the_middle_of_a_write_leaves_no_block_behind() {
    for at in 0..6 {
        for panics in [false, true] {
            let pool = PoolOptions::new().block_size(64).build().expect("valid");
            let source = Arc::new(Failing { pool: pool.clone(), rents: AtomicUsize::new(0), at, panics });
            let options = PipeOptionsBuilder::over(source).build().expect("valid");
            let Pipe { mut writer, mut reader } = Pipe::new(&options);
            let written = catch_unwind(AssertUnwindSafe(|| writer.write(&[1; 6 * 64])));
            assert_eq!(written.is_err(), panics, "rent {at}");
            assert!(panics || matches!(written, Ok(Err(_))), "rent {at}");
            assert_eq!((pool.stats().rented, writer.unflushed()), (0, 0), "rent {at}, panics: {panics}");
            writer.write(&[2; 3 * 64]).expect("once");
            assert_eq!(pool.stats().rented, 3);
            assert!(poll(writer.flush()).is_ready());
            assert_eq!(reader.peek(), [2; 3 * 64][..]);
        }
    }
}
