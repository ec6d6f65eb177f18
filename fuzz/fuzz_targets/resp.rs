//! RESP, against a reading of it by recursion.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::resp::Op>| headpond_fuzz::codec::resp::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
