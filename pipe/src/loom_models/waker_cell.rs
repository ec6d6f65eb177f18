//! The waker cell by itself, over a bare word.
//!
//! # Invariants
//!
//! 1. The thread that fills the cell is its waiter, and does so not parked, while nobody is emptying it.

use super::{explore, probe::Probe};
use crate::{
    stats::Counter,
    sync::{Arc, modelled::thread},
    waker_cell::WakerCell,
    word::{ReaderPark, WriterWord},
};

struct Waiting {
    word: WriterWord,
    cell: WakerCell,
    wakes: Counter,
}

impl Waiting {
    fn parked(probe: &Probe) -> Arc<Self> {
        let this = Arc::new(Self { word: WriterWord::new(), cell: WakerCell::new(), wakes: Counter::new() });
        assert!(this.park(probe));
        this
    }

    /// Parks, unless somebody is at the cell.
    fn park(&self, probe: &Probe) -> bool {
        let seen = self.word.load();
        if self.cell.is_being_taken() {
            return false;
        }
        // SAFETY: invariant 1: we are not parked, and nobody is emptying the cell.
        drop(unsafe { self.cell.register(probe.waker()) });
        assert_eq!(self.word.park_reader(seen, false), ReaderPark::Parked, "nobody else changes the word");
        true
    }

    fn wake(&self) {
        self.cell.claim(self.word.park_bit(), &self.wakes, || true).into_iter().for_each(std::task::Waker::wake);
    }
}

/// The waiter takes its waker back while it is claimed: one of them has it.
#[test]
fn model_withdraw_against_claim() {
    explore(|| {
        let probe = Probe::new();
        let waiting = Waiting::parked(&probe);
        let wakers = Arc::clone(&waiting);
        let waking = thread::spawn(move || wakers.wake());
        let withdrawn = waiting.cell.unregister(waiting.word.park_bit()).is_some();
        waking.join().expect("no panic");
        assert_eq!(usize::from(withdrawn) + probe.wakes(), 1);
        probe.assert_forgotten();
    });
}

/// Two claim one waker: one of them has it.
#[test]
fn model_claim_against_claim() {
    explore(|| {
        let probe = Probe::new();
        let waiting = Waiting::parked(&probe);
        let wakers = Arc::clone(&waiting);
        let waking = thread::spawn(move || wakers.wake());
        waiting.wake();
        waking.join().expect("no panic");
        assert_eq!((probe.wakes(), waiting.wakes.get()), (1, 1));
        probe.assert_forgotten();
    });
}

/// The waiter withdraws and parks again with another waker, while the first is being claimed: it does not fill the cell before that
/// is empty.
#[test]
fn model_park_again_against_claim() {
    explore(|| {
        let (earlier, later) = (Probe::new(), Probe::new());
        let waiting = Waiting::parked(&earlier);
        let wakers = Arc::clone(&waiting);
        let waking = thread::spawn(move || wakers.wake());
        drop(waiting.cell.unregister(waiting.word.park_bit()));
        let parked = waiting.park(&later);
        waking.join().expect("no panic");
        if parked {
            waiting.wake();
        }
        assert!(earlier.wakes() + later.wakes() <= 2);
        assert_eq!(later.wakes(), usize::from(parked));
        assert_eq!(waiting.wakes.get(), (earlier.wakes() + later.wakes()) as u64);
        earlier.assert_forgotten();
        later.assert_forgotten();
    });
}
