//! What a write accepted and the stream below could not take at once: whoever polls either half sends it on.

use std::{io, pin::pin, task::Poll};

use futures_lite::future::zip;
use headpond_adapters::{Cancelled, Duplex, duplex};
use headpond_pipe::{Pipe, PipeOptions, Reader};
use headpond_pool::Pool;

use crate::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, SinkWriter, SourceReader, StreamWriter, close,
    polling::{Wakes, now, pattern, pends, poll_once},
    scripted::{Accept, Sink},
    settle::settle,
    split,
};

/// A stream that takes 16 bytes at a time, and nothing before those are read.
fn narrow() -> (Duplex, Duplex) {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(16).resume_threshold(1).build().unwrap();
    duplex(&options)
}

/// A duplex over the one end of such a stream, and the other.
macro_rules! over_narrow {
    () => {{
        let (near, far) = narrow();
        let (reader, writer) = split(near);
        let options = PipeOptions::new(Pool::new());
        (Duplex::new(SourceReader::new(reader, &options), SinkWriter::new(writer, &options)), far)
    }};
}

#[test]
fn who_writes_a_request_and_waits_for_the_answer_need_not_flush() {
    let (mut near, mut far) = over_narrow!();
    let (asked, answered) = settle(zip(
        async {
            near.write_all(&[7; 64]).await?;
            let mut answer = [0; 64];
            near.read_exact(&mut answer).await?;
            // By the other way of reading, too.
            near.write_all(&[9; 64]).await?;
            assert_eq!(near.fill_buf().await?.first(), Some(&b'!'));
            io::Result::Ok(answer)
        },
        async {
            let mut question = [0; 64];
            far.read_exact(&mut question).await?;
            far.write_all(&question).await?;
            far.read_exact(&mut question).await?;
            assert_eq!(question, [9; 64]);
            far.write_all(b"!").await
        },
    ));
    answered.unwrap();
    assert_eq!(asked.unwrap(), [7; 64]);
}

/// The same by the pipe's own traits: with a flush that was given up.
#[test]
fn a_flush_given_up_is_gone_on_with_by_a_read() {
    let (mut near, mut far) = over_narrow!();
    headpond_pool::BufferWriter::write(&mut near, &pattern(64)).unwrap();
    pends(headpond_pipe::PipeWriteExt::flush(&mut near));
    let (asked, answered) = settle(zip(
        async { headpond_pipe::PipeReadExt::read(&mut near).await.map(|view| view.buffer().to_vec()) },
        async {
            let mut question = [0; 64];
            far.read_exact(&mut question).await?;
            assert_eq!(question, pattern(64)[..]);
            far.write_all(b"answer").await
        },
    ));
    answered.unwrap();
    assert_eq!(asked.unwrap(), b"answer");
    drop(near);
}

#[test]
fn a_flush_and_an_end_of_a_stream_given_up_are_gone_on_with_by_a_read() {
    for ends in [false, true] {
        let (mut near, mut far) = over_narrow!();
        assert_eq!(now(near.write(&pattern(64))).unwrap(), 64);
        if ends {
            pends(close(&mut near))
        } else {
            pends(near.flush())
        }
        let (asked, answered) = settle(zip(
            async {
                let mut answer = [0; 6];
                near.read_exact(&mut answer).await.map(|_| answer)
            },
            async {
                let mut question = Vec::new();
                if ends {
                    far.read_to_end(&mut question).await?;
                } else {
                    question.resize(64, 0);
                    far.read_exact(&mut question).await?;
                }
                assert_eq!(question, pattern(64));
                far.write_all(b"answer").await
            },
        ));
        answered.unwrap();
        assert_eq!(&asked.unwrap(), b"answer");
        settle(close(&mut near)).unwrap();
    }
}

