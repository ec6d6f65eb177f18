//! Copies whose source is idle, and whose destination nobody reads any more.

use std::{
    fs::File,
    future::Future,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use ::tokio::io::AsyncWrite;
use headpond_adapters::{
    copy, copy_bidirectional, duplex, file,
    flate2::{Compression, DeflateWriter, Format, InflateReader},
    futures_io::FuturesWriteExt,
    tokio::{SourceReader, TokioReadExt, TokioWriteExt},
};
use headpond_pipe::{CopyError, FlushError, PipeOptions, PipeReadExt, PipeWrite};
use headpond_pool::PoolOptions;

use crate::{
    options,
    polling::{Wakes, poll_once},
    streams::{Endless, Idle},
    unpaused,
};

/// What a copy fails with once its destination is gone: woken for that, and waiting for nothing from then on.
#[track_caller]
fn ends_when<T: std::fmt::Debug>(copying: impl Future<Output = Result<T, CopyError>>, go: impl FnOnce()) -> FlushError {
    let (wakes, waker) = Wakes::new();
    let mut copying = pin!(copying);
    assert!(poll_once(&waker, copying.as_mut()).is_pending());
    assert_eq!(wakes.count(), 0);
    go();
    assert_eq!(wakes.count(), 1, "the copy was not woken");
    let error = match poll_once(&waker, copying.as_mut()) {
        Poll::Ready(Err(CopyError::Flush(error))) => error,
        other => panic!("{other:?}"),
    };
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1, "an end keeps the copy's waker");
    error
}

#[test]
fn a_copy_from_a_stream_ends() {
    let mut pipe = unpaused();
    let error = ends_when(pipe.writer.copy_from_tokio(&mut Idle), || pipe.reader.close_with("enough"));
    assert!(matches!(error, FlushError::Closed(Some(cause)) if cause.to_string() == "enough"));
    let mut pipe = unpaused();
    let error = ends_when(pipe.writer.copy_from_futures_io(&mut Idle), || drop(pipe.reader));
    assert!(matches!(error, FlushError::Closed(None)));
}

#[test]
fn a_dropped_copy_from_a_stream_leaves_no_waker() {
    let mut pipe = unpaused();
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(pipe.writer.copy_from_tokio(&mut Idle))).is_pending());
    drop(pipe.reader);
    assert_eq!(wakes.count(), 0);
}

#[test]
fn a_copy_both_ways_ends() {
    let [mut from_a, mut to_a, mut from_b, mut to_b] = [(); 4].map(|()| unpaused());
    let a = (&mut from_a.reader, &mut to_a.writer);
    let b = (&mut from_b.reader, &mut to_b.writer);
    let error = ends_when(copy_bidirectional(a, b), || drop(to_a.reader));
    assert!(matches!(error, FlushError::Closed(None)));
    // What comes later is still there for somebody else.
    from_a.writer.write(b"later").unwrap();
    from_a.writer.finish().unwrap();
    assert_eq!(from_a.reader.peek(), "later");
    to_b.reader.close();
}

#[test]
fn a_copy_into_a_duplex_ends() {
    let (mut ours, theirs) = duplex(&options());
    let mut source = unpaused();
    let error = ends_when(source.reader.copy_to(&mut ours), || drop(theirs));
    assert!(matches!(error, FlushError::Closed(None)));
}

/// The error of the end below is inside.
#[test]
fn a_copy_that_is_deflated_ends() {
    let (mut source, mut below) = (unpaused(), unpaused());
    let mut writer = DeflateWriter::new(below.writer, Format::Gzip, Compression::default(), &options());
    let error = ends_when(copy(&mut source.reader, &mut writer), || below.reader.close_with("enough"));
    let FlushError::Sink(cause) = error else { panic!("{error:?}") };
    let cause: &io::Error = cause.downcast_ref().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::BrokenPipe);
    let source = cause.get_ref().and_then(|inner| inner.source());
    assert_eq!(source.map(ToString::to_string).as_deref(), Some("enough"));
    // The same whoever asks.
    let mut cx = Context::from_waker(Waker::noop());
    assert!(writer.poll_closed(&mut cx).is_ready());
}

#[test]
fn a_copy_to_a_file_ends_with_its_job() {
    let mut source = unpaused();
    let (mut writer, job) = file::write(File::open("/dev/null").unwrap(), &options());
    let error = ends_when(source.reader.copy_to(&mut writer), || drop(job));
    assert!(matches!(error, FlushError::Closed(None)));
}

/// A source that waits for memory is as idle as any.
#[test]
fn a_copy_whose_source_waits_for_memory_ends() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    let held = pool.rent().unwrap();
    let mut source = SourceReader::new(Endless::default(), &PipeOptions::new(&pool));
    let mut pipe = unpaused();
    let error = ends_when(copy(&mut source, &mut pipe.writer), || drop(pipe.reader));
    assert!(matches!(error, FlushError::Closed(None)));
    drop(held);
}

/// It waits for the close of the end below, and goes on when there is something to deflate after all.
#[test]
fn a_copy_that_was_idle_goes_on() {
    let (mut source, mut below) = (unpaused(), unpaused());
    let mut writer = DeflateWriter::new(below.writer, Format::Gzip, Compression::default(), &options());
    {
        let (wakes, waker) = Wakes::new();
        let mut copying = pin!(copy(&mut source.reader, &mut writer));
        for turn in 0..3 {
            assert!(poll_once(&waker, copying.as_mut()).is_pending());
            assert_eq!(wakes.count(), turn);
            source.writer.write(b"a word, ").unwrap();
            assert!(poll_once(Waker::noop(), pin!(source.writer.flush())).is_ready());
        }
        source.writer.finish().unwrap();
        assert!(matches!(poll_once(&waker, copying.as_mut()), Poll::Ready(Ok(24))));
    }
    let mut inflated = InflateReader::new(&mut below.reader, Format::Gzip, &options());
    let read = poll_once(Waker::noop(), pin!(inflated.read_at_least(24)));
    assert!(matches!(read, Poll::Ready(Ok(view)) if view.buffer() == "a word, a word, a word, "));
}

/// Sends nothing on.
struct Broken;

impl AsyncWrite for Broken {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// It fails when the reader waits already.
#[test]
fn a_copy_to_a_stream_that_fails_leaves_no_waker() {
    let mut source = unpaused();
    source.writer.write(b"sent").unwrap();
    assert!(poll_once(Waker::noop(), pin!(source.writer.flush())).is_ready());
    let (wakes, waker) = Wakes::new();
    let mut sink = Broken;
    let mut copying = pin!(source.reader.copy_to_tokio(&mut sink));
    let copied = poll_once(&waker, copying.as_mut());
    assert!(matches!(copied, Poll::Ready(Err(CopyError::Flush(FlushError::Sink(_))))), "{copied:?}");
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1);
}
