//! Text in the WHATWG's encodings, against `encoding_rs` on one flat buffer.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::encoding::Op>| headpond_fuzz::codec::encoding::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
