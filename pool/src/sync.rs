//! The one place that names a source of synchronisation: the standard library and `parking_lot` in a
//! build, loom in a model.

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
    #[cfg(loom)]
    use loom::sync as source;
    #[cfg(all(not(loom), feature = "parking_lot"))]
    use parking_lot as source;
    #[cfg(all(not(loom), not(feature = "parking_lot")))]
    use std::sync as source;

    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(source::Mutex<T>);

    pub(crate) type MutexGuard<'a, T> = source::MutexGuard<'a, T>;

    impl<T> Mutex<T> {
        #[cfg(not(loom))]
        pub(crate) const fn new(value: T) -> Self {
            Self(source::Mutex::new(value))
        }

        #[cfg(loom)]
        pub(crate) fn new(value: T) -> Self {
            Self(source::Mutex::new(value))
        }

        #[cfg(all(not(loom), feature = "parking_lot"))]
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock()
        }

        #[cfg(any(loom, not(feature = "parking_lot")))]
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            match self.0.lock() {
                Ok(guard) => guard,
                Err(poisoned) => poisoned.into_inner(),
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
