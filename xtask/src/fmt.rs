//! `cargo xtask fmt`: the formatting is rustfmt's.

use crate::gate::Gate;

/// Fails when rustfmt would change a file, and changes none.
pub(crate) fn run(gate: &Gate) {
    let command = gate.cargo().args(["fmt", "--all", "--", "--check"]);
    gate.step("fmt", command);
}
