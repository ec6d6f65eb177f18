//! `cargo xtask check`: what `test` leaves out, each step also a command of its own.

use anyhow::Result;

use crate::{asan, deny, doc, features, flags::Growth, fmt, fuzz, gate::Gate, growth, lint, loom, msrv, tidy};

/// Runs every step, going on after a failure.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    fmt::run(gate);
    tidy::run(gate)?;
    lint::run(gate);
    doc::run(gate);
    features::run(gate)?;
    msrv::run(gate)?;
    deny::run(gate);
    loom::run(gate, &loom::Plan { mutants: true, ..loom::Plan::default() })?;
    growth::run(gate, &Growth { only: Vec::new(), list: false })?;
    asan::run(gate)?;
    fuzz::run(gate, None, fuzz::SECONDS)
}
