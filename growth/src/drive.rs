//! Futures without a runtime: whatever is waited for here is ready, or becomes so by being polled.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use anyhow::{Context as _, Result};

/// A future's output, which is there at once.
pub(crate) fn ready<F: Future>(future: F) -> Result<F::Output> {
    match pin!(future).poll(&mut context()) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => None.context("a future is not ready"),
    }
}

/// A future's output, which is there once it was polled often enough: copies and streams let other tasks have their turn.
pub(crate) fn driven<F: Future>(future: F) -> Result<F::Output> {
    let mut future = pin!(future);
    for _ in 0..MOST_POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context()) {
            return Ok(output);
        }
    }
    None.context("a future is never ready")
}

/// What nobody is woken by.
pub(crate) fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

const MOST_POLLS: usize = 1 << 20;
