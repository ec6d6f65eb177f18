//! Operations that grow too fast, planted to see that they are caught.

use anyhow::{Result, bail};

use crate::{
    callgrind::Valgrind,
    meter::Meter,
    operation::{Left, Operation, nothing},
    report::{Fault, Report},
};

/// One for each kind of fault, as its name says.
pub(crate) fn operations() -> [Operation; 4] {
    [
        Operation::new("planted/instructions", instructions),
        Operation::new("planted/allocations", allocations),
        Operation::new("planted/bytes", bytes),
        Operation::new("planted/left", left).leaving(1024),
    ]
}

/// Runs them, and returns a line for each that was caught.
///
/// # Errors
///
/// When one passes.
pub(crate) fn catch(valgrind: Option<&Valgrind>) -> Result<Vec<String>> {
    let operations = operations();
    let report = Report::of(&operations, valgrind)?;
    let mut caught = Vec::new();
    for operation in operations {
        let faults: Vec<Fault> =
            report.faults().into_iter().filter(|fault| fault.operation == operation.name).collect();
        let planted = operation.name.strip_prefix("planted/").unwrap_or_default();
        if planted == "instructions" && valgrind.is_none() {
            continue;
        }
        // Allocations are instructions, too: what is planted for one kind may be too much of another.
        match faults.iter().find(|fault| fault.what == planted) {
            Some(fault) => caught.push(format!("self-test caught {fault}")),
            None => bail!("the self-test planted {}, and found {faults:?}", operation.name),
        }
    }
    Ok(caught)
}

/// Walks over everything before each item.
fn instructions(n: usize, meter: &mut Meter) -> Result<Left> {
    let items = vec![1_u8; n];
    meter.count(|| (0..n).for_each(|end| items[..end].iter().for_each(|item| _ = std::hint::black_box(item))));
    nothing()
}

/// Allocates a byte for some of all pairs.
fn allocations(n: usize, meter: &mut Meter) -> Result<Left> {
    meter.count(|| (0..n * n / 64).for_each(|item| drop(std::hint::black_box(Box::new(item as u8)))));
    nothing()
}

/// Allocates anew what holds everything so far, for each item.
fn bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    meter.count(|| (0..n).for_each(|len| drop(std::hint::black_box(Vec::<u8>::with_capacity(len)))));
    nothing()
}

/// Keeps a byte an item.
fn left(n: usize, _: &mut Meter) -> Result<Left> {
    Ok(Box::new(vec![0_u8; n]))
}
