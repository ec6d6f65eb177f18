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

/// What models need besides: threads, and what adds no interleavings of its own.
#[cfg(all(test, loom))]
pub(crate) mod modelled {
    pub(crate) use loom::{future::block_on, model::Builder, sync::Mutex, thread};
    pub(crate) use std::sync::{Mutex as PlainMutex, atomic::AtomicUsize as PlainUsize};
}

/// A number no other call in this process returned, to tell writers apart.
pub(crate) fn unique_id() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    // Ordering: Relaxed: only the uniqueness of the number matters, and any read-modify-write gives that.
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
