//! A reader of somebody else's that breaks its contract, behind every door: an error, and never a poll that does not end.

use std::{
    error::Error,
    io::{BufRead, Read},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use ::tokio_util::codec::LinesCodec;
use futures_lite::StreamExt;
use headpond_adapters::{
    Duplex,
    blocking::{self, BlockingReadExt},
    codec::{Framed, ReadItemExt},
    copy,
    flate2::{Format, InflateReader},
    futures_core::ReaderStream,
    futures_io::FuturesReadExt,
    http_body::PipeBody,
    rustls::TlsConnector,
    tokio::TokioReadExt,
    tokio_util,
};
use headpond_codec::{Decoder, length_delimited::LengthDelimited, line::LineDecoder};
use headpond_pipe::{CopyError, PipeRead, PipeReadExt, ReadError, ReadStatus};
use headpond_pool::{Position, Sequence, SequenceBuf, SharedError, Slice};
use http_body::Body;

use crate::{
    options,
    polling::{now, poll_once},
    streams::Endless,
    unpaused,
};

/// A reader that is always ready, whatever it has.
struct Foreign {
    chain: SequenceBuf,
    /// Shows what was consumed again and again.
    is_stuck: bool,
    polls: usize,
}

impl Foreign {
    /// Has these bytes, and nothing behind them.
    fn with(bytes: &[u8]) -> Self {
        Self { chain: SequenceBuf::from_iter([Slice::copy_from_slice(bytes)]), is_stuck: false, polls: 0 }
    }

    fn empty() -> Self {
        Self::with(b"")
    }

    /// Has these bytes for ever.
    fn stuck(bytes: &[u8]) -> Self {
        Self { is_stuck: true, ..Self::with(bytes) }
    }
}

impl PipeRead for Foreign {
    fn poll_read(&mut self, _: &mut Context<'_>, _: usize) -> Poll<Result<ReadStatus, ReadError>> {
        self.polls += 1;
        assert!(self.polls <= 1000, "a poll that never ends");
        Poll::Ready(Ok(ReadStatus::default()))
    }

    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        Ok(None)
    }

    fn buffer(&self) -> Sequence<'_> {
        self.chain.as_sequence()
    }

    fn advance_to(&mut self, consumed: Position, _: Position) {
        if !self.is_stuck {
            self.chain.consume(consumed - self.chain.start());
        }
    }

    fn close(&mut self, _: Option<SharedError>) {}
}

/// The error says that there was no progress, or what it came from does.
fn assert_says_so(error: &dyn Error) {
    let mut error = Some(error);
    while let Some(this) = error {
        if this.to_string() == "the reader was ready and had nothing new" {
            return;
        }
        error = this.source();
    }
    panic!("another error");
}

fn assert_copy_fails(copied: Result<u64, CopyError>) {
    assert!(matches!(copied, Err(CopyError::Read(ReadError::NoProgress))), "{copied:?}");
}

#[test]
fn copies_fail() {
    // Once what is there is moved, and only once.
    for (bytes, foreign) in
        [(0, Foreign::empty as fn() -> Foreign), (6, || Foreign::with(b"onetwo")), (6, || Foreign::stuck(b"onetwo"))]
    {
        let mut pipe = unpaused();
        assert_copy_fails(now(copy(&mut foreign(), &mut pipe.writer)));
        now(pipe.writer.flush()).unwrap();
        assert_eq!(pipe.reader.unconsumed(), bytes);
        assert_copy_fails(blocking::copy(&mut foreign(), &mut unpaused().writer));

        let mut sink = Endless::default();
        assert_copy_fails(now(foreign().copy_to_tokio(&mut sink)));
        assert_copy_fails(now(foreign().copy_to_futures_io(&mut sink)));
        assert_eq!(sink.written, 2 * bytes as u64);
        let mut sink = Vec::new();
        assert_copy_fails(foreign().copy_to_blocking(&mut sink));
        assert_eq!(sink.len(), bytes);
    }
}

