//! Protobuf's messages, against `prost` on flat bytes.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::protobuf::Op>| headpond_fuzz::codec::protobuf::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
