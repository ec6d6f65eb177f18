//! Byte stuffing, against a naive unstuffing and the crate `cobs`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::cobs::Op>| headpond_fuzz::codec::cobs::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
