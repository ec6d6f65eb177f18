//! A pool against a list of what is out of it.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::pool::Op>| headpond_fuzz::pool::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
