//! How the cost of every operation of headpond grows with the size of what it is given.
//!
//! Each operation runs at three sizes, each four times the one before. Instructions, which callgrind counts, and allocations, in
//! number and in bytes, may grow as n log n, no faster; what is left on the heap in the end may not depend on the size at all.
//! Nothing here is a matter of time: the same program gives the same figures on any machine, busy or not.

#![forbid(unsafe_code)]

mod allocations;
mod callgrind;
mod cli;
mod decoding;
mod drive;
mod material;
mod meter;
mod operation;
mod planted;
mod report;
mod stream;
mod subject;
mod verdict;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{callgrind::Valgrind, cli::Growth, operation::Operation, report::Report};

fn main() -> Result<ExitCode> {
    let flags = Growth::from_env_or_exit();
    if let Some(share) = flags.work {
        return callgrind::work(&named(&flags.operation), &share).map(|()| ExitCode::SUCCESS);
    }
    let operations = chosen(&flags.only)?;
    if flags.list {
        operations.iter().for_each(|operation| println!("{operation}"));
        return Ok(ExitCode::SUCCESS);
    }
    let valgrind = Valgrind::find();
    let planted = planted::catch(valgrind.as_ref())?;
    let report = Report::of(&operations, valgrind.as_ref())?;
    print!("{report}");
    planted.iter().for_each(|line| println!("growth: {line}"));
    let faults = report.faults();
    println!("growth: {} operations, {} of them grow too fast", operations.len(), faults.len());
    faults.iter().for_each(|fault| println!("FAILED {fault}"));
    if valgrind.is_none() {
        println!("growth: no valgrind on the path, and so no instructions counted");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The operations that are called exactly so.
fn named(names: &[String]) -> Vec<Operation> {
    let mut operations = subject::operations();
    operations.extend(planted::operations());
    operations.retain(|operation| names.iter().any(|name| name == operation.name));
    operations
}

/// The operations whose names contain any of the words; all but the planted ones without any.
fn chosen(only: &[String]) -> Result<Vec<Operation>> {
    let mut operations = subject::operations();
    if !only.is_empty() {
        operations.extend(planted::operations());
        operations.retain(|operation| only.iter().any(|word| operation.name.contains(word)));
    }
    if operations.is_empty() {
        bail!("no operation is called so: --list names them");
    }
    Ok(operations)
}
