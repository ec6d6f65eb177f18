//! Small writes of a stream over an end that pays by the flush: how much goes, and when.

use std::{
    io::{self, Write},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use futures_lite::future::{block_on, zip};
use headpond_adapters::{
    Duplex,
    blocking::BlockingWriter,
    flate2::{Compression, DeflateWriter, Format, InflateReader},
    futures_io::{FuturesWriter, SinkWriter},
    tokio::{SourceReader, TokioWriteExt, TokioWriter},
};
use headpond_pipe::{Pipe, PipeOptions, PipeWrite, Reader, Writer};
use headpond_pool::{Pool, PoolOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    drain,
    polling::{Wakes, now, pends, poll_once},
    settle::settle,
};

/// What stands at the end of each sync flush, and hardly anywhere else in a text.
const MARK: [u8; 4] = [0, 0, 255, 255];

fn flushes(compressed: &[u8]) -> usize {
    compressed.windows(MARK.len()).filter(|window| *window == MARK).count()
}

fn over_a_pipe() -> (DeflateWriter<Writer>, Reader) {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(0).build().unwrap();
    let Pipe { writer, reader } = Pipe::new(&options);
    (DeflateWriter::new(writer, Format::Gzip, Compression::default(), &options), reader)
}

/// Many short words, 20,000 of which are less than 64 KiB.
fn words(n: usize) -> impl Iterator<Item = String> {
    (0..n).map(|i| format!("{} ", i * 7 % 83))
}

fn text(n: usize) -> String {
    words(n).collect()
}

/// What comes of a text that is written with one call.
fn at_once(text: &str) -> Vec<u8> {
    let (mut writer, mut reader) = over_a_pipe();
    headpond_pool::BufferWriter::write(&mut writer, text.as_bytes()).unwrap();
    now(headpond_pipe::PipeWriteExt::finish_async(&mut writer)).unwrap();
    drain(&mut reader).0
}

#[test]
fn small_writes_take_no_more_than_one() {
    let once = at_once(&text(20_000));
    let (writer, mut reader) = over_a_pipe();
    let mut writer = TokioWriter::new(writer);
    for word in words(20_000) {
        now(writer.write_all(word.as_bytes())).unwrap();
    }
    now(writer.shutdown()).unwrap();
    assert_eq!(drain(&mut reader).0.len(), once.len());

    let (writer, mut reader) = over_a_pipe();
    let mut writer = FuturesWriter::new(writer);
    for word in words(20_000) {
        now(futures_lite::AsyncWriteExt::write_all(&mut writer, word.as_bytes())).unwrap();
    }
    now(futures_lite::AsyncWriteExt::close(&mut writer)).unwrap();
    assert_eq!(drain(&mut reader).0.len(), once.len());

    let (writer, mut reader) = over_a_pipe();
    // Whatever stands in between.
    let between: Box<dyn PipeWrite> = Box::new(writer);
    let mut writer = BlockingWriter::new(between);
    for word in words(20_000) {
        writer.write_all(word.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(drain(&mut reader).0.len(), once.len());
}

/// Of so many bytes that the memory for them is bounded: a flush each 64 KiB.
#[test]
fn what_gathers_goes_with_a_flush_and_when_there_is_much() {
    let (writer, mut reader) = over_a_pipe();
    let mut writer = TokioWriter::new(writer);
    now(writer.write_all(b"word ")).unwrap();
    assert!(reader.peek().is_empty());
    now(writer.flush()).unwrap();
    assert_eq!(flushes(&reader.peek().to_vec()), 1);
    now(writer.flush()).unwrap();
    assert_eq!(flushes(&reader.peek().to_vec()), 1);
    let mut written = 0;
    for word in words(50_000) {
        now(writer.write_all(word.as_bytes())).unwrap();
        written += word.len();
        assert_eq!(flushes(&reader.peek().to_vec()), 1 + written / (64 * 1024), "{written}");
        assert!(writer.get_ref().unwritten() < 64 * 1024);
        if written > 150_000 {
            break;
        }
    }
}

#[test]
fn what_gathers_goes_when_there_is_no_memory_for_more() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(256).build().unwrap();
    let below = PipeOptions::builder(Pool::new()).pause_threshold(0).build().unwrap();
    let Pipe { writer, reader } = Pipe::new(&below);
    let writer = DeflateWriter::new(writer, Format::Deflate, Compression::default(), &PipeOptions::new(&pool));
    let mut writer = TokioWriter::new(writer);
    for word in words(1000) {
        now(writer.write_all(word.as_bytes())).unwrap();
    }
    now(writer.shutdown()).unwrap();
    let mut inflated = InflateReader::new(reader, Format::Deflate, &PipeOptions::new(Pool::new()));
    assert!(drain(&mut inflated).0 == text(1000).as_bytes());
    drop((writer, inflated));
    assert_eq!(pool.stats().rented, 0);
}

type Deflated = Duplex<InflateReader<Reader>, DeflateWriter<Writer>>;

/// Two ends that face each other, and speak compressed.
fn deflated() -> (Pool, Deflated, Deflated) {
    let pool = Pool::new();
    let options = PipeOptions::new(&pool);
    let (there, back) = (Pipe::new(&options), Pipe::new(&options));
    let end = |reader, writer| {
        let writer = DeflateWriter::new(writer, Format::Zlib, Compression::fast(), &options);
        Duplex::new(InflateReader::new(reader, Format::Zlib, &options), writer)
    };
    (pool, end(back.reader, there.writer), end(there.reader, back.writer))
}

#[test]
fn who_waits_for_an_answer_has_the_question_sent_once() {
    let (pool, mut near, mut far) = deflated();
    let question = text(1000);
    let (asked, answered) = settle(zip(
        async {
            for round in 1..=3 {
                for word in words(1000) {
                    near.write_all(word.as_bytes()).await?;
                }
                let mut answer = [0; 6];
                near.read_exact(&mut answer).await?;
                assert_eq!(&answer, b"answer");
                let flushed = near.writer().get_ref().stats().flushed as usize;
                assert!(flushed < round * at_once(&question).len() * 2, "{flushed} bytes in round {round}");
            }
            io::Result::Ok(())
        },
        async {
            for _ in 0..3 {
                let mut seen = vec![0; question.len()];
                far.read_exact(&mut seen).await?;
                assert!(seen == question.as_bytes());
                far.write_all(b"ans").await?;
                far.write_all(b"wer").await?;
            }
            // Its other half does not wait again.
            far.flush().await
        },
    ));
    asked.unwrap();
    answered.unwrap();
    pends(far.read(&mut [0; 1]));
    pends(near.read(&mut [0; 1]));
    assert_eq!(pool.stats().rented, 0, "an idle stream holds no block");
}

/// A task that waits in a read when another writes looks again, once for however many writes.
#[test]
fn a_read_that_waits_already_sends_what_gathers() {
    let (_, mut near, mut far) = deflated();
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 1]))).is_pending());
    for word in words(100) {
        now(near.write_all(word.as_bytes())).unwrap();
    }
    assert_eq!(wakes.count(), 1);
    pends(far.read(&mut [0; 1]));
    assert!(poll_once(&waker, pin!(near.read(&mut [0; 1]))).is_pending());
    let mut seen = vec![0; text(100).len()];
    now(far.read_exact(&mut seen)).unwrap();
    assert!(seen == text(100).as_bytes());
}

