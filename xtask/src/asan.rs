//! `cargo xtask asan`: the tests under AddressSanitizer and LeakSanitizer.

use anyhow::Result;

use crate::{gate::Gate, published, toolchain};

/// Where the sanitizer's runtime is part of the toolchain and finds leaks too.
const HOSTS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// Runs the unit and integration tests of the published crates.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    let Some(host) = toolchain::host(gate).filter(|host| HOSTS.contains(&host.as_str())) else {
        gate.skip("asan", &format!("this host is none of {}", HOSTS.join(", ")));
        return Ok(());
    };
    let Some(cargo) = toolchain::nightly(gate) else {
        gate.skip("asan", toolchain::NIGHTLY_HINT);
        return Ok(());
    };
    // A target given by name keeps the sanitizer out of build scripts and procedural macros.
    let command = cargo.args(["test", "--lib", "--tests", "--all-features", "--no-fail-fast", "--target", &host]);
    let command = command.args(published::package_flags());
    let command = command.env("RUSTFLAGS", "-Zsanitizer=address").env("CARGO_TARGET_DIR", gate.target("asan"));
    // What the protocols of others exchange is for the plain tests to do a thousand times.
    let command = command.env("HEADPOND_EXCHANGES", "50");
    let command = command.env("ASAN_OPTIONS", "detect_stack_use_after_return=1");
    let tally = gate.tests("asan", command);
    if tally.passed + tally.failed == 0 {
        gate.fail("asan", "no test ran");
    }
    Ok(())
}
