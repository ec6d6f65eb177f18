//! One operation whose cost is looked at.

use std::{any::Any, fmt};

use anyhow::Result;

use crate::meter::Meter;

/// Each size is so many times the one before.
pub(crate) const STEP: usize = 4;

/// How many items, or bytes, the first of the three sizes has unless the operation says otherwise.
const SMALLEST: usize = 128;

/// What is idle when an operation has ended. It is dropped once what it holds was counted.
pub(crate) type Left = Box<dyn Any>;

/// What runs: prepares something of the size, and has the meter count what is done with it.
pub(crate) type Run = fn(usize, &mut Meter) -> Result<Left>;

/// An operation, and what is expected of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// The subject, a slash, and what is done.
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    smallest: usize,
    /// How many bytes may be left on the heap in the end, whatever the size.
    pub(crate) may_leave: u64,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, run: Run) -> Self {
        Self { name, run, smallest: SMALLEST, may_leave: 0 }
    }

    /// With another smallest size: where a single step is dear, or where what is small is kept somewhere that is found at once.
    pub(crate) const fn from(mut self, smallest: usize) -> Self {
        self.smallest = smallest;
        self
    }

    /// With so many bytes that may be left in what is idle.
    pub(crate) const fn leaving(mut self, bytes: u64) -> Self {
        self.may_leave = bytes;
        self
    }

    /// The sizes it runs at.
    pub(crate) const fn sizes(&self) -> [usize; 3] {
        [self.smallest, self.smallest * STEP, self.smallest * STEP * STEP]
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [small, medium, large] = self.sizes();
        write!(f, "{:<52} {small:>7} {medium:>7} {large:>7}", self.name)
    }
}

/// Nothing is idle in the end.
pub(crate) fn nothing() -> Result<Left> {
    Ok(Box::new(()))
}
