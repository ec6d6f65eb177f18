//! Ends that break the contract of `BufferWriter`: what writes to them fails, and neither spins nor passes bytes over.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures_lite::future::{block_on, or, zip};
use headpond_adapters::{
    Duplex,
    blocking::{self, BlockingWriter},
    codec,
    flate2::{Compression, DeflateWriter, Format},
    futures_io, futures_sink,
    rustls::{TlsAcceptor, TlsConnector},
    tokio as on_tokio, tokio_util as on_tokio_util,
};
use headpond_codec::{Codec, Plain, line::LineDecoder};
use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeReadExt, PipeWrite, PipeWriteExt, Writer};
use headpond_pool::{
    BufferWriter, PatchError, Pool, Prefix, SequenceBuf, SharedError, Slice, WritableBuffer, WriteError,
};

#[path = "duplex/certificates.rs"]
mod certificates;

/// More calls than any test makes of a writer: who makes them spins.
const MOST_CALLS: usize = 10_000;

/// What a writer gives as much as it is asked for with.
const SOUND: usize = usize::MAX;

/// A writer that, from some time on, gives views of at most so many bytes, whatever it is asked for.
struct Broken {
    inner: Writer,
    most: Arc<AtomicUsize>,
    memory: [u8; 64],
    /// Never looked at.
    filled: usize,
    calls: usize,
}

impl Broken {
    fn new(inner: Writer, most: usize) -> Self {
        Self { inner, most: Arc::new(AtomicUsize::new(most)), memory: [0; 64], filled: 0, calls: 0 }
    }

    /// Over a pipe of its own, whose reader is there as long as the other.
    fn with_reader(most: usize) -> (Self, headpond_pipe::Reader) {
        let Pipe { writer, reader } = Pipe::new(&options());
        (Self::new(writer, most), reader)
    }

    fn count(&mut self) {
        self.calls += 1;
        assert!(self.calls < MOST_CALLS, "it spins");
    }
}

impl BufferWriter for Broken {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.count();
        match self.most.load(Ordering::Relaxed) {
            SOUND => self.inner.reserve(min),
            most => Ok(WritableBuffer::new(&mut self.memory[..min.max(1).min(most).min(64)], &mut self.filled)),
        }
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        self.inner.reserve_prefix(n)
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        self.inner.patch(prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        self.inner.written_since(prefix)
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        self.inner.rewind(prefix)
    }
}

impl PipeWrite for Broken {
    fn poll_reserve(&mut self, _: &mut Context<'_>, _: usize) -> Poll<Result<(), WriteError>> {
        self.count();
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.inner.poll_flush(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.inner.poll_finish(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.inner.poll_closed(cx)
    }

    fn release(&mut self) {
        self.inner.release();
    }

    fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.inner, error);
    }

    fn withdraw(&mut self) {
        self.inner.withdraw();
    }
}

fn options() -> PipeOptions {
    PipeOptions::new(Pool::new())
}

/// That it failed for what the writer gave.
fn is_short<T, E: Into<Box<dyn Error + Send + Sync>>>(what: &str, outcome: Result<T, E>) {
    let Err(error) = outcome else { panic!("{what} did not fail") };
    let error: Box<dyn Error + Send + Sync> = error.into();
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    assert!(texts.iter().any(|text| text.contains("the writer gave 0 bytes of memory")), "{what}: {texts:?}");
}

#[test]
fn streams_over_one_fail() {
    use ::tokio::io::AsyncWriteExt as _;
    use futures_lite::AsyncWriteExt as _;
    use std::io::Write as _;

    let (broken, _reader) = Broken::with_reader(0);
    is_short("futures-io", block_on(futures_io::FuturesWriter::new(broken).write_all(b"lost")));
    let (broken, _reader) = Broken::with_reader(0);
    is_short("tokio", block_on(on_tokio::TokioWriter::new(broken).write_all(b"lost")));
    let (broken, _reader) = Broken::with_reader(0);
    is_short("blocking", BlockingWriter::new(broken).write_all(b"lost"));
    let (broken, reader) = Broken::with_reader(0);
    let mut duplex = Duplex::new(reader, broken);
    is_short("duplex", futures_lite::AsyncWriteExt::write_all(&mut duplex, b"lost").block());
}

