//! `cargo xtask fuzz`: each libFuzzer target for a while.

use std::fs;

use anyhow::Result;

use crate::{
    gate::Gate,
    toolchain::{self, NIGHTLY_HINT},
};

/// How long each target runs unless told otherwise.
pub(crate) const SECONDS: u64 = 10;

/// Fuzzes one target, or all of them.
///
/// New inputs go to `fuzz/corpus-live`, which git ignores; the committed seeds are only read.
pub(crate) fn run(gate: &Gate, target: Option<&str>, seconds: u64) -> Result<()> {
    if toolchain::nightly(gate).is_none() {
        gate.skip("fuzz", NIGHTLY_HINT);
        return Ok(());
    }
    if !toolchain::has_subcommand(gate, "fuzz") {
        gate.skip("fuzz", "no cargo-fuzz; `cargo install --locked cargo-fuzz` gets it");
        return Ok(());
    }
    let targets = targets(gate)?;
    let chosen: Vec<&str> = targets.lines().map(str::trim).filter(|name| target.is_none_or(|t| t == *name)).collect();
    if chosen.is_empty() {
        gate.fail("fuzz", &format!("no such target; there are: {}", targets.replace('\n', ", ")));
    }
    for name in chosen {
        one(gate, name, seconds)?;
    }
    Ok(())
}

fn targets(gate: &Gate) -> Result<String> {
    Ok(gate.cargo().args(["fuzz", "list", "--fuzz-dir", "fuzz"]).quiet().read()?)
}

fn one(gate: &Gate, target: &str, seconds: u64) -> Result<()> {
    let live = gate.root().join("fuzz/corpus-live").join(target);
    let seeds = gate.root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&live)?;
    let Some(cargo) = toolchain::nightly(gate) else {
        return Ok(());
    };
    let command = cargo.args(["fuzz", "run", "--fuzz-dir", "fuzz", "--target-dir"]).arg(gate.target("fuzz"));
    // libFuzzer writes to the first folder and only reads the others.
    let command = command.args([target]).arg(live).args(seeds.is_dir().then_some(seeds));
    let command = command.args(["--", &format!("-max_total_time={seconds}"), "-print_final_stats=1", "-timeout=20"]);
    gate.step(&format!("fuzz {target} for {seconds} s"), command);
    Ok(())
}
