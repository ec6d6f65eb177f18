//! A stream as a reading end.

use std::{io, task::Context};

use futures_lite::future::block_on;
use headpond_pipe::{PipeOptions, PipeRead, PipeReadExt, ReadError};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    SourceReader,
    drain::drain,
    polling::{Wakes, now, pattern, pends, poll_once},
    scripted::{Give, Source, source_storm},
};

fn small_blocks() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::new(&pool);
    (pool, options)
}

#[test]
fn bytes_arrive_however_they_are_cut_and_delayed() {
    let bytes = pattern(1000);
    let interrupted = Give::Fail(io::ErrorKind::Interrupted);
    for size in [1, 7, 63, 64, 65, 1000] {
        let delays = [vec![Give::Pending; 3], vec![interrupted.clone(), Give::Pending, interrupted.clone()]];
        for between in [vec![], source_storm()].into_iter().chain(delays) {
            let (pool, options) = small_blocks();
            let mut reader = SourceReader::new(Source::in_pieces(&bytes, size, &between), &options);
            assert_eq!(block_on(drain(&mut reader)).0, bytes);
            assert!(now(reader.read()).unwrap().is_finished(), "the end stays the end");
            assert_eq!(reader.get_ref().polls_after_end, 0);
            drop(reader);
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

#[test]
fn an_error_at_each_byte_comes_after_the_bytes_before_it() {
    let bytes = pattern(130);
    for before in 0..=bytes.len() {
        let (_, options) = small_blocks();
        let mut source = Source::in_pieces(&bytes[..before], 50, &[Give::Pending]);
        source.push(Give::Fail(io::ErrorKind::ConnectionReset));
        let mut reader = SourceReader::new(source, &options);
        let (read, error) = block_on(drain(&mut reader));
        assert_eq!(read, bytes[..before]);
        let Some(ReadError::Aborted(cause)) = error else { panic!("{error:?}") };
        assert_eq!(cause.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::ConnectionReset);
        assert!(matches!(now(reader.read()), Err(ReadError::Aborted(_))), "and on every read");
        assert_eq!(reader.get_ref().polls_after_end, 0);
    }
}

#[test]
fn read_at_least_gathers_and_shows_the_end_when_there_is_less() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(&pattern(100), 10, &[Give::Pending]), &options);
    let view = block_on(reader.read_at_least(75)).unwrap();
    assert_eq!(view.buffer().len(), 80);
    let examined = view.buffer().end();
    view.need_more(examined + 0);
    let view = block_on(reader.read_at_least(75)).unwrap();
    assert!(view.is_finished());
    assert_eq!(view.buffer().len(), 20);
}

#[test]
fn read_at_least_counts_what_was_examined() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(&pattern(20), 10, &[]), &options);
    let view = now(reader.read()).unwrap();
    let start = view.buffer().start();
    view.need_more(start);
    assert_eq!(now(reader.read_at_least(10)).unwrap().buffer().len(), 10);
    assert_eq!(reader.get_ref().polls, 1, "the stream is not asked for what is there");
    assert_eq!(now(reader.read()).unwrap().buffer().len(), 20);
}

#[test]
fn read_at_least_does_not_ask_a_stream_that_has_failed() {
    let (_, options) = small_blocks();
    let mut source = Source::in_pieces(&pattern(10), 10, &[]);
    source.push(Give::Fail(io::ErrorKind::ConnectionReset));
    let mut reader = SourceReader::new(source, &options);
    let view = now(reader.read_at_least(20)).unwrap();
    assert_eq!(view.buffer().len(), 10, "what there is, before the error");
    view.advance_all();
    assert!(matches!(now(reader.read_at_least(20)), Err(ReadError::Aborted(_))));
    assert_eq!(reader.get_ref().polls_after_end, 0);
}

