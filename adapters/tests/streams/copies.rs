//! Copies between streams, and from a stream into a writing end.

use std::{io, iter};

use futures_lite::future::block_on;
use headpond_pipe::{CopyError, FlushError, Pipe, PipeOptions, ReadError};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    SinkWriter, copy, copy_bidirectional, copy_in, copy_out,
    polling::{now, pattern, pends, poll_once},
    scripted::{Accept, Both, Give, Sink, Source, sink_storm, source_storm},
};

fn small_blocks() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

/// The kind of the stream's error.
fn failure(error: &CopyError) -> io::ErrorKind {
    let (CopyError::Read(ReadError::Aborted(cause)) | CopyError::Flush(FlushError::Sink(cause))) = error else {
        panic!("{error:?}")
    };
    cause.downcast_ref::<io::Error>().unwrap().kind()
}

#[test]
fn a_copy_outlasts_every_delay_of_both_streams() {
    let bytes = pattern(1000);
    for (between, accept) in [(vec![], vec![]), (source_storm(), vec![]), (source_storm(), sink_storm())] {
        for size in [1, 63, 64, 65, 1000] {
            let (pool, options) = small_blocks();
            let mut from = Source::in_pieces(&bytes, size, &between);
            let mut to = Sink::new(iter::repeat_n(accept.clone(), bytes.len()).flatten());
            assert_eq!(block_on(copy(&mut from, &mut to, &options)).unwrap(), 1000);
            assert_eq!(to.written, bytes);
            assert_eq!((to.flushed, to.closes), (bytes.len(), 0));
            assert_eq!(from.polls_after_end, 0);
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

/// Whatever the reads were filled with, and gathered for one write.
#[test]
fn what_came_before_an_error_is_written_first() {
    let bytes = pattern(200);
    for before in 0..=bytes.len() {
        let (pool, options) = small_blocks();
        let mut from = Source::in_pieces(&bytes[..before], 64, &[]);
        from.push(Give::Fail(io::ErrorKind::ConnectionReset));
        let mut to = Sink::default();
        let error = now(copy(&mut from, &mut to, &options)).unwrap_err();
        assert_eq!(failure(&error), io::ErrorKind::ConnectionReset);
        assert_eq!(to.written, bytes[..before]);
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn reads_that_fill_their_block_go_with_one_write() {
    let (_, options) = small_blocks();
    let mut from = Source::in_pieces(&pattern(640), 640, &[]);
    let mut to = Sink::default();
    now(copy(&mut from, &mut to, &options)).unwrap();
    assert_eq!(to.writes, [10]);
}

/// A full write is bounded, so that neither memory nor the wait of the other side grow.
#[test]
fn a_very_long_source_is_written_piece_by_piece() {
    let (pool, options) = small_blocks();
    let mut from = Source::in_pieces(&pattern(300_000), 300_000, &[]);
    let mut to = Sink::default();
    assert_eq!(block_on(copy(&mut from, &mut to, &options)).unwrap(), 300_000);
    assert!(pool.stats().peak_rented <= 1 + 65536 / 64, "{}", pool.stats().peak_rented);
    assert_eq!(to.written, pattern(300_000));
}

#[test]
fn what_was_sent_is_flushed_while_the_source_has_nothing_and_no_block_is_held() {
    let (pool, options) = small_blocks();
    let mut from = Source::new([Give::Bytes(pattern(10)), Give::Never]);
    let mut to = Sink::default();
    {
        let mut copying = std::pin::pin!(copy(&mut from, &mut to, &options));
        assert!(poll_once(std::task::Waker::noop(), copying.as_mut()).is_pending());
        assert_eq!(pool.stats().rented, 0);
    }
    assert_eq!(to.flushed, 10);
}

#[test]
fn both_ways_each_end_closes_the_other_stream() {
    let (there, back) = (pattern(3000), pattern(777));
    let (pool, options) = small_blocks();
    let one_by_one = iter::repeat_n([Accept::Pending, Accept::UpTo(1)], there.len()).flatten();
    let mut a = Both { source: Source::in_pieces(&there, 100, &[Give::Pending]), sink: Sink::default() };
    let mut b = Both { source: Source::in_pieces(&back, 7, &[Give::Pending]), sink: Sink::new(one_by_one) };
    let copied = block_on(copy_bidirectional(&mut a, &mut b, &options)).unwrap();
    assert_eq!(copied, (3000, 777));
    assert_eq!((&a.sink.written, &b.sink.written), (&back, &there));
    assert_eq!((a.sink.closes, b.sink.closes), (1, 1));
    assert_eq!((a.source.polls_after_end, b.source.polls_after_end), (0, 0));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn half_an_end_lets_the_other_direction_go_on() {
    let (_, options) = small_blocks();
    let mut a = Both::default();
    let mut b = Both { source: Source::new([Give::Never]), sink: Sink::default() };
    pends(copy_bidirectional(&mut a, &mut b, &options));
    assert_eq!((a.sink.closes, b.sink.closes), (0, 1));
}

#[test]
fn both_ways_a_failure_ends_the_copy() {
    let (pool, options) = small_blocks();
    let mut a = Both { source: Source::new([Give::Never]), sink: Sink::new([Accept::Fail(io::ErrorKind::BrokenPipe)]) };
    let mut b = Both { source: Source::in_pieces(b"x", 1, &[]), sink: Sink::default() };
    let error = now(copy_bidirectional(&mut a, &mut b, &options)).unwrap_err();
    assert_eq!(failure(&error), io::ErrorKind::BrokenPipe);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_stream_is_copied_into_a_pipe_and_held_back_by_it() {
    let bytes = pattern(1000);
    let pool = PoolOptions::new().block_size(64).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(100).resume_threshold(50).build().unwrap();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    let mut from = Source::in_pieces(&bytes, 90, &[Give::Pending]);
    let mut read = Vec::new();
    let reading = async {
        loop {
            let view = reader.read().await.unwrap();
            assert!(view.buffer().len() < 100 + 64);
            read.extend(view.buffer().to_vec());
            let finished = view.is_finished();
            view.advance_all();
            if finished {
                return;
            }
        }
    };
    let copying = async {
        assert_eq!(copy_in(&mut writer, &mut from).await.unwrap(), 1000);
        writer.finish().unwrap();
    };
    block_on(futures_lite::future::zip(copying, reading));
    assert_eq!(read, bytes);
    assert_eq!(from.polls_after_end, 0);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_copy_into_a_pipe_loses_nothing_when_dropped_or_failed() {
    let (pool, options) = small_blocks();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    let mut from = Source::new([Give::Bytes(b"one ".to_vec()), Give::Never, Give::Bytes(b"two".to_vec())]);
    from.push(Give::Fail(io::ErrorKind::ConnectionReset));
    pends(copy_in(&mut writer, &mut from));
    assert_eq!(reader.peek(), "one ");
    assert_eq!(failure(&now(copy_in(&mut writer, &mut from)).unwrap_err()), io::ErrorKind::ConnectionReset);
    let view = now(reader.read()).unwrap();
    assert_eq!(view.buffer(), "one two");
    view.advance_all();
    pends(copy_in(&mut writer, &mut Source::new([Give::Never])));
    assert_eq!(pool.stats().rented, 0, "an idle stream holds no block");
}

/// A reader dropped while the stream is copied: the copy ends with an error, and asks for no more than it had begun to.
#[test]
fn a_copy_into_a_pipe_ends_when_the_reader_is_gone() {
    let (pool, options) = small_blocks();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut from = Source::in_pieces(&pattern(100), 10, &[]);
    drop(reader);
    let error = now(copy_in(&mut writer, &mut from)).unwrap_err();
    assert!(matches!(error, CopyError::Flush(FlushError::Closed(None))), "{error:?}");
    assert_eq!(from.polls, 0);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_stream_is_copied_into_a_sink() {
    let (_, options) = small_blocks();
    let mut writer = SinkWriter::new(Sink::new(iter::repeat_n(Accept::UpTo(1), 100)), &options);
    let mut from = Source::in_pieces(&pattern(300), 150, &[]);
    assert_eq!(now(copy_in(&mut writer, &mut from)).unwrap(), 300);
    assert_eq!(writer.get_ref().written, pattern(300));
}

#[test]
fn a_copy_into_a_pipe_outlasts_every_delay_of_the_stream() {
    let bytes = pattern(300);
    for size in [1, 64, 300] {
        let (pool, options) = small_blocks();
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        let mut from = Source::in_pieces(&bytes, size, &source_storm());
        assert_eq!(block_on(copy_in(&mut writer, &mut from)).unwrap(), 300);
        writer.finish().unwrap();
        assert_eq!(reader.peek(), bytes);
        assert_eq!(from.polls_after_end, 0);
        drop(reader);
        assert_eq!(pool.stats().rented, 0);
    }
}

/// The reader goes in the middle, while the copy waits for it.
#[test]
fn a_reader_dropped_during_a_copy_ends_it() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(100).resume_threshold(50).build().unwrap();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    let mut from = Source::in_pieces(&pattern(1000), 30, &[]);
    let (wakes, waker) = crate::polling::Wakes::new();
    {
        let mut copying = std::pin::pin!(copy_in(&mut writer, &mut from));
        assert!(poll_once(&waker, copying.as_mut()).is_pending());
        now(reader.read()).unwrap().advance_all();
        assert!(poll_once(&waker, copying.as_mut()).is_pending());
        let before = wakes.count();
        drop(reader);
        assert_eq!(wakes.count(), before + 1);
        let std::task::Poll::Ready(Err(error)) = poll_once(&waker, copying) else { panic!("nobody is left to read") };
        assert!(matches!(error, CopyError::Flush(FlushError::Closed(None))), "{error:?}");
    }
    let polls = from.polls;
    assert!(polls < 12, "{polls} reads for two pauses of 100 bytes");
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_pipe_is_copied_to_a_stream_in_spite_of_every_delay_of_it() {
    let bytes = pattern(300);
    for (accept, times) in [(vec![], 0), (vec![Accept::UpTo(1)], 300), (sink_storm(), 300), (vec![Accept::UpTo(65)], 5)]
    {
        let (pool, options) = small_blocks();
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        writer.write(&bytes).unwrap();
        writer.finish().unwrap();
        let mut to = Sink::new(iter::repeat_n(accept, times).flatten());
        assert_eq!(block_on(copy_out(&mut reader, &mut to)).unwrap(), 300);
        assert_eq!((&to.written, to.flushed, to.closes), (&bytes, bytes.len(), 0));
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn a_stream_that_fails_leaves_the_pipe_exactly_what_it_did_not_take() {
    let bytes = pattern(130);
    for before in 0..bytes.len() {
        let (_, options) = small_blocks();
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        writer.write(&bytes).unwrap();
        now(writer.flush()).unwrap();
        let mut to = Sink::default();
        if before > 0 {
            to.push(Accept::UpTo(before));
        }
        to.push(Accept::Fail(io::ErrorKind::TimedOut));
        let error = now(copy_out(&mut reader, &mut to)).unwrap_err();
        assert_eq!(failure(&error), io::ErrorKind::TimedOut);
        assert_eq!(to.written, bytes[..before]);
        assert_eq!(reader.peek(), bytes[before..]);
        // Another attempt takes it up there.
        pends(copy_out(&mut reader, &mut to));
        assert_eq!(to.written, bytes);
    }
}
