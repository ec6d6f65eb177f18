//! Frames behind a delimiter, against a search for each.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::delimited::Op>| headpond_fuzz::codec::delimited::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
