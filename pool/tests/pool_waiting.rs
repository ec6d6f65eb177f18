//! Waiting in the queue for memory.

use std::{
    future::Future,
    panic,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};

use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions, RentAsync, Ticket};

const SIZE: usize = 64;

/// A pool with room for so many blocks.
fn pool_of(blocks: usize) -> Pool {
    PoolOptions::new().block_size(SIZE).slab_blocks(4).max_bytes(blocks * SIZE).build().unwrap()
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll(future: &mut Pin<&mut RentAsync<'_>>, wakes: &Arc<Wakes>) -> Poll<Result<Block, PoolError>> {
    future.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(wakes))))
}

fn ready(poll: Poll<Result<Block, PoolError>>) -> Block {
    match poll {
        Poll::Ready(block) => block.unwrap(),
        Poll::Pending => panic!("still waits"),
    }
}

#[test]
fn with_memory_left_nobody_waits() {
    let pool = pool_of(2);
    let wakes = Arc::default();
    let first = ready(poll(&mut pin!(pool.rent_async(1)), &wakes));
    let second = ready(poll(&mut pin!(pool.rent_async(SIZE)), &wakes));
    assert_eq!((wakes.count(), pool.stats().rented), (0, 2));
    drop((first, second));
}

#[test]
fn whoever_is_served_at_once_leaves_the_caches_open() {
    let pool = pool_of(40);
    drop((0..20).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
    // More than a block: it empties the caches and joins the queue before it is seen that there is room.
    let large = ready(poll(&mut pin!(pool.rent_async(2 * SIZE)), &Arc::default()));
    let before = pool.stats().served_by_cache;
    let rented: Vec<_> = (0..10).map(|_| pool.rent().unwrap()).collect();
    assert_eq!(pool.stats().served_by_cache, before + 9, "the first brought a batch into the cache");
    drop(rented);
    drop(large);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_return_goes_to_the_first_in_the_queue() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let (one, two) = (Arc::default(), Arc::default());
    let (mut first, mut second) = (pin!(pool.rent_async(1)), pin!(pool.rent_async(1)));
    assert!(poll(&mut first, &one).is_pending());
    assert!(poll(&mut second, &two).is_pending());
    assert_eq!(pool.stats().waiting, 2);
    drop(block);
    assert_eq!((one.count(), two.count()), (1, 0));
    assert!(poll(&mut second, &two).is_pending(), "polled first, still second in the queue");
    let block = ready(poll(&mut first, &one));
    drop(block);
    assert_eq!(two.count(), 1);
    drop(ready(poll(&mut second, &two)));
    assert_eq!((pool.stats().waiting, pool.stats().rented), (0, 0));
    assert!(pool.rent().is_ok());
}

#[test]
fn a_plain_rent_does_not_barge() {
    let pool = pool_of(4);
    let held: Vec<Block> = (0..2).map(|_| pool.rent().unwrap()).collect();
    let wakes = Arc::default();
    // Two blocks' worth is left, but the first in the queue wants more.
    let mut large = pin!(pool.rent_async(3 * SIZE));
    assert!(poll(&mut large, &wakes).is_pending());
    let limit = 4 * SIZE;
    assert_eq!(pool.rent().unwrap_err(), PoolError::Exhausted { requested: SIZE, limit });
    assert_eq!(pool.rent_sized(100).unwrap_err(), PoolError::Exhausted { requested: 100, limit });
    let mut small = pin!(pool.rent_async(1));
    assert!(poll(&mut small, &wakes).is_pending(), "and a small request behind does not overtake");
    drop(held);
    assert_eq!(wakes.count(), 2);
    let large = ready(poll(&mut large, &wakes));
    assert_eq!(large.len(), 3 * SIZE);
    drop(ready(poll(&mut small, &wakes)));
    assert!(pool.rent().is_ok(), "nobody waits any more");
}

#[test]
fn a_dropped_waiter_leaves_the_queue() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let (one, two) = (Arc::default(), Arc::default());
    let mut second = pin!(pool.rent_async(1));
    {
        let mut first = pin!(pool.rent_async(1));
        assert!(poll(&mut first, &one).is_pending());
        assert!(poll(&mut second, &two).is_pending());
    }
    assert_eq!(pool.stats().waiting, 1);
    drop(block);
    assert_eq!((one.count(), two.count()), (0, 1));
    ready(poll(&mut second, &two));
}

