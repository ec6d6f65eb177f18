//! `Sequence` and `Cursor` over a chain of chunks, against the same bytes in one vector.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::sequence::Op>| headpond_fuzz::sequence::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
