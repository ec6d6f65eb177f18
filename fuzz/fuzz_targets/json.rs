//! JSON, against `serde_json` on flat bytes.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::json::Op>| headpond_fuzz::codec::json::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
