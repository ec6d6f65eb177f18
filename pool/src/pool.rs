//! The pool's handle.

mod cache;
mod dedicated;
mod depot;
mod leaks;
mod locked;
mod options;
mod rent;
mod shared;
mod slab;
mod slab_set;
mod source;
mod stats;
mod thread_index;
mod waiting;

use std::{
    fmt,
    panic::Location,
    task::{Context, Poll},
};

use self::{
    locked::Joined,
    shared::Shared,
    waiting::{Grant, Waiter},
};
use crate::{error::PoolError, memory::Block, sync::Arc};

pub use leaks::Leak;
pub use options::{PoolOptions, PoolOptionsError};
pub use rent::RentAsync;
pub use source::{BlockSource, IntoBlockSource, Ticket};
pub use stats::PoolStats;

/// A memory pool of fixed blocks: a handle, cheap to clone, for any number of pipes and threads.
///
/// Blocks come from the system in slabs, zeroed once. A block that is dropped goes back to the pool, from any thread,
/// and is rented again as it is: its bytes are always initialised, but a block that was rented before holds what its
/// last tenant left there (in a build with debug assertions, `0xDD`). A caller that counts bytes as written which it
/// did not write shows another's bytes; `PoolOptions::wipe_on_return` (feature `zeroize`) closes that.
///
/// Renting and returning take no lock on the common path: each thread is pointed to a cache of up to 32 free blocks,
/// which exchanges half of them at a time with a depot that all share. Every cache can be drained by anyone, so memory
/// idle in one thread's cache serves another before a rent fails.
///
/// Dropping the last handle while blocks are out is safe: each goes back to the system with its slab.
///
/// # Examples
///
/// ```
/// use headpond_pool::Pool;
///
/// let pool = Pool::new();
/// let mut block = pool.rent()?;
/// block[..5].copy_from_slice(b"hello");
/// assert_eq!(pool.stats().rented, 1);
/// drop(block);
/// assert_eq!(pool.stats().rented, 0);
/// # Ok::<(), headpond_pool::PoolError>(())
/// ```
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// A pool with the default [`PoolOptions`]. It takes no memory for blocks until the first rent.
    pub fn new() -> Self {
        Self::with_options(&PoolOptions::new())
    }

    /// A pool with options that were checked.
    pub(crate) fn with_options(options: &PoolOptions) -> Self {
        Self { shared: Shared::new(options) }
    }

    /// Rents a block of [`block_size`](Self::block_size) bytes. Dropping it returns it.
    ///
    /// # Errors
    ///
    /// [`Exhausted`](PoolError::Exhausted) when the budget is spent and nothing is idle in any cache, or when somebody
    /// waits in the queue; [`Allocation`](PoolError::Allocation) when the system gave no memory.
    #[inline]
    #[track_caller]
    pub fn rent(&self) -> Result<Block, PoolError> {
        match self.shared.rent_from_cache() {
            // SAFETY: invariant 2 of `slab`: the right to the block is ours.
            Some(block) => Ok(unsafe { block.into_block() }),
            None => self.rent_slowly(),
        }
    }

    /// Rents a block of at least `min` bytes: an ordinary one when that suffices, otherwise a dedicated allocation of
    /// exactly `min` zero bytes, on a 64-byte boundary, counted against the budget and freed when it is returned.
    ///
    /// # Errors
    ///
    /// As [`rent`](Self::rent); also [`TooLarge`](PoolError::TooLarge) when the whole budget is less than `min`.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::Pool;
    ///
    /// let pool = Pool::new();
    /// assert_eq!(pool.rent_sized(100)?.len(), 4096);
    /// assert_eq!(pool.rent_sized(5000)?.len(), 5000);
    /// # Ok::<(), headpond_pool::PoolError>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn rent_sized(&self, min: usize) -> Result<Block, PoolError> {
        if min <= self.shared.options.block_size { self.rent() } else { self.rent_dedicated(min) }
    }

    /// Waits in a queue for a block of at least `min` bytes, first come first served: while anyone waits, returns go to
    /// the first in it, a plain rent is refused, and nobody overtakes, not even for less. Without a budget it never
    /// waits.
    ///
    /// # Errors
    ///
    /// The future fails with [`TooLarge`](PoolError::TooLarge) when the whole budget is less than `min`, and with
    /// [`Allocation`](PoolError::Allocation) when the system gave no memory; never with `Exhausted`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the queue; a block that it was already granted goes to the next. Forgotten instead, it
    /// stays in the queue for ever, and nobody after it is served.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use headpond_pool::PoolOptions;
    ///
    /// let pool = PoolOptions::new().max_bytes(4096).build()?;
    /// let first = pool.rent()?;
    /// drop(first);
    /// let second = pool.rent_async(1).await?;
    /// assert_eq!(second.len(), 4096);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn rent_async(&self, min: usize) -> RentAsync<'_> {
        RentAsync::new(self, min)
    }

    /// Empties every cache and gives every slab that is then wholly free back to the system. Returns the bytes given
    /// back.
    pub fn trim(&self) -> usize {
        self.shared.lock().trim()
    }

    /// Gauges and counters, exact when no rent or return is in flight on another thread. Takes the lock and looks at
    /// every cache.
    pub fn stats(&self) -> PoolStats {
        self.shared.lock().stats()
    }

    /// The size of an ordinary block, in bytes.
    #[inline]
    pub fn block_size(&self) -> usize {
        self.shared.options.block_size
    }

    /// Where each outstanding block was rented. Empty unless the pool was made with
    /// [`track_leaks`](PoolOptions::track_leaks).
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::PoolOptions;
    ///
    /// let pool = PoolOptions::new().track_leaks(true).build()?;
    /// let _kept = pool.rent()?;
    /// for leak in pool.leaks() {
    ///     println!("{leak}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leaks(&self) -> Vec<Leak> {
        self.shared.ledger.as_ref().map_or_else(Vec::new, |ledger| ledger.outstanding())
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// One step of waiting in the queue; the waiter is kept in `ticket`.
    pub(crate) fn poll_ticket(
        &self,
        cx: &mut Context<'_>,
        min: usize,
        ticket: &mut Ticket,
        location: &'static Location<'static>,
    ) -> Poll<Result<Block, PoolError>> {
        if let Some(waiter) = ticket.get_mut::<Waiter>().filter(|waiter| waiter.is_for(self, min)) {
            // A waker may do anything when it is dropped, or panic: then what was granted is a block that goes back.
            let mut waker = cx.waker().clone();
            let polled = waiter.take(&mut waker).map_or(Poll::Pending, |granted| {
                let rented = self.make_block(granted, location);
                ticket.clear();
                Poll::Ready(rented)
            });
            drop(waker);
            return polled;
        }
        // It waited for another size, or in another pool's queue.
        ticket.clear();
        if min <= self.shared.options.block_size {
            let cached = self.shared.rent_from_cache();
            if let Some(block) = cached.or_else(|| self.shared.lock().rent().ok()) {
                return Poll::Ready(self.make_block(Ok(Grant::Block(block)), location));
            }
        } else if self.is_too_large(min) {
            return Poll::Ready(Err(self.shared.options.too_large(min)));
        }
        let waker = cx.waker().clone();
        let joined = self.shared.lock().join(min, waker);
        match joined {
            Joined::Served(granted, waker) => {
                let rented = self.make_block(granted, location);
                drop(waker);
                Poll::Ready(rented)
            }
            Joined::Waiting(number) => {
                ticket.set(Waiter::new(self, number, min));
                Poll::Pending
            }
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn rent_slowly(&self) -> Result<Block, PoolError> {
        let block = self.shared.lock().rent()?;
        self.make_block(Ok(Grant::Block(block)), Location::caller())
    }

    #[cold]
    #[track_caller]
    fn rent_dedicated(&self, min: usize) -> Result<Block, PoolError> {
        if self.is_too_large(min) {
            return Err(self.shared.options.too_large(min));
        }
        self.shared.lock().reserve(min)?;
        self.make_block(Ok(Grant::Budget(min)), Location::caller())
    }

    fn is_too_large(&self, min: usize) -> bool {
        self.shared.options.max_bytes.is_some_and(|limit| min > limit)
    }

    /// Makes a block of what was granted.
    fn make_block(
        &self,
        granted: Result<Grant, PoolError>,
        location: &'static Location<'static>,
    ) -> Result<Block, PoolError> {
        let block = match granted? {
            // SAFETY: invariant 2 of `slab`: the right to the block came with the grant.
            Grant::Block(block) => unsafe { block.into_block() },
            Grant::Budget(bytes) => dedicated::allocate(&self.shared, bytes)?,
        };
        if self.shared.ledger.is_some() {
            self.record(&block, location);
        }
        Ok(block)
    }

    #[cold]
    #[inline(never)]
    fn record(&self, block: &Block, location: &'static Location<'static>) {
        if let Some(ledger) = &self.shared.ledger {
            ledger.record(block.address(), block.len(), location);
        }
    }
}

impl Clone for Pool {
    fn clone(&self) -> Self {
        self.shared.add_handle();
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        Shared::drop_handle(&self.shared);
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockSource for Pool {
    #[inline]
    fn block_size(&self) -> usize {
        self.block_size()
    }

    #[inline]
    #[track_caller]
    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        self.rent_sized(min)
    }

    fn limit(&self) -> Option<usize> {
        self.shared.options.max_bytes
    }

    #[track_caller]
    fn poll_rent(&self, cx: &mut Context<'_>, min: usize, ticket: &mut Ticket) -> Poll<Result<Block, PoolError>> {
        self.poll_ticket(cx, min, ticket, Location::caller())
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
