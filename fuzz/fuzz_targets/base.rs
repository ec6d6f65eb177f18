//! Hexadecimal, Base32 and Base64 text, against `data-encoding` on one flat buffer.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::base::Op>| headpond_fuzz::codec::base::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
