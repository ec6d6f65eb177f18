//! Section PipeReaderWriterFacts.nonnetstandard.

use headpond_pipe::Pipe;

use crate::harness::{BLOCK, length, never_paused, send, take};

// Here a closing reader gives memory back at once; the tail is the writer's until it ends.
#[test]
fn reset_after_complete_reader_and_writer_without_advancing_clears_everything() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK]);
    assert_eq!(pool.rented(), 2);
    reader.close();
    assert_eq!(pool.rented(), 1);
    writer.finish().expect_err("a closed reader");
    assert_eq!(pool.rented(), 0);
    let Pipe { mut writer, mut reader } = Pipe { writer, reader }.reset().expect("both ended");
    assert!(matches!(reader.try_read(), Ok(None)));
    assert_eq!((length(&reader), reader.unconsumed(), writer.unflushed()), (0, 0, 0));
    send(&mut writer, b"Hello");
    assert_eq!(take(&mut reader), b"Hello");
    drop((writer, reader));
    assert_eq!((pool.rented(), pool.returned()), (0, 3));
}