trait Block: Future + Sized {
    fn block(self) -> Self::Output {
        block_on(self)
    }
}

impl<F: Future> Block for F {}

#[test]
fn copies_into_one_fail() {
    let (mut broken, _reader) = Broken::with_reader(0);
    let mut stream = &b"lost"[..];
    is_short("futures-io", futures_io::FuturesWriteExt::copy_from_futures_io(&mut broken, &mut stream).block());
    let (mut broken, _reader) = Broken::with_reader(0);
    is_short("tokio", on_tokio::TokioWriteExt::copy_from_tokio(&mut broken, &mut &b"lost"[..]).block());
    let (mut broken, _reader) = Broken::with_reader(0);
    is_short("blocking", blocking::BlockingWriteExt::copy_from_blocking(&mut broken, &mut &b"lost"[..]));
    let (mut broken, _reader) = Broken::with_reader(0);
    let mut chain = SequenceBuf::from("lost");
    let Pipe { mut writer, mut reader } = Pipe::new(&options());
    chain.as_sequence().chunks().for_each(|chunk| writer.write(chunk).unwrap());
    chain.clear();
    writer.finish().unwrap();
    is_short("pipes", PipeReadExt::copy_to(&mut reader, &mut broken).block());
}

#[test]
fn sinks_over_one_fail() {
    use futures_util::SinkExt;

    let (broken, _reader) = Broken::with_reader(0);
    let mut sink = futures_sink::WriterSink::new(broken);
    is_short("bytes", sink.send(bytes::Bytes::from_static(b"lost")).block());
    let (broken, _reader) = Broken::with_reader(0);
    let mut framed = codec::Framed::new(broken, Codec { decoder: LineDecoder::new(), encoder: Plain });
    is_short("items", SinkExt::<&str>::send(&mut framed, "lost").block());
    let (broken, _reader) = Broken::with_reader(0);
    let mut framed = on_tokio_util::Framed::new(broken, tokio_util::codec::LinesCodec::new());
    is_short("frames", SinkExt::<&str>::send(&mut framed, "lost").block());
}

#[test]
fn a_compression_over_one_fails() {
    for most in [0, 3] {
        let (broken, _reader) = Broken::with_reader(most);
        let mut deflated = DeflateWriter::new(broken, Format::Gzip, Compression::default(), &options());
        BufferWriter::write(&mut deflated, &[7; 1000]).unwrap();
        let outcome = deflated.flush().block();
        assert!(outcome.is_err(), "views of {most} bytes: {outcome:?}");
    }
    let (broken, _reader) = Broken::with_reader(0);
    let mut deflated = DeflateWriter::new(broken, Format::Gzip, Compression::default(), &options());
    is_short("finish", deflated.finish_async().block());
}

#[test]
fn a_handshake_over_one_fails() {
    let connector = TlsConnector::new(certificates::CONFIGS.client.clone(), &options());
    let (broken, reader) = Broken::with_reader(0);
    is_short("client", connector.connect(certificates::name(), reader, broken).block().map(drop));
}

#[test]
fn a_session_over_one_that_breaks_fails() {
    for most in [0, 5, 40] {
        let (there, back) = (Pipe::new(&options()), Pipe::new(&options()));
        let broken = Broken::new(there.writer, SOUND);
        let breaks = Arc::clone(&broken.most);
        let connector = TlsConnector::new(certificates::CONFIGS.client.clone(), &options());
        let acceptor = TlsAcceptor::new(certificates::CONFIGS.server.clone(), &options());
        let hands = zip(
            connector.connect(certificates::name(), back.reader, broken),
            acceptor.accept(there.reader, back.writer),
        );
        let (client, server) = hands.block();
        let ((mut client, pump), (_server, other_pump)) = (client.unwrap(), server.unwrap());
        breaks.store(most, Ordering::Relaxed);
        client.writer.write(&[1; 100]).unwrap();
        let work = async {
            client.writer.flush().await.unwrap();
            std::future::pending().await
        };
        let outcome = or(or(pump, work), async { other_pump.await.and(std::future::pending().await) }).block();
        assert!(outcome.is_err_and(|error| format!("{error:?}").contains("ShortBuffer")), "views of {most} bytes");
    }
}
