//! W7: random positions in a view of many blocks.

use std::{
    hint::black_box,
    task::{Context, Waker},
    time::Instant,
};

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::PoolOptions;

use super::{Round, Runner};
use crate::{
    contender::{Measure, closed},
    form::{Form, Stage, Waits},
    payload::{Noise, Produce, Words},
};

/// How many positions are read each time.
const SEEKS: usize = 1000;
const WORD: usize = 8;

/// Positions of words, in an order without a pattern, the same for everyone.
fn positions(size: usize) -> Vec<usize> {
    Noise::default().take(SEEKS).map(|bits| (bits >> 33) as usize % (size / WORD) * WORD).collect()
}

/// The words count up from 0, so that each says where it stands.
fn expected(positions: &[usize], times: u64) -> u64 {
    positions.iter().map(|position| (position / WORD) as u64).sum::<u64>() * times
}

/// A reader's view over blocks.
pub(crate) struct Headpond<const BLOCK: usize> {
    pipe: Pipe,
    positions: Vec<usize>,
}

impl<const BLOCK: usize> Headpond<BLOCK> {
    pub(crate) fn open(measure: Measure) -> Self {
        let pool = PoolOptions::new().block_size(BLOCK).build();
        let options = pool.map(|pool| PipeOptions::builder(&pool).pause_threshold(0).max_unconsumed(None).build());
        let Ok(Ok(options)) = options else { panic!("blocks of {BLOCK} bytes are valid") };
        let mut pipe = Pipe::new(&options);
        let (mut words, mut left) = (Words::default(), measure.size);
        while left > 0 {
            let Ok(mut memory) = pipe.writer.reserve(1) else { closed() };
            let part = left.min(memory.len());
            words.fill(&mut memory[..part]);
            memory.advance(part);
            left -= part;
        }
        if pipe.writer.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending() {
            closed();
        }
        Self { pipe, positions: positions(measure.size) }
    }
}

impl<const BLOCK: usize> Runner for Headpond<BLOCK> {
    fn name(&self) -> &'static str {
        if BLOCK == 4096 { "headpond" } else { "headpond-16k" }
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let view = self.pipe.reader.peek();
        let start = view.start();
        let mut total = 0;
        let begin = Instant::now();
        for _ in 0..times {
            for &position in black_box(&self.positions) {
                let word = view.slice(start + position..).cursor().u64_le();
                total += word.unwrap_or_default();
            }
        }
        let elapsed = begin.elapsed();
        Round { elapsed, right: total == expected(&self.positions, times), waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        (SEEKS * WORD) as u64
    }
}

/// One contiguous buffer.
#[derive(Debug)]
pub(crate) struct Contiguous {
    bytes: Vec<u8>,
    positions: Vec<usize>,
}

impl Contiguous {
    pub(crate) fn open(measure: Measure) -> Self {
        let mut bytes = vec![0; measure.size];
        Words::default().fill(&mut bytes);
        Self { bytes, positions: positions(measure.size) }
    }
}

impl Runner for Contiguous {
    fn name(&self) -> &'static str {
        "contiguous"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let mut total = 0;
        let begin = Instant::now();
        for _ in 0..times {
            for &position in black_box(&self.positions) {
                let word = self.bytes[position..].first_chunk();
                total += word.map_or(0, |word| u64::from_le_bytes(*word));
            }
        }
        let elapsed = begin.elapsed();
        Round { elapsed, right: total == expected(&self.positions, times), waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        (SEEKS * WORD) as u64
    }
}
