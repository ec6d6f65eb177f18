//! Frames behind a length field, against the codec of `tokio_util`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::length_delimited::Op>| {
    headpond_fuzz::codec::length_delimited::run(&ops)
});

#[cfg(not(fuzzing))]
fn main() {}
