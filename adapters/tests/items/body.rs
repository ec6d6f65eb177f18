//! Bodies.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use headpond_adapters::{
    Cancelled,
    http_body::{BodyReader, PipeBody},
};
use headpond_pipe::{Pipe, PipeRead, PipeReadExt, ReadError};
use http::{HeaderMap, HeaderValue};
use http_body::Body;
use http_body_util::BodyExt;

use crate::{
    options,
    polling::{now, pends},
    script::{Give, Giver},
};

/// The next frame's data, which is there.
fn next<B: Body<Data = Bytes, Error = io::Error> + Unpin>(body: &mut B) -> Option<io::Result<Bytes>> {
    now(body.frame()).map(|frame| frame.map(|frame| frame.into_data().unwrap()))
}

#[test]
fn the_last_frame_is_known_as_the_last() {
    let (pool, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut body = PipeBody::new(reader);
    writer.write(b"first").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(next(&mut body).unwrap().unwrap(), "first");
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), None);
    writer.write(b"last").unwrap();
    writer.finish().unwrap();
    assert_eq!(next(&mut body).unwrap().unwrap(), "last");
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(next(&mut body).is_none());
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_body_whose_writer_is_dropped_is_broken_off() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut body = PipeBody::new(reader);
    writer.write(b"half").unwrap();
    now(writer.flush()).unwrap();
    drop(writer);
    assert_eq!(next(&mut body).unwrap().unwrap(), "half");
    assert!(!body.is_end_stream());
    assert_eq!(next(&mut body).unwrap().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert!(next(&mut body).is_none());
}

/// The look for the end must not swallow it.
#[test]
fn a_cancel_between_two_frames_is_told_once() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let canceller = reader.canceller();
    let mut body = PipeBody::new(reader);
    writer.write(b"first").unwrap();
    now(writer.flush()).unwrap();
    let _ = now(body.get_mut().read()).unwrap();
    canceller.cancel();
    assert_eq!(next(&mut body).unwrap().unwrap(), "first");
    writer.write(b"last").unwrap();
    writer.finish().unwrap();
    assert!(!body.is_end_stream());
    assert!(next(&mut body).unwrap().unwrap_err().get_ref().unwrap().is::<Cancelled>());
    assert_eq!(next(&mut body).unwrap().unwrap(), "last");
    assert!(next(&mut body).is_none());
}

#[test]
fn a_length_is_kept_to() {
    let (_, options) = options();
    let body = |len| {
        let Pipe { mut writer, reader } = Pipe::new(&options);
        writer.write(b"ten bytes.").unwrap();
        writer.finish().unwrap();
        PipeBody::with_len(reader, len)
    };
    let mut exact = body(10);
    assert_eq!(exact.size_hint().exact(), Some(10));
    assert_eq!(next(&mut exact).unwrap().unwrap(), "ten bytes.");
    assert_eq!(exact.size_hint().exact(), Some(0));
    assert!(exact.is_end_stream() && next(&mut exact).is_none());

    let mut short = body(11);
    next(&mut short).unwrap().unwrap();
    assert!(!short.is_end_stream());
    assert_eq!(next(&mut short).unwrap().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert!(next(&mut short).is_none());

    let mut long = body(9);
    assert_eq!(next(&mut long).unwrap().unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(next(&mut long).is_none());
}

#[test]
fn frames_are_shown_where_they_lie_and_trailers_are_kept() {
    let (pool, options) = options();
    let data = Bytes::from(vec![b'd'; 100]);
    let mut trailers = HeaderMap::new();
    trailers.insert("checksum", HeaderValue::from_static("42"));
    let script = [Give::Bytes(data.clone()), Give::Bytes(Bytes::new()), Give::Trailers(trailers)];
    let mut reader = BodyReader::new(Giver::new(script), &options);
    {
        let view = now(reader.read()).unwrap();
        assert_eq!(view.buffer().first_chunk().as_ptr(), data.as_ptr());
        view.advance_all();
    }
    assert!(reader.trailers().is_none());
    assert!(now(reader.read()).unwrap().is_finished());
    assert_eq!(reader.trailers().unwrap()["checksum"], "42");
    assert_eq!(pool.stats().served(), 0);
}

#[test]
fn an_error_of_the_body_comes_behind_its_bytes() {
    let (_, options) = options();
    let script = [Give::Bytes("before".into()), Give::Fail(ErrorKind::ConnectionReset)];
    let mut reader = BodyReader::new(Giver::new(script), &options);
    now(reader.read()).unwrap().advance_all();
    assert!(matches!(now(reader.read()), Err(ReadError::Aborted(cause)) if cause.is::<io::Error>()));
    assert!(now(reader.read()).is_err(), "and the body is not polled again");
}

#[test]
fn a_body_is_taken_up_where_its_reader_left_off() {
    let (_, options) = options();
    let script = [Give::Bytes("one".into()), Give::Never];
    let mut reader = BodyReader::new(Giver::new(script), &options);
    let _ = now(reader.read()).unwrap();
    pends(reader.read_at_least(4));
    reader.get_mut().push(Give::Bytes("two".into()));
    let (mut body, mut rest) = reader.into_parts();
    assert_eq!(rest.peek(), "one");
    let frame = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Some(Ok(frame))) = frame else { panic!("no frame") };
    assert_eq!(frame.into_data().unwrap(), "two");
}

/// A body of a reader of a body, closed from the far end.
#[test]
fn a_closed_reader_takes_nothing_more() {
    let (_, options) = options();
    let mut reader = BodyReader::new(Giver::in_pieces(b"abc", 1), &options);
    let _ = now(reader.read()).unwrap();
    reader.close(None);
    assert!(matches!(now(reader.read()), Err(ReadError::Closed)));
    let mut body = PipeBody::new(reader);
    assert_eq!(next(&mut body).unwrap().unwrap_err().kind(), ErrorKind::BrokenPipe);
}
