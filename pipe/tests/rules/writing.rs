//! Reserve, advance, write, append, prefix and patch.

use headpond_pipe::{Oversize, Pipe, PipeOptions};
use headpond_pool::{PatchError, Slice, WriteError};

use crate::harness::{CountingPool, never_paused, panic_message, ready, send, take};

#[test]
fn a_view_is_the_rest_of_the_block_when_that_suffices_and_a_new_block_otherwise() {
    let (pool, mut writer, _reader) = never_paused(64);
    assert_eq!(writer.reserve(0).expect("room").len(), 64);
    writer.reserve(1).expect("room").advance(60);
    assert_eq!(writer.reserve(4).expect("room").len(), 4);
    assert_eq!(pool.rents(), 1);
    assert_eq!(writer.reserve(5).expect("room").len(), 64);
    assert_eq!(pool.rents(), 2);
}

#[test]
fn reserving_again_gives_the_same_memory_and_after_an_advance_the_memory_behind() {
    let (_pool, mut writer, _reader) = never_paused(64);
    let mut first = writer.reserve(8).expect("room");
    let start = first.as_ptr();
    first[..3].copy_from_slice(b"abc");
    let again = writer.reserve(64).expect("room");
    assert_eq!((again.as_ptr(), &again[..3]), (start, &b"abc"[..]));
    again.advance(3);
    assert_eq!(writer.reserve(1).expect("room").as_ptr(), start.wrapping_add(3));
    assert_eq!(writer.unflushed(), 3);
}

#[test]
fn a_larger_reserve_gives_back_the_block_nothing_was_put_into() {
    let (pool, mut writer, _reader) = never_paused(64);
    let _ = writer.reserve(8).expect("room");
    assert_eq!(writer.reserve(65).expect("room").len(), 65);
    assert_eq!(pool.rented(), 1);
}

#[test]
fn advancing_past_the_view_panics_and_changes_nothing() {
    let (_pool, mut writer, mut reader) = never_paused(64);
    let message = panic_message(|| writer.reserve(1).expect("room").advance(65));
    assert!(message.contains("65") && message.contains("64"), "{message}");
    writer.reserve(1).expect("room").advance(1);
    let message = panic_message(|| writer.advance(64));
    assert!(message.contains("64") && message.contains("63"), "{message}");
    assert_eq!(writer.unflushed(), 1);
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader).len(), 1);
}

#[test]
fn more_than_a_block_is_one_allocation_or_an_error() {
    let (pool, mut writer, mut reader) = never_paused(64);
    let memory = writer.reserve(1000).expect("room");
    assert_eq!(memory.len(), 1000);
    memory.advance(1000);
    assert_eq!(pool.sizes(), [1000]);
    ready(writer.flush()).expect("open");
    assert!(reader.peek().as_single_chunk().is_some());

    let options = PipeOptions::builder(&pool).oversize(Oversize::Reject).build().expect("valid");
    let Pipe { mut writer, reader: _reader } = Pipe::new(&options);
    let error = writer.reserve(65).expect_err("larger than a block");
    assert!(matches!(error, WriteError::Oversize { requested: 65, block_size: 64 }));
    assert!(matches!(writer.reserve_prefix(65), Err(WriteError::Oversize { .. })));
    assert_eq!((writer.unflushed(), pool.rents()), (0, 1));
    writer.write(&[0; 65]).expect("two blocks");
    assert_eq!(pool.rents(), 3);
}

#[test]
fn an_appended_slice_is_linked_in_and_the_block_goes_on_behind_it() {
    static MIDDLE: [u8; 300] = [7; 300];
    let (pool, mut writer, mut reader) = never_paused(64);
    writer.write(b"before").expect("room");
    let next = writer.reserve(1).expect("room").as_ptr();
    writer.append(Slice::from_static(&MIDDLE)).expect("open");
    assert_eq!(writer.reserve(1).expect("room").as_ptr(), next);
    writer.write(b"after").expect("room");
    ready(writer.flush()).expect("open");
    let chunks: Vec<&[u8]> = reader.peek().chunks().collect();
    assert_eq!(chunks, [&b"before"[..], &MIDDLE, b"after"]);
    assert_eq!(chunks[1].as_ptr(), MIDDLE.as_ptr());
    assert_eq!(pool.rents(), 1);
}

