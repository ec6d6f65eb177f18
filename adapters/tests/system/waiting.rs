//! Streams of the standard library, which wait in their calls, as ends.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write},
};

use headpond_adapters::blocking::{BlockingReadExt, BlockingWriteExt, SinkWriter, SourceReader};
use headpond_pipe::{FlushError, PipeOptions, PipeRead, PipeReadExt, PipeWriteExt, ReadError};
use headpond_pool::{BufferWriter, Pool};

use crate::{
    drain, options,
    polling::{now, pattern},
};

/// Gives bytes as vectored reads ask for them, and notes where they went.
struct Noting<'a> {
    bytes: &'a [u8],
    calls: usize,
    places: Vec<*const u8>,
}

impl Read for Noting<'_> {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(memory)])
    }

    fn read_vectored(&mut self, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.calls += 1;
        self.places.extend(pieces.iter().map(|piece| piece.as_ptr()));
        self.bytes.read_vectored(pieces)
    }
}

#[test]
fn a_stream_is_read_straight_into_blocks_with_few_calls() {
    let bytes = pattern(1 << 20);
    let options = PipeOptions::new(Pool::new());
    let mut reader = SourceReader::new(Noting { bytes: &bytes, calls: 0, places: Vec::new() }, &options);
    let mut seen = Vec::new();
    loop {
        let finished = now(reader.read()).unwrap().is_finished();
        for chunk in reader.buffer().chunks() {
            assert!(reader.get_ref().places.contains(&chunk.as_ptr()), "copied");
        }
        seen.extend(reader.buffer().to_vec());
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        if finished {
            break;
        }
    }
    assert_eq!(seen, bytes);
    // 1, 2, 4 and 8 blocks, 16 at a time for the other 241, and the end.
    assert_eq!(reader.get_ref().calls, 4 + 16 + 1);
}

/// What this file's streams do, one call each.
#[derive(Debug, Clone)]
enum Do {
    Give(&'static [u8]),
    Take(usize),
    Fail(ErrorKind),
}

/// A stream that does what a script says, then is at its end.
#[derive(Debug, Default)]
struct Scripted {
    script: VecDeque<Do>,
    taken: Vec<u8>,
    flushes: usize,
}

impl Scripted {
    fn new(script: impl IntoIterator<Item = Do>) -> Self {
        Self { script: script.into_iter().collect(), ..Self::default() }
    }
}

impl Read for Scripted {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        match self.script.pop_front() {
            Some(Do::Give(bytes)) => {
                memory[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
            Some(Do::Fail(kind)) => Err(kind.into()),
            other => panic!("{other:?} of a read"),
        }
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.script.pop_front() {
            Some(Do::Take(n)) => {
                self.taken.extend(pieces.iter().flat_map(|piece| piece.iter()).take(n));
                Ok(n)
            }
            Some(Do::Fail(kind)) => Err(kind.into()),
            other => panic!("{other:?} of a write"),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        Ok(())
    }
}

/// Such as a socket's read with a timeout of its own. Asked again, the script would panic.
#[test]
fn a_stream_whose_time_is_up_is_not_asked_again() {
    let (pool, options) = options();
    let mut reader = SourceReader::new(Scripted::new([Do::Give(b"some"), Do::Fail(ErrorKind::WouldBlock)]), &options);
    let (bytes, error) = drain(&mut reader);
    assert_eq!(bytes, b"some");
    let Some(ReadError::Aborted(error)) = error else { panic!("{error:?}") };
    assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), ErrorKind::TimedOut);
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_stream_interrupted_ever_so_often_goes_on() {
    let (_, options) = options();
    let interrupted = std::iter::repeat_n(Do::Fail(ErrorKind::Interrupted), 100);
    let script = interrupted.clone().chain([Do::Give(b"at last"), Do::Give(b"")]);
    let source = SourceReader::new(Scripted::new(script), &options);
    assert_eq!(io::read_to_string(source.into_blocking()).unwrap(), "at last");

    let sink = SinkWriter::new(Scripted::new(interrupted.chain([Do::Take(7)])), &options);
    let mut writer = sink.into_blocking();
    writer.write_all(b"at last").unwrap();
    writer.flush().unwrap();
    assert_eq!(writer.get_ref().get_ref().taken, b"at last");
}

#[test]
fn a_stream_that_takes_a_byte_at_a_time_gets_all_and_is_flushed_once() {
    let (pool, options) = options();
    let bytes = pattern(300);
    let mut sink = SinkWriter::new(Scripted::new(vec![Do::Take(1); 300]), &options);
    sink.write(&bytes).unwrap();
    now(sink.finish_async()).unwrap();
    let (stream, mut rest) = sink.into_parts();
    assert_eq!((stream.taken, stream.flushes, rest.peek().len()), (bytes, 1, 0));
    drop(rest);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn what_a_failing_stream_did_not_take_is_still_there() {
    let (_, options) = options();
    let script = [Do::Take(3), Do::Fail(ErrorKind::StorageFull), Do::Take(97)];
    let mut sink = SinkWriter::new(Scripted::new(script), &options);
    sink.write(&pattern(100)).unwrap();
    let error = now(sink.flush()).unwrap_err();
    assert!(
        matches!(&error, FlushError::Sink(error) if error.downcast_ref::<io::Error>().unwrap().kind() == ErrorKind::StorageFull)
    );
    assert_eq!(sink.unwritten(), 97);
    now(sink.flush()).unwrap();
    assert_eq!(sink.get_ref().taken, pattern(100));
    assert_eq!(sink.get_ref().flushes, 1);
}