/// One task waits for an answer, another writes and is gone: the one that waits takes over.
#[test]
fn a_read_that_waits_already_takes_over() {
    let (mut near, mut far) = over_narrow!();
    let (reading, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
    assert_eq!(now(near.write(&[7; 64])).unwrap(), 64);
    assert_eq!(reading.count(), 1);
    let mut seen = 0;
    for turn in 1..4 {
        assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
        seen += now(far.read(&mut [0; 64])).unwrap();
        assert_eq!((seen, reading.count()), (turn * 16, turn + 1));
    }
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
    assert_eq!(now(far.read(&mut [0; 64])).unwrap(), 16);
    // All is sent: the read waits for nothing but bytes.
    let woken = reading.count();
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
    assert_eq!(reading.count(), woken);
    now(far.write(b"answer")).unwrap();
    assert_eq!(reading.count(), woken + 1);
}

/// Neither half takes the other's wake away, whichever polls last, and whichever gives up.
#[test]
fn halves_in_two_tasks_are_both_woken() {
    for reads_last in [false, true] {
        let (mut near, mut far) = over_narrow!();
        assert_eq!(now(near.write(&[7; 64])).unwrap(), 64);
        let ((reading, of_reading), (writing, of_writing)) = (Wakes::new(), Wakes::new());
        if reads_last {
            assert!(poll_once(&of_writing, pin!(near.write(b"more"))).is_pending());
        }
        assert!(poll_once(&of_reading, pin!(near.read(&mut [0; 9]))).is_pending());
        if !reads_last {
            assert!(poll_once(&of_writing, pin!(near.write(b"more"))).is_pending());
        }
        assert_eq!(now(far.read(&mut [0; 64])).unwrap(), 16);
        assert_eq!((reading.count(), writing.count()), (1, 1), "{reads_last}");
        // The reading half alone goes on; when all is sent the writing one is told.
        for _ in 0..3 {
            assert!(poll_once(&of_reading, pin!(near.read(&mut [0; 9]))).is_pending());
            now(far.read(&mut [0; 64])).unwrap();
        }
        let before = writing.count();
        assert!(poll_once(&of_reading, pin!(near.read(&mut [0; 9]))).is_pending());
        assert!(writing.count() > before.min(1));
        assert!(matches!(poll_once(&of_writing, pin!(near.write(b"more"))), Poll::Ready(Ok(4))));
    }
}

#[test]
fn what_fails_while_a_read_waits_is_told_by_the_next_write() {
    let options = PipeOptions::new(Pool::new());
    let Pipe { writer: _far, reader } = Pipe::new(&options);
    let sink = Sink::new([Accept::UpTo(2), Accept::Pending, Accept::Fail(io::ErrorKind::ConnectionReset)]);
    let mut near: Duplex<Reader, _> = Duplex::new(reader, SinkWriter::new(sink, &options));
    assert_eq!(now(near.write(b"bytes")).unwrap(), 5);
    pends(near.read(&mut [0; 9]));
    assert_eq!(now(near.write(b"more")).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(now(near.write(b"more")).unwrap(), 4);
    assert_eq!(near.writer().get_ref().written, b"bytesmore");
}

#[test]
fn a_cancel_that_meets_a_read_is_told_by_the_next_write_and_loses_nothing() {
    let (mut near, mut far) = over_narrow!();
    assert_eq!(now(near.write(&pattern(64))).unwrap(), 64);
    let canceller = near.writer().canceller();
    let (reading, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
    canceller.cancel();
    assert_eq!(reading.count(), 1);
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 9]))).is_pending());
    assert_eq!(reading.count(), 2, "it goes on");
    assert!(now(near.write(b"x")).unwrap_err().get_ref().unwrap().is::<Cancelled>());
    let mut read = [0; 64];
    let _ = settle(zip(async { far.read_exact(&mut read).await.unwrap() }, async { near.flush().await.unwrap() }));
    assert_eq!(read, pattern(64)[..]);
}

/// As the documentation of a writing half alone has it.
#[test]
fn a_writing_half_alone_sends_by_its_next_call() {
    let (near, mut far) = narrow();
    let mut writer = StreamWriter::new(SinkWriter::new(near, &PipeOptions::new(Pool::new())));
    assert_eq!(now(writer.write(&pattern(64))).unwrap(), 64);
    assert_eq!(now(far.read(&mut [0; 64])).unwrap(), 16);
    pends(far.read(&mut [0; 64]));
    let mut read = [0; 48];
    let _ = settle(zip(async { far.read_exact(&mut read).await.unwrap() }, async { writer.flush().await.unwrap() }));
    assert_eq!(read, pattern(64)[16..]);
}
