//! `cargo xtask loom`: the models of pool and pipe.
//!
//! A model is a test named `model_*` in a module whose path has a segment `loom_models`. It explores the shipped code; what its
//! mutants are, and that each of them is caught, is the job of [`mutants`].

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::cmd;

use crate::{gate::Gate, mutants, tally::Tally};

/// Compiles the shipped modules over loom's types.
pub(crate) const RUSTFLAGS: &str = "--cfg loom";

/// The crates that have models.
const MODELLED: [(&str, &str); 2] = [("headpond-pool", "headpond_pool"), ("headpond-pipe", "headpond_pipe")];

/// Which models to run, and how far.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The mutants instead, each of which is to fail its model.
    pub(crate) mutants: bool,
    /// How many preemptions an execution may have.
    pub(crate) bound: u32,
    /// Only names that contain this.
    pub(crate) filter: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self { mutants: false, bound: 2, filter: String::new() }
    }
}

/// Builds both crates once, then runs the chosen models of each, or their mutants.
pub(crate) fn run(gate: &Gate, plan: &Plan) -> Result<()> {
    if plan.mutants {
        return mutants::run(gate, plan.bound, &plan.filter);
    }
    let Some(binaries) = build(gate, "loom", &gate.root().join("Cargo.toml"), "loom") else {
        gate.fail("loom", "the models did not build");
        return Ok(());
    };
    let mut counts = Vec::new();
    let mut total = Tally::default();
    for (package, library) in MODELLED {
        let Some(binary) = binaries.iter().find(|path| is_test_of(path, library)) else {
            gate.fail("loom", &format!("no test binary of {package}"));
            continue;
        };
        let mut chosen = names(gate, binary)?;
        counts.push(format!("{package}: {} models", chosen.len()));
        chosen.retain(|name| name.contains(&plan.filter));
        if chosen.is_empty() {
            continue;
        }
        let command = cmd!(gate.shell(), "{binary} --exact {chosen...}");
        let command = command.env("LOOM_MAX_PREEMPTIONS", plan.bound.to_string()).env_remove("LD_LIBRARY_PATH");
        let tally = gate.tests(&format!("loom of {package}"), command.quiet());
        total.add(tally);
    }
    counts.iter().for_each(|count| println!("   {count}"));
    println!("   loom: {total} at preemption bound {}", plan.bound);
    if total == Tally::default() {
        gate.fail("loom", &format!("no model ran whose path contains `{}`", plan.filter));
    }
    Ok(())
}

/// Returns the test binaries of a workspace's pool and pipe, or nothing when they do not build. Each workspace has a target folder of
/// its own: to cargo, packages of the same names in another root are the same, and it would take one's binaries for the other's.
pub(crate) fn build(gate: &Gate, title: &str, manifest: &Path, target: &str) -> Option<Vec<PathBuf>> {
    let command =
        gate.cargo().args(["test", "--profile", "loom", "--lib", "--no-run", "--manifest-path"]).arg(manifest);
    let command = command.args(MODELLED.iter().flat_map(|(package, _)| ["-p", package]));
    let command = command.arg("--message-format=json-render-diagnostics");
    let command = command.env("RUSTFLAGS", RUSTFLAGS).env("CARGO_TARGET_DIR", gate.target(target));
    println!("\n== {title}: {command}");
    let messages = command.quiet().read().ok()?;
    Some(messages.lines().filter_map(executable).collect())
}

/// The executable a line of cargo's messages speaks of.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, rest) = message.split_once("\"executable\":\"")?;
    Some(rest.split_once('"')?.0.into())
}

/// Returns `true` if a binary holds the tests of `library`.
pub(crate) fn is_test_of(binary: &Path, library: &str) -> bool {
    let stem = binary.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(name, _)| name == library)
}

/// The names of the models in a test binary.
fn names(gate: &Gate, binary: &Path) -> Result<Vec<String>> {
    let list = cmd!(gate.shell(), "{binary} --list --format terse").quiet().read()?;
    Ok(list.lines().filter_map(model).map(str::to_owned).collect())
}

/// The test of a terse list's line, when it is a model.
fn model(line: &str) -> Option<&str> {
    let path = line.strip_suffix(": test")?;
    let (module, name) = path.rsplit_once("::")?;
    (name.starts_with("model_") && module.split("::").any(|segment| segment == "loom_models")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_its_module_and_its_name() {
        let line = "state::loom_models::flush::model_flush_against_park: test";
        assert_eq!(model(line), Some("state::loom_models::flush::model_flush_against_park"));
        assert_eq!(model("state::tests::model_of_a_queue: test"), None);
        assert_eq!(model("loom_models::naive: test"), None);
    }

    #[test]
    fn finds_the_binary_in_cargos_messages() {
        let message =
            r#"{"reason":"compiler-artifact","executable":"target/loom/deps/headpond_pool-12ab","fresh":true}"#;
        let path = executable(message).expect("the message names one");
        assert!(is_test_of(&path, "headpond_pool"));
        assert!(!is_test_of(&path, "headpond_pipe"));
        assert_eq!(executable(r#"{"reason":"compiler-artifact","executable":null}"#), None);
    }
}
