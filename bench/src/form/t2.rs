//! Each end on a thread of its own, pinned to a core, that parks while it waits.

use std::{
    fs,
    future::Future,
    hint::spin_loop,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

use super::{Ran, Waits, counted};

type Job = Box<dyn FnOnce() + Send>;

/// Two threads that take jobs.
#[derive(Debug)]
pub(crate) struct Threads {
    jobs: [mpsc::Sender<Job>; 2],
}

/// What a thread did.
struct Done<T> {
    output: T,
    start: Instant,
    end: Instant,
    pending: u64,
    slept: u64,
}

impl Threads {
    pub(crate) fn start() -> Self {
        let start = |core| {
            let (jobs, queue) = mpsc::channel::<Job>();
            thread::spawn(move || {
                core_affinity::set_for_current(core);
                queue.into_iter().for_each(|job| job());
            });
            jobs
        };
        match core_affinity::get_core_ids().as_deref() {
            Some(&[first, second, ..]) => Self { jobs: [start(first), start(second)] },
            _ => panic!("two threads need two cores"),
        }
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
        let gate = Arc::new(AtomicUsize::new(0));
        let first = self.begin(0, Arc::clone(&gate), sending);
        let second = self.begin(1, gate, receiving);
        match (first.recv(), second.recv()) {
            (Ok(a), Ok(b)) => Ran {
                elapsed: a.end.max(b.end) - a.start.min(b.start),
                outputs: (a.output, b.output),
                waits: Waits { pending: [a.pending, b.pending], slept: [a.slept, b.slept] },
            },
            _ => panic!("a thread ended: its panic is above"),
        }
    }

    fn begin<T: Send + 'static>(
        &self,
        thread: usize,
        gate: Arc<AtomicUsize>,
        future: impl Future<Output = T> + Send + 'static,
    ) -> mpsc::Receiver<Done<T>> {
        let (report, done) = mpsc::channel();
        let job = move || {
            // Ordering: Relaxed: it only says that both are there.
            gate.fetch_add(1, Ordering::Relaxed);
            while gate.load(Ordering::Relaxed) < 2 {
                spin_loop();
            }
            let slept = times_slept();
            let start = Instant::now();
            let (output, pending) = block_on(counted(future));
            let end = Instant::now();
            // Nobody listens only when the benchmark is ending.
            let _ = report.send(Done { output, start, end, pending, slept: times_slept() - slept });
        };
        let _ = self.jobs[thread].send(Box::new(job));
        done
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `future` until it is ready; parks between.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// How often this thread gave up its core by itself; 0 where the system does not tell.
fn times_slept() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_run_and_wake_each_other() {
        let threads = Threads::start();
        let (there, mut back) = (tokio::sync::mpsc::channel::<u32>(1), tokio::sync::mpsc::channel::<u32>(1));
        let (sender, mut receiver) = there;
        let ran = threads.run(
            async move {
                let mut sum = 0;
                for n in 0..100 {
                    let _ = sender.send(n).await;
                    sum += back.1.recv().await.unwrap_or(0);
                }
                sum
            },
            async move {
                while let Some(n) = receiver.recv().await {
                    let _ = back.0.send(2 * n).await;
                }
                "closed"
            },
        );
        assert_eq!(ran.outputs, (9900, "closed"));
        assert!(ran.waits.pending[0] > 0, "an answer was there before it was asked for");
    }
}
