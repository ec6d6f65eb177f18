//! Driving a future to its end, which hangs nobody if it never comes.

use std::{future::Future, task::Poll};

use crate::polling::{Wakes, poll_once};

/// What a future comes to that others of the same task bring about: whoever waits and is not woken waits for ever, and panics here.
pub(crate) fn settle<F: Future>(future: F) -> F::Output {
    let (wakes, waker) = Wakes::new();
    let mut future = std::pin::pin!(future);
    loop {
        let before = wakes.count();
        match poll_once(&waker, future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending => assert!(wakes.count() > before, "nobody will wake it"),
        }
    }
}