#[test]
fn nothing_makes_an_empty_chunk_visible() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    for bytes in [&b""[..], b"abcd", b"", b"efgh", b""] {
        writer.write(bytes).expect("room");
        let _ = writer.reserve(4).expect("room");
        writer.append(Slice::new()).expect("open");
        let _ = writer.reserve_prefix(0).expect("open");
        ready(writer.flush()).expect("open");
        writer.release();
    }
    assert_eq!(reader.peek().chunks().collect::<Vec<_>>(), [&b"abcd"[..], b"efgh"]);
}

#[test]
fn a_prefix_is_contiguous_and_zero_until_it_is_patched() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    writer.write(&[1; 14]).expect("room");
    let first = writer.reserve_prefix(4).expect("room");
    writer.write(&[2; 40]).expect("room");
    let second = writer.reserve_prefix(4).expect("room");
    writer.append(Slice::from_static(b"linked")).expect("open");
    writer.patch(&first, &[9; 4]).expect("unflushed");
    writer.patch(&first, &[8; 2]).expect("unflushed");
    ready(writer.flush()).expect("open");
    let expected = [&[1; 14][..], &[8, 8, 9, 9], &[2; 40], &[0; 4], b"linked"].concat();
    assert_eq!(reader.peek().to_vec(), expected);
    assert!(matches!(writer.patch(&second, &[1]), Err(PatchError::Flushed { position: 58 })));
    assert_eq!(reader.peek().to_vec(), expected);
}

#[test]
fn frames_are_patched_in_any_order_however_many_are_unflushed() {
    const FRAMES: u32 = 3000;
    let (_pool, mut writer, mut reader) = never_paused(64);
    let mut prefixes = Vec::new();
    for _ in 0..FRAMES {
        prefixes.push(writer.reserve_prefix(4).expect("room"));
        writer.append(Slice::from_static(b"body")).expect("open");
    }
    for (frame, prefix) in prefixes.iter().enumerate().rev() {
        writer.patch(prefix, &(frame as u32).to_be_bytes()).expect("unflushed");
    }
    ready(writer.flush()).expect("open");
    let expected: Vec<u8> = (0..FRAMES).flat_map(|frame| [frame.to_be_bytes(), *b"body"].concat()).collect();
    assert_eq!(reader.peek(), expected[..]);
}

#[test]
fn a_prefix_is_patched_by_its_own_writer_with_what_fits() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (_pool, mut other, _other_reader) = never_paused(16);
    let prefix = writer.reserve_prefix(2).expect("room");
    let _ = other.reserve_prefix(2).expect("room");
    assert!(matches!(other.patch(&prefix, &[1]), Err(PatchError::Foreign)));
    assert!(matches!(writer.patch(&prefix, &[1; 3]), Err(PatchError::TooLong { given: 3, reserved: 2 })));
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), [0, 0]);
    let prefix = writer.reserve_prefix(2).expect("room");
    writer.abort("discarded");
    assert!(matches!(writer.patch(&prefix, &[1]), Err(PatchError::Flushed { .. })));
}

#[test]
fn nothing_is_written_after_the_end() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"all");
    writer.finish().expect("open");
    assert!(matches!(writer.reserve(1), Err(WriteError::Ended)));
    assert!(matches!(writer.write(b"more"), Err(WriteError::Ended)));
    assert!(matches!(writer.write(b""), Err(WriteError::Ended)));
    assert!(matches!(writer.append(Slice::from_static(b"more")), Err(WriteError::Ended)));
    assert!(matches!(writer.append(Slice::new()), Err(WriteError::Ended)));
    assert!(matches!(writer.reserve_prefix(0), Err(WriteError::Ended)));
    assert_eq!(take(&mut reader), b"all");
    assert_eq!(pool.rents(), 1);
}

#[test]
fn a_source_that_gives_less_than_it_was_asked_for_is_an_error() {
    #[derive(Debug, Clone)]
    struct Stingy(CountingPool);
    impl headpond_pool::BlockSource for Stingy {
        fn block_size(&self) -> usize {
            16
        }
        fn rent(&self, _: usize) -> Result<headpond_pool::Block, headpond_pool::PoolError> {
            headpond_pool::BlockSource::rent(&self.0, 1)
        }
    }
    let source = CountingPool::new(8);
    let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(&Stingy(source.clone())));
    assert!(matches!(writer.reserve(9), Err(WriteError::Pool(_))));
    assert_eq!((writer.unflushed(), source.rented()), (0, 0));
}
