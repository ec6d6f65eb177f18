//! Whoever moves bytes between ends, and does not hold up its task: it gives way, it notices that nobody wants the bytes any more,
//! and it does not go round for ever because of a reader that breaks its contract.

mod foreign;
mod giving_way;
mod gone;
#[expect(dead_code, reason = "some of it serves the other tests only")]
#[path = "../streams/polling.rs"]
mod polling;
mod streams;

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::Pool;

/// A pipe that never pauses.
fn unpaused() -> Pipe {
    Pipe::new(&PipeOptions::builder(Pool::new()).pause_threshold(0).build().unwrap())
}

/// Options of pipes that pause as usual.
fn options() -> PipeOptions {
    PipeOptions::new(Pool::new())
}
