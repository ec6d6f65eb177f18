//! A stream as a writing end.

use std::{io, task::Poll};

use futures_lite::future::block_on;
use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeReadExt, PipeWrite, PipeWriteExt};
use headpond_pool::{BufferWriter, Pool, PoolOptions, SharedError, Slice, WriteError};

use crate::{
    SinkWriter,
    polling::{Wakes, now, pattern, pends, poll_once},
    scripted::{Accept, Sink, sink_storm},
};

fn small_blocks() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

fn failure(error: &FlushError) -> io::ErrorKind {
    let FlushError::Sink(cause) = error else { panic!("{error:?}") };
    cause.downcast_ref::<io::Error>().unwrap().kind()
}

#[test]
fn a_flush_outlasts_short_writes_delays_and_interruptions() {
    let bytes = pattern(300);
    let interrupted = Accept::Fail(io::ErrorKind::Interrupted);
    for step in [
        vec![Accept::UpTo(1)],
        vec![Accept::Pending, Accept::UpTo(1)],
        sink_storm(),
        vec![interrupted.clone(), Accept::UpTo(65), Accept::Pending, Accept::Pending, interrupted],
    ] {
        let (pool, options) = small_blocks();
        let script = std::iter::repeat_n(step, bytes.len()).flatten();
        let mut writer = SinkWriter::new(Sink::new(script), &options);
        writer.write(&bytes).unwrap();
        block_on(writer.flush_release()).unwrap();
        assert_eq!(writer.get_ref().written, bytes);
        assert_eq!(writer.get_ref().flushed, bytes.len());
        assert_eq!(writer.unwritten(), 0);
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn all_the_blocks_go_with_one_call() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    writer.write(&pattern(150)).unwrap();
    writer.append(Slice::from("linked in")).unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().writes, [4]);
    assert_eq!(writer.get_ref().written, [&pattern(150)[..], b"linked in"].concat());
}

/// More chunks than one call takes.
#[test]
fn very_many_chunks_take_several_calls() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    for _ in 0..200 {
        writer.append(Slice::from("x")).unwrap();
    }
    now(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().writes, [64, 64, 64, 8]);
    assert_eq!(writer.get_ref().written.len(), 200);
}

#[test]
fn a_failure_at_each_byte_keeps_the_rest_for_another_attempt() {
    let bytes = pattern(130);
    for before in 0..bytes.len() {
        let (_, options) = small_blocks();
        let mut sink = Sink::default();
        if before > 0 {
            sink.push(Accept::UpTo(before));
        }
        sink.push(Accept::Fail(io::ErrorKind::TimedOut));
        let mut writer = SinkWriter::new(sink, &options);
        writer.write(&bytes).unwrap();
        let error = now(writer.flush()).unwrap_err();
        assert_eq!(failure(&error), io::ErrorKind::TimedOut);
        assert_eq!(writer.get_ref().written, bytes[..before]);
        assert_eq!(writer.unwritten(), bytes.len() - before);
        now(writer.flush()).unwrap();
        assert_eq!(writer.get_ref().written, bytes);
    }
}

#[test]
fn a_sink_that_takes_nothing_has_failed() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(0)]), &options);
    writer.write(b"abc").unwrap();
    assert_eq!(failure(&now(writer.flush()).unwrap_err()), io::ErrorKind::WriteZero);
    assert_eq!(writer.unwritten(), 3);
}

#[test]
fn nothing_written_means_nothing_asked_of_the_stream() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    now(writer.flush()).unwrap();
    now(writer.flush_release()).unwrap();
    assert!(writer.get_ref().untouched());
}

#[test]
fn a_finish_writes_flushes_and_closes_once() {
    let (pool, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::Pending, Accept::UpTo(1), Accept::Pending]), &options);
    writer.write(b"the end").unwrap();
    block_on(writer.finish_async()).unwrap();
    now(writer.finish_async()).unwrap();
    now(writer.closed());
    assert_eq!((writer.get_ref().flushes, writer.get_ref().closes), (1, 1));
    assert_eq!(writer.get_ref().written, b"the end");
    assert!(matches!(writer.write(b"more"), Err(WriteError::Ended)));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_finish_that_failed_can_be_tried_again() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(2), Accept::Fail(io::ErrorKind::TimedOut)]), &options);
    writer.write(b"the end").unwrap();
    assert_eq!(failure(&now(writer.finish_async()).unwrap_err()), io::ErrorKind::TimedOut);
    assert_eq!(writer.get_ref().closes, 0);
    now(writer.finish_async()).unwrap();
    assert_eq!(writer.get_ref().written, b"the end");
    assert_eq!(writer.get_ref().closes, 1);
}

