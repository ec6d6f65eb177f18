//! `cargo xtask doc`: the documentation builds without a warning.

use crate::{gate::Gate, published};

/// Documents the published crates with every feature, denying warnings.
pub(crate) fn run(gate: &Gate) {
    let command = gate.cargo().args(["doc", "--no-deps", "--all-features"]).args(published::package_flags());
    let command = command.env("RUSTDOCFLAGS", "-D warnings");
    gate.step("doc", command);
}
