//! `write!` on a writer.

use std::fmt::{self, Display, Formatter};

use headpond_pipe::{Pipe, PipeOptions, PipeWrite, PipeWriteExt, Reader, Writer};
use headpond_pool::{BufferWriter, Pool, PoolError, PoolOptions, WriteError};

use crate::harness::{ready, take};

/// A pipe over so many blocks of 8 bytes.
fn small(blocks: usize) -> (Writer, Reader) {
    let pool = PoolOptions::new().block_size(8).slab_blocks(1).max_bytes(8 * blocks).build().expect("valid");
    Pipe::new(&PipeOptions::new(&pool)).split()
}

#[test]
fn text_is_formatted_into_the_blocks_over_as_many_as_it_takes() {
    for before in 0..8 {
        let (mut writer, mut reader) = small(100);
        write!(writer, "{:-<before$}", "").expect("room");
        writeln!(writer, "{:>12}|{:^9.2}|{:?}", 42, 2.0, Some("é")).expect("room");
        writer.write_fmt(format_args!("{}", 'ß')).expect("room");
        ready(writer.flush()).expect("open");
        let expected = format!("{}          42|  2.00   |Some(\"é\")\nß", "-".repeat(before));
        assert_eq!(String::from_utf8(take(&mut reader)).expect("text"), expected);
    }
}

#[test]
fn every_writer_is_written_to_whether_its_type_is_known_or_not() {
    fn to_any(writer: &mut (impl PipeWrite + ?Sized)) -> Result<(), WriteError> {
        write!(writer, "{},", 1)
    }
    fn to_object(writer: &mut dyn PipeWrite) -> Result<(), WriteError> {
        to_any(writer)?;
        write!(writer, "{},", 2)
    }
    fn to_buffer(out: &mut dyn BufferWriter) -> Result<(), WriteError> {
        write!(out, "{},", 3)
    }
    let (mut writer, mut reader) = small(100);
    to_any(&mut writer).expect("room");
    to_object(&mut writer).expect("room");
    to_buffer(&mut writer).expect("room");
    write!(&mut writer, "{},", 4).expect("room");
    let mut boxed: Box<dyn PipeWrite + Send> = Box::new(writer);
    writeln!(boxed, "{}", 5).expect("room");
    ready(boxed.flush()).expect("open");
    assert_eq!(take(&mut reader), b"1,1,2,3,4,5\n");
    let mut vec = Vec::new();
    to_buffer(&mut vec).expect("room");
    {
        // Both traits in scope: a vector has std's, and it is not ambiguous.
        use std::io::Write;
        write!(vec, "{}", 4).expect("room");
    }
    assert_eq!(vec, b"3,4");
}

#[test]
fn the_true_error_is_given() {
    let (mut writer, _reader) = small(1);
    let number = 1234;
    let spent = write!(writer, "{number} is far too long").expect_err("no room");
    assert!(matches!(spent, WriteError::Pool(PoolError::Exhausted { limit: 8, .. })), "{spent:?}");
    assert_eq!(writer.unflushed(), 4, "what was formatted before is written");
    let Pipe { mut writer, reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    drop(reader);
    assert_eq!(writeln!(writer), Err(WriteError::Closed(None)));
    let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    writer.finish().expect("open");
    assert_eq!(write!(writer, "{}", 1), Err(WriteError::Ended));
}

/// Fails of itself; or writes what does not fit, and passes over that.
struct Stubborn {
    fails: bool,
}

impl Display for Stubborn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.fails {
            return Err(fmt::Error);
        }
        let _ = f.write_str("far too long");
        let _ = f.write_str("1");
        Ok(())
    }
}

#[test]
fn a_formatting_trait_that_fails_is_an_error_and_one_that_passes_over_errors_hides_none() {
    let (mut writer, mut reader) = small(1);
    assert_eq!(write!(writer, "ab{}cd", Stubborn { fails: true }), Err(WriteError::Format));
    assert!(write!(writer, "{}", Stubborn { fails: false }).is_err_and(|error| error.is_exhausted()));
    write!(writer, "!").expect("it goes on");
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), b"ab!");
}
