//! A pool whose budget is spent.

use std::task::Poll;

use headpond_pipe::{FlushError, Pipe, PipeOptions, ReadError, ReadView, Reader, Writer};
use headpond_pool::{Pool, PoolError, PoolOptions, Slice, WriteError};

use crate::harness::{Task, poll, ready, send, take};

fn pool_of(blocks: usize) -> Pool {
    PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64 * blocks).build().expect("valid")
}

fn ends(pool: &Pool) -> (Writer, Reader) {
    Pipe::new(&PipeOptions::new(pool)).split()
}

fn is_exhausted<T>(result: Result<T, WriteError>) -> bool {
    matches!(result, Err(WriteError::Pool(PoolError::Exhausted { .. })))
}

#[test]
fn a_spent_budget_is_a_typed_error_and_nothing_of_the_call_is_written() {
    let pool = pool_of(2);
    let (mut writer, mut reader) = ends(&pool);
    send(&mut writer, &[1; 60]);
    assert!(is_exhausted(writer.write(&[2; 69])));
    assert_eq!((writer.unflushed(), pool.stats().rented), (0, 1));
    writer.write(&[3; 68]).expect("exactly what is left");
    assert!(is_exhausted(writer.write(&[4])));
    assert!(is_exhausted(writer.reserve(1).map(drop)));
    assert!(is_exhausted(writer.reserve_prefix(1)));
    writer.append(Slice::from_static(b"linked memory needs none")).expect("open");
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), [&[1; 60][..], &[3; 68], b"linked memory needs none"].concat());
    writer.write(&[5; 128]).expect("all of it came back");
}

#[test]
fn an_oversize_reserve_counts_against_the_budget() {
    let pool = pool_of(3);
    let (mut writer, _reader) = ends(&pool);
    assert!(matches!(writer.reserve(193), Err(WriteError::Pool(PoolError::TooLarge { .. }))));
    writer.reserve(190).expect("room").advance(190);
    assert!(is_exhausted(writer.reserve(1).map(drop)));
}

#[test]
fn a_drained_pipe_goes_on_with_the_only_block_there_is() {
    let pool = pool_of(1);
    let (mut writer, mut reader) = ends(&pool);
    send(&mut writer, &[1; 60]);
    assert_eq!(take(&mut reader).len(), 60);
    writer.reserve(5).expect("the drained block, from its start").advance(5);
    assert_eq!(writer.unflushed(), 5);
}

#[test]
fn a_wait_for_memory_takes_its_turn() {
    let pool = pool_of(1);
    let (mut first, mut first_reader) = ends(&pool);
    let (mut second, _second_reader) = ends(&pool);
    let (mut third, _third_reader) = ends(&pool);
    send(&mut first, &[1; 64]);
    let second_wait = Task::pending(second.reserve_async(1));
    let third_wait = Task::pending(third.reserve_async(1));
    first.release();
    take(&mut first_reader);
    assert!(matches!(first_reader.try_read(), Ok(None)));
    assert_eq!((second_wait.wakes(), third_wait.wakes()), (1, 0));
    assert!(is_exhausted(first.reserve(1).map(drop)), "a plain reserve does not barge");
    drop(second_wait);
    assert_eq!(third_wait.wakes(), 1, "a turn not taken is passed on");
    assert_eq!(third_wait.finish().expect("granted").len(), 64);
}

#[test]
fn a_writer_that_waits_in_vain_holds_up_nobody() {
    let pool = pool_of(1);
    let kept = pool.rent().expect("the only block");
    let (mut closed, reader) = ends(&pool);
    let (mut other, _other_reader) = ends(&pool);
    let wait = Task::pending(closed.reserve_async(1));
    let other_wait = Task::pending(other.reserve_async(1));
    drop(reader);
    assert_eq!(wait.wakes(), 1);
    assert!(matches!(wait.finish(), Err(WriteError::Closed(None))));
    drop(kept);
    assert_eq!(other_wait.wakes(), 1);
    assert!(other_wait.finish().is_ok());
    drop(closed);
}

#[test]
fn a_cancelled_wait_for_memory_holds_up_nobody() {
    let pool = pool_of(1);
    let kept = pool.rent().expect("the only block");
    let (mut writer, _reader) = ends(&pool);
    let (mut other, _other_reader) = ends(&pool);
    let canceller = writer.canceller();
    let wait = Task::pending(writer.reserve_async(1));
    let other_wait = Task::pending(other.reserve_async(1));
    canceller.cancel();
    assert_eq!(wait.wakes(), 1);
    assert!(matches!(wait.finish(), Err(WriteError::Cancelled)));
    drop(kept);
    assert_eq!(other_wait.wakes(), 1);
    assert!(matches!(poll(writer.flush()), Poll::Ready(Ok(()) | Err(FlushError::Cancelled))));
}

#[test]
fn blocks_in_kept_slices_count() {
    let pool = pool_of(1);
    let (mut writer, mut reader) = ends(&pool);
    send(&mut writer, &[1; 64]);
    let kept: Vec<Slice> = reader.peek().to_slices(..).collect();
    take(&mut reader);
    assert!(is_exhausted(writer.write(b"x")));
    drop(kept);
    writer.write(b"x").expect("the block came back");
}

/// The whole budget may be gathered; more can never be there, as long as it comes from the pool.
#[test]
fn more_at_once_than_the_budget_is_refused_to_a_read_at_once() {
    let pool = pool_of(4);
    for max_unconsumed in [None, Some(1 << 20)] {
        let options = PipeOptions::builder(&pool).max_unconsumed(max_unconsumed).pause_threshold(0).build();
        let Pipe { mut writer, mut reader } = Pipe::new(&options.expect("valid"));
        let refused = |outcome: Poll<Result<ReadView<'_>, ReadError>>| {
            assert!(matches!(outcome, Poll::Ready(Err(ReadError::LimitExceeded { limit: 256 }))), "{outcome:?}");
        };
        refused(poll(reader.read_at_least(257)));
        refused(poll(reader.read_at_least(usize::MAX)));
        assert!(poll(reader.read_at_least(256)).is_pending());
        send(&mut writer, &[7; 256]);
        assert_eq!(ready(reader.read_at_least(256)).expect("all there").buffer().len(), 256);
        refused(poll(reader.read_at_least(257)));
        // What is there is not refused, wherever it came from.
        writer.append(Slice::from_static(&[8; 100])).expect("open");
        ready(writer.flush()).expect("open");
        assert_eq!(ready(reader.read_at_least(356)).expect("all there").buffer().len(), 356);
        // Nor is a plain read, which asks for no more than a byte.
        let view = ready(reader.read()).expect("open");
        let start = view.buffer().start();
        view.need_more(start);
        assert!(poll(reader.read()).is_pending());
        let end = reader.buffer().end();
        reader.advance_to(end, end);
    }
}
