//! Two pipes over one source of blocks, against two naive ones.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::pipe::Op>| headpond_fuzz::pipe::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
