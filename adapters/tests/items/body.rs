//! Bodies.

use std::{
    io::{self, ErrorKind},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use headpond_adapters::{
    Cancelled,
    http_body::{BodyReader, PipeBody},
};
use headpond_pipe::{FlushError, Pipe, PipeRead, PipeReadExt, ReadError, ReadInFull, Writer};
use headpond_pool::{SharedError, WriteError};
use http::{HeaderMap, HeaderValue};
use http_body::Body;
use http_body_util::BodyExt;

use crate::{
    options,
    polling::{Wakes, now, pattern, pends, poll_once},
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

/// Also where fewer bytes came than were promised.
#[test]
fn nothing_follows_an_error() {
    let (_, options) = options();
    for given in [0, 4, 10] {
        let Pipe { mut writer, reader } = Pipe::new(&options);
        let mut body = PipeBody::with_len(reader, 10);
        writer.write(&b"ten bytes."[..given]).unwrap();
        now(writer.flush()).unwrap();
        drop(writer);
        if given > 0 {
            assert_eq!(next(&mut body).unwrap().unwrap().len(), given);
        }
        assert_eq!(next(&mut body).unwrap().unwrap_err().kind(), ErrorKind::UnexpectedEof);
        for _ in 0..3 {
            assert!(next(&mut body).is_none(), "of {given} bytes");
        }
        assert!(body.is_end_stream());
    }
}

/// Who sends a message of a known length drops the body as soon as it has all of it: its writer has yet to say so.
#[test]
fn a_body_dropped_with_all_its_bytes_given_leaves_its_writer_content() {
    let (pool, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut body = PipeBody::with_len(reader, 150);
    writer.write(&pattern(150)).unwrap();
    let (wakes, waker) = Wakes::new();
    {
        // Held back, and dropped before the writer is polled again.
        let mut flush = pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        let mut given = 0;
        while given < 150 {
            given += next(&mut body).unwrap().unwrap().len();
        }
        drop(body);
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Ok(()))));
    }
    now(writer.flush()).unwrap();
    writer.finish().unwrap();
    writer.finish().unwrap();
    assert_eq!(pool.stats().rented, 0);
    drop(writer);

    // Nothing is left behind where the writer ends otherwise, nor where it had ended before.
    let abort = |writer: &mut Writer| {
        writer.abort("enough");
        Ok(())
    };
    type Ending = fn(&mut Writer) -> Result<(), FlushError>;
    let endings: [Ending; 2] = [Writer::finish, abort];
    for ending in endings {
        for before in [true, false] {
            let Pipe { mut writer, reader } = Pipe::new(&options);
            let mut body = PipeBody::with_len(reader, 4);
            writer.write(b"four").unwrap();
            now(writer.flush()).unwrap();
            assert_eq!(next(&mut body).unwrap().unwrap(), "four");
            if before {
                ending(&mut writer).unwrap();
            }
            drop(body);
            ending(&mut writer).unwrap();
            drop(writer);
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

#[test]
fn a_writer_that_writes_more_than_was_promised_is_told_though_the_body_is_gone() {
    let (pool, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut body = PipeBody::with_len(reader, 4);
    writer.write(b"four").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(next(&mut body).unwrap().unwrap(), "four");
    drop(body);
    let is_full = |cause: &SharedError| cause.is::<ReadInFull>();
    assert!(matches!(writer.write(b"five!"), Err(WriteError::Closed(Some(cause))) if is_full(&cause)));
    writer.finish().unwrap();

    // Written before, and published or not when the body is dropped.
    for published in [true, false] {
        let Pipe { mut writer, reader } = Pipe::new(&options);
        let mut body = PipeBody::with_len(reader, 4);
        writer.write(b"four").unwrap();
        now(writer.flush()).unwrap();
        assert_eq!(next(&mut body).unwrap().unwrap(), "four");
        writer.write(b"five!").unwrap();
        if published {
            now(writer.flush()).unwrap();
        }
        drop(body);
        now(writer.closed());
        for outcome in [now(writer.flush()), writer.finish(), writer.finish()] {
            assert!(matches!(outcome, Err(FlushError::Closed(Some(cause))) if is_full(&cause)), "{published}");
        }
    }
    assert_eq!(pool.stats().rented, 0);

    // A body that was not given out is one that nobody wants.
    let Pipe { mut writer, reader } = Pipe::new(&options);
    drop(PipeBody::with_len(reader, 4));
    writer.write(b"four").unwrap_err();
    assert!(matches!(writer.finish(), Err(FlushError::Closed(None))));
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
