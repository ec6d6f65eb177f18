//! The doors to what the system has: files, maps of them, streams that wait, and its gzip.

mod completion;
mod deflating;
#[path = "../streams/drain.rs"]
mod drain;
mod files;
mod gathering;
mod gzip;
mod inflating;
mod maps;
#[path = "../streams/polling.rs"]
mod polling;
#[path = "../streams/settle.rs"]
mod settle;
mod waiting;

use futures_lite::future::block_on;
use headpond_pipe::{PipeOptions, PipeRead, ReadError};
use headpond_pool::{Pool, PoolOptions};

/// Blocks of 64 bytes, a pause at 128, on again below 32.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).resume_threshold(32).build().unwrap();
    (pool, options)
}

/// Bytes that no compressor makes smaller: xorshift's.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(step).collect()
}

/// Everything up to the end, and what ended it.
fn drain(reader: &mut impl PipeRead) -> (Vec<u8>, Option<ReadError>) {
    block_on(drain::drain(reader))
}
