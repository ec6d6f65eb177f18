//! What of an operation is counted.

use allocation_counter::AllocationInfo;

/// Counts what is done inside of [`count`](Self::count), and nothing else.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) allocations: AllocationInfo,
    is_off: bool,
}

impl Meter {
    /// One that counts nothing.
    pub(crate) fn unmetered() -> Self {
        Self { is_off: true, ..Self::default() }
    }

    /// Does the work, counting it.
    pub(crate) fn count<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if self.is_off {
            return work();
        }
        let (mut work, mut result) = (Some(work), None);
        let mut once = || result = work.take().map(|work| work());
        self.allocations += allocation_counter::measure(|| metered_work(&mut once));
        result.expect("the work was done")
    }
}

/// Callgrind counts from its start to its end, by its name.
#[inline(never)]
fn metered_work(work: &mut dyn FnMut()) {
    work();
    std::hint::black_box(());
}
