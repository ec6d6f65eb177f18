//! Random sequences of operations on stable, thousands for each target, against its naive model.
//!
//! A failure prints the seed of its sequence; `HEADPOND_SEED=0x… cargo test -p headpond-fuzz --test random TARGET` runs that
//! one alone, leaves out what it does not need to fail, and prints the rest. `HEADPOND_SEQUENCES=…` sets how many run.

use std::{
    env,
    fmt::Debug,
    iter,
    panic::{self, AssertUnwindSafe, catch_unwind},
};

use arbitrary::{Arbitrary, Unstructured};
use headpond_fuzz::{pipe, pool};

const SEQUENCES: u64 = 4000;
const MOST_OPS: u64 = 150;

/// SplitMix64, after Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Draws the operation a sequence begins with.
type First<Op> = fn(&mut Unstructured<'_>) -> arbitrary::Result<Op>;

/// The operations that a seed stands for.
fn sequence<Op: for<'a> Arbitrary<'a>>(seed: u64, first: First<Op>) -> Vec<Op> {
    let mut generator = Generator(seed);
    let len = generator.next() % MOST_OPS + 1;
    let bytes: Vec<u8> = (0..len * 4).flat_map(|_| generator.next().to_le_bytes()).collect();
    let mut input = Unstructured::new(&bytes);
    let first = first(&mut input);
    iter::once(first).chain((0..len).map(|_| Op::arbitrary(&mut input))).map_while(Result::ok).collect()
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    Some(parsed.unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn fails<Op>(run: fn(&[Op]), ops: &[Op]) -> bool {
    catch_unwind(AssertUnwindSafe(|| run(ops))).is_err()
}

/// Leaves out whatever the failure does not need.
fn shrink<Op: Clone>(run: fn(&[Op]), mut ops: Vec<Op>) -> Vec<Op> {
    panic::set_hook(Box::new(|_| {}));
    let mut step = ops.len();
    while step > 0 {
        let mut at = 0;
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..(at + step).min(fewer.len()));
            if fails(run, &fewer) { ops = fewer } else { at += step }
        }
        step /= 2;
    }
    drop(panic::take_hook());
    ops
}

fn run_many<Op: for<'a> Arbitrary<'a> + Clone + Debug>(target: u64, first: First<Op>, run: fn(&[Op])) {
    if let Some(seed) = number("HEADPOND_SEED") {
        let ops = sequence(seed, first);
        if fails(run, &ops) {
            let ops = shrink(run, ops);
            eprintln!("{ops:#?}");
            run(&ops);
        }
        return;
    }
    let mut seeds = Generator(target);
    for _ in 0..number("HEADPOND_SEQUENCES").unwrap_or(SEQUENCES) {
        let seed = seeds.next();
        let ops = sequence(seed, first);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&ops))) {
            eprintln!("replay with HEADPOND_SEED={seed:#x}");
            panic::resume_unwind(panic);
        }
    }
}

#[test]
fn pipes_keep_to_the_model() {
    run_many(1, |input| Ok(pipe::Op::Setup(0, Arbitrary::arbitrary(input)?)), pipe::run);
}

#[test]
fn pools_keep_to_the_model() {
    run_many(2, |input| Ok(pool::Op::Setup(0, Arbitrary::arbitrary(input)?)), pool::run);
}
