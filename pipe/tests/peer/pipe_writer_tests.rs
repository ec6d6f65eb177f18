//! Section PipeWriterTests.

use std::{
    sync::{Mutex, mpsc},
    thread,
};

use headpond_pipe::{FlushError, Reader, Writer};
use headpond_pool::{Slice, WriteError};

use crate::harness::{BLOCK, never_paused, panic_message, ready, send, take};

/// The pieces that the next read shows.
#[track_caller]
fn pieces(reader: &mut Reader) -> Vec<Vec<u8>> {
    ready(reader.read()).expect("an open writer").buffer().chunks().map(<[u8]>::to_vec).collect()
}

#[test]
fn can_write_with_offset_and_lenght() {
    let rows = [(5, 0, 5), (5, 0, 4), (5, 1, 4), (5, 1, 3), (5, 2, 3), (5, 4, 1), (5, 0, 0), (5, 5, 0)];
    for (len, offset, count) in rows {
        let source: Vec<u8> = (1..=len).collect();
        let part = &source[offset..offset + count];
        let (_, mut writer, mut reader) = never_paused(BLOCK);
        writer.write(part).expect("room");
        assert_eq!(writer.unflushed(), count);
        writer.finish().expect("an open reader");
        assert_eq!(take(&mut reader), part);
    }
}

#[test]
fn can_write_into_headless_buffer() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.write(&[1, 2, 3]).expect("room");
    ready(writer.flush()).expect("an open reader");
    assert_eq!(take(&mut reader), [1, 2, 3]);
}

#[test]
fn can_write_multiple_times() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    for byte in [1, 2, 3] {
        writer.write(&[byte]).expect("room");
    }
    ready(writer.flush()).expect("an open reader");
    assert_eq!(pieces(&mut reader), [[1, 2, 3]]);
}

#[test]
fn can_write_over_the_block_length() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    let source: Vec<u8> = (0..3 * BLOCK).map(|i| (i / 7) as u8).collect();
    send(&mut writer, &source);
    let pieces = pieces(&mut reader);
    assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [BLOCK; 3]);
    assert_eq!(pieces.concat(), source);
    assert_eq!(pool.rents(), 3);
}

#[test]
fn ensure_allocates_span() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    assert!(writer.reserve(10).expect("room").len() >= 10);
    writer.finish().expect("an open reader");
    let view = ready(reader.read()).expect("a clean end");
    assert!(view.is_finished() && view.buffer().is_empty());
    assert_eq!(pool.rented(), 0);
}

#[test]
fn slices_span_and_advances_after_write() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let before = writer.reserve(1).expect("room").len();
    writer.write(&[1, 2, 3]).expect("room");
    assert_eq!(writer.reserve(1).expect("room").len(), before - 3);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(take(&mut reader), [1, 2, 3]);
}

#[test]
fn write_large_data_binary() {
    for len in [5, 50, 500, 5000, 50000] {
        let (_, mut writer, mut reader) = never_paused(BLOCK);
        let source: Vec<u8> = (0..len).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        send(&mut writer, &source);
        assert_eq!(take(&mut reader), source, "{len} bytes");
    }
}

#[test]
fn can_write_nothing_to_buffer() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.reserve(0).expect("room").advance(0);
    ready(writer.flush()).expect("an open reader");
    assert!(matches!(reader.try_read(), Ok(None)));
}

#[test]
fn write_nothing_then_write_to_new_segment() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.reserve(10).expect("room").advance(0);
    writer.write(b"").expect("room");
    let mut memory = writer.reserve(BLOCK + 1).expect("room");
    memory.fill(1);
    memory.advance(BLOCK + 1);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(pieces(&mut reader), [[1; BLOCK + 1]]);
}

#[test]
fn write_nothing_between_two_full_writes() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.write(&[1; BLOCK]).expect("room");
    writer.reserve(1).expect("room").advance(0);
    writer.write(b"").expect("room");
    writer.append(Slice::new()).expect("an open reader");
    writer.write(&[2; BLOCK]).expect("room");
    ready(writer.flush()).expect("an open reader");
    assert_eq!(pieces(&mut reader), [[1; BLOCK], [2; BLOCK]]);
}

#[test]
fn write_nothing_then_write_some_bytes() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.reserve(1).expect("room").advance(0);
    ready(writer.flush()).expect("an open reader");
    send(&mut writer, &[1, 2, 3]);
    assert_eq!(pieces(&mut reader), [[1, 2, 3]]);
}

#[test]
fn empty_write_does_not_throw() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    assert!(writer.write(b"").is_ok());
    assert!(matches!(ready(writer.flush()), Ok(())));
    assert!(matches!(reader.try_read(), Ok(None)));
    assert_eq!(pool.rents(), 0);
}

#[test]
fn throws_on_advance_over_memory_size() {
    let (_, mut writer, _reader) = never_paused(BLOCK);
    let message = panic_message(|| writer.reserve(1).expect("room").advance(BLOCK + 1));
    assert!(message.contains("4097") && message.contains("4096"), "{message}");
    let len = writer.reserve(1).expect("room").len();
    panic_message(|| writer.advance(len + 1));
    assert_eq!((writer.unflushed(), writer.reserve(1).expect("room").len()), (0, BLOCK));
}

