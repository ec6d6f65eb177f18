//! Copies between the ends of pipes: by reference, both ways, and to the end.

use std::pin::pin;

use futures_lite::future::block_on;
use headpond_adapters::{CopyFromExt, copy, copy_bidirectional};
use headpond_pipe::{CopyError, Pipe, PipeOptions, PipeRead, PipeWrite, ReadError};
use headpond_pool::{Pool, PoolOptions};

#[expect(dead_code, reason = "some of it serves the other tests only")]
#[path = "streams/polling.rs"]
mod polling;

use polling::{Wakes, now, pattern, poll_once};

fn small_blocks() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

/// Where each chunk lies.
fn places(reader: &mut headpond_pipe::Reader) -> Vec<(*const u8, usize)> {
    reader.peek().chunks().map(|chunk| (chunk.as_ptr(), chunk.len())).collect()
}

#[test]
fn whole_blocks_move_by_reference() {
    let (pool, options) = small_blocks();
    let (mut first, mut second, mut third) = (Pipe::new(&options), Pipe::new(&options), Pipe::new(&options));
    first.writer.write(&pattern(300)).unwrap();
    first.writer.finish().unwrap();
    let before = places(&mut first.reader);
    let rented = pool.stats().rented;
    assert_eq!(now(copy(&mut first.reader, &mut second.writer)).unwrap(), 300);
    assert_eq!(now(third.writer.copy_from(&mut second.reader)).unwrap(), 300);
    assert_eq!(places(&mut third.reader), before);
    assert_eq!(pool.stats().rented, rented);
    assert_eq!(third.reader.peek(), pattern(300)[..]);
    // A copy finishes what it writes to; `copy_from` leaves that to its caller.
    assert!(now(second.reader.read()).unwrap().is_finished());
    assert!(!now(third.reader.read()).unwrap().is_finished());
}

/// Two peers, each with a pipe to the middle and one from there.
#[test]
fn both_ways_each_end_ends_the_other_stream() {
    let (pool, options) = small_blocks();
    let [mut from_a, mut to_a, mut from_b, mut to_b] = [(); 4].map(|()| Pipe::new(&options));
    from_a.writer.write(&pattern(200)).unwrap();
    from_b.writer.write(&pattern(130)).unwrap();
    let (wakes, waker) = Wakes::new();
    {
        let a = (&mut from_a.reader, &mut to_a.writer);
        let b = (&mut from_b.reader, &mut to_b.writer);
        let mut copying = pin!(copy_bidirectional(a, b));
        assert!(poll_once(&waker, copying.as_mut()).is_pending());
        from_a.writer.finish().unwrap();
        assert_eq!(wakes.count(), 1);
        assert!(poll_once(&waker, copying.as_mut()).is_pending(), "the other direction goes on");
        assert!(now(to_b.reader.read()).unwrap().is_finished());
        from_b.writer.write(b"more").unwrap();
        from_b.writer.finish().unwrap();
        assert_eq!(block_on(copying).unwrap(), (200, 134));
    }
    assert_eq!(to_b.reader.peek(), pattern(200)[..]);
    assert_eq!(to_a.reader.peek(), [&pattern(130)[..], b"more"].concat()[..]);
    drop((to_a, to_b));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_failure_leaves_what_was_not_moved_and_finishes_nothing() {
    let (_, options) = small_blocks();
    let (mut first, mut second) = (Pipe::new(&options), Pipe::new(&options));
    first.writer.write(b"kept").unwrap();
    first.writer.finish().unwrap();
    second.reader.close();
    assert!(matches!(now(copy(&mut first.reader, &mut second.writer)), Err(CopyError::Write(_))));
    assert_eq!(first.reader.peek(), "kept");

    let (mut first, mut second) = (Pipe::new(&options), Pipe::new(&options));
    first.writer.write(b"before").unwrap();
    assert!(poll_once(std::task::Waker::noop(), pin!(first.writer.flush())).is_ready());
    first.writer.abort("no more");
    let copied = now(copy(&mut first.reader, &mut second.writer));
    assert!(matches!(copied, Err(CopyError::Read(ReadError::Aborted(_)))));
    assert_eq!(second.reader.peek(), "before");
    assert!(second.reader.try_read().unwrap().is_some_and(|view| !view.is_finished()));
}

/// What crosses an object-safe boundary is copied as well.
#[test]
fn trait_objects_are_copied() {
    let (_, options) = small_blocks();
    let (mut first, mut second) = (Pipe::new(&options), Pipe::new(&options));
    first.writer.write(&pattern(100)).unwrap();
    first.writer.finish().unwrap();
    let (reader, writer): (&mut dyn PipeRead, &mut dyn PipeWrite) = (&mut first.reader, &mut second.writer);
    assert_eq!(now(copy(reader, writer)).unwrap(), 100);
    assert_eq!(second.reader.peek(), pattern(100)[..]);
}
