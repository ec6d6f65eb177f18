//! Calls of foreign implementations from places that must not unwind.

use std::panic::{self, AssertUnwindSafe};

/// Calls `f`, and catches its panic: whoever gives memory back, perhaps while unwinding, must not pay for a mistake of a foreign
/// implementation. The panic hook has reported it.
pub(crate) fn catch_panic(f: impl FnOnce()) {
    if cfg!(loom) {
        // A model that is given up unwinds its threads; that must not be caught.
        return f();
    }
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(f)) {
        // Its destructor may panic in turn: what that leaves is given up.
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
        dropped.unwrap_or_else(std::mem::forget);
    }
}
