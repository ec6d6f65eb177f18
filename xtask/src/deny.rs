//! `cargo xtask deny`: licences, bans and sources of the dependencies.

use crate::{gate::Gate, toolchain};

/// Runs cargo-deny without the network. Advisories are left out: their database has to be fetched.
pub(crate) fn run(gate: &Gate) {
    if !toolchain::has_subcommand(gate, "deny") {
        return gate.skip("deny", "no cargo-deny; `cargo install --locked cargo-deny` gets it");
    }
    // Offline it reads sources that are already here; other platforms' crates are not, until they are fetched.
    gate.listen("deny: fetch", gate.cargo().args(["fetch", "--locked"]));
    let command = gate.cargo().args(["deny", "--offline", "--workspace", "--all-features"]);
    let command = command.args(["check", "licenses", "bans", "sources"]);
    gate.step("deny", command);
}
