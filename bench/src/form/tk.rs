//! Each end as a task of a runtime with two workers.

use std::{future::Future, time::Instant};

use tokio::runtime::{Builder, EnterGuard, Runtime};

use super::{Ran, Waits, counted};

/// The runtime.
#[derive(Debug)]
pub(crate) struct Tasks(Runtime);

impl Tasks {
    pub(crate) fn start() -> Self {
        match Builder::new_multi_thread().worker_threads(2).enable_io().build() {
            Ok(runtime) => Self(runtime),
            Err(error) => panic!("no runtime: {error}"),
        }
    }

    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.0.enter()
    }

    pub(crate) fn run<A, B>(
        &self,
        sending: impl Future<Output = A> + Send + 'static,
        receiving: impl Future<Output = B> + Send + 'static,
    ) -> Ran<A, B>
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        let start = Instant::now();
        let (first, second) = (self.0.spawn(counted(sending)), self.0.spawn(counted(receiving)));
        let ended = self.0.block_on(async { (first.await, second.await) });
        let elapsed = start.elapsed();
        match ended {
            (Ok((a, sent)), Ok((b, received))) => {
                Ran { elapsed, outputs: (a, b), waits: Waits { pending: [sent, received], slept: [0, 0] } }
            }
            _ => panic!("a task ended: its panic is above"),
        }
    }
}
