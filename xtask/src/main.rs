//! Every check of the workspace, one command each.
//!
//! `cargo xtask ci` is the whole gate: `test`, which needs only stable Rust, then `check`. Each command prints what it
//! skipped and why, and ends with one line, `N passed, N failed, N skipped`; with `CI=true` a skip is a failure. Without a command it
//! lists them.

#![forbid(unsafe_code)]

mod asan;
mod bench;
mod check;
mod commands;
mod deny;
mod doc;
mod examples;
mod features;
mod flags;
mod fmt;
mod fuzz;
mod gate;
mod growth;
mod lint;
mod loom;
mod msrv;
mod mutants;
mod package;
mod published;
mod tally;
mod test;
mod tidy;
mod toolchain;

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    flags::{Xtask, XtaskCmd},
    gate::Gate,
};

fn main() -> Result<ExitCode> {
    if std::env::args_os().len() < 2 {
        print!("{}", commands::list());
        // Nothing was checked, which is not to pass for a check.
        return Ok(ExitCode::from(2));
    }
    let gate = Gate::open()?;
    // The benchmark's own flags must not be read as this program's.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "bench") {
        bench::run(&gate, words.collect())?;
        return Ok(gate.close());
    }
    match Xtask::from_env_or_exit().subcommand {
        XtaskCmd::Test(_) => test::run(&gate)?,
        XtaskCmd::Check(_) => check::run(&gate)?,
        XtaskCmd::Ci(_) => {
            test::run(&gate)?;
            check::run(&gate)?;
        }
        XtaskCmd::Loom(flags) => loom::run(&gate, &flags.into())?,
        XtaskCmd::Fuzz(flags) => fuzz::run(&gate, flags.target.as_deref(), flags.seconds.unwrap_or(fuzz::SECONDS))?,
        XtaskCmd::Fmt(_) => fmt::run(&gate),
        XtaskCmd::Lint(_) => lint::run(&gate),
        XtaskCmd::Doc(_) => doc::run(&gate),
        XtaskCmd::Features(_) => features::run(&gate)?,
        XtaskCmd::Msrv(_) => msrv::run(&gate)?,
        XtaskCmd::Tidy(_) => tidy::run(&gate)?,
        XtaskCmd::Deny(_) => deny::run(&gate),
        XtaskCmd::Asan(_) => asan::run(&gate)?,
        XtaskCmd::Growth(flags) => growth::run(&gate, &flags)?,
        XtaskCmd::Package(_) => package::run(&gate)?,
        XtaskCmd::Bench(_) => unreachable!("taken before the flags are read"),
    }
    Ok(gate.close())
}