#[test]
fn a_waiter_dropped_after_it_was_served_passes_its_block_on() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let (one, two) = (Arc::default(), Arc::default());
    let mut second = pin!(pool.rent_async(1));
    {
        let mut first = pin!(pool.rent_async(1));
        assert!(poll(&mut first, &one).is_pending());
        assert!(poll(&mut second, &two).is_pending());
        drop(block);
        assert_eq!((one.count(), two.count(), pool.stats().rented), (1, 0, 1));
    }
    assert_eq!(two.count(), 1);
    drop(ready(poll(&mut second, &two)));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_large_waiter_dropped_lets_the_small_ones_behind_through() {
    let pool = pool_of(4);
    let held = pool.rent_sized(3 * SIZE).unwrap();
    let wakes = Arc::default();
    let mut small = pin!(pool.rent_async(1));
    {
        let mut large = pin!(pool.rent_async(2 * SIZE));
        assert!(poll(&mut large, &wakes).is_pending());
        assert!(poll(&mut small, &wakes).is_pending());
        assert_eq!(wakes.count(), 0);
    }
    assert_eq!(wakes.count(), 1);
    drop((ready(poll(&mut small, &wakes)), held));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_granted_allocation_not_taken_gives_its_budget_back() {
    let pool = pool_of(4);
    let held = pool.rent_sized(4 * SIZE).unwrap();
    let wakes = Arc::default();
    {
        let mut large = pin!(pool.rent_async(2 * SIZE));
        assert!(poll(&mut large, &wakes).is_pending());
        drop(held);
        assert_eq!((wakes.count(), pool.stats().dedicated_bytes), (1, 2 * SIZE));
    }
    assert_eq!((pool.stats().dedicated_bytes, pool.stats().rented), (0, 0));
    assert_eq!(pool.rent_sized(4 * SIZE).unwrap().len(), 4 * SIZE);
}

#[test]
fn waiting_for_more_than_the_budget_fails_at_once() {
    let pool = pool_of(4);
    let (requested, limit) = (4 * SIZE + 1, 4 * SIZE);
    match poll(&mut pin!(pool.rent_async(requested)), &Arc::default()) {
        Poll::Ready(Err(error)) => assert_eq!(error, PoolError::TooLarge { requested, limit }),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_last_waker_is_called() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let (old, new) = (Arc::default(), Arc::default());
    let mut waiter = pin!(pool.rent_async(1));
    assert!(poll(&mut waiter, &old).is_pending());
    assert!(poll(&mut waiter, &new).is_pending());
    drop(block);
    assert_eq!((old.count(), new.count()), (0, 1));
}

/// Uses the pool again whenever it is cloned, called or dropped: with the lock held that would hang.
struct Reentrant(Pool);

impl Wake for Reentrant {
    fn wake(self: Arc<Self>) {
        self.0.stats();
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        self.0.stats();
    }
}

#[test]
fn wakers_are_called_and_dropped_outside_the_lock() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let mut waiter = pin!(pool.rent_async(1));
    for _ in 0..2 {
        let waker = Waker::from(Arc::new(Reentrant(pool.clone())));
        assert!(waiter.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    {
        let mut left = pin!(pool.rent_async(1));
        let waker = Waker::from(Arc::new(Reentrant(pool.clone())));
        assert!(left.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(block);
    assert_eq!(pool.stats().waiting, 0);
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic::resume_unwind(Box::new("a waker that panics"));
    }
}

#[test]
fn a_waker_that_panics_breaks_nothing() {
    let pool = pool_of(2);
    let large = pool.rent_sized(2 * SIZE).unwrap();
    let wakes = Arc::default();
    let (mut first, mut second) = (pin!(pool.rent_async(1)), pin!(pool.rent_async(1)));
    assert!(first.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(Panics)))).is_pending());
    assert!(poll(&mut second, &wakes).is_pending());
    drop(large);
    assert_eq!(wakes.count(), 1, "the next is woken all the same");
    drop((ready(poll(&mut first, &wakes)), ready(poll(&mut second, &wakes))));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_ticket_is_for_one_pool_and_one_size() {
    let (pool, other) = (pool_of(2), pool_of(1));
    let held = (pool.rent().unwrap(), pool.rent().unwrap());
    let mut ticket = Ticket::new();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(pool.poll_rent(&mut cx, 1, &mut ticket).is_pending());
    assert!(!ticket.is_empty());
    assert!(other.poll_rent(&mut cx, 1, &mut ticket).is_ready());
    assert!(ticket.is_empty());
    assert_eq!(pool.stats().waiting, 0);
    assert!(pool.poll_rent(&mut cx, 1, &mut ticket).is_pending());
    drop(held);
    // Served by now; asked for more, it gives that back and is in the queue anew.
    let large = ready(pool.poll_rent(&mut cx, 2 * SIZE, &mut ticket));
    assert_eq!((large.len(), pool.stats().rented), (2 * SIZE, 1));
}

#[test]
fn a_waiting_ticket_keeps_the_pool_alive() {
    let pool = pool_of(1);
    let block = pool.rent().unwrap();
    let mut ticket = Ticket::new();
    let wakes: Arc<Wakes> = Arc::default();
    let waker = Waker::from(Arc::clone(&wakes));
    assert!(pool.poll_rent(&mut Context::from_waker(&waker), 1, &mut ticket).is_pending());
    drop(pool);
    drop(block);
    assert_eq!(wakes.count(), 1);
    ticket.clear();
}

#[test]
fn without_a_budget_nobody_ever_waits() {
    let pool = Pool::new();
    let wakes = Arc::default();
    let held: Vec<Block> = (0..100).map(|_| ready(poll(&mut pin!(pool.rent_async(5000)), &wakes))).collect();
    assert_eq!(pool.stats().rented, held.len());
}

#[test]
fn leaks_of_waited_blocks_name_the_line_that_asked() {
    let pool = PoolOptions::new().block_size(SIZE).track_leaks(true).build().unwrap();
    let (future, line) = (pool.rent_async(1), line!());
    let block = ready(poll(&mut pin!(future), &Arc::default()));
    assert_eq!(pool.leaks()[0].location().line(), line);
    drop(block);
}

#[test]
fn blocks_cached_by_another_thread_serve_a_waiter() {
    let pool = pool_of(4);
    let (to_waiter, at_waiter) = mpsc::channel();
    let log = Arc::new(Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let held: Vec<Block> = (0..4).map(|_| pool.rent().unwrap()).collect();
        let (pool, log) = (&pool, &log);
        scope.spawn(move || {
            // Returned from here, they lie in this thread's cache.
            drop(held);
            log.lock().unwrap().push(pool.stats().idle);
            to_waiter.send(()).unwrap();
        });
        at_waiter.recv().unwrap();
        let mut waiter = pin!(pool.rent_async(4 * SIZE));
        assert_eq!(ready(poll(&mut waiter, &Arc::default())).len(), 4 * SIZE);
    });
    assert_eq!(*log.lock().unwrap(), [4]);
}
