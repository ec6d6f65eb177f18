//! `cargo xtask package`: the published crates as the registry would get them.

use anyhow::Result;

use crate::{gate::Gate, published};

/// Packs the four crates together and builds each from its package, without the network.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    // `--allow-dirty`: a check of what is being worked on, not a release.
    let command = gate.cargo().args(["package", "--offline", "--allow-dirty"]).args(published::package_flags());
    let command = command.env("CARGO_TARGET_DIR", gate.target("package"));
    gate.step("package", command);
    Ok(())
}
