//! Section PipePoolTests.nonnetstandard.

use headpond_pipe::{Oversize, Pipe, PipeOptions};
use headpond_pool::{Pool, WriteError};

use crate::harness::{BLOCK, CountingPool, never_paused, ready, send};

// There is no default pool here: a pool is always named. Its own default is blocks of 4096 bytes.
#[test]
fn writes_to_array_pool_by_default() {
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    let memory = writer.reserve(0).expect("room");
    assert_eq!(memory.len(), 4096);
    assert_eq!(memory.as_ptr() as usize % 64, 0);
    memory.advance(10);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(reader.peek().len(), 10);
    assert_eq!((pool.stats().rented, pool.stats().dedicated), (1, 0));
}

// A larger reservation gets memory of its own, or an error where the options say so; no block is taken for it.
#[test]
fn get_memory_over_max_pool_size_allocates_array() {
    let (pool, mut writer, _reader) = never_paused(BLOCK);
    assert_eq!(writer.reserve(5 * 1024).expect("room").len(), 5 * 1024);
    assert_eq!(pool.sizes(), [5 * 1024]);

    let pool = CountingPool::new(BLOCK);
    let options = PipeOptions::builder(&pool).oversize(Oversize::Reject).build().expect("no contradiction");
    let Pipe { mut writer, reader: _reader } = Pipe::new(&options);
    let error = writer.reserve(5 * 1024).expect_err("more than a block");
    assert!(matches!(error, WriteError::Oversize { requested: 5120, block_size: 4096 }));
    assert_eq!(pool.rents(), 0);
}

#[test]
fn get_memory_at_max_pool_size_allocates_from_pool() {
    let pool = CountingPool::new(BLOCK);
    let options = PipeOptions::builder(&pool).oversize(Oversize::Reject).build().expect("no contradiction");
    let Pipe { mut writer, reader: _reader } = Pipe::new(&options);
    assert_eq!(writer.reserve(BLOCK).expect("room").len(), BLOCK);
    assert_eq!(pool.sizes(), [BLOCK]);
}

#[test]
fn write_async_writes_into_pool() {
    let (pool, mut writer, reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 2 * BLOCK + 1]);
    assert_eq!(pool.sizes(), [BLOCK; 3]);
    assert_eq!(reader.unconsumed(), 2 * BLOCK + 1);
}
