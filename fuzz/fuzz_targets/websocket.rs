//! WebSocket's frames and messages, against a reading that gathers everything.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|ops: Vec<headpond_fuzz::codec::websocket::Op>| headpond_fuzz::codec::websocket::run(&ops));

#[cfg(not(fuzzing))]
fn main() {}
