//! How a thread waits for what a task would be woken for.

use std::{
    fmt,
    future::Future,
    io,
    pin::pin,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use crate::sync::{Arc, AtomicBool, Ordering};

/// Polls on behalf of a thread, which is parked in between.
#[derive(Default)]
pub(crate) struct Wait {
    timeout: Option<Duration>,
    /// Of the thread that waited last.
    bell: Option<(Arc<Bell>, Waker)>,
}

/// What wakes a thread. Others may park and unpark it for reasons of their own, so the flag is what counts.
struct Bell {
    rung: AtomicBool,
    thread: Thread,
}

/// The time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub(crate) struct TimedOut;

/// Has a thread wait for a future, for as long as it takes.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let (bell, waker) = Bell::here();
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        bell.wait();
    }
}

impl Wait {
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Polls until it is ready, or the time is up. A poll that was pending is the caller's to withdraw then.
    pub(crate) fn until<T>(&mut self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Result<T, TimedOut> {
        let timeout = self.timeout;
        let (bell, waker) = self.bell();
        let mut cx = Context::from_waker(waker);
        let mut deadline = None;
        loop {
            if let Poll::Ready(output) = poll(&mut cx) {
                return Ok(output);
            }
            if let Some(timeout) = timeout {
                // The clock is read only by those who wait. A moment beyond all reckoning is never reached.
                let deadline = deadline.get_or_insert_with(|| Instant::now().checked_add(timeout));
                bell.wait_until(*deadline)?;
            } else {
                bell.wait();
            }
        }
    }

    /// The bell of this thread: an end may have gone from one to another.
    fn bell(&mut self) -> &(Arc<Bell>, Waker) {
        let here = thread::current();
        let bell = self.bell.take().filter(|(bell, _)| bell.thread.id() == here.id());
        self.bell.insert(bell.unwrap_or_else(Bell::here))
    }
}

impl Bell {
    /// One for this thread, and what rings it.
    fn here() -> (Arc<Self>, Waker) {
        let bell = Arc::new(Self { rung: AtomicBool::new(false), thread: thread::current() });
        (Arc::clone(&bell), Waker::from(bell))
    }

    /// Whether it has rung since it was last asked.
    fn has_rung(&self) -> bool {
        // Ordering: Acquire: partner of the Release in `wake_by_ref`; what the waker's thread did before is seen by the
        // poll that follows. The pipe orders its own state, another implementation of its traits may not.
        self.rung.swap(false, Ordering::Acquire)
    }

    /// Parks until it rings.
    fn wait(&self) {
        while !self.has_rung() {
            thread::park();
        }
    }

    /// Parks until it rings, or the time is up; `None` is a time that never comes.
    fn wait_until(&self, deadline: Option<Instant>) -> Result<(), TimedOut> {
        while !self.has_rung() {
            match deadline {
                None => thread::park(),
                Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => thread::park_timeout(left),
                    _ => return Err(TimedOut),
                },
            }
        }
        Ok(())
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Ordering: Release: partner of the Acquire in `has_rung`. A swap, so that one of many rings unparks.
        if !self.rung.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

impl From<TimedOut> for io::Error {
    fn from(timed_out: TimedOut) -> Self {
        Self::new(io::ErrorKind::TimedOut, timed_out)
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
