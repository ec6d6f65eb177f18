//! How much a loop does in one poll.

use std::task::{Context, Poll};

/// The least that a step counts for, in bytes: a step costs something however little it moves.
const LEAST_STEP: usize = 256;

/// How much a loop that moves bytes may do in one poll before it gives way to other tasks.
///
/// Between ends that are always ready a loop need never wait, and an executor gets nothing else done: no other direction of the
/// same task, no timeout. So every copy asks its budget before each step, and tells it what the step moved. The budget is
/// [`BYTES`](Self::BYTES), of which a step takes 256 at least. Once it is spent, [`poll`](Self::poll) wakes the task, is pending, and
/// begins anew.
///
/// A budget made for each poll bounds that poll. One that is kept bounds all the work between two times that it was pending, for a
/// loop within another.
///
/// # Examples
///
/// ```
/// # use std::task::{Context, Poll, ready};
/// # use headpond_pipe::{FixedReader, PipeRead, PollBudget, ReadError};
/// fn poll_count(reader: &mut impl PipeRead, cx: &mut Context<'_>, count: &mut usize) -> Poll<Result<(), ReadError>> {
///     let mut budget = PollBudget::new();
///     loop {
///         ready!(budget.poll(cx));
///         let is_finished = ready!(reader.poll_read(cx, 0))?.is_finished();
///         let (len, end) = (reader.buffer().len(), reader.buffer().end());
///         reader.advance_to(end, end);
///         budget.spend(len);
///         *count += len;
///         if is_finished { return Poll::Ready(Ok(())) }
///     }
/// }
/// # let (mut reader, mut count) = (FixedReader::new("all of it"), 0);
/// # assert!(poll_count(&mut reader, &mut Context::from_waker(std::task::Waker::noop()), &mut count).is_ready());
/// # assert_eq!(count, 9);
/// ```
#[derive(Debug, Clone)]
pub struct PollBudget {
    left: usize,
}

impl PollBudget {
    /// How many bytes are moved before others get their turn: 1 MiB.
    pub const BYTES: usize = 1 << 20;

    /// Returns a whole budget.
    pub const fn new() -> Self {
        Self { left: Self::BYTES }
    }

    /// Returns how many bytes the next step may move.
    pub const fn left(&self) -> usize {
        self.left
    }

    /// Takes a step's bytes off the budget, 256 at least.
    pub fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes.max(LEAST_STEP));
    }

    /// Is ready as long as something is left. Otherwise it wakes the task, is pending once, and the budget is whole again.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.left > 0 {
            return Poll::Ready(());
        }
        *self = Self::new();
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Default for PollBudget {
    fn default() -> Self {
        Self::new()
    }
}
