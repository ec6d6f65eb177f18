//! What was counted, operation by operation, and what is wrong with it.

use std::fmt;

use anyhow::Result;

use crate::{
    allocations::{self, Allocations},
    callgrind::Valgrind,
    operation::Operation,
    verdict::{Floor, Growth, judge},
};

/// What is too little to say anything: the two or three allocations, or the page, that a buffer which has grown once more takes, and
/// what those are in instructions.
const INSTRUCTIONS: Floor = Floor(4_000);
const COUNT: Floor = Floor(8);
const BYTES: Floor = Floor(8 << 10);

/// Everything that was counted.
#[derive(Debug)]
pub(crate) struct Report(Vec<Row>);

/// One operation.
#[derive(Debug)]
struct Row {
    operation: Operation,
    /// None without valgrind.
    instructions: Option<[u64; 3]>,
    allocations: [Allocations; 3],
}

/// A cost that grows too fast.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) operation: &'static str,
    pub(crate) what: &'static str,
    sizes: [usize; 3],
    costs: [u64; 3],
    exponent: Option<f64>,
}

impl Report {
    /// Counts the operations.
    pub(crate) fn of(operations: &[Operation], valgrind: Option<&Valgrind>) -> Result<Self> {
        let instructions = valgrind.map(|valgrind| valgrind.count(operations)).transpose()?;
        let rows = operations.iter().enumerate().map(|(number, &operation)| {
            let allocations = allocations::count(&operation)?;
            Ok(Row { operation, instructions: instructions.as_ref().map(|counts| counts[number]), allocations })
        });
        Ok(Self(rows.collect::<Result<_>>()?))
    }

    /// Everything that grows too fast.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.0.iter().flat_map(Row::faults).collect()
    }
}

impl Row {
    /// Each cost with its name, and how it grows.
    fn costs(&self) -> impl Iterator<Item = (&'static str, [u64; 3], Growth)> {
        let instructions = self.instructions.map(|costs| ("instructions", costs, INSTRUCTIONS));
        let count = ("allocations", self.allocations.map(|cost| cost.count), COUNT);
        let bytes = ("bytes", self.allocations.map(|cost| cost.bytes), BYTES);
        let sizes = self.operation.sizes();
        let all = instructions.into_iter().chain([count, bytes]);
        all.map(move |(what, costs, floor)| (what, costs, judge(sizes, costs, floor)))
    }

    fn faults(&self) -> Vec<Fault> {
        let (operation, sizes) = (self.operation.name, self.operation.sizes());
        let fast = self.costs().filter(|(.., growth)| growth.is_too_fast);
        let fast =
            fast.map(|(what, costs, growth)| Fault { operation, what, sizes, costs, exponent: Some(growth.exponent) });
        let costs = self.allocations.map(|cost| cost.left);
        let holds = costs.iter().any(|&left| left > self.operation.may_leave);
        fast.chain(holds.then_some(Fault { operation, what: "left", sizes, costs, exponent: None })).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<52} {:>16}  cost at each, and as what power of the size it grows", "operation", "sizes")?;
        self.0.iter().try_for_each(|row| write!(f, "{row}"))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [small, medium, large] = self.operation.sizes();
        write!(f, "{:<52} {:>16} ", self.operation.name, format!("{small} {medium} {large}"))?;
        for (what, [a, b, c], growth) in self.costs() {
            write!(
                f,
                " {what} {a} {b} {c} ^{:.2}{};",
                growth.exponent,
                if growth.is_too_fast { " TOO FAST" } else { "" }
            )?;
        }
        let left = self.allocations.map(|cost| cost.left);
        let most = left.into_iter().max().unwrap_or(0);
        let verdict = if most > self.operation.may_leave { " TOO MUCH" } else { "" };
        writeln!(f, " left {most} of {}{verdict}", self.operation.may_leave)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, what, sizes, costs, exponent } = self;
        write!(f, "{operation}: {what} {costs:?} at {sizes:?}")?;
        match exponent {
            Some(exponent) => write!(f, ", as n^{exponent:.2}"),
            None => write!(f, " bytes of heap when idle"),
        }
    }
}
