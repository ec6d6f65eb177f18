//! CopyToAsyncTests, as far as they copy to a stream.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_lite::AsyncWrite;
use headpond_adapters::futures_io::FuturesReadExt;
use headpond_pipe::{
    CopyError, FlushError, Pipe, PipeOptions, PipeRead, ReadCanceller, ReadError, ReadStatus, Reader, Writer,
};
use headpond_pool::{Pool, Position, Sequence, SharedError};

use crate::{
    polling::{now, pattern, poll_once},
    scripted::{Accept, Sink},
};

fn pipe() -> (Pool, Writer, Reader) {
    let pool = Pool::new();
    let Pipe { writer, reader } = Pipe::new(&PipeOptions::builder(&pool).pause_threshold(0).build().unwrap());
    (pool, writer, reader)
}

fn write(writer: &mut Writer, bytes: &[u8]) {
    writer.write(bytes).unwrap();
    now(writer.flush()).unwrap();
}

/// A stream whose writes are short enough for the peer's, one for each block, and of which the one after `writes` fails.
fn fails_after(writes: usize) -> Sink {
    let accepted = std::iter::repeat_n(Accept::UpTo(4096), writes);
    Sink::new(accepted.chain([Accept::Fail(io::ErrorKind::Other)]))
}

fn is_sink_failure(result: &Result<u64, CopyError>) -> bool {
    matches!(result, Err(CopyError::Flush(FlushError::Sink(_))))
}

#[test]
fn copy_to_async_throws_task_canceled_exception_for_already_cancelled_token() {
    let (_, mut writer, mut reader) = pipe();
    write(&mut writer, b"unread");
    reader.canceller().cancel();
    let mut sink = Sink::default();
    assert!(matches!(now(reader.copy_to_futures_io(&mut sink)), Err(CopyError::Cancelled)));
    assert!(sink.untouched());
    assert_eq!(reader.peek(), "unread");
}

#[test]
fn copy_to_async_stream_works() {
    let (_, mut writer, mut reader) = pipe();
    let messages = ["Hello World1", "Hello World2", "Hello World3"];
    let mut sink = Sink::default();
    {
        let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
        for message in messages {
            write(&mut writer, message.as_bytes());
            assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
        }
        writer.finish().unwrap();
        assert!(matches!(poll_once(Waker::noop(), copy), Poll::Ready(Ok(36))));
    }
    assert_eq!(sink.writes.len(), 3, "each arrived by itself");
    assert_eq!(sink.written, messages.concat().as_bytes());
    assert_eq!(sink.flushed, 36);
}

