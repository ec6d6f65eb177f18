//! `cargo xtask bench`: the comparison benchmarks.

use std::ffi::OsString;

use anyhow::Result;

use crate::gate::Gate;

/// Builds the bench crate with its profile and passes it the arguments as they are.
pub(crate) fn run(gate: &Gate, arguments: Vec<OsString>) -> Result<()> {
    let command = gate.cargo().args(["run", "--profile", "bench", "-p", "headpond-bench", "--"]).args(arguments);
    gate.step("bench", command);
    Ok(())
}
