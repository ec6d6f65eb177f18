//! Mutants: small mistakes, each of which a loom model is seen to catch.
//!
//! They are listed in `xtask/mutants/*.txt`, one file a crate, as changes of its sources. All of them are applied to one copy
//! of the crates, each behind a switch, and built once; then the model of each runs in a process of its own, as that mutant, and
//! must fail. The product itself knows nothing of them.

mod list;

use std::{
    fs,
    panic::resume_unwind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, bail};

use self::list::Mutant;
use crate::{gate::Gate, loom, tally::Tally};

/// The crates that have mutants, by folder.
const CRATES: [&str; 2] = ["pool", "pipe"];

/// Tells a process which mutant it runs as.
const VARIABLE: &str = "HEADPOND_MUTANT";

/// Seen to be caught: the mutants whose name or model contains `filter`.
pub(crate) fn run(gate: &Gate, bound: u32, filter: &str) -> Result<()> {
    let title = "loom --mutants";
    let copy = gate.target("mutants");
    let all = read_all(gate.root())?;
    make_copy(gate.root(), &copy, &all)?;
    let Some(binaries) = loom::build(gate, title, &copy.join("Cargo.toml"), "loom-mutants") else {
        gate.fail(title, "the mutants did not build");
        return Ok(());
    };
    for (folder, mutants) in &all {
        let mut trials: Vec<_> = mutants.iter().flat_map(Trial::all_of).collect();
        trials.retain(|trial| trial.mutant.contains(filter) || trial.model.contains(filter));
        let Some(binary) = binaries.iter().find(|path| loom::is_test_of(path, &format!("headpond_{folder}"))) else {
            gate.fail(title, &format!("no test binary of {folder}"));
            continue;
        };
        let survivors = survivors(binary, bound, &trials);
        for (Trial { mutant, model }, why) in &survivors {
            println!("   {mutant} survives {model}: {why}");
        }
        println!("   headpond-{folder}: {} mutants, {} trials", mutants.len(), trials.len());
        let failed = survivors.len() as u64;
        let passed = trials.len() as u64 - failed;
        gate.count(&format!("{title} of headpond-{folder}"), Tally { passed, failed, ..Tally::default() });
    }
    Ok(())
}

/// Every change of every mutant still finds its place in the sources.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (folder, mutants) in read_all(root)? {
        let mut files = list::Files::default();
        for mutant in &mutants {
            for change in &mutant.changes {
                if let Err(error) = files.apply(root, change) {
                    findings.push(format!("xtask/mutants/{folder}.txt: {}: {error:#}", mutant.name));
                }
            }
        }
    }
    Ok(findings)
}

fn read_all(root: &Path) -> Result<Vec<(&'static str, Vec<Mutant>)>> {
    let read = |folder| {
        let path = root.join(format!("xtask/mutants/{folder}.txt"));
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let mutants = list::parse(&text).with_context(|| format!("{}", path.display()))?;
        Ok((folder, mutants))
    };
    CRATES.into_iter().map(read).collect()
}

/// Copies the crates, with all mutants applied. Files that are the same already are left alone, so that cargo builds only what
/// has changed.
fn make_copy(root: &Path, copy: &Path, all: &[(&'static str, Vec<Mutant>)]) -> Result<()> {
    let mut files = list::Files::default();
    for change in all.iter().flat_map(|(_, mutants)| mutants).flat_map(|mutant| &mutant.changes) {
        files.apply(root, change)?;
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    write_if_changed(&copy.join("Cargo.toml"), &only_members(&manifest))?;
    write_if_changed(&copy.join("Cargo.lock"), &fs::read_to_string(root.join("Cargo.lock"))?)?;
    let switch = fs::read_to_string(root.join("xtask/mutants/switch.rs"))?;
    for folder in CRATES {
        for path in sources(&root.join(folder))? {
            let relative = path.strip_prefix(root)?;
            let text = match files.changed(relative) {
                Some(text) => text.to_owned(),
                None => fs::read_to_string(&path)?,
            };
            let text = if relative.ends_with("src/lib.rs") { format!("{text}\nmod mutants;\n") } else { text };
            write_if_changed(&copy.join(relative), &text)?;
        }
        write_if_changed(&copy.join(folder).join("src/mutants.rs"), &switch)?;
    }
    Ok(())
}

/// The workspace's manifest, with the crates of the copy as its only members.
fn only_members(manifest: &str) -> String {
    let members = format!("members = {CRATES:?}");
    let lines = manifest.lines().filter(|line| !line.starts_with("default-members = "));
    let lines = lines.map(|line| if line.starts_with("members = ") { members.as_str() } else { line });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The manifest, the page that the documentation includes, and the sources of a crate.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![folder.join("Cargo.toml"), folder.join("README.md")];
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let Some(folder) = path.parent() else { bail!("{} has no folder", path.display()) };
    fs::create_dir_all(folder)?;
    fs::write(path, text).with_context(|| format!("{}", path.display()))
}

/// A mutant, and a model that is to catch it.
#[derive(Debug, Clone, Copy)]
struct Trial<'a> {
    mutant: &'a str,
    model: &'a str,
}

impl<'a> Trial<'a> {
    fn all_of(mutant: &'a Mutant) -> impl Iterator<Item = Self> {
        mutant.models.iter().map(|model| Self { mutant: &mutant.name, model })
    }

    /// Returns why the model does not catch the mutant, or nothing when it does.
    fn survives(self, binary: &Path, bound: u32) -> Option<String> {
        let mut command = Command::new(binary);
        command.args(["--exact", self.model]).stdin(Stdio::null());
        command.env(VARIABLE, self.mutant).env("RUST_BACKTRACE", "0").env_remove("LD_LIBRARY_PATH");
        command.env("LOOM_MAX_PREEMPTIONS", bound.to_string());
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => return Some(error.to_string()),
        };
        if !String::from_utf8_lossy(&output.stdout).contains("running 1 test") {
            return Some("there is no such model".to_owned());
        }
        output.status.success().then(|| "the model passes".to_owned())
    }
}

/// Makes the trials, as many at a time as there are cores, and returns those whose mutant was not caught, with the reason.
fn survivors<'a>(binary: &Path, bound: u32, trials: &[Trial<'a>]) -> Vec<(Trial<'a>, String)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        // Ordering: Relaxed: each number is taken once, and nothing else is shared.
        while let Some(&trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.extend(trial.survives(binary, bound).map(|why| (trial, why)));
        }
        found
    };
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{list::Change, *};

    #[test]
    fn the_copys_members_are_the_crates_alone() {
        let manifest =
            "[workspace]\nresolver = \"3\"\nmembers = [\"pool\", \"bench\"]\ndefault-members = [\"pool\"]\n[x]\n";
        assert_eq!(only_members(manifest), "[workspace]\nresolver = \"3\"\nmembers = [\"pool\", \"pipe\"]\n[x]\n");
    }

    #[test]
    fn a_change_that_finds_no_place_is_an_error() {
        let change = Change { file: "Cargo.toml".into(), old: "no such line".into(), new: String::new() };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(list::Files::default().apply(root, &change).is_err());
    }
}
