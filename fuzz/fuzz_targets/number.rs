//! Numbers as decimal text, against the standard library's.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::number::Op>| headpond_fuzz::codec::number::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
