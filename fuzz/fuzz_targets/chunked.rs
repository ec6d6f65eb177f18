//! The chunked coding of HTTP/1.1, against a reading of its grammar byte by byte.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::chunked::Op>| headpond_fuzz::codec::chunked::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
