//! The one place that names a source of synchronisation: the standard library in a build, loom in a model.

#[cfg(loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering},
    },
};

#[cfg(not(loom))]
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering},
};

#[cfg(loom)]
pub(crate) use loom::hint::spin_loop;

#[cfg(not(loom))]
pub(crate) use std::hint::spin_loop;

/// Shared by reference count alone, and held as a trait object, which loom's `Arc` cannot be: nothing to model.
pub(crate) use std::sync::Arc as PlainArc;

#[cfg(not(loom))]
pub(crate) use cell::UnsafeCell;

/// `UnsafeCell` with loom's closure interface, so that a model sees every access.
#[cfg(not(loom))]
mod cell {
    #[derive(Debug, Default)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}

/// Reads a word that is changed by read-modify-writes alone.
#[cfg(not(loom))]
#[inline(always)]
pub(crate) fn load_word(word: &AtomicU64, ordering: Ordering) -> u64 {
    // Ordering: the caller's.
    word.load(ordering)
}

/// Reads a word that is changed by read-modify-writes alone: by a load, which may be stale, or by a change that changes nothing.
///
/// loom leaves out orders that it takes for equal, and goes by the last access alone to tell: of a load here, and a load and a change
/// there, it tries the change after the load here, and not before. Among changes it leaves out none, so that a model is explored
/// both ways. Not for what is stored to: loom does not order a plain store after a change that it follows.
#[cfg(loom)]
pub(crate) fn load_word(word: &AtomicU64, ordering: Ordering) -> u64 {
    // Ordering: the caller's.
    if LOADS_CHANGE.get() { word.fetch_add(0, ordering) } else { word.load(ordering) }
}

#[cfg(loom)]
std::thread_local! {
    /// For all threads of a model, which are one.
    static LOADS_CHANGE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// What models need besides: threads, and what adds no interleavings of its own.
#[cfg(all(test, loom))]
pub(crate) mod modelled {
    pub(crate) use loom::{future::block_on, model::Builder, sync::Mutex, thread};
    pub(crate) use std::sync::{Mutex as PlainMutex, atomic::AtomicUsize as PlainUsize};

    /// Has words read by changes that change nothing, from now on, or by loads again.
    pub(crate) fn make_loads_change(change: bool) {
        super::LOADS_CHANGE.set(change);
    }
}

/// A number no other call in this process returned, to tell writers apart.
pub(crate) fn unique_id() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    // Ordering: Relaxed: only the uniqueness of the number matters, and any read-modify-write gives that.
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
