//! How a pipe asks for memory.

use std::{
    any::Any,
    fmt,
    task::{Context, Poll},
};

// Under this name it stands in the documentation.
use crate::{error::PoolError, memory::Block, pool::Pool, sync::PlainArc as Arc};

/// Where a pipe's memory comes from. [`Pool`](crate::Pool) is one; users bring their own: registered I/O buffers,
/// huge pages, a counting pool for tests.
///
/// It costs one virtual call a block. The trait is safe to implement because a [`Block`] already proves its memory to
/// be initialised, in place and exclusive: a source of raw memory makes that promise where it calls
/// [`Block::from_raw_parts`].
///
/// # Examples
///
/// ```
/// use headpond_pool::{Block, BlockSource, PoolError};
///
/// #[derive(Debug)]
/// struct Heap;
///
/// impl BlockSource for Heap {
///     fn block_size(&self) -> usize {
///         4096
///     }
///
///     fn rent(&self, min: usize) -> Result<Block, PoolError> {
///         Ok(Block::from_owner(vec![0_u8; min.max(self.block_size())]))
///     }
/// }
///
/// assert_eq!(Heap.rent(1)?.len(), 4096);
/// # Ok::<(), PoolError>(())
/// ```
pub trait BlockSource: Send + Sync + fmt::Debug {
    /// The size of an ordinary block, in bytes; at least 1.
    fn block_size(&self) -> usize;

    /// A block of at least `min` bytes: an ordinary one when that suffices, otherwise memory of its own.
    ///
    /// # Errors
    ///
    /// When there is none to give; the caller may try again later.
    fn rent(&self, min: usize) -> Result<Block, PoolError>;

    /// Waits for a block of at least `min` bytes. What the source needs to keep between polls it puts into `ticket`;
    /// dropping the ticket leaves the queue. The default never waits.
    ///
    /// # Errors
    ///
    /// When waiting cannot help.
    fn poll_rent(&self, cx: &mut Context<'_>, min: usize, ticket: &mut Ticket) -> Poll<Result<Block, PoolError>> {
        let _ = (cx, ticket);
        Poll::Ready(self.rent(min))
    }

    /// The most bytes that are ever out at once, where there is such a bound, as a pool's budget: a read that asks a pipe for more than
    /// that at once is refused, not left waiting. The default knows of none.
    fn limit(&self) -> Option<usize> {
        None
    }
}

/// Names a source of blocks, for options that keep it: a [`Pool`] or a reference to one, a reference to another source that is cheap to
/// clone, or a source that is shared by an `Arc`, whatever its type.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use headpond_pool::{BlockSource, IntoBlockSource, Pool};
///
/// fn block_size(source: impl IntoBlockSource) -> usize {
///     source.into_block_source().block_size()
/// }
///
/// let pool = Pool::new();
/// let chosen: Arc<dyn BlockSource> = Arc::new(pool.clone());
/// assert_eq!([block_size(&pool), block_size(chosen), block_size(pool)], [4096; 3]);
/// ```
pub trait IntoBlockSource {
    /// Returns the source, shared.
    fn into_block_source(self) -> Arc<dyn BlockSource>;
}

impl<S: BlockSource + Clone + 'static> IntoBlockSource for &S {
    fn into_block_source(self) -> Arc<dyn BlockSource> {
        Arc::new(self.clone())
    }
}

impl IntoBlockSource for Pool {
    fn into_block_source(self) -> Arc<dyn BlockSource> {
        Arc::new(self)
    }
}

impl<S: BlockSource + 'static> IntoBlockSource for Arc<S> {
    fn into_block_source(self) -> Arc<dyn BlockSource> {
        self
    }
}

impl IntoBlockSource for Arc<dyn BlockSource> {
    fn into_block_source(self) -> Arc<dyn BlockSource> {
        self
    }
}

/// As the options of another pipe give it.
impl IntoBlockSource for &Arc<dyn BlockSource> {
    fn into_block_source(self) -> Arc<dyn BlockSource> {
        Arc::clone(self)
    }
}

/// A ticket for a source's queue, kept by the one who waits. Empty until the source puts something in. Dropping it leaves the
/// queue; forgotten (`mem::forget`), it stays there for ever, in the way of all after it.
#[derive(Default)]
pub struct Ticket(Option<Box<dyn Any + Send + Sync>>);

impl Ticket {
    /// A ticket for no queue yet.
    pub const fn new() -> Self {
        Self(None)
    }

    /// What the source put in, when it is a `T`.
    pub fn get_mut<T: Any + Send + Sync>(&mut self) -> Option<&mut T> {
        self.0.as_mut()?.downcast_mut()
    }

    /// Keeps `waiter` until the next poll; what was there before is dropped.
    pub fn set<T: Any + Send + Sync>(&mut self, waiter: T) {
        self.0 = Some(Box::new(waiter));
    }

    /// Leaves the queue.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("waiting", &self.0.is_some()).finish()
    }
}
