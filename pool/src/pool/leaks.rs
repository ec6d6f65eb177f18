//! Where outstanding blocks were rented.

use std::{backtrace::Backtrace, collections::BTreeMap, fmt, panic::Location};

use crate::sync::{Arc, Mutex};

/// A block that has not come back, and where it was rented: see [`Pool::leaks`](crate::Pool::leaks).
#[derive(Debug, Clone)]
pub struct Leak {
    bytes: usize,
    location: &'static Location<'static>,
    backtrace: Arc<Backtrace>,
}

impl Leak {
    /// The size of the block, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The call that rented it. For one rented through a trait object, such as a pipe's source, that is a line of the
    /// pool itself: see the backtrace.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The stack when it was rented; its symbols are looked up when it is printed.
    pub fn backtrace(&self) -> &Backtrace {
        &self.backtrace
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes rented at {}", self.bytes, self.location)
    }
}

/// The outstanding blocks of one pool, by the address of their header.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<usize, Leak>>);

impl Ledger {
    pub(crate) fn record(&self, header: usize, bytes: usize, location: &'static Location<'static>) {
        let leak = Leak { bytes, location, backtrace: Arc::new(Backtrace::force_capture()) };
        self.0.lock().insert(header, leak);
    }

    pub(crate) fn remove(&self, header: usize) {
        // The record is dropped after the lock is.
        let _leak = self.0.lock().remove(&header);
    }

    pub(crate) fn outstanding(&self) -> Vec<Leak> {
        self.0.lock().values().cloned().collect()
    }
}
