//! The ends as traits: object-safe, forwarded, and implemented by memory too.

use std::task::{Context, Poll, Waker};

use headpond_pipe::{FixedReader, Pipe, PipeOptions, PipeRead, PipeReadExt, PipeWrite, PipeWriteExt, ReadError};
use headpond_pool::{BufferWriter, Pool, Position, SequenceBuf, Slice};

use crate::harness::{panic_message, poll, ready};

/// Moves a line through any writer and any reader.
fn line_goes_through(writer: &mut dyn PipeWrite, reader: &mut dyn PipeRead) {
    let mut memory = writer.reserve(5).expect("room");
    memory[..5].copy_from_slice(b"line\n");
    memory.advance(5);
    writer.append(Slice::from_static(b"rest")).expect("open");
    let prefix = writer.reserve_prefix(1).expect("room");
    writer.patch(&prefix, b"!").expect("unflushed");
    ready(writer.flush()).expect("open");
    let _ = ready(writer.reserve_async(1)).expect("room");
    let view = ready(reader.read()).expect("open");
    let newline = view.buffer().position_of(b'\n').expect("a line");
    view.advance(newline + 1);
    assert!(reader.try_view().is_ok_and(|view| view.is_some_and(|view| view.buffer() == b"rest!"[..])));
    assert!(ready(reader.read_at_least(5)).is_ok());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(reader.poll_read(&mut cx, 6).is_pending());
    reader.withdraw();
    writer.release();
    assert!(poll(writer.closed()).is_pending());
    assert!(matches!(ready(writer.finish_async()), Ok(())));
    let view = ready(reader.read_at_least(100)).expect("finished");
    assert!(view.is_finished());
    view.advance_all();
    reader.close(None);
    assert!(matches!(reader.try_read(), Err(ReadError::Closed)));
}

#[test]
fn ends_are_forwarded_by_references_and_boxes() {
    let pool = Pool::new();
    let options = PipeOptions::new(&pool);
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    line_goes_through(&mut writer, &mut reader);
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    line_goes_through(&mut &mut writer, &mut &mut reader);
    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut writer, mut reader): (Box<dyn PipeWrite>, Box<dyn PipeRead>) = (Box::new(writer), Box::new(reader));
    line_goes_through(&mut writer, &mut reader);
    let Pipe { writer, reader } = Pipe::new(&options);
    line_goes_through(&mut Box::new(writer), &mut Box::new(reader));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn an_encoder_knows_nothing_of_pipes() {
    fn encode(out: &mut impl BufferWriter) {
        out.write(b"encoded").expect("room");
    }
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    encode(&mut writer);
    encode(&mut &mut writer);
    ready(writer.flush()).expect("open");
    assert_eq!(reader.peek(), b"encodedencoded"[..]);
}

#[test]
fn a_fixed_reader_is_a_finished_stream() {
    let mut reader = FixedReader::new(SequenceBuf::from_iter([Slice::from("one "), Slice::from("two")]));
    let view = ready(reader.read()).expect("all there");
    assert!(view.is_finished() && !view.is_cancelled());
    view.advance(Position::new(4));
    assert_eq!(ready(reader.read_at_least(1000)).expect("finished").buffer(), b"two"[..]);
    assert!(matches!(PipeRead::try_read(&mut reader), Ok(Some(status)) if status.is_finished()));
    let message = panic_message(|| reader.advance_to(Position::new(2), Position::new(8)));
    assert!(message.contains("consumed 2, examined 8") && message.contains("4..7"), "{message}");

    let Pipe { mut writer, reader: mut out } = Pipe::new(&PipeOptions::new(Pool::new()));
    assert!(matches!(ready(reader.copy_to(&mut writer)), Ok(3)));
    assert_eq!(out.peek(), b"two"[..]);
    let view = ready(reader.read()).expect("finished for ever");
    assert!(view.is_finished() && view.buffer().is_empty());
    reader.close(None);
    assert!(matches!(poll(reader.read()), Poll::Ready(Err(ReadError::Closed))));
}

#[test]
fn everything_can_be_printed() {
    let options = PipeOptions::new(Pool::new());
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    writer.write(b"text").expect("room");
    ready(writer.flush()).expect("open");
    let view = ready(reader.read()).expect("open");
    assert!(format!("{view:?}").contains("text"));
    let printed = [
        format!("{options:?}"),
        format!("{:?}", PipeOptions::builder(Pool::new())),
        format!("{:?} {:?}", writer.canceller(), reader.canceller()),
        format!("{:?} {:?}", writer.stats(), reader.stats()),
        format!("{:?}", writer.flush()),
        format!("{:?}", writer.reserve_async(3)),
        format!("{:?}", writer.closed()),
        format!("{:?}", writer.drained()),
        format!("{:?}", writer.finish_async()),
        format!("{:?}", reader.read_at_least(7)),
        format!("{:?}", reader.copy_to(&mut writer)),
        format!("{:?}", FixedReader::default()),
        format!("{:?}", Pipe { writer, reader }),
    ];
    for text in printed {
        assert!(text.chars().next().is_some_and(char::is_uppercase), "{text}");
        assert!(!text.contains("0x"), "no addresses: {text}");
    }
}
