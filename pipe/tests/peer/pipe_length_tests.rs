//! Section PipeLengthTests. A pipe's length is what is flushed and not examined.

use headpond_pool::Position;

use crate::harness::{BLOCK, length, never_paused, panic_message, ready, send, take};

#[test]
fn byte_by_byte_test() {
    const BYTES: u64 = 1024 * 1024;
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    for written in 1..=BYTES {
        let mut memory = writer.reserve(100).expect("room");
        assert!(memory.len() >= 100);
        memory[0] = written as u8;
        memory.advance(1);
        ready(writer.flush()).expect("an open reader");
        assert_eq!(length(&reader), written);
    }
    for left in (0..BYTES).rev() {
        let view = ready(reader.read()).expect("bytes");
        let start = view.buffer().start();
        assert_eq!(view.buffer().byte_at(start), Some((BYTES - left) as u8));
        view.advance(start + 1);
        assert_eq!(length(&reader), left);
    }
}

#[test]
fn length_correct_after_alloc0_advance_flush() {
    let (_, mut writer, reader) = never_paused(BLOCK);
    assert!(!writer.reserve(0).expect("room").is_empty());
    send(&mut writer, &[1; 10]);
    assert_eq!(length(&reader), 10);
}

#[test]
fn length_correct_after_alloc_advance_flush() {
    let (_, mut writer, reader) = never_paused(BLOCK);
    writer.reserve(10).expect("room").advance(10);
    assert_eq!(length(&reader), 0);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(length(&reader), 10);
}

#[test]
fn length_decreased_after_read_advance_examined() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let to = view.buffer().start() + 5;
    view.advance(to);
    assert_eq!(length(&reader), 5);
}

#[test]
fn length_does_not_change_if_examine_does_not_change() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.advance(start);
    assert_eq!(length(&reader), 10);
}

#[test]
fn length_changes_if_examined_changes() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let (start, end) = (view.buffer().start(), view.buffer().end());
    view.advance_to(start, end);
    assert_eq!(length(&reader), 0);
    assert_eq!(reader.unconsumed(), 10);
}

#[test]
fn length_is_based_on_previously_examined() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    for round in 1..=5 {
        send(&mut writer, &[1; 10]);
        assert_eq!(length(&reader), 10);
        let view = ready(reader.read()).expect("bytes");
        assert_eq!(view.buffer().len(), round * 10);
        let start = view.buffer().start();
        view.need_more(start);
        assert_eq!(length(&reader), 0);
    }
}

#[test]
fn pooled_segments_dont_affect_last_examined_segment() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK]);
    let view = ready(reader.read()).expect("bytes");
    let to = view.buffer().start() + BLOCK;
    view.advance(to);
    assert_eq!(length(&reader), 4096);
    send(&mut writer, &[2; BLOCK]);
    assert_eq!(length(&reader), 8192);
    let view = ready(reader.read()).expect("bytes");
    assert_eq!(view.buffer().to_vec(), [[1; BLOCK], [2; BLOCK]].concat());
    let start = view.buffer().start();
    view.need_more(start);
    assert_eq!(length(&reader), 0);
}

#[test]
fn pooled_segments_dont_affect_last_examined_segment_empty_gap_with_different_blocks() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; BLOCK]);
    send(&mut writer, &[2; BLOCK]);
    let view = ready(reader.read()).expect("bytes");
    let buffer = view.buffer();
    let end_of_first = buffer.start() + buffer.first_chunk().len();
    let second = buffer.chunks().nth(1).expect("a second block");
    let start_of_second = buffer.start() + (buffer.len() - second.len());
    view.advance_to(start_of_second, end_of_first);
    assert_eq!(length(&reader), 4096);
    assert_eq!(take(&mut reader), [2; BLOCK]);
    assert_eq!(length(&reader), 0);
}

#[test]
fn examined_at_second_last_block_works() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 3 * BLOCK]);
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.advance_to(start + BLOCK, start + 2 * BLOCK);
    assert_eq!(length(&reader), 4096);
    assert_eq!(take(&mut reader).len(), 2 * BLOCK);
    assert_eq!(length(&reader), 0);
}

// Here examined may move back: the length stays, and the reader is ready again.
#[test]
fn examined_less_than_before_throws() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.advance_to(start, start + 10);
    assert!(matches!(reader.try_read(), Ok(None)));
    reader.advance_to(start, start + 5);
    assert_eq!(length(&reader), 0);
    assert_eq!(take(&mut reader).len(), 10);
}

#[test]
fn consumed_greather_than_examined_throws() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let message = panic_message(|| {
        let view = ready(reader.read()).expect("bytes");
        let start = view.buffer().start();
        view.advance_to(start + 7, start + 3);
    });
    assert!(message.contains('7') && message.contains('3'), "{message}");
    assert_eq!(length(&reader), 10);
    assert_eq!(take(&mut reader).len(), 10);
}

// No consumed position: the view is given back with nothing consumed.
#[test]
fn null_consumed_or_examined_noops() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.need_more(start);
    assert_eq!(reader.unconsumed(), 10);
    assert_eq!(length(&reader), 0);
}

// No examined position: examined is what is consumed.
#[test]
fn null_examined_noops() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.advance(start);
    assert_eq!(reader.unconsumed(), 10);
    assert_eq!(length(&reader), 10);
}

// Neither: the view is dropped, and nothing changes.
#[test]
fn null_examined_and_consumed_noops() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    assert_eq!(ready(reader.read()).expect("bytes").buffer().len(), 10);
    assert_eq!(reader.unconsumed(), 10);
    assert_eq!(length(&reader), 10);
    assert_eq!(reader.buffer().start(), Position::ZERO);
    assert_eq!(take(&mut reader).len(), 10);
}

#[test]
fn advance_followed_by_write_async_test() {
    let (_, mut writer, mut reader) = never_paused(1);
    let mut memory = writer.reserve(14).expect("room");
    memory[..14].copy_from_slice(b"abcdefghijklmn");
    memory.advance(14);
    send(&mut writer, b"opqrstuvwxyz");
    assert_eq!(length(&reader), 26);
    assert_eq!(take(&mut reader), b"abcdefghijklmnopqrstuvwxyz");
}
