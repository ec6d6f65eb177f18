//! `cargo xtask test`: everything that plain stable Rust can run.

use anyhow::Result;

use crate::{examples, gate::Gate, loom};

/// Runs the tests of the whole workspace, the loom models and the examples.
///
/// The seed corpora are replayed by the fuzz crate's own tests; its libFuzzer entry points exist only under
/// `cfg(fuzzing)`, so that nothing here needs nightly.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    let command = gate.cargo().args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    gate.tests("test", command);
    loom::run(gate, &loom::Plan::default())?;
    examples::run(gate);
    Ok(())
}
