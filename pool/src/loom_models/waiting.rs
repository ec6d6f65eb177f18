//! Waiters against returns.

//!
//! A waiter here is polled by hand, and a lost wake-up shows as a count: a model that deadlocks cannot be unwound.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use loom::thread;

use super::{pool_of, pool_of_single_blocks};
use crate::{
    memory::Block,
    pool::{BlockSource, Pool, Ticket},
};

/// Someone in the queue. Its count of wake-ups is none of the model's business: it is read after the threads are joined.
#[derive(Default)]
struct Waiter {
    ticket: Ticket,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Waiter {
    fn poll(&mut self, pool: &Pool, min: usize) -> Option<Block> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        match pool.poll_rent(&mut Context::from_waker(&waker), min, &mut self.ticket) {
            Poll::Ready(block) => Some(block.unwrap()),
            Poll::Pending => None,
        }
    }

    /// After the threads are joined: what was waited for is there, and was announced.
    fn collect(&mut self, pool: &Pool, min: usize) -> Block {
        assert_eq!(self.wakes.0.load(Ordering::SeqCst), 1, "woken once");
        self.poll(pool, min).expect("what was announced is there")
    }
}

/// Hunts: a block put into the returner's cache just after a waiter emptied it, which nobody then finds.
#[test]
fn model_return_against_wait() {
    loom::model(|| {
        let pool = pool_of(1);
        let block = pool.rent().unwrap();
        let returner = thread::spawn(move || drop(block));
        let mut waiter = Waiter::default();
        let at_once = waiter.poll(&pool, 1);
        returner.join().unwrap();
        let block = at_once.unwrap_or_else(|| waiter.collect(&pool, 1));
        drop(block);
        assert_eq!((pool.stats().rented, pool.stats().waiting), (0, 0));
        assert!(pool.rent().is_ok());
    });
}

/// Hunts: a waiter that leaves before, while or after it is served, with another behind it.
#[test]
fn model_waiter_dropped_against_serve() {
    loom::model(|| {
        let pool = pool_of(1);
        let block = pool.rent().unwrap();
        let (mut first, mut second) = (Waiter::default(), Waiter::default());
        assert!(first.poll(&pool, 1).is_none());
        assert!(second.poll(&pool, 1).is_none());
        let returner = thread::spawn(move || drop(block));
        drop(first);
        returner.join().unwrap();
        drop(second.collect(&pool, 1));
        assert_eq!((pool.stats().rented, pool.stats().waiting), (0, 0));
    });
}

/// Hunts: a waiter that joins the queue and leaves it while a block comes back, and nobody is after it: the caches
/// must be open again, with the block in one of them or in the depot.
#[test]
fn model_waiter_dropped_against_return() {
    loom::model(|| {
        let pool = pool_of(1);
        let block = pool.rent().unwrap();
        let returner = thread::spawn(move || drop(block));
        let mut waiter = Waiter::default();
        drop(waiter.poll(&pool, 1));
        drop(waiter);
        returner.join().unwrap();
        assert_eq!((pool.stats().rented, pool.stats().waiting), (0, 0));
        assert!(pool.rent().is_ok());
    });
}

/// Hunts: a dedicated allocation's budget given back while a waiter joins the queue for it.
#[test]
fn model_dedicated_return_against_wait() {
    loom::model(|| {
        let pool = pool_of(2);
        let large = pool.rent_sized(2 * 64).unwrap();
        let returner = thread::spawn(move || drop(large));
        let mut waiter = Waiter::default();
        let at_once = waiter.poll(&pool, 1);
        returner.join().unwrap();
        drop(at_once.unwrap_or_else(|| waiter.collect(&pool, 1)));
        assert_eq!((pool.stats().rented, pool.stats().waiting), (0, 0));
    });
}

/// Hunts: two who rent and return on one pool, as two pipes do: the one that waits is served when the other's block comes back, and
/// neither waits for ever.
#[test]
fn model_two_renters_of_one_block() {
    /// Whether it had to wait.
    fn rent_and_return(pool: &Pool, waiter: &mut Waiter) -> bool {
        waiter.poll(pool, 1).is_none()
    }
    loom::model(|| {
        let pool = pool_of(1);
        let other = pool.clone();
        let renter = thread::spawn(move || {
            let mut waiter = Waiter::default();
            (rent_and_return(&other, &mut waiter), waiter)
        });
        let mut mine = Waiter::default();
        let i_waited = rent_and_return(&pool, &mut mine);
        let (they_waited, mut theirs) = renter.join().unwrap();
        assert!(!(i_waited && they_waited), "there was a block for the first");
        if i_waited {
            drop(mine.collect(&pool, 1));
        }
        if they_waited {
            drop(theirs.collect(&pool, 1));
        }
        assert_eq!((pool.stats().rented, pool.stats().waiting), (0, 0));
        assert!(pool.rent().is_ok());
    });
}

/// Hunts: a join that is served at once, while another thread returns: it emptied the caches and disabled them, and they are open to the
/// next rent.
#[test]
fn model_join_served_at_once_against_return() {
    loom::model(|| {
        let pool = pool_of_single_blocks(5).build().unwrap();
        let [first, second, third] = [(); 3].map(|()| pool.rent().unwrap());
        drop((first, second));
        let returner = thread::spawn(move || drop(third));
        // More than a block, for which there is room: it joins the queue, and is the first in it.
        let large = Waiter::default().poll(&pool, 2 * 64).expect("there is room");
        returner.join().unwrap();
        let before = pool.stats().served_by_cache;
        let rented = [(); 2].map(|()| pool.rent().unwrap());
        assert_eq!(pool.stats().served_by_cache, before + 1, "the first brought one more into the cache");
        drop((large, rented));
    });
}

/// Hunts: a plain rent that takes what the first in the queue still gathers blocks for.
#[test]
fn model_rent_against_large_wait() {
    loom::model(|| {
        let pool = pool_of(2);
        let held = (pool.rent().unwrap(), pool.rent().unwrap());
        let other = pool.clone();
        // In the queue for both blocks' worth before the second thread begins.
        let mut waiter = Waiter::default();
        assert!(waiter.poll(&pool, 2 * 64).is_none());
        let returner = thread::spawn(move || {
            drop(held.0);
            let barged = other.rent().is_ok();
            drop(held.1);
            barged
        });
        let early = waiter.poll(&pool, 2 * 64);
        assert!(!returner.join().unwrap(), "nobody overtakes");
        assert_eq!(early.unwrap_or_else(|| waiter.collect(&pool, 2 * 64)).len(), 2 * 64);
    });
}
