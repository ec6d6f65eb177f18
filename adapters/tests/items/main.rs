//! The doors through which bytes go in pieces: streams and sinks, bodies, frames.

mod body;
mod codec;
mod framed;
#[path = "../streams/polling.rs"]
mod polling;
mod script;
mod sink;
mod stream;

use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};

/// Blocks of 64 bytes, a pause at 128, on again below 32.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).resume_threshold(32).build().unwrap();
    (pool, options)
}
