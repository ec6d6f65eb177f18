//! Section UnflushedBytesTests.

use crate::harness::{BLOCK, never_paused, ready};

#[test]
fn unflushed_bytes_works() {
    let (_, mut writer, _reader) = never_paused(BLOCK);
    for n in [0, 1, 10, 4096, 10_000] {
        writer.write(&vec![0; n]).expect("room");
        assert_eq!(writer.unflushed(), n);
        ready(writer.flush()).expect("an open reader");
        assert_eq!(writer.unflushed(), 0);
    }
}