#[test]
fn throws_on_advance_with_no_memory() {
    let (pool, mut writer, _reader) = never_paused(BLOCK);
    let message = panic_message(|| writer.advance(1));
    assert!(message.contains("cannot advance by 1"), "{message}");
    assert_eq!((writer.unflushed(), pool.rents()), (0, 0));
}

/// Writes the alphabet over blocks of one byte, by `put`.
fn write_alphabet(put: impl Fn(&mut Writer, u8)) {
    let (pool, mut writer, mut reader) = never_paused(1);
    for (written, letter) in (b'a'..=b'z').enumerate() {
        put(&mut writer, letter);
        assert_eq!(writer.unflushed(), written + 1);
    }
    ready(writer.flush()).expect("an open reader");
    assert_eq!(writer.unflushed(), 0);
    let pieces = pieces(&mut reader);
    assert!(pieces.iter().all(|piece| piece.len() == 1));
    assert_eq!(pieces.concat(), b"abcdefghijklmnopqrstuvwxyz");
    assert_eq!(pool.rents(), 26);
}

#[test]
fn writes_using_get_span_works() {
    write_alphabet(|writer, letter| {
        let mut memory = writer.reserve(0).expect("room");
        memory[0] = letter;
        memory.advance(1);
    });
}

// The other way to say how much was written: on the writer.
#[test]
fn writes_using_get_memory_works() {
    write_alphabet(|writer, letter| {
        writer.reserve(0).expect("room")[0] = letter;
        writer.advance(1);
    });
}

// An end has one owner, so another thread ends it through the owner's lock.
#[test]
fn complete_with_large_write_throws() {
    const PART: [u8; 3000] = [7; 3000];
    let (pool, writer, mut reader) = never_paused(BLOCK);
    let writer = Mutex::new(writer);
    let (under_way, started) = mpsc::channel();
    let mut received = 0;
    let mut drain = |reader: &mut Reader| {
        if let Some(view) = reader.try_read().expect("no error of the writer's") {
            assert!(view.buffer().bytes().all(|byte| byte == 7));
            received += view.buffer().len();
            view.advance_all();
        }
        received
    };
    let written = thread::scope(|scope| {
        let shared = &writer;
        scope.spawn(move || {
            started.recv().expect("the writing loop");
            shared.lock().expect("not poisoned").finish().expect("an open reader");
        });
        for round in 0_usize.. {
            let written = writer.lock().expect("not poisoned").write(&PART);
            if let Err(error) = written {
                assert!(matches!(error, WriteError::Ended), "{error:?}");
                return round * PART.len();
            }
            ready(writer.lock().expect("not poisoned").flush()).expect("an open reader");
            drain(&mut reader);
            if round == 10 {
                under_way.send(()).expect("a thread that waits");
            }
            thread::yield_now();
        }
        unreachable!("the loop ends by the error")
    });
    assert!(written > 10 * PART.len());
    assert_eq!(drain(&mut reader), written);
    assert!(ready(reader.read()).expect("a clean end").is_finished());
    assert_eq!(pool.rented(), 0);
}

#[test]
fn write_async_with_a_completed_reader_noops() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    reader.close();
    for _ in 0..10_000 {
        assert!(matches!(writer.write(&[0; 4096]), Err(WriteError::Closed(None))));
        assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(None))));
    }
    assert_eq!(pool.rents(), 0);
}

// Here a reservation fails once the reader is closed, and holds no block.
#[test]
fn get_memory_flush_with_a_completed_reader_noops() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    assert_eq!(writer.reserve(1).expect("room").len(), BLOCK);
    assert_eq!(pool.rented(), 1);
    reader.close();
    for _ in 0..10_000 {
        assert!(matches!(writer.reserve(1), Err(WriteError::Closed(None))));
        assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(None))));
        assert_eq!(pool.rented(), 0);
    }
    writer.finish().expect_err("a closed reader");
    assert_eq!((pool.rents(), pool.rented()), (1, 0));
}

// Where a length has 32 bits, the last of these parts is refused.
#[test]
#[cfg_attr(target_pointer_width = "32", should_panic(expected = "no pipe has more than 4294967295 bytes unexamined"))]
fn unflushed_bytes_should_overflow_int() {
    const PART: usize = 64 * 1024 * 1024;
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    let part = Slice::from(vec![0; PART]);
    let mut written = 0;
    while written <= u64::from(u32::MAX) {
        writer.append(part.clone()).expect("an open reader");
        written += PART as u64;
    }
    let stats = writer.stats();
    assert_eq!((stats.written - stats.flushed, stats.written), (written, 4 * 1024 * 1024 * 1024));
    assert_eq!(writer.unflushed() as u64, written);
    assert!(matches!(reader.try_read(), Ok(None)));
    writer.abort("never sent");
    assert_eq!(pool.rents(), 0);
}
