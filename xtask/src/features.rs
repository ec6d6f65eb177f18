//! `cargo xtask features`: the published crates build with any choice of features.

use anyhow::Result;

use crate::{gate::Gate, published, toolchain};

/// Checks each crate with no feature, each alone and all; in pairs too where cargo-hack is installed.
///
/// A warning is an error, so that no choice of features leaves dead code or an unused import behind.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    if toolchain::has_subcommand(gate, "hack") {
        let command = gate.cargo().args(["hack", "check", "--keep-going", "--feature-powerset", "--depth", "2"]);
        let command = command.args(published::package_flags()).env("RUSTFLAGS", "-D warnings");
        let command = command.env("CARGO_TARGET_DIR", gate.target("features"));
        gate.step("features in pairs", command);
        return Ok(());
    }
    println!("   features: no cargo-hack, so no pairs; `cargo install --locked cargo-hack` gets it");
    for (folder, package) in published::CRATES {
        let features = published::features(gate, folder)?;
        let alone = features.iter().map(|feature| vec!["--no-default-features", "--features", feature]);
        for choice in alone.chain([vec!["--no-default-features"], vec!["--all-features"]]) {
            let name = format!("features of {package}: {}", choice.join(" "));
            let command = gate.cargo().args(["check", "-p", package]).args(choice).env("RUSTFLAGS", "-D warnings");
            let command = command.env("CARGO_TARGET_DIR", gate.target("features"));
            gate.step(&name, command);
        }
    }
    Ok(())
}
