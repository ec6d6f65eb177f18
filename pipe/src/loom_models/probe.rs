//! A waker that counts, and drives polls by hand: a wait costs a model nothing but the poll itself.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Wake, Waker},
};

use headpond_pool::WriteError;

use crate::{
    error::{FlushError, ReadError},
    read::{PipeRead, ReadStatus},
    reader::Reader,
    sync::{
        Ordering, PlainArc,
        modelled::{PlainUsize, block_on, thread},
    },
    write::PipeWrite,
    writer::Writer,
};

#[derive(Default)]
struct Count(PlainUsize);

impl Wake for Count {
    fn wake(self: PlainArc<Self>) {
        // Ordering: Relaxed: all threads of a model are one.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One task's waker.
pub(super) struct Probe {
    count: PlainArc<Count>,
    waker: Waker,
}

impl Probe {
    pub(super) fn new() -> Self {
        let count = PlainArc::<Count>::default();
        Self { waker: Waker::from(PlainArc::clone(&count)), count }
    }

    pub(super) fn read(&self, reader: &mut Reader, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        reader.poll_read(&mut self.context(), at_least)
    }

    pub(super) fn flush(&self, writer: &mut Writer) -> Poll<Result<(), FlushError>> {
        writer.poll_flush(&mut self.context())
    }

    pub(super) fn reserve(&self, writer: &mut Writer) -> Poll<Result<(), WriteError>> {
        writer.poll_reserve(&mut self.context(), 1)
    }

    pub(super) fn cancelled(&self, writer: &mut Writer) -> Poll<FlushError> {
        writer.poll_cancelled(&mut self.context())
    }

    pub(super) fn closed(&self, writer: &mut Writer) -> Poll<()> {
        writer.poll_closed(&mut self.context())
    }

    /// What a read comes to whose first poll gave `first`, once the other thread is done: if it was pending, it was woken,
    /// and only then.
    pub(super) fn settle(
        &self,
        first: Poll<Result<ReadStatus, ReadError>>,
        reader: &mut Reader,
        at_least: usize,
    ) -> Result<ReadStatus, ReadError> {
        match first {
            Poll::Ready(status) => {
                assert_eq!(self.wakes(), 0, "a reader that did not wait was woken");
                status
            }
            Poll::Pending => {
                assert_eq!(self.wakes(), 1, "the reader was to be woken once");
                ready(self.read(reader, at_least))
            }
        }
    }

    /// The same of a flush.
    pub(super) fn settle_flush(
        &self,
        first: Poll<Result<(), FlushError>>,
        writer: &mut Writer,
    ) -> Result<(), FlushError> {
        match first {
            Poll::Ready(flushed) => {
                assert_eq!(self.wakes(), 0, "a writer that did not wait was woken");
                flushed
            }
            Poll::Pending => {
                assert_eq!(self.wakes(), 1, "the writer was to be woken once");
                ready(self.flush(writer))
            }
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    pub(super) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// How often the task was woken.
    pub(super) fn wakes(&self) -> usize {
        // Ordering: Relaxed: all threads of a model are one.
        self.count.0.load(Ordering::Relaxed)
    }

    /// Nobody keeps a clone of the waker.
    pub(super) fn assert_forgotten(self) {
        drop(self.waker);
        assert_eq!(PlainArc::strong_count(&self.count), 1, "a waker outlives its wait");
    }
}

/// Drives a future to its end. A poll that finds somebody at its waker cell asks to be polled again, as often as it takes: hence
/// the yield.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    block_on(poll_fn(|cx| {
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            thread::yield_now();
        }
        polled
    }))
}

/// What is there without waiting.
pub(super) fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing is to be waited for"),
    }
}
