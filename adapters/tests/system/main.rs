//! The doors to what the system has: files, maps of them, and streams that wait.

mod files;
mod maps;
#[path = "../streams/polling.rs"]
mod polling;
mod waiting;

use futures_lite::future::block_on;
use headpond_pipe::{PipeOptions, PipeRead, PipeReadExt, ReadError};
use headpond_pool::{Pool, PoolOptions};

/// Blocks of 64 bytes, a pause at 128, on again below 32.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).resume_threshold(32).build().unwrap();
    (pool, options)
}

/// Everything up to the end, and what ended it.
fn drain(reader: &mut impl PipeRead) -> (Vec<u8>, Option<ReadError>) {
    let mut bytes = Vec::new();
    loop {
        match block_on(reader.read()) {
            Ok(view) => {
                bytes.extend(view.buffer().to_vec());
                let finished = view.is_finished();
                view.advance_all();
                if finished {
                    return (bytes, None);
                }
            }
            Err(error) => return (bytes, Some(error)),
        }
    }
}