#[test]
fn multi_segment_writes_works() {
    let (pool, mut writer, mut reader) = pipe();
    let bytes = pattern(3 * 4096);
    writer.write(&bytes).unwrap();
    writer.finish().unwrap();
    let mut sink = Sink::default();
    assert_eq!(now(reader.copy_to_futures_io(&mut sink)).unwrap(), 3 * 4096);
    assert_eq!(sink.writes, [3], "three segments with one call");
    assert_eq!(sink.written, bytes);
    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn multi_segment_writes_until_failure() {
    let (pool, mut writer, mut reader) = pipe();
    let bytes = pattern(3 * 4096);
    writer.write(&bytes).unwrap();
    writer.finish().unwrap();
    let mut sink = fails_after(2);
    assert!(is_sink_failure(&now(reader.copy_to_futures_io(&mut sink))));
    assert_eq!(sink.written, bytes[..2 * 4096]);
    let view = now(reader.read()).unwrap();
    assert_eq!(view.buffer().len(), 4096);
    assert!(view.buffer().as_single_chunk().is_some_and(|rest| *rest == bytes[2 * 4096..]));
    assert!(pool.stats().rented <= 1, "the two before are returned");
}

#[test]
fn empty_buffer_not_written_to_stream() {
    let (_, mut writer, mut reader) = pipe();
    writer.finish().unwrap();
    let mut sink = Sink::default();
    assert_eq!(now(reader.copy_to_futures_io(&mut sink)).unwrap(), 0);
    assert!(sink.untouched());
}

#[test]
fn canceling_the_pending_read_throws_operation_cancelled_exception() {
    let (_, _writer, mut reader) = pipe();
    let canceller = reader.canceller();
    let mut sink = Sink::default();
    let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
    assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
    canceller.cancel();
    assert!(matches!(poll_once(Waker::noop(), copy), Poll::Ready(Err(CopyError::Cancelled))));
}

/// A stream that cancels the reader when it is written to: between two reads.
struct CancellingSink(ReadCanceller, usize);

impl AsyncWrite for CancellingSink {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.cancel();
        self.1 += 1;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn canceling_between_reads_throws_operation_cancelled_exception() {
    let (_, mut writer, mut reader) = pipe();
    write(&mut writer, b"Hello World");
    let mut sink = CancellingSink(reader.canceller(), 0);
    assert!(matches!(now(reader.copy_to_futures_io(&mut sink)), Err(CopyError::Cancelled)));
    assert_eq!(sink.1, 1);
    assert!(reader.peek().is_empty(), "what the stream took is consumed");
}

/// The token becomes the drop of the future.
#[test]
fn canceling_via_cancellation_token_throws_operation_cancelled_exception() {
    let (_, mut writer, mut reader) = pipe();
    let mut sink = Sink::default();
    {
        let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
        assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
    }
    write(&mut writer, b"later");
    assert_eq!(now(reader.read()).unwrap().buffer(), "later");
    assert!(sink.untouched());
}

/// The token becomes the drop of the future, while the stream is taking its time.
#[test]
fn canceling_stream_via_cancellation_token_throws_operation_cancelled_exception() {
    let (_, mut writer, mut reader) = pipe();
    write(&mut writer, b"Hello World");
    let mut sink = Sink::new([Accept::UpTo(6), Accept::Never]);
    {
        let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
        assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
    }
    assert_eq!(sink.written, b"Hello ");
    assert_eq!(now(reader.read()).unwrap().buffer(), "World", "what the stream did not take is still to be read");
}

#[test]
fn throwing_from_stream_does_not_leave_pipe_reader_in_broken_state() {
    let (_, mut writer, mut reader) = pipe();
    let mut sink = fails_after(0);
    {
        let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
        assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
        write(&mut writer, &[0; 10]);
        let Poll::Ready(result) = poll_once(Waker::noop(), copy) else { panic!("still copying") };
        assert!(is_sink_failure(&result));
    }
    let view = now(reader.read()).unwrap();
    assert_eq!(view.buffer().len(), 10);
    view.advance_all();
    write(&mut writer, &[0; 10]);
    writer.finish().unwrap();
    let view = now(reader.read()).unwrap();
    assert!(view.is_finished());
    assert_eq!(view.buffer().len(), 10);
}

/// A reading end that remembers where its last result began, and what it was last told.
struct Watched {
    reader: Reader,
    last_start: Option<Position>,
    last_advance: Option<(Position, Position)>,
}

impl PipeRead for Watched {
    fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        let status = self.reader.poll_read(cx, at_least);
        if status.is_ready() {
            self.last_start = Some(self.reader.buffer().start());
        }
        status
    }

    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        PipeRead::try_read(&mut self.reader)
    }

    fn buffer(&self) -> Sequence<'_> {
        self.reader.buffer()
    }

    fn advance_to(&mut self, consumed: Position, examined: Position) {
        self.last_advance = Some((consumed, examined));
        self.reader.advance_to(consumed, examined);
    }

    fn close(&mut self, error: Option<SharedError>) {
        PipeRead::close(&mut self.reader, error);
    }

    fn withdraw(&mut self) {
        self.reader.withdraw();
    }
}

/// Two rows: the first write fails, or the second.
#[test]
fn throwing_from_stream_calls_advance_to_with_start_of_last_read_result() {
    for writes in [0, 1] {
        let (_, mut writer, reader) = pipe();
        let mut reader = Watched { reader, last_start: None, last_advance: None };
        let mut sink = fails_after(writes);
        {
            let mut copy = std::pin::pin!(reader.copy_to_futures_io(&mut sink));
            for _ in 0..writes {
                write(&mut writer, &[0; 10]);
                assert!(poll_once(Waker::noop(), copy.as_mut()).is_pending());
            }
            write(&mut writer, &[0; 10]);
            let Poll::Ready(result) = poll_once(Waker::noop(), copy) else { panic!("still copying") };
            assert!(is_sink_failure(&result));
        }
        let start = Position::new(10 * writes as u64);
        assert_eq!(reader.last_start, Some(start));
        assert_eq!(reader.last_advance, Some((start, start)));
        assert_eq!(reader.buffer().len(), 10);
    }
}