#[test]
fn streams_of_bytes_fail() {
    let mut memory = [0; 4];
    assert_says_so(&now(tokio::io::AsyncReadExt::read(&mut Foreign::empty().into_tokio(), &mut memory)).unwrap_err());
    assert_says_so(&now(tokio::io::AsyncBufReadExt::fill_buf(&mut Foreign::empty().into_tokio())).unwrap_err());
    assert_says_so(
        &now(futures_lite::AsyncReadExt::read(&mut Foreign::empty().into_futures_io(), &mut memory)).unwrap_err(),
    );
    assert_says_so(&Foreign::empty().into_blocking().read(&mut memory).unwrap_err());
    assert_says_so(&Foreign::empty().into_blocking().fill_buf().unwrap_err());
    let mut duplex = Duplex::new(Foreign::empty(), unpaused().writer);
    assert_says_so(&now(tokio::io::AsyncReadExt::read(&mut duplex, &mut memory)).unwrap_err());
    assert_copy_fails(now(copy(&mut duplex, &mut unpaused().writer)));
}

#[test]
fn streams_of_pieces_fail() {
    assert_says_so(&now(ReaderStream::new(Foreign::empty()).next()).unwrap().unwrap_err());
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Err(error))) = Pin::new(&mut PipeBody::new(Foreign::empty())).poll_frame(&mut cx) else {
        panic!("a frame of nothing")
    };
    assert_says_so(&error);
}

#[test]
fn items_fail_and_leave_what_is_there() {
    for foreign in [Foreign::empty as fn() -> Foreign, || Foreign::with(b"\x01"), || Foreign::stuck(b"\x01")] {
        let decoder = || LengthDelimited::new().field_len(2).map(|frame| frame.to_vec());
        let mut reader = foreign();
        assert_says_so(&now(reader.read_item(&mut decoder())).unwrap_err());
        assert_eq!(reader.buffer().len(), foreign().buffer().len());
        assert_says_so(&now(Framed::new(foreign(), decoder()).next()).unwrap().unwrap_err());
    }
    for foreign in [Foreign::empty as fn() -> Foreign, || Foreign::with(b"no end"), || Foreign::stuck(b"no end")] {
        let mut decoder = LineDecoder::new().map(|line| line.to_vec());
        assert_says_so(&now(foreign().read_item(&mut decoder)).unwrap_err());
        let mut lines = tokio_util::Framed::new(foreign(), LinesCodec::new());
        assert!(now(lines.next()).unwrap().unwrap_err().to_string().contains("nothing new"));
        assert!(lines.undecoded().len() <= 6);
    }
}

#[test]
fn inflating_fails() {
    for (format, bytes) in [
        (Format::Gzip, &b""[..]),
        (Format::Gzip, &[0x1f, 0x8b]),
        (Format::Deflate, &[0, 0, 0, 0xff, 0xff]),
        // A member of nothing, and the first byte of what may be another.
        (Format::Gzip, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1f]),
    ] {
        let mut reader = InflateReader::new(Foreign::with(bytes), format, &options());
        let Err(ReadError::Aborted(error)) = now(reader.read()) else { panic!("something was inflated") };
        assert_says_so(error.as_ref());
    }
    // One that shows the same for ever is a stream without end, of which each poll takes its part.
    let mut reader = InflateReader::new(Foreign::stuck(&[0, 0, 0, 0xff, 0xff]), Format::Deflate, &options());
    assert!(poll_once(Waker::noop(), pin!(reader.read())).is_pending());
}

#[test]
fn a_tls_handshake_fails() {
    let roots = rustls::RootCertStore::empty();
    let config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    for foreign in [Foreign::empty(), Foreign::with(b"\x16"), Foreign::stuck(b"\x16")] {
        let connector = TlsConnector::new(std::sync::Arc::new(config.clone()), &options());
        let name = rustls::pki_types::ServerName::try_from("example.com").unwrap();
        let error = now(connector.connect(name, foreign, unpaused().writer)).err().unwrap();
        assert_says_so(&error);
    }
}
