//! Which toolchains and cargo subcommands this machine has.

use xshell::Cmd;

use crate::gate::Gate;

/// How to come by a nightly toolchain.
pub(crate) const NIGHTLY_HINT: &str = "no nightly toolchain; `rustup toolchain install nightly` gets one";

/// A nightly cargo, where there is one.
pub(crate) fn nightly(gate: &Gate) -> Option<Cmd<'_>> {
    let works =
        |command: Cmd<'_>| command.arg("--version").quiet().ignore_stderr().read().is_ok_and(|v| v.contains("nightly"));
    if works(gate.cargo().arg("+nightly")) {
        Some(gate.cargo().arg("+nightly"))
    } else if works(gate.cargo()) {
        Some(gate.cargo())
    } else {
        None
    }
}

/// Whether `cargo NAME` exists here.
pub(crate) fn has_subcommand(gate: &Gate, name: &str) -> bool {
    gate.cargo().args([name, "--version"]).quiet().ignore_stderr().ignore_stdout().run().is_ok()
}

/// The triple this machine's compiler builds for.
pub(crate) fn host(gate: &Gate) -> Option<String> {
    let version = xshell::cmd!(gate.shell(), "rustc -vV").env_remove("LD_LIBRARY_PATH").quiet().read().ok()?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}
