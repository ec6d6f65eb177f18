//! MessagePack, against `rmpv`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::messagepack::Op>| headpond_fuzz::codec::messagepack::run(
    &ops
));

#[cfg(not(fuzzing))]
fn main() {}
