//! Random operations against a naive model: what must hold of the gauges and of every block's bytes after each.
//!
//! `POOL_SEED=n` replays one seed.

use std::{
    collections::VecDeque,
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions, Slice, Ticket};

const SIZE: usize = 64;

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Waiter {
    min: usize,
    ticket: Ticket,
    wakes: Arc<Wakes>,
}

impl Waiter {
    fn poll(&mut self, pool: &Pool) -> Poll<Result<Block, PoolError>> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        pool.poll_rent(&mut Context::from_waker(&waker), self.min, &mut self.ticket)
    }

    fn is_served(&self) -> bool {
        self.wakes.0.load(Ordering::SeqCst) != 0
    }
}

/// What is out, and what its bytes are.
enum Held {
    Block(Block, u8),
    Slice(Slice, u8),
}

struct Run {
    pool: Pool,
    budget: usize,
    held: Vec<Held>,
    /// In the queue or served, in the order they came.
    waiters: VecDeque<Waiter>,
    peak: usize,
    tag: u8,
}

impl Run {
    fn new(random: &mut Random) -> Self {
        let blocks = 1 + random.below(60);
        let budget = blocks * SIZE + random.below(SIZE);
        let idle = random.below(3) * 8 * SIZE;
        let options = PoolOptions::new().block_size(SIZE).slab_blocks(1 + random.below(9)).max_bytes(budget);
        let pool = options.max_idle_bytes(idle).build().unwrap();
        Self { pool, budget, held: Vec::new(), waiters: VecDeque::new(), peak: 0, tag: 0 }
    }

    fn step(&mut self, random: &mut Random) {
        match random.below(20) {
            0..=6 => self.rent(1 + random.below(SIZE)),
            7 => self.rent(1 + random.below(self.budget + 8)),
            8..=12 => self.give_back(random),
            13..=14 => self.share(random),
            15 => self.wait(if random.below(4) == 0 { 1 + random.below(self.budget) } else { 1 }),
            16 => self.leave(random),
            17..=18 => self.collect(),
            _ => {
                self.pool.trim();
            }
        }
        self.check();
    }

    fn keep(&mut self, mut block: Block, min: usize) {
        assert_eq!(block.len(), if min <= SIZE { SIZE } else { min });
        self.tag = self.tag.wrapping_add(1);
        block.fill(self.tag);
        self.held.push(Held::Block(block, self.tag));
    }

    fn rent(&mut self, min: usize) {
        let somebody_waits = self.pool.stats().waiting != 0;
        match self.pool.rent_sized(min) {
            Ok(block) => {
                assert!(!somebody_waits, "a plain rent barged");
                self.keep(block, min);
            }
            Err(PoolError::TooLarge { .. }) => assert!(min > self.budget),
            Err(error) => {
                assert_eq!(error, PoolError::Exhausted { requested: min.max(SIZE), limit: self.budget });
                // Nothing is idle for a block, unless it is kept for somebody.
                let stats = self.pool.stats();
                let room = self.budget - stats.system_bytes;
                assert!(somebody_waits || min > SIZE || (stats.idle == 0 && room < SIZE), "{stats:?}");
            }
        }
    }

    fn give_back(&mut self, random: &mut Random) {
        if !self.held.is_empty() {
            let index = random.below(self.held.len());
            drop(self.held.swap_remove(index));
        }
    }

    fn share(&mut self, random: &mut Random) {
        if self.held.is_empty() {
            return;
        }
        let index = random.below(self.held.len());
        let shared = match self.held.swap_remove(index) {
            Held::Block(block, tag) => {
                let len = block.len();
                Held::Slice(block.into_slice(random.below(len)..), tag)
            }
            Held::Slice(slice, tag) => {
                // The clone and the original go at different times.
                let clone = slice.clone();
                drop(slice);
                Held::Slice(clone, tag)
            }
        };
        self.held.push(shared);
    }

    fn wait(&mut self, min: usize) {
        let mut waiter = Waiter { min, ticket: Ticket::new(), wakes: Arc::default() };
        match waiter.poll(&self.pool) {
            Poll::Ready(block) => self.keep(block.unwrap(), min),
            Poll::Pending => self.waiters.push_back(waiter),
        }
    }

    fn leave(&mut self, random: &mut Random) {
        if !self.waiters.is_empty() {
            let index = random.below(self.waiters.len());
            drop(self.waiters.remove(index));
        }
    }

    /// Takes what the first in the queue was granted, if it was woken.
    fn collect(&mut self) {
        if self.waiters.front().is_some_and(Waiter::is_served) {
            let mut first = self.waiters.pop_front().unwrap();
            match first.poll(&self.pool) {
                Poll::Ready(block) => self.keep(block.unwrap(), first.min),
                Poll::Pending => panic!("woken for nothing"),
            }
        }
    }

    fn check(&mut self) {
        let stats = self.pool.stats();
        let served = self.waiters.iter().filter(|waiter| waiter.is_served()).count();
        assert!(self.waiters.iter().take(served).all(Waiter::is_served), "somebody overtook");
        assert_eq!((stats.rented, stats.waiting), (self.held.len() + served, self.waiters.len() - served));
        assert!(stats.system_bytes <= self.budget, "{stats:?}");
        let ordinary = stats.rented - stats.dedicated + stats.idle;
        assert_eq!(stats.system_bytes, ordinary * SIZE + stats.dedicated_bytes);
        self.peak = self.peak.max(stats.rented);
        assert_eq!(stats.peak_rented, self.peak, "exact on one thread");
        for held in &self.held {
            match held {
                Held::Block(block, tag) => assert!(block.iter().all(|byte| byte == tag)),
                Held::Slice(slice, tag) => assert!(slice.iter().all(|byte| byte == tag)),
            }
        }
    }
}

#[test]
fn random_operations_agree_with_the_model() {
    let seeds = match env::var("POOL_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=200).collect::<Vec<u64>>(),
    };
    for seed in seeds {
        // Shown when the test fails.
        println!("POOL_SEED={seed}");
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut run = Run::new(&mut random);
        for _ in 0..300 {
            run.step(&mut random);
        }
        run.waiters.clear();
        run.held.clear();
        assert_eq!(run.pool.stats().rented, 0);
        run.pool.trim();
        assert_eq!(run.pool.stats().system_bytes, 0);
    }
}
