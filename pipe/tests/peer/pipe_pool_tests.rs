//! Section PipePoolTests, over a pool that counts every rent and every return.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
};

use headpond_pipe::{PipeRead, PipeWrite};

use crate::harness::{BLOCK, CountingPool, never_paused, ready, send, take, waker_calling};

/// A waker that notes how many blocks are out when it is called, and the note.
fn waker_noting_blocks(pool: &CountingPool) -> (Waker, Arc<AtomicUsize>) {
    let noted = Arc::new(AtomicUsize::new(usize::MAX));
    let waker = {
        let (pool, noted) = (pool.clone(), Arc::clone(&noted));
        waker_calling(move || noted.store(pool.rented(), Ordering::SeqCst))
    };
    (waker, noted)
}

// The tail stays with the writer's claim until it is released.
#[test]
fn advance_to_end_returns_all_blocks() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 3 * BLOCK]);
    assert_eq!(pool.rented(), 3);
    assert_eq!(take(&mut reader).len(), 3 * BLOCK);
    assert_eq!(pool.rented(), 1);
    writer.release();
    assert_eq!(pool.rented(), 0);
}

#[test]
fn advance_to_end_returns_all_but_one_block_if_writing_before_advance() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK]);
    let view = ready(reader.read()).expect("an open writer");
    writer.write(&[2; 10]).expect("room");
    assert_eq!(pool.rented(), 3);
    view.advance_all();
    assert_eq!((pool.rented(), pool.returned()), (1, 2));
    ready(writer.flush()).expect("an open reader");
    assert_eq!(take(&mut reader), [2; 10]);
}

// The tail stays with the writer's claim until it is released, or until the writer has gone on and everything is consumed.
#[test]
fn can_write_after_returning_multiple_blocks() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK]);
    assert_eq!(take(&mut reader).len(), 2 * BLOCK);
    writer.release();
    send(&mut writer, &[2; 10]);
    assert_eq!((pool.rented(), pool.returned()), (1, 2));
    assert_eq!(take(&mut reader), [2; 10]);

    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK]);
    assert_eq!(take(&mut reader).len(), 2 * BLOCK);
    send(&mut writer, &[2; 10]);
    assert_eq!(take(&mut reader), [2; 10]);
    assert_eq!((pool.rented(), pool.returned()), (1, 2));
}

#[test]
fn multiple_complete_reader_writer_cause_dispose_only_once() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    assert_eq!(ready(reader.read()).expect("an open writer").buffer().len(), 10);
    writer.finish().expect("an open reader");
    writer.finish().expect("ended well before");
    reader.close();
    reader.close();
    assert_eq!((pool.rents(), pool.returned()), (1, 1));
    drop((writer, reader));
    assert_eq!((pool.rents(), pool.returned()), (1, 1));
}

#[test]
fn rents_minimum_segment_size() {
    let (pool, mut writer, _reader) = never_paused(2020);
    for _ in 0..2 {
        let memory = writer.reserve(1).expect("room");
        assert_eq!(memory.len(), 2020);
        memory.advance(2020);
    }
    assert_eq!(writer.reserve(4040).expect("room").len(), 4040);
    assert_eq!(pool.sizes(), [2020, 2020, 4040]);
}

#[test]
fn returns_write_head_on_complete() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    assert_eq!(writer.reserve(512).expect("room").len(), BLOCK);
    assert_eq!(pool.rented(), 1);
    reader.close();
    writer.finish().expect_err("a closed reader");
    assert_eq!((pool.rented(), pool.returned()), (0, 1));
}

#[test]
fn returns_write_head_when_requesting_larger_block() {
    let (pool, mut writer, mut reader) = never_paused(512);
    assert_eq!(writer.reserve(512).expect("room").len(), 512);
    assert_eq!(writer.reserve(4096).expect("room").len(), 4096);
    assert_eq!(pool.sizes(), [512, 4096]);
    reader.close();
    writer.finish().expect_err("a closed reader");
    assert_eq!((pool.rented(), pool.returned()), (0, 2));
}

#[test]
fn write_during_read_is_not_returned() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 512]);
    let view = ready(reader.read()).expect("an open writer");
    let mut memory = writer.reserve(512).expect("room");
    view.advance_all();
    assert_eq!((pool.rents(), pool.returned()), (1, 0));
    memory[..512].fill(2);
    memory.advance(512);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(take(&mut reader), [2; 512]);
    assert_eq!((pool.rents(), pool.returned()), (1, 0));
}

// The callback is the waker of a reader that waits.
#[test]
fn on_writer_completed_called_after_blocks_returned() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    assert_eq!(take(&mut reader).len(), 10);
    let (waker, noted) = waker_noting_blocks(&pool);
    assert!(reader.poll_read(&mut Context::from_waker(&waker), 0).is_pending());
    assert_eq!(pool.rented(), 1);
    writer.finish().expect("an open reader");
    assert_eq!(noted.load(Ordering::SeqCst), 0);
}

// The callback is the waker of a writer that waits for the close.
#[test]
fn on_reader_completed_called_after_blocks_returned() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    writer.write(&[1; 2 * BLOCK]).expect("room");
    ready(writer.flush_release()).expect("an open reader");
    assert_eq!(pool.rented(), 2);
    let (waker, noted) = waker_noting_blocks(&pool);
    assert!(writer.poll_closed(&mut Context::from_waker(&waker)).is_pending());
    reader.close();
    assert_eq!(noted.load(Ordering::SeqCst), 0);
}
