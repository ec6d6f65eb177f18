//! A writer that takes back what it has not flushed, while its reader looks at where that began.

use headpond_pool::PatchError;

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready},
};
use crate::{reader::Reader, sync::modelled::thread, writer::Writer};

/// A pipe in which two bytes are flushed, and a frame of two more blocks is not.
fn half_a_frame(memory: &Memory) -> (Writer, Reader, headpond_pool::Prefix) {
    let (mut writer, reader) = memory.pipe();
    memory.write(&mut writer, b"ab");
    ready(Probe::new().flush(&mut writer)).expect("flushed");
    let mark = writer.reserve_prefix(0).expect("open");
    memory.write(&mut writer, b"cdefghij");
    (writer, reader, mark)
}

/// The reader gives a block back that it has read to the end, as soon as it sees the next node begin there: of which the writer
/// makes its rest meanwhile.
#[test]
fn model_rewind_against_advance() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader, mark) = half_a_frame(&memory);
        assert_eq!(memory.read(reader.peek()), b"ab");
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writer.rewind(&mark).expect("unflushed");
            writers.write(&mut writer, b"uvwxyz");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let seen = memory.read(reader.peek());
        assert!(b"uvwxyz".starts_with(&seen[..]));
        let writer = writing.join().expect("no panic");
        assert_eq!(memory.read(reader.peek()), b"uvwxyz");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// Everything flushed is consumed, and the reader looks for more: whatever it sees of the rewind, the pipe holds no block
/// afterwards.
#[test]
fn model_rewind_against_try_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader, mark) = half_a_frame(&memory);
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writer.rewind(&mark).expect("unflushed");
            writer.release();
            assert_eq!(writers.out(), 0, "an idle pipe holds a block");
            writer
        });
        assert!(reader.try_read().expect("open").is_none());
        let mut writer = writing.join().expect("no panic");
        memory.write(&mut writer, b"xyz");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        assert_eq!(memory.read(reader.peek()), b"xyz");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// Whose the block is that both have a part in is settled by the place that the closing reader sees.
#[test]
fn model_rewind_against_close() {
    for consumed in [false, true] {
        explore(move || {
            let memory = Memory::new(4);
            let (mut writer, mut reader, mark) = half_a_frame(&memory);
            let end = reader.peek().end();
            if consumed {
                reader.advance_to(end, end);
            }
            let writers = memory.clone();
            let writing = thread::spawn(move || {
                let Ok(behind) = writer.reserve_prefix(0) else { return writer };
                if writer.rewind(&mark).is_ok() {
                    assert!(matches!(writer.written_since(&behind), Err(PatchError::Discarded { .. })));
                    writers.try_write(&mut writer, b"x");
                }
                writer
            });
            reader.close();
            drop(writing.join().expect("no panic"));
            drop(reader);
            memory.assert_all_back();
        });
    }
}
