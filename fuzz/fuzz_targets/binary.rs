//! Numbers of fixed width, records, and bodies behind their length, against arithmetic on their bytes.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::binary::Op>| headpond_fuzz::codec::binary::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
