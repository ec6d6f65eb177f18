//! Strangers' code in places that must not unwind.

use std::panic::{self, AssertUnwindSafe};

/// Calls `f`, and contains its panic: whoever gives memory back, perhaps while unwinding, must not pay for a stranger's
/// mistake. The panic hook has reported it.
pub(crate) fn contain(f: impl FnOnce()) {
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