/// A stream of which nobody here knows that it pays by the flush, and whose user does.
#[test]
fn what_is_told_to_gather_gathers_over_any_end() {
    #[derive(Default)]
    struct Counting {
        writes: usize,
        bytes: usize,
    }
    impl futures_lite::AsyncWrite for Counting {
        fn poll_write(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            bytes: &[u8],
        ) -> std::task::Poll<io::Result<usize>> {
            self.writes += 1;
            self.bytes += bytes.len();
            std::task::Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn poll_close(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }
    let options = PipeOptions::new(Pool::new());
    let mut writer = TokioWriter::new(SinkWriter::new(Counting::default(), &options)).gathering();
    for word in words(1000) {
        now(writer.write_all(word.as_bytes())).unwrap();
    }
    assert_eq!(writer.get_ref().get_ref().writes, 0);
    now(writer.flush()).unwrap();
    let counting = writer.get_ref().get_ref();
    assert_eq!((counting.writes, counting.bytes), (1, text(1000).len()));
}

/// Small pieces, each ready when it is asked for.
struct Pieces {
    text: Vec<u8>,
    read: usize,
}

impl tokio::io::AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let end = self.text.len().min(self.read + 3).min(self.read + to.remaining());
        to.put_slice(&self.text[self.read..end]);
        self.read = end;
        Poll::Ready(Ok(()))
    }
}

#[test]
fn copies_gather_while_their_source_has_more() {
    let text = text(20_000);
    let once = at_once(&text).len();
    let pieces = || Pieces { text: text.clone().into_bytes(), read: 0 };

    let (mut writer, mut reader) = over_a_pipe();
    let copied = block_on(writer.copy_from_tokio(&mut pieces()));
    assert_eq!(copied.unwrap(), text.len() as u64);
    now(headpond_pipe::PipeWriteExt::finish_async(&mut writer)).unwrap();
    let compressed = drain(&mut reader).0;
    assert_eq!(flushes(&compressed), 1);
    assert!(compressed.len() <= once * 11 / 10, "{} bytes, at once {once}", compressed.len());

    let (mut writer, mut reader) = over_a_pipe();
    let mut source = SourceReader::new(pieces(), &PipeOptions::new(Pool::new()));
    let copied = block_on(headpond_pipe::PipeReadExt::copy_to(&mut source, &mut writer));
    assert_eq!(copied.unwrap(), text.len() as u64);
    now(headpond_pipe::PipeWriteExt::finish_async(&mut writer)).unwrap();
    let compressed = drain(&mut reader).0;
    assert_eq!(flushes(&compressed), 1);
    assert!(compressed.len() <= once * 11 / 10, "{} bytes, at once {once}", compressed.len());
}
