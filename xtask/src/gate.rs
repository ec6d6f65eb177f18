//! The gate: runs the steps, prints each outcome and keeps the tally.

use std::{
    cell::{Cell, RefCell},
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result};
use xshell::{Cmd, Shell, cmd};

use crate::tally::Tally;

/// Runs steps at the root of the workspace and remembers how each ended.
#[derive(Debug)]
pub(crate) struct Gate {
    shell: Shell,
    root: PathBuf,
    target: PathBuf,
    /// A skip is a failure: `CI=true`.
    strict: bool,
    tally: Cell<Tally>,
    /// One line for every failure and every skip, printed again at the end.
    remarks: RefCell<Vec<String>>,
}

/// What a command said on standard output, and whether it succeeded.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) stdout: String,
}

impl Gate {
    /// Opens the gate at the root of the workspace.
    pub(crate) fn open() -> Result<Self> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.parent().context("xtask has no parent directory")?.to_path_buf();
        let target = root.join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from));
        let shell = Shell::new()?;
        shell.change_dir(&root);
        let strict = env::var("CI").is_ok_and(|value| value == "true");
        Ok(Self { shell, root, target, strict, tally: Cell::default(), remarks: RefCell::default() })
    }

    /// Prints the remarks and the summary, and says how the process should end.
    pub(crate) fn close(self) -> ExitCode {
        println!();
        for remark in self.remarks.borrow().iter() {
            println!("{remark}");
        }
        let tally = self.tally.get();
        println!("{tally}");
        if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Runs a command; it counts as one check.
    pub(crate) fn step(&self, name: &str, command: Cmd<'_>) -> bool {
        self.heading(name, &command);
        let start = Instant::now();
        let success = Command::from(command).status().is_ok_and(|status| status.success());
        println!("   {name}: {:.1} s", start.elapsed().as_secs_f64());
        if success {
            self.pass(name)
        } else {
            self.fail(name, "see its output above")
        }
        success
    }

    /// Runs a command that ends in `test result:` lines, and counts its tests.
    pub(crate) fn tests(&self, name: &str, command: Cmd<'_>) -> Tally {
        let outcome = self.listen(name, command);
        let mut tally = Tally::default();
        outcome.stdout.lines().filter_map(Tally::of_result_line).for_each(|result| tally.add(result));
        if !outcome.success && tally.failed == 0 {
            // It did not build, or died before it could say so.
            tally.failed = 1;
        }
        self.count(name, tally);
        tally
    }

    /// Runs a command, passing its standard output on and keeping it; counts nothing.
    pub(crate) fn listen(&self, name: &str, command: Cmd<'_>) -> Outcome {
        self.heading(name, &command);
        let start = Instant::now();
        let outcome = stream(command.into()).unwrap_or_else(|error| {
            println!("   {name}: {error:#}");
            Outcome { success: false, stdout: String::new() }
        });
        println!("   {name}: {:.1} s", start.elapsed().as_secs_f64());
        outcome
    }

    /// Counts one check that passed.
    pub(crate) fn pass(&self, name: &str) {
        println!("   {name}: passed");
        self.add(Tally { passed: 1, ..Tally::default() });
    }

    /// Counts one check that failed.
    pub(crate) fn fail(&self, name: &str, why: &str) {
        self.remark(format!("FAILED {name}: {why}"));
        self.add(Tally { failed: 1, ..Tally::default() });
    }

    /// Counts one check that could not run here: a failure under `CI=true`.
    pub(crate) fn skip(&self, name: &str, why: &str) {
        if self.strict {
            self.fail(name, &format!("a skip fails under CI=true: {why}"));
        } else {
            self.remark(format!("skipped {name}: {why}"));
            self.add(Tally { skipped: 1, ..Tally::default() });
        }
    }

    /// Counts the tests of one step.
    pub(crate) fn count(&self, name: &str, mut tally: Tally) {
        if tally.skipped > 0 && self.strict {
            self.remark(format!("FAILED {name}: {} ignored tests, and a skip fails under CI=true", tally.skipped));
            tally.failed += std::mem::take(&mut tally.skipped);
        } else if tally.failed > 0 {
            self.remark(format!("FAILED {name}: {tally}"));
        } else if tally.skipped > 0 {
            self.remark(format!("skipped {name}: {} tests marked #[ignore]", tally.skipped));
        } else {
            println!("   {name}: {tally}");
        }
        self.add(tally);
    }

    /// The cargo on the path, free of what the cargo that started this program left in the environment.
    pub(crate) fn cargo(&self) -> Cmd<'_> {
        // `cargo run` points the loader at its own toolchain's libraries.
        cmd!(self.shell, "cargo").env_remove("LD_LIBRARY_PATH").env("RUSTUP_AUTO_INSTALL", "0")
    }

    pub(crate) fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder of build products of its own, for a step whose flags would throw the main one away.
    pub(crate) fn target(&self, name: &str) -> PathBuf {
        self.target.join(name)
    }

    fn add(&self, more: Tally) {
        let mut tally = self.tally.get();
        tally.add(more);
        self.tally.set(tally);
    }

    fn heading(&self, name: &str, command: &Cmd<'_>) {
        println!("\n== {name}: {command}");
    }

    fn remark(&self, remark: String) {
        println!("   {remark}");
        self.remarks.borrow_mut().push(remark);
    }
}

/// Runs the command to its end, copying each line of its standard output as it comes.
fn stream(mut command: Command) -> Result<Outcome> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let pipe = child.stdout.take().context("the child has no standard output")?;
    let mut stdout = String::new();
    for line in BufReader::new(pipe).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        stdout.push_str(&line);
        stdout.push('\n');
    }
    Ok(Outcome { success: child.wait()?.success(), stdout })
}
