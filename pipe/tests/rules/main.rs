//! The pipe's rules, as `docs/RULES.md` numbers them, where no line of the peer's suite holds them already.

mod backpressure;
mod budget;
mod cancel;
mod copying;
mod ending;
mod ends;
mod forgetful;
mod formatting;
#[path = "../peer/harness.rs"]
#[allow(dead_code, reason = "shared with the peer's lines, which use all of it")]
mod harness;
mod keep;
mod looks;
mod memory;
mod reading;
mod rewind;
mod stress;
mod traits;
mod wake;
mod writing;
