//! `cargo xtask growth`: how the cost of every operation grows with its size.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{flags::Growth, gate::Gate};

/// Builds the growth crate with its profile and runs it. It counts instructions where there is a valgrind, and allocations anywhere.
pub(crate) fn run(gate: &Gate, flags: &Growth) -> Result<()> {
    let only = flags.only.iter().flat_map(|word| ["--only", word]);
    let list = flags.list.then_some("--list");
    let command =
        gate.cargo().args(["run", "--profile", "growth", "-p", "headpond-growth", "--"]).args(only).args(list);
    gate.step("growth", command);
    if !flags.list && !has_valgrind() {
        gate.skip("growth instructions", "no valgrind on the path; allocations were counted");
    }
    Ok(())
}

fn has_valgrind() -> bool {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    valgrind.status().is_ok_and(|status| status.success())
}
