//! `cargo xtask msrv`: the published crates with the oldest supported compiler.
//!
//! The compiler is Debian's, unpacked under the target folder: nothing is installed, and rustup is not asked, because
//! it would fetch a toolchain behind the reader's back.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use xshell::cmd;

use crate::{gate::Gate, published};

/// The release that `rust-version` promises.
const RELEASE: &str = "1.85.";

/// Debian's packages of that release: the compiler, its libraries and LLVM. Bookworm has it under a name of its own.
const PACKAGES: [[&str; 4]; 2] = [
    ["rustc-web", "libstd-rust-web-1.85", "libstd-rust-web-dev", "libllvm19"],
    ["rustc", "libstd-rust-1.85", "libstd-rust-dev", "libllvm19"],
];

/// Checks the published crates with every feature, by that compiler or, where it cannot be had, by clippy.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    let unpacked = gate.target("msrv").join("root");
    let compiler = unpacked.join("usr/bin/rustc");
    if !is_right(gate, &unpacked) {
        if let Err(error) = unpack(gate, &unpacked) {
            println!("   msrv: no compiler {RELEASE}x: {error:#}; clippy's incompatible_msrv instead");
            return clippy(gate);
        }
        if !is_right(gate, &unpacked) {
            println!("   msrv: the unpacked compiler does not run; clippy's incompatible_msrv instead");
            return clippy(gate);
        }
    }
    let command = gate.cargo().args(["check", "--all-features"]).args(published::package_flags());
    let command = command.env("RUSTC", compiler).env("LD_LIBRARY_PATH", libraries(&unpacked));
    let command = command.env("CARGO_TARGET_DIR", gate.target("msrv").join("build"));
    gate.step("msrv", command);
    Ok(())
}

/// Whether the compiler is there, runs, and is the promised release.
fn is_right(gate: &Gate, unpacked: &Path) -> bool {
    let compiler = unpacked.join("usr/bin/rustc");
    let command = cmd!(gate.shell(), "{compiler} --version").env("LD_LIBRARY_PATH", libraries(unpacked));
    compiler.is_file()
        && command.quiet().ignore_stderr().read().is_ok_and(|version| version.starts_with(&format!("rustc {RELEASE}")))
}

/// Where Debian puts the compiler's shared libraries.
fn libraries(unpacked: &Path) -> String {
    let folder = |name: &str| unpacked.join("usr/lib").join(name).display().to_string();
    [folder("x86_64-linux-gnu"), folder("aarch64-linux-gnu")].join(":")
}

/// Downloads the packages and unpacks them; changes nothing outside the target folder and needs no rights.
fn unpack(gate: &Gate, unpacked: &Path) -> Result<()> {
    let found = PACKAGES.iter().find_map(|names| Some((names, offered(gate, names[0])?)));
    let (names, version) = found.context("no Debian package has it")?;
    let downloads = gate.target("msrv").join("packages");
    fs::create_dir_all(&downloads)?;
    fs::create_dir_all(unpacked)?;
    let _inside = gate.shell().push_dir(&downloads);
    println!("   msrv: unpacking {} under {}", names.join(", "), unpacked.display());
    // The compiler's own packages in that version, LLVM in whichever there is.
    let wanted = names.map(|name| if name.contains("llvm") { name.to_owned() } else { format!("{name}={version}") });
    cmd!(gate.shell(), "apt-get download {wanted...}").quiet().ignore_stdout().ignore_stderr().run()?;
    for file in fs::read_dir(&downloads)? {
        let file = file?.path();
        cmd!(gate.shell(), "dpkg -x {file} {unpacked}").quiet().run()?;
    }
    fs::remove_dir_all(&downloads)?;
    Ok(())
}

/// The version, in the package lists of this machine, that is of the promised release: not always the newest.
fn offered(gate: &Gate, package: &str) -> Option<String> {
    let policy = cmd!(gate.shell(), "apt-cache policy {package}").quiet().ignore_stderr().read().ok()?;
    version_of(&policy).map(str::to_owned)
}

fn version_of(policy: &str) -> Option<&str> {
    policy.split_whitespace().find(|word| word.starts_with(RELEASE))
}

/// Looks for calls that are younger than `rust-version`; it knows the library, not the language.
fn clippy(gate: &Gate) -> Result<()> {
    let command = gate.cargo().args(["clippy", "--all-features"]).args(published::package_flags());
    let command = command.args(["--", "-D", "clippy::incompatible_msrv"]);
    gate.step("msrv by clippy", command);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_promised_release_and_not_the_newest() {
        let policy =
            "rustc-web:\n  Candidate: 1.96.0-1\n  Version table:\n     1.96.0-1 500\n     1.85.0+dfsg3-1 500\n";
        assert_eq!(version_of(policy), Some("1.85.0+dfsg3-1"));
        assert_eq!(version_of("rustc:\n  Candidate: 1.63.0+dfsg1-2\n"), None);
    }
}
