//! What a seed stands for.

use std::{
    collections::BTreeSet,
    env,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::LazyLock,
    time::Duration,
};

use bytes::Bytes;
use headpond_adapters::{Duplex, duplex};
use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};
use tokio::{runtime::Builder, task::yield_now, time::timeout};

use crate::chunked::Chunked;

/// The largest body.
pub(crate) const LARGEST: usize = 10 << 20;

/// How many exchanges each protocol makes, at least, unless `HEADPOND_EXCHANGES` says otherwise: under a sanitizer fewer will do.
const EXCHANGES: usize = 1000;

/// How many pieces a body may be cut into: what a test can afford.
const MOST_PIECES: usize = 5000;

/// The clock stands still while any task has something to do: it gets here when none has, and the test has not ended.
const STUCK: Duration = Duration::from_secs(3600);

/// What bodies are made of: the first bytes of this.
static PATTERN: LazyLock<Bytes> = LazyLock::new(|| (0..LARGEST).map(|i| (i * 31 + i / 251) as u8).collect());

/// A body of so many bytes.
pub(crate) fn body(len: usize) -> Bytes {
    PATTERN.slice(..len)
}

/// A sequence of numbers from a seed: SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Who ends a connection, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    ClientCloses,
    ServerCloses,
    BothClose,
    /// In the middle of an exchange.
    ClientVanishes,
    /// Likewise.
    ServerVanishes,
}

const ENDINGS: [Ending; 5] =
    [Ending::ClientCloses, Ending::ServerCloses, Ending::BothClose, Ending::ClientVanishes, Ending::ServerVanishes];

/// What a protocol can do with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Least {
    /// Some write before they read, on both sides at once: they block each other, over any transport, when neither has room for
    /// that. (Over `tokio::io::duplex` they do so at the same sizes.)
    pub(crate) window: usize,
    pub(crate) piece: usize,
}

/// A connection to be.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) random: Random,
    pub(crate) pool: Pool,
    pub(crate) options: PipeOptions,
    pub(crate) ending: Ending,
    /// How many exchanges there are before the end.
    pub(crate) exchanges: usize,
    /// The largest piece that goes in or out at once.
    piece: usize,
    largest: usize,
}

impl Plan {
    fn new(seed: u64, least: Least, largest: usize) -> Self {
        let mut random = Random::new(seed);
        let block_size = random.one_of(&[64, 256, 4096]);
        let pool = PoolOptions::new().block_size(block_size).slab_blocks(4).build().unwrap();
        let window = random.one_of(&[1, 100, 4096, 65536, 65536]).max(least.window);
        let resume = 1 + random.below(window);
        let options = PipeOptions::builder(&pool).pause_threshold(window).resume_threshold(resume).build().unwrap();
        let piece = random.one_of(&[1, 17, 1000, 20_000, 100_000, 100_000]).max(least.piece);
        let (ending, exchanges) = (random.one_of(&ENDINGS), 15 + random.below(10));
        let largest = largest.min(MOST_PIECES * piece.min(window));
        Self { random, pool, options, ending, exchanges, piece, largest }
    }

    /// Two ends that face each other, each with its bytes cut up.
    pub(crate) fn connect(&mut self) -> (Chunked<Duplex>, Chunked<Duplex>) {
        let (one, other) = duplex(&self.options);
        let mut cut = |end| Chunked::new(end, self.piece, Random::new(self.random.next()));
        (cut(one), cut(other))
    }

    /// The size of a body: most are small, a few as large as the plan can afford.
    pub(crate) fn size(&mut self) -> usize {
        let bound = match self.random.below(200) {
            0 => return self.largest,
            1..20 => return 0,
            20..100 => 100,
            100..180 => 5000,
            _ => 100_000,
        };
        self.random.below(bound).min(self.largest)
    }

    /// Whether it is to end with a word.
    pub(crate) fn ends_cleanly(&self) -> bool {
        matches!(self.ending, Ending::ClientCloses | Ending::ServerCloses | Ending::BothClose)
    }

    /// Gives the tasks some turns: so that an exchange that has begun is nowhere in particular.
    pub(crate) async fn some_turns(&mut self) {
        for _ in 0..self.random.below(40) {
            yield_now().await;
        }
    }

    /// Gives the tasks turns until no block is held.
    ///
    /// # Panics
    ///
    /// When some still is after more turns than anybody needs.
    pub(crate) async fn until_idle(&self) {
        for _ in 0..1000 {
            if self.pool.stats().rented == 0 {
                return;
            }
            yield_now().await;
        }
        panic!("an idle pair holds blocks: {:?}", self.pool.stats());
    }
}

/// What one connection has done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    exchanges: usize,
    sizes: BTreeSet<usize>,
}

impl Done {
    /// Counts an exchange of two bodies.
    pub(crate) fn count(&mut self, request: usize, reply: usize) {
        self.exchanges += 1;
        self.sizes.extend([request, reply]);
    }
}

/// Makes connections until there were enough exchanges, each from a seed of its own, on one thread: nothing but the seed
/// decides what happens.
pub(crate) fn connections<F: Future<Output = Done>>(first: u64, least: Least, connection: impl Fn(Plan) -> F) {
    connections_up_to(LARGEST, first, least, connection);
}

/// As [`connections`], with bodies of so many bytes at most.
pub(crate) fn connections_up_to<F: Future<Output = Done>>(
    largest: usize,
    first: u64,
    least: Least,
    connection: impl Fn(Plan) -> F,
) {
    let run = |seed: u64| {
        let plan = Plan::new(seed, least, largest);
        let (pool, ending) = (plan.pool.clone(), plan.ending);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let done = runtime.block_on(async { timeout(STUCK, connection(plan)).await.expect("nothing moves any more") });
        drop(runtime);
        assert_eq!(pool.stats().rented, 0, "{ending:?} left blocks behind");
        (done, ending)
    };
    if let Ok(seed) = env::var("HEADPOND_SEED") {
        let digits = seed.trim_start_matches("0x");
        run(u64::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("HEADPOND_SEED={seed} is not hexadecimal")));
        return;
    }
    let wanted = env::var("HEADPOND_EXCHANGES").ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(EXCHANGES);
    let (mut seeds, mut done, mut endings) = (Random::new(first), Done::default(), BTreeSet::new());
    while done.exchanges < wanted {
        let seed = seeds.next();
        match catch_unwind(AssertUnwindSafe(|| run(seed))) {
            Ok((more, ending)) => {
                done.exchanges += more.exchanges;
                done.sizes.extend(more.sizes);
                endings.insert(ending);
            }
            Err(panic) => {
                eprintln!("replay with HEADPOND_SEED={seed:#x}");
                resume_unwind(panic);
            }
        }
    }
    if wanted >= EXCHANGES {
        // The seeds are worth something only if they come to this.
        assert_eq!(endings.len(), ENDINGS.len(), "{endings:?}");
        assert_eq!((done.sizes.first(), done.sizes.last()), (Some(&0), Some(&largest)));
    }
}