#[test]
fn the_limit_holds_and_the_stream_is_not_asked_past_it() {
    let pool = PoolOptions::new().block_size(64).build().unwrap();
    let options = PipeOptions::builder(&pool).max_unconsumed(100).build().unwrap();
    let mut reader = SourceReader::new(Source::in_pieces(&pattern(1000), 50, &[]), &options);
    assert!(matches!(now(reader.read_at_least(101)), Err(ReadError::LimitExceeded { limit: 100 })));
    assert_eq!(reader.get_ref().polls, 0);
    let error = loop {
        match now(reader.read()) {
            Ok(view) => {
                let start = view.buffer().start();
                view.need_more(start);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ReadError::LimitExceeded { limit: 100 }));
    let polls = reader.get_ref().polls;
    assert!(now(reader.read()).is_err());
    assert_eq!(reader.get_ref().polls, polls);
    assert!(reader.buffer().len() >= 100);
}

#[test]
fn an_idle_stream_holds_no_block() {
    let (pool, options) = small_blocks();
    let script = [Give::Never, Give::Bytes(pattern(10)), Give::Never, Give::Bytes(pattern(3)), Give::Never];
    let mut reader = SourceReader::new(Source::new(script), &options);
    pends(reader.read());
    assert_eq!(pool.stats().rented, 0, "before the first byte");
    now(reader.read()).unwrap().advance_all();
    pends(reader.read());
    assert_eq!(pool.stats().rented, 0, "after everything was consumed");
    let view = now(reader.read()).unwrap();
    assert_eq!(view.buffer(), pattern(3)[..]);
}

#[test]
fn bytes_that_stay_keep_their_block_while_the_stream_is_idle() {
    let (pool, options) = small_blocks();
    let script = [Give::Bytes(b"head".to_vec()), Give::Never, Give::Bytes(b"pond".to_vec())];
    let mut reader = SourceReader::new(Source::new(script), &options);
    let view = now(reader.read()).unwrap();
    let start = view.buffer().start();
    view.need_more(start + 2);
    pends(reader.read());
    assert_eq!(reader.buffer(), "ad");
    assert!(pool.stats().rented <= 1);
    assert_eq!(now(reader.read()).unwrap().buffer(), "adpond");
}

#[test]
fn a_spent_pool_is_waited_for() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    let block = pool.rent().unwrap();
    let mut reader = SourceReader::new(Source::in_pieces(b"late", 4, &[]), &PipeOptions::new(&pool));
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, std::pin::pin!(reader.read())).is_pending());
    let mut read = std::pin::pin!(reader.read());
    assert!(poll_once(&waker, read.as_mut()).is_pending());
    let before = wakes.count();
    drop(block);
    assert_eq!(wakes.count(), before + 1);
    let std::task::Poll::Ready(view) = poll_once(&waker, read) else { panic!("still waiting") };
    assert_eq!(view.unwrap().buffer(), "late");
}

#[test]
fn a_cancel_ends_a_read_that_waits_for_the_stream() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::new([Give::Never, Give::Bytes(b"after".to_vec())]), &options);
    let canceller = reader.canceller();
    let (wakes, waker) = Wakes::new();
    {
        let mut read = std::pin::pin!(reader.read());
        assert!(poll_once(&waker, read.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        let std::task::Poll::Ready(view) = poll_once(&waker, read) else { panic!("still waiting") };
        assert!(view.unwrap().is_cancelled());
    }
    assert_eq!(now(reader.read()).unwrap().buffer(), "after");
}

#[test]
fn reading_what_is_there_wakes_nobody() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(&pattern(500), 9, &[]), &options);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    loop {
        let std::task::Poll::Ready(status) = reader.poll_read(&mut cx, 0) else { panic!("a source that is ready") };
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        if status.unwrap().is_finished() {
            break;
        }
    }
    assert_eq!(wakes.count(), 0);
}

#[test]
fn try_read_shows_what_is_there_and_does_not_ask_the_stream() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(b"twotwo", 3, &[]), &options);
    assert!(reader.try_read().unwrap().is_none());
    assert_eq!(now(reader.read()).unwrap().buffer(), "two");
    assert!(reader.try_view().unwrap().is_some_and(|view| view.buffer() == "two"));
    assert_eq!(reader.get_ref().polls, 1);
}

#[test]
fn a_closed_reader_gives_everything_back_and_asks_for_nothing() {
    let (pool, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(&pattern(200), 60, &[]), &options);
    let _ = now(reader.read_at_least(100)).unwrap();
    reader.close(None);
    assert_eq!(pool.stats().rented, 0);
    let polls = reader.get_ref().polls;
    assert!(matches!(now(reader.read()), Err(ReadError::Closed)));
    assert_eq!(reader.get_ref().polls, polls);
}

#[test]
fn the_parts_lose_nothing() {
    let (_, options) = small_blocks();
    let mut reader = SourceReader::new(Source::in_pieces(b"one two three", 8, &[]), &options);
    now(reader.read()).unwrap().advance_to(headpond_pool::Position::new(4), headpond_pool::Position::new(8));
    reader.get_mut().push(Give::Bytes(b" four".to_vec()));
    let (source, mut rest) = reader.into_parts();
    assert_eq!(rest.peek(), "two ");
    assert!(now(rest.read()).unwrap().is_finished());
    assert_eq!(block_on(drain(&mut SourceReader::new(source, &options))).0, b"three four");
}
