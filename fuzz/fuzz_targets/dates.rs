//! Times as HTTP and RFC 3339 have them, against `httpdate` and `jiff` on flat bytes.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::dates::Op>| headpond_fuzz::codec::dates::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
