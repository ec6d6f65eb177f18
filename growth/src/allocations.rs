//! Allocations, counted in this process.

use anyhow::{Context, Result};

use crate::{meter::Meter, operation::Operation};

/// What an operation takes from the allocator at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Allocations {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    /// What what is idle in the end holds.
    pub(crate) left: u64,
}

/// Counts an operation at each of its sizes.
pub(crate) fn count(operation: &Operation) -> Result<[Allocations; 3]> {
    let [small, medium, large] = operation.sizes();
    // What is made once in a process, and by a thread, is there before anything is counted.
    at(operation, small)?;
    Ok([at(operation, small)?, at(operation, medium)?, at(operation, large)?])
}

fn at(operation: &Operation, size: usize) -> Result<Allocations> {
    let (mut meter, mut outcome) = (Meter::default(), None);
    let whole = allocation_counter::measure(|| outcome = Some((operation.run)(size, &mut meter)));
    let outcome = outcome.context("the operation did not run")?;
    let _left = outcome.with_context(|| format!("{} at {size}", operation.name))?;
    Ok(Allocations {
        count: meter.allocations.count_total,
        bytes: meter.allocations.bytes_total,
        left: whole.bytes_current.try_into().unwrap_or(0),
    })
}
