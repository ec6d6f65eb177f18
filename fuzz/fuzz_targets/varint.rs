//! Integers of variable width, against arithmetic on more bits.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::varint::Op>| headpond_fuzz::codec::varint::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
