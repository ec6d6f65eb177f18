//! Bytes that leave the pipe by reference.

use headpond_pipe::PipeRead;
use headpond_pool::Slice;

use crate::harness::{Task, never_paused, ready, send, take};

#[test]
fn kept_slices_outlive_the_advance_the_pipe_and_the_writing_that_goes_on_in_their_block() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"0123456789");
    let kept: Vec<Slice> = {
        let buffer = reader.peek();
        buffer.to_slices(buffer.start() + 2..buffer.start() + 8).collect()
    };
    take(&mut reader);
    send(&mut writer, b"abcdefghijklmnopqrstuvwxyz");
    assert_eq!(take(&mut reader), b"abcdefghijklmnopqrstuvwxyz");
    drop((writer, reader));
    assert_eq!(pool.rented(), 1);
    assert_eq!(kept.concat(), b"234567");
    let clone = kept.clone();
    drop(kept);
    assert_eq!(pool.rented(), 1);
    drop(clone);
    assert_eq!(pool.rented(), 0);
}

#[test]
fn a_compacted_slice_pins_no_block() {
    let (pool, mut writer, mut reader) = never_paused(64);
    send(&mut writer, &[7; 64]);
    let small = {
        let buffer = reader.peek();
        buffer.to_slices(buffer.start()..buffer.start() + 3).next().expect("one slice")
    };
    take(&mut reader);
    drop((writer, reader));
    assert_eq!((small.pinned_bytes(), pool.rented()), (64, 1));
    assert_eq!((&small.compact()[..], pool.rented()), (&[7, 7, 7][..], 0));
}

#[test]
fn another_pipe_can_append_what_was_kept() {
    let (pool, mut writer, mut reader) = never_paused(16);
    let (other_pool, mut other_writer, mut other_reader) = never_paused(16);
    send(&mut writer, &[5; 40]);
    let at: Vec<*const u8> = reader.peek().chunks().map(<[u8]>::as_ptr).collect();
    reader.peek().to_slices(..).try_for_each(|slice| other_writer.append(slice)).expect("open");
    take(&mut reader);
    ready(other_writer.flush()).expect("open");
    let there: Vec<*const u8> = other_reader.peek().chunks().map(<[u8]>::as_ptr).collect();
    assert_eq!((there, other_pool.rents()), (at, 0));
    assert_eq!(pool.rented(), 3);
    assert_eq!(take(&mut other_reader), [5; 40]);
    writer.release();
    assert_eq!(pool.rented(), 0);
}

#[test]
fn a_transfer_moves_chunks_without_copying_and_consumes_them() {
    let (pool, mut writer, mut reader) = never_paused(16);
    let (other_pool, mut other_writer, mut other_reader) = never_paused(16);
    send(&mut writer, &(0..40).collect::<Vec<u8>>());
    let at: Vec<*const u8> = reader.peek().chunks().map(<[u8]>::as_ptr).collect();
    assert_eq!(reader.transfer(&mut other_writer, 20).expect("open"), 20);
    assert_eq!((reader.unconsumed(), other_writer.unflushed()), (20, 20));
    assert_eq!(reader.transfer(&mut other_writer, usize::MAX).expect("open"), 20);
    assert_eq!(reader.transfer(&mut other_writer, 1).expect("open"), 0);
    ready(other_writer.flush()).expect("open");
    assert_eq!(other_reader.peek().to_vec(), (0..40).collect::<Vec<u8>>());
    assert_eq!(other_reader.peek().first_chunk().as_ptr(), at[0]);
    assert_eq!((pool.rents(), other_pool.rents()), (3, 0));
}

#[test]
fn a_transfer_that_fails_leaves_the_bytes_where_they_are() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (_other_pool, mut other_writer, other_reader) = never_paused(16);
    send(&mut writer, &[1; 40]);
    drop(other_reader);
    assert!(reader.transfer(&mut other_writer, 40).is_err());
    assert_eq!(take(&mut reader), [1; 40]);
}

#[test]
fn a_copy_ends_with_its_stream_and_waits_for_room_meanwhile() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (mut other_writer, mut other_reader) = crate::harness::paused_at(64, 32);
    writer.write(&[1; 100]).expect("room");
    ready(writer.flush()).expect("open");
    let mut copy = Task::pending(reader.copy_to(&mut other_writer));
    assert_eq!(take(&mut other_reader), [1; 100]);
    assert_eq!(copy.wakes(), 1);
    assert!(copy.poll().is_pending());
    writer.write(&[2; 10]).expect("room");
    writer.finish().expect("open");
    assert_eq!(copy.wakes(), 2);
    assert!(matches!(copy.finish(), Ok(110)));
    assert_eq!(take(&mut other_reader), [2; 10]);
    assert!(matches!(PipeRead::try_read(&mut other_reader), Ok(None)), "the target is not finished");
}
