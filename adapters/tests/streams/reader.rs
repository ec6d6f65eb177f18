//! A reading end as a stream.

use std::io;

use futures_lite::future::block_on;
use headpond_adapters::Cancelled;
use headpond_pipe::{Pipe, PipeOptions, ReadError};
use headpond_pool::{PoolOptions, Position};

use crate::{
    AsyncBufReadExt, AsyncReadExt, StreamReader,
    polling::{now, pattern, pends},
};

fn pipe() -> Pipe {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    Pipe::new(&PipeOptions::new(&pool))
}

#[test]
fn a_read_goes_across_blocks_and_stops_at_the_end() {
    for size in [1, 5, 63, 64, 65, 300, 1000] {
        let Pipe { mut writer, reader } = pipe();
        writer.write(&pattern(300)).unwrap();
        writer.finish().unwrap();
        let mut reader = StreamReader::new(reader);
        let (mut memory, mut read) = (vec![0; size], Vec::new());
        loop {
            match now(reader.read(&mut memory)).unwrap() {
                0 => break,
                n => read.extend_from_slice(&memory[..n]),
            }
        }
        assert_eq!(read, pattern(300));
        assert_eq!(now(reader.read(&mut memory)).unwrap(), 0, "the end stays the end");
    }
}

#[test]
fn a_read_of_nothing_is_ready_and_takes_nothing() {
    let Pipe { mut writer, reader } = pipe();
    let mut reader = StreamReader::new(reader);
    assert_eq!(now(reader.read(&mut [])).unwrap(), 0);
    pends(reader.read(&mut [0; 1]));
    writer.write(b"x").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(now(reader.read(&mut [])).unwrap(), 0);
    let mut memory = [0; 2];
    assert_eq!(now(reader.read(&mut memory)).unwrap(), 1);
}

#[test]
fn buffered_reads_lend_the_bytes_where_they_lie() {
    let Pipe { mut writer, reader } = pipe();
    writer.write(b"one\ntwo\nthree").unwrap();
    writer.finish().unwrap();
    let mut reader = StreamReader::new(reader);
    let lent = now(reader.fill_buf()).unwrap().as_ptr();
    assert_eq!(lent, reader.get_ref().buffer().first_chunk().as_ptr());
    reader.consume(0);
    reader.consume(4);
    assert_eq!(now(reader.fill_buf()).unwrap(), b"two\nthree");
    let mut line = String::new();
    block_on(reader.read_line(&mut line)).unwrap();
    assert_eq!(line, "two\n");
    reader.consume(5);
    assert!(now(reader.fill_buf()).unwrap().is_empty());
}

#[test]
fn what_was_examined_before_is_read_all_the_same() {
    let Pipe { mut writer, mut reader } = pipe();
    writer.write(b"seen").unwrap();
    now(writer.flush()).unwrap();
    now(reader.read()).unwrap().need_more(Position::ZERO);
    let mut reader = StreamReader::new(reader);
    let mut memory = [0; 8];
    assert_eq!(now(reader.read(&mut memory)).unwrap(), 4);
}

#[test]
fn the_end_comes_back_with_everything_that_was_not_read() {
    let Pipe { mut writer, reader } = pipe();
    let mut reader = StreamReader::new(reader);
    pends(reader.read(&mut [0; 2]));
    writer.write(b"headpond").unwrap();
    now(writer.flush()).unwrap();
    now(reader.read(&mut [0; 4])).unwrap();
    now(reader.fill_buf()).unwrap();
    let mut reader = reader.into_inner();
    assert_eq!(reader.peek(), "pond");
    assert_eq!(now(reader.read()).unwrap().buffer(), "pond");
}

#[test]
fn errors_come_behind_the_bytes_and_say_what_they_are() {
    let Pipe { mut writer, reader } = pipe();
    writer.write(b"published").unwrap();
    now(writer.flush()).unwrap();
    drop(writer);
    let mut reader = StreamReader::new(reader);
    let mut read = Vec::new();
    let error = block_on(reader.read_to_end(&mut read)).unwrap_err();
    assert_eq!(read, b"published");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(error.get_ref().unwrap().is::<ReadError>());

    let Pipe { mut writer, reader } = pipe();
    writer.abort(io::Error::from(io::ErrorKind::HostUnreachable));
    let error = now(StreamReader::new(reader).read(&mut [0; 1])).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::HostUnreachable);

    // By custom `Interrupted` is tried again at once, for ever.
    for cause in [io::Error::from(io::ErrorKind::Interrupted), io::Error::other("plain")] {
        let kind =
            if cause.kind() == io::ErrorKind::Other { io::ErrorKind::Other } else { io::ErrorKind::ConnectionAborted };
        let Pipe { mut writer, reader } = pipe();
        writer.abort(cause);
        let error = block_on(StreamReader::new(reader).read_to_end(&mut Vec::new())).unwrap_err();
        assert_eq!(error.kind(), kind);
    }

    let Pipe { writer: _writer, mut reader } = pipe();
    reader.close();
    let error = now(StreamReader::new(reader).read(&mut [0; 1])).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_cancelled_read_is_an_error_once() {
    let Pipe { mut writer, reader } = pipe();
    reader.canceller().cancel();
    let mut reader = StreamReader::new(reader);
    let error = now(reader.read(&mut [0; 1])).unwrap_err();
    assert!(error.get_ref().unwrap().is::<Cancelled>());
    pends(reader.read(&mut [0; 1]));
    writer.write(b"x").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(now(reader.read(&mut [0; 1])).unwrap(), 1);
}
