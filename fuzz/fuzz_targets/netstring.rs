//! Netstrings, against a reading byte by byte.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::netstring::Op>| headpond_fuzz::codec::netstring::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