#[test]
fn an_abort_drops_the_rest_and_does_not_close_the_stream() {
    let (pool, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(2), Accept::Never]), &options);
    writer.write(b"flushed").unwrap();
    pends(writer.flush());
    writer.write(b"not").unwrap();
    writer.abort(SharedError::from(Box::<dyn std::error::Error + Send + Sync>::from("no more")));
    assert_eq!(pool.stats().rented, 0);
    writer.get_mut().relent();
    assert!(matches!(now(writer.flush()), Err(FlushError::Aborted)));
    assert!(matches!(now(writer.finish_async()), Err(FlushError::Aborted)));
    assert_eq!(writer.get_ref().written, b"fl");
    assert_eq!(writer.get_ref().closes, 0);
}

/// Also when the stream has taken a part, for which the writer was unparked.
#[test]
fn a_cancel_ends_a_flush_that_waits_for_the_stream() {
    for script in [vec![Accept::Never], vec![Accept::UpTo(2), Accept::Never]] {
        let (_, options) = small_blocks();
        let mut writer = SinkWriter::new(Sink::new(script), &options);
        let canceller = writer.canceller();
        writer.write(b"bytes").unwrap();
        let (wakes, waker) = Wakes::new();
        {
            let mut flush = std::pin::pin!(writer.flush());
            assert!(poll_once(&waker, flush.as_mut()).is_pending());
            canceller.cancel();
            assert_eq!(wakes.count(), 1);
            assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(FlushError::Cancelled))));
        }
        writer.get_mut().relent();
        now(writer.flush()).unwrap();
        assert_eq!(writer.get_ref().written, b"bytes");
    }
}

/// A stream that gathers has taken everything, and waits for what is behind it.
#[test]
fn a_cancel_ends_a_flush_and_a_finish_that_wait_in_the_streams_own() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    writer.get_mut().holds = true;
    let canceller = writer.canceller();
    writer.write(b"bytes").unwrap();
    let (wakes, waker) = Wakes::new();
    for turn in 1..=2 {
        let mut flush = std::pin::pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), turn);
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(FlushError::Cancelled))));
    }
    assert_eq!(writer.get_ref().written, b"bytes");
    for turn in 3..=4 {
        let mut finish = std::pin::pin!(writer.finish_async());
        assert!(poll_once(&waker, finish.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), turn);
        assert!(matches!(poll_once(&waker, finish), Poll::Ready(Err(FlushError::Cancelled))));
    }
    pends(writer.finish_async());
    writer.get_mut().relent();
    now(writer.finish_async()).unwrap();
    assert_eq!((writer.get_ref().flushes, writer.get_ref().closes), (1, 1));
}

/// A finish is also cancelled while the stream takes nothing, and what it did not take is not lost.
#[test]
fn a_cancel_ends_a_finish_that_waits_for_the_stream() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(2), Accept::Never]), &options);
    let canceller = writer.canceller();
    writer.write(b"bytes").unwrap();
    let (wakes, waker) = Wakes::new();
    {
        let mut finish = std::pin::pin!(writer.finish_async());
        assert!(poll_once(&waker, finish.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, finish), Poll::Ready(Err(FlushError::Cancelled))));
    }
    writer.get_mut().relent();
    now(writer.finish_async()).unwrap();
    assert_eq!((&writer.get_ref().written[..], writer.get_ref().closes), (&b"bytes"[..], 1));
}

/// A cancellation is for a flush that waits, or the next: one that nothing waited for costs a finish nothing.
#[test]
fn a_finish_that_need_not_wait_is_not_cancelled() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    writer.write(b"bytes").unwrap();
    writer.canceller().cancel();
    now(writer.finish_async()).unwrap();
    assert_eq!(writer.get_ref().closes, 1);
}

