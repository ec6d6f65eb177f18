//! Percent-encoding, against the crate `percent-encoding` on one flat buffer.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::percent::Op>| headpond_fuzz::codec::percent::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
