//! The one place that names a source of synchronisation: the standard library and `parking_lot` in a
//! build, loom in a model.
//!
//! # Invariants
//!
//! 1. What stands for a mutex's memory in a model holds nothing: who touches it is all that a model looks at.

#[cfg(loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

#[cfg(not(loom))]
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Shared by reference count alone, and held as a trait object, which loom's `Arc` cannot be: nothing to model.
pub(crate) use std::sync::Arc as PlainArc;

#[cfg(not(loom))]
pub(crate) use cell::UnsafeCell;
pub(crate) use mutex::{Mutex, MutexGuard};

/// Sets a flag and says what it was.
#[cfg(not(loom))]
#[inline(always)]
pub(crate) fn test_and_set(flag: &AtomicBool, ordering: Ordering) -> bool {
    // Ordering: the caller's.
    flag.swap(true, ordering)
}

/// Sets a flag and says what it was. A swap that finds it set stores what is there already; loom does not order the
/// holder's plain store after that, as the language does, and would have the flag set for ever.
#[cfg(loom)]
pub(crate) fn test_and_set(flag: &AtomicBool, ordering: Ordering) -> bool {
    // Ordering: the caller's; Relaxed when it is set, since the caller learns nothing but that.
    flag.compare_exchange(false, true, ordering, Ordering::Relaxed).is_err()
}

/// Stands behind the last touch of memory that may be gone from there on. Under Miri it lets another thread run, which may free the
/// memory: so that a reference kept too long is seen.
#[inline(always)]
pub(crate) fn after_last_touch() {
    #[cfg(miri)]
    std::thread::yield_now();
}

/// Waits a little for another thread, which is in a few instructions that wait for nothing. `spins` counts the calls.
#[cfg(not(loom))]
pub(crate) fn spin(spins: &mut u32) {
    *spins += 1;
    if *spins < 100 {
        std::hint::spin_loop();
    } else {
        // The other thread is not running.
        std::thread::yield_now();
    }
}

#[cfg(loom)]
pub(crate) fn spin(_spins: &mut u32) {
    loom::thread::yield_now();
}

/// The model's number of the current thread.
#[cfg(loom)]
pub(crate) fn thread_number() -> usize {
    let id = format!("{:?}", loom::thread::current().id());
    id.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

/// A mutex whose `lock` never reports poison: every critical section of this crate leaves its data whole.
mod mutex {
    #[cfg(all(not(loom), feature = "parking_lot"))]
    use parking_lot as source;
    #[cfg(all(not(loom), not(feature = "parking_lot")))]
    use std::sync as source;

    #[cfg(loom)]
    pub(crate) use modelled::{Mutex, MutexGuard};

    #[cfg(not(loom))]
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(source::Mutex<T>);

    #[cfg(not(loom))]
    pub(crate) type MutexGuard<'a, T> = source::MutexGuard<'a, T>;

    #[cfg(not(loom))]
    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(source::Mutex::new(value))
        }

        #[cfg(feature = "parking_lot")]
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock()
        }

        #[cfg(not(feature = "parking_lot"))]
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            match self.0.lock() {
                Ok(guard) => guard,
                Err(poisoned) => poisoned.into_inner(),
            }
        }
    }

    /// Loom's mutex, whose unlocking still touches it after another thread may have it, as a real one's does when it looks for
    /// somebody to wake: a model sees a mutex that is freed meanwhile.
    #[cfg(loom)]
    mod modelled {
        use std::ops::{Deref, DerefMut};

        use loom::{cell::UnsafeCell, sync};

        use crate::sync::PlainArc;

        #[derive(Debug)]
        pub(crate) struct Mutex<T> {
            inner: sync::Mutex<T>,
            memory: Memory,
        }

        /// Stands for the mutex's memory. Shared, so that a touch of what is gone is seen, and not made.
        #[derive(Debug)]
        struct Memory(PlainArc<Touched>);

        #[derive(Debug)]
        struct Touched(UnsafeCell<()>);

        // SAFETY: invariant 1: there is nothing in it to race for; loom sees to the rest under its own lock.
        unsafe impl Sync for Touched {}
        // SAFETY: as above.
        unsafe impl Send for Touched {}

        pub(crate) struct MutexGuard<'a, T> {
            /// Dropped first.
            inner: sync::MutexGuard<'a, T>,
            _unlocking: Unlocking,
        }

        struct Unlocking(PlainArc<Touched>);

        impl<T> Mutex<T> {
            pub(crate) fn new(value: T) -> Self {
                Self { inner: sync::Mutex::new(value), memory: Memory(PlainArc::new(Touched(UnsafeCell::new(())))) }
            }

            pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
                let unlocking = Unlocking(PlainArc::clone(&self.memory.0));
                let inner = match self.inner.lock() {
                    Ok(guard) => guard,
                    Err(poisoned) => poisoned.into_inner(),
                };
                MutexGuard { inner, _unlocking: unlocking }
            }
        }

        impl<T: Default> Default for Mutex<T> {
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> Deref for MutexGuard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.inner
            }
        }

        impl<T> DerefMut for MutexGuard<'_, T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.inner
            }
        }

        impl Drop for Unlocking {
            fn drop(&mut self) {
                // What a model that is given up halfway leaves behind is not looked at.
                if !std::thread::panicking() {
                    self.0.0.with(|_| ());
                }
            }
        }

        impl Drop for Memory {
            fn drop(&mut self) {
                if !std::thread::panicking() {
                    self.0.0.with_mut(|_| ());
                }
            }
        }
    }
}

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
