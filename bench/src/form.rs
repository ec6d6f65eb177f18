//! Where the two ends run: on one thread, on two, or as tasks.

pub(crate) mod st;
pub(crate) mod t2;
pub(crate) mod tk;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    str::FromStr,
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Result, bail};
use tokio::runtime::EnterGuard;

use self::{t2::Threads, tk::Tasks};

/// Where the two ends run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Both on one thread, polled by hand.
    OneThread,
    /// On two pinned threads, which park while they wait.
    TwoThreads,
    /// As two tasks of a runtime with two workers.
    Tasks,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::OneThread, Self::TwoThreads, Self::Tasks];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OneThread => "st",
            Self::TwoThreads => "t2",
            Self::Tasks => "tk",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Form {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|form| form.name() == name) {
            Some(form) => Ok(form),
            None => bail!("no form `{name}`: st, t2 or tk"),
        }
    }
}

/// How often each end waited.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waits {
    /// Polls that were pending, of the sending end and of the receiving one.
    pub(crate) pending: [u64; 2],
    /// How often its thread went to sleep; on two threads only.
    pub(crate) slept: [u64; 2],
}

impl Waits {
    pub(crate) fn add(&mut self, other: Self) {
        for end in 0..2 {
            self.pending[end] += other.pending[end];
            self.slept[end] += other.slept[end];
        }
    }
}

/// What came of running both ends.
#[derive(Debug)]
pub(crate) struct Ran<A, B> {
    pub(crate) elapsed: Duration,
    pub(crate) outputs: (A, B),
    pub(crate) waits: Waits,
}

/// Threads and workers that live as long as the benchmark, so that no start of a thread is measured.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    threads: OnceLock<Threads>,
    tasks: OnceLock<Tasks>,
}

impl Stage {
    /// Until it is dropped, what is made on this thread belongs to the runtime.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.tasks.get_or_init(Tasks::start).enter()
    }

    /// Runs both ends at once, on two threads or as two tasks.
    pub(crate) fn run_apart<A, B>(
        &self,
        form: Form,
        sending: impl Future<Output = A> + Send + 'static,
        receiving: impl Future<Output = B> + Send + 'static,
    ) -> Ran<A, B>
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        match form {
            Form::Tasks => self.tasks.get_or_init(Tasks::start).run(sending, receiving),
            Form::OneThread | Form::TwoThreads => self.threads.get_or_init(Threads::start).run(sending, receiving),
        }
    }
}

/// A future's output, and how often it was pending.
pub(crate) async fn counted<F: Future>(future: F) -> (F::Output, u64) {
    let mut future = pin!(future);
    let mut pending = 0;
    let output = poll_fn(|cx| {
        let poll = future.as_mut().poll(cx);
        pending += u64::from(poll.is_pending());
        poll
    })
    .await;
    (output, pending)
}
