//! Lines, against a search for each.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::line::Op>| headpond_fuzz::codec::line::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
