//! Waiting until the reader has consumed everything.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Writer;
use crate::error::FlushError;

/// A wait for everything flushed to be consumed: see [`Writer::drained`].
#[must_use = "a future does nothing unless awaited"]
pub struct Drained<'a>(&'a mut Writer);

impl<'a> Drained<'a> {
    pub(super) fn new(writer: &'a mut Writer) -> Self {
        Self(writer)
    }
}

impl Future for Drained<'_> {
    type Output = Result<(), FlushError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.wait_for_drain(cx)
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        self.0.unpark();
    }
}

impl fmt::Debug for Drained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drained").finish_non_exhaustive()
    }
}
