//! `cargo xtask lint`: clippy, with warnings denied.

use crate::{gate::Gate, loom};

/// Lints the whole workspace, then pool and pipe as loom compiles them.
pub(crate) fn run(gate: &Gate) {
    let everything = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    let command = gate.cargo().args(everything);
    gate.step("lint", command);

    // The test profile is what switches `cfg(test)` on for a library, and with it the models.
    let modelled = ["clippy", "-p", "headpond-pool", "-p", "headpond-pipe", "--lib", "--profile", "test"];
    let command = gate.cargo().args(modelled).args(["--", "-D", "warnings"]);
    let command = command.env("RUSTFLAGS", loom::RUSTFLAGS).env("CARGO_TARGET_DIR", gate.target("loom"));
    gate.step("lint of the models", command);
}
