//! Text in UTF-8 and in ASCII, against the standard library's.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::text::Op>| headpond_fuzz::codec::text::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
