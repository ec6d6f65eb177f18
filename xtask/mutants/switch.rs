//! Which mutant this process runs as. Copied beside the sources that the mutants are applied to.

use crate::sync::Ordering;

std::thread_local! {
    /// The mutant that this process runs as: the threads of a model are one.
    static CURRENT: Option<String> = std::env::var("HEADPOND_MUTANT").ok();
    static REMEMBERED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Returns `true` if this process runs as the mutant `name`.
pub(crate) fn is(name: &str) -> bool {
    CURRENT.with(|current| current.as_deref() == Some(name))
}

/// Returns `Relaxed` in the mutant `name`, otherwise `ordering`.
#[allow(dead_code)]
pub(crate) fn relaxed_if(name: &str, ordering: Ordering) -> Ordering {
    if is(name) { Ordering::Relaxed } else { ordering }
}

/// Returns `AcqRel`, or the half of it that a mutant leaves.
#[allow(dead_code)]
pub(crate) fn acq_rel(without_acquire: &str, without_release: &str) -> Ordering {
    match (is(without_acquire), is(without_release)) {
        (false, false) => Ordering::AcqRel,
        (true, _) => Ordering::Release,
        (false, true) => Ordering::Acquire,
    }
}

/// Keeps a value that is read too early, for [`recall`].
#[allow(dead_code)]
pub(crate) fn remember(value: u64) {
    REMEMBERED.set(value);
}

/// Returns what was read too early.
#[allow(dead_code)]
pub(crate) fn recall() -> u64 {
    REMEMBERED.get()
}
