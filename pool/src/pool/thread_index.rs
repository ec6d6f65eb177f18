//! A small number for every thread, the lowest that is free: it points the thread to one of a pool's caches. Nothing
//! depends on two threads having different ones.

#[cfg(not(loom))]
pub(crate) use real::{caches, current};

#[cfg(not(loom))]
mod real {
    use std::{cell::Cell, cmp::Reverse, collections::BinaryHeap, num::NonZeroUsize, thread};

    use crate::sync::{AtomicUsize, Mutex, Ordering};

    const UNASSIGNED: usize = usize::MAX;
    /// For threads that are ending: their number has gone to another already.
    const SHARED: usize = 0;

    static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers { free: BinaryHeap::new(), next: 0 });

    struct Numbers {
        free: BinaryHeap<Reverse<usize>>,
        next: usize,
    }

    thread_local! {
        /// Apart from the lease, so that reading it is one load: it needs no destructor.
        static NUMBER: Cell<usize> = const { Cell::new(UNASSIGNED) };
        static LEASE: Lease = Lease::take();
    }

    /// The thread's number.
    #[inline]
    pub(crate) fn current() -> usize {
        let number = NUMBER.get();
        if number == UNASSIGNED { assign() } else { number }
    }

    #[cold]
    fn assign() -> usize {
        let number = LEASE.try_with(|lease| lease.0).unwrap_or(SHARED);
        NUMBER.set(number);
        number
    }

    /// A thread's hold on its number.
    struct Lease(usize);

    impl Lease {
        fn take() -> Self {
            let mut numbers = NUMBERS.lock();
            if let Some(Reverse(number)) = numbers.free.pop() {
                return Self(number);
            }
            numbers.next += 1;
            Self(numbers.next - 1)
        }
    }

    impl Drop for Lease {
        fn drop(&mut self) {
            NUMBER.set(SHARED);
            NUMBERS.lock().free.push(Reverse(self.0));
        }
    }

    /// How many caches a pool has: a power of two, at least twice the cores, so that few threads share one.
    pub(crate) fn caches() -> usize {
        static CACHES: AtomicUsize = AtomicUsize::new(0);
        // Ordering: Relaxed: a number that stands for itself; asking the system twice does no harm.
        let known = CACHES.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let cores = thread::available_parallelism().map_or(8, NonZeroUsize::get);
        let caches = (cores * 2).next_power_of_two().clamp(16, 256);
        // Ordering: Relaxed: as above.
        CACHES.store(caches, Ordering::Relaxed);
        caches
    }

    #[cfg(test)]
    mod tests {
        use std::thread;

        use super::current;

        #[test]
        fn a_thread_keeps_its_number() {
            assert_eq!(current(), current());
        }

        #[test]
        fn numbers_of_ended_threads_are_used_again() {
            let highest = (0..200).map(|_| thread::spawn(current).join().unwrap()).max();
            // Other tests' threads hold numbers meanwhile, but not two hundred of them.
            assert!(highest.unwrap() < 150, "{highest:?}");
        }
    }
}

#[cfg(loom)]
pub(crate) use crate::sync::thread_number as current;

#[cfg(loom)]
pub(crate) fn caches() -> usize {
    2
}
