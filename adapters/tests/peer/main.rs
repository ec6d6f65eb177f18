//! What the peer's own tests check of copies to a stream: each function is named after one of them, and asserts its numbers.
//! `pipe/tests/peer/README.md` has the table of all.

mod copy_to_async_tests;
#[expect(dead_code, reason = "some of it serves the adapters' own tests only")]
#[path = "../streams/polling.rs"]
mod polling;
#[expect(dead_code, reason = "some of it serves the adapters' own tests only")]
#[path = "../streams/scripted.rs"]
mod scripted;
