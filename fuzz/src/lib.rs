//! The operations each fuzz target draws, and the naive models it compares with.
//!
//! A target is three lines: `fuzz_targets/NAME.rs`, its `[[bin]]` in the manifest, and its line in `tests/corpus.rs`,
//! which replays `corpus/NAME/` on stable.

#![forbid(unsafe_code)]

pub mod codec;
pub mod pipe;
pub mod pool;
pub mod sequence;
mod wakes;