#[test]
fn writing_out_wakes_nobody() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new(std::iter::repeat_n(Accept::UpTo(7), 100)), &options);
    let (wakes, waker) = Wakes::new();
    for _ in 0..3 {
        writer.write(&pattern(200)).unwrap();
        assert!(poll_once(&waker, std::pin::pin!(writer.flush())).is_ready());
    }
    assert!(poll_once(&waker, std::pin::pin!(writer.finish_async())).is_ready());
    assert_eq!(wakes.count(), 0);
}

#[test]
fn a_flush_dropped_loses_nothing() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(3), Accept::Never]), &options);
    writer.write(b"first ").unwrap();
    pends(writer.flush());
    writer.write(b"second").unwrap();
    writer.get_mut().relent();
    now(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().written, b"first second");
}

#[test]
fn a_wait_for_memory_writes_out_what_is_published() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(128).build().unwrap();
    let mut writer = SinkWriter::new(Sink::new([Accept::Never]), &PipeOptions::new(&pool));
    writer.write(&pattern(128)).unwrap();
    pends(writer.flush());
    assert!(matches!(writer.reserve(1), Err(WriteError::Pool(_))));
    pends(writer.reserve_async(64));
    writer.get_mut().relent();
    block_on(writer.reserve_async(64)).unwrap().advance(64);
    assert_eq!(writer.get_ref().written, pattern(128));
    now(writer.flush_release()).unwrap();

    writer.write(&[0; 128]).unwrap();
    writer.get_mut().push(Accept::Fail(io::ErrorKind::BrokenPipe));
    let error = now(writer.flush()).unwrap_err();
    assert_eq!(failure(&error), io::ErrorKind::BrokenPipe);
    writer.get_mut().push(Accept::Fail(io::ErrorKind::BrokenPipe));
    assert!(matches!(now(writer.reserve_async(64)), Err(WriteError::Closed(Some(_)))));
}

/// Also what the stream takes before it makes the flush wait.
#[test]
fn a_wait_for_memory_ends_as_soon_as_there_is_enough() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(128).build().unwrap();
    let mut writer = SinkWriter::new(Sink::new([Accept::Never]), &PipeOptions::new(&pool));
    writer.write(&pattern(128)).unwrap();
    pends(writer.flush());
    writer.get_mut().relent();
    writer.get_mut().push(Accept::UpTo(64));
    writer.get_mut().push(Accept::Never);
    now(writer.reserve_async(64)).unwrap().advance(64);
    assert_eq!(writer.get_ref().written, pattern(64));
}

#[test]
fn a_prefix_is_patched_before_it_is_written() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::default(), &options);
    let prefix = writer.reserve_prefix(2).unwrap();
    writer.write(&pattern(100)).unwrap();
    writer.patch(&prefix, &100_u16.to_be_bytes()).unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().written, [&100_u16.to_be_bytes()[..], &pattern(100)].concat());
    assert!(writer.patch(&prefix, &[1]).is_err());
}

#[test]
fn a_pipe_is_copied_by_reference_and_what_the_stream_left_stays_in_the_sink() {
    let (_, options) = small_blocks();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    writer.write(&pattern(150)).unwrap();
    writer.finish().unwrap();
    let mut sink = SinkWriter::new(Sink::new([Accept::UpTo(70), Accept::Fail(io::ErrorKind::TimedOut)]), &options);
    assert!(now(PipeReadExt::copy_to(&mut reader, &mut sink)).is_err());
    assert_eq!(sink.unwritten(), 80);
    now(sink.flush()).unwrap();
    assert_eq!(sink.get_ref().written, pattern(150));
}

#[test]
fn the_parts_lose_nothing() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new([Accept::UpTo(4), Accept::Never]), &options);
    writer.write(b"head").unwrap();
    writer.write(b"pond").unwrap();
    pends(writer.flush());
    writer.write(b"s").unwrap();
    let (sink, mut rest) = writer.into_parts();
    assert_eq!(sink.written, b"head");
    assert_eq!(rest.peek(), "ponds");
    assert!(now(rest.read()).unwrap().is_finished());
}
