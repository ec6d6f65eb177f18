//! D1 to D3: items taken out of a view over blocks of 4 KiB, and out of one flat buffer by the crate one would take for that.
//!
//! Nothing is copied on either side. Before the clock starts every item is held against what was written; while it runs, what
//! each item says of itself is added up, so that none can be left out.

mod items;

use std::{
    hint::black_box,
    marker::PhantomData,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use headpond_pipe::Pipe;
use headpond_pool::Sequence;

use super::{Round, Runner};
use crate::{
    contender::{Measure, closed, headpond::pipe},
    form::{Form, Stage, Waits},
    payload::Noise,
};

pub(crate) use items::{Commands, Lines, LinesCodec, Memchr, RedisProtocol, UnsignedVarint, Varints};

/// How many batches of items there are, each other ones, which are decoded in turn: a processor learns the branches of 10,000
/// items by heart, as nobody's traffic can be.
const BATCHES: usize = 8;

/// Items in the parts that are taken out, and the bytes they make.
pub(crate) struct Batch {
    parts: Vec<Vec<u8>>,
    bytes: Vec<u8>,
}

/// A kind of items.
pub(crate) trait Items: 'static {
    /// So many of them.
    fn batch(count: usize, noise: &mut Noise) -> Batch;

    /// Takes all of them out of a view.
    fn take(view: Sequence<'_>, visit: &mut impl Visit);
}

/// Another crate's way to take the same items out of one flat buffer.
pub(crate) trait Flat: 'static {
    const NAME: &'static str;
    type Items: Items;

    /// Takes all of them, and the bytes if it must.
    fn take(bytes: &mut BytesMut, visit: &mut impl Visit);

    /// Whether the bytes are gone then.
    const CONSUMES: bool = false;
}

/// Whoever is shown items.
pub(crate) trait Visit {
    fn visit(&mut self, item: impl Item);
}

/// What was taken out.
pub(crate) trait Item {
    /// Something that depends on it, and costs next to nothing.
    fn gist(&self) -> u64;

    fn to_bytes(&self) -> Vec<u8>;
}

impl Item for &[u8] {
    #[inline(always)]
    fn gist(&self) -> u64 {
        self.len() as u64 + self.first().map_or(0, |&first| u64::from(first) << 32)
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Item for Sequence<'_> {
    #[inline(always)]
    fn gist(&self) -> u64 {
        self.len() as u64 + self.first_chunk().first().map_or(0, |&first| u64::from(first) << 32)
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Item for u64 {
    #[inline(always)]
    fn gist(&self) -> u64 {
        *self
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.to_le_bytes().into()
    }
}

/// Adds up gists.
#[derive(Debug, Default, PartialEq, Eq)]
struct Gists {
    count: u64,
    total: u64,
}

impl Visit for Gists {
    #[inline(always)]
    fn visit(&mut self, item: impl Item) {
        self.count += 1;
        self.total = self.total.wrapping_add(item.gist());
    }
}

/// Compares items, byte by byte, and adds up the gists they must have.
struct Comparison<'a> {
    expected: std::slice::Iter<'a, Vec<u8>>,
    right: bool,
    gists: Gists,
}

impl<'a> Comparison<'a> {
    fn new(expected: &'a [Vec<u8>]) -> Self {
        Self { expected: expected.iter(), right: true, gists: Gists::default() }
    }

    /// The gists, if every item was right and none is missing.
    fn outcome(self) -> Option<Gists> {
        (self.right && self.expected.as_slice().is_empty()).then_some(self.gists)
    }
}

impl Visit for Comparison<'_> {
    fn visit(&mut self, item: impl Item) {
        self.gists.visit(&item);
        self.right &= self.expected.next() == Some(&item.to_bytes());
    }
}

impl<I: Item> Item for &I {
    fn gist(&self) -> u64 {
        (**self).gist()
    }

    fn to_bytes(&self) -> Vec<u8> {
        (**self).to_bytes()
    }
}

fn batches<I: Items>(measure: Measure) -> Vec<Batch> {
    let mut noise = Noise::default();
    (0..BATCHES).map(|_| I::batch(measure.size, &mut noise)).collect()
}

/// The gists of each batch, if every part comes out of it as it went in.
fn compared<'a>(batches: &'a [Batch], mut take: impl FnMut(usize, &mut Comparison<'a>)) -> Vec<Option<Gists>> {
    let compare = |(at, batch): (usize, &'a Batch)| {
        let mut comparison = Comparison::new(&batch.parts);
        take(at, &mut comparison);
        comparison.outcome()
    };
    batches.iter().enumerate().map(compare).collect()
}

/// Items in a view over the blocks of a pipe.
pub(crate) struct OverBlocks<I> {
    pipe: Pipe,
    batches: Vec<Batch>,
    items: PhantomData<I>,
}

impl<I: Items> OverBlocks<I> {
    pub(crate) fn open(measure: Measure) -> Self {
        let batches = batches::<I>(measure);
        let mut pipe = pipe(4096, measure.window, 0);
        for batch in &batches {
            let written = pipe.writer.write(&batch.bytes);
            if written.is_err() || pipe.writer.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending() {
                closed();
            }
        }
        Self { pipe, batches, items: PhantomData }
    }
}

impl<I: Items> Runner for OverBlocks<I> {
    fn name(&self) -> &'static str {
        "headpond"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let mut start = self.pipe.reader.peek().start();
        let whole = self.pipe.reader.peek();
        let cut = |batch: &Batch| {
            let end = start + batch.bytes.len();
            let view = whole.slice(start..end);
            start = end;
            view
        };
        let views: Vec<_> = self.batches.iter().map(cut).collect();
        let expected = compared(&self.batches, |at, comparison| I::take(views[at], comparison));
        let mut right = true;
        let start = Instant::now();
        for at in (0..BATCHES).cycle().take(times as usize) {
            let mut gists = Gists::default();
            I::take(black_box(views[at]), &mut gists);
            right &= Some(&gists) == expected[at].as_ref();
        }
        Round { elapsed: start.elapsed(), right, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.batches[0].bytes.len() as u64
    }
}

/// Items in one flat buffer.
pub(crate) struct InOneBuffer<F> {
    batches: Vec<Batch>,
    way: PhantomData<F>,
}

impl<F: Flat> InOneBuffer<F> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { batches: batches::<F::Items>(measure), way: PhantomData }
    }
}

impl<F: Flat> Runner for InOneBuffer<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let filled = |batch: &Batch| BytesMut::from(&batch.bytes[..]);
        let mut buffers: Vec<_> = self.batches.iter().map(filled).collect();
        let expected = compared(&self.batches, |at, comparison| F::take(&mut filled(&self.batches[at]), comparison));
        let mut right = true;
        let mut elapsed = Duration::ZERO;
        for at in (0..BATCHES).cycle().take(times as usize) {
            let mut gists = Gists::default();
            let start = Instant::now();
            F::take(black_box(&mut buffers[at]), &mut gists);
            elapsed += start.elapsed();
            right &= Some(&gists) == expected[at].as_ref();
            if F::CONSUMES {
                // Not what is measured.
                buffers[at] = filled(&self.batches[at]);
            }
        }
        Round { elapsed, right, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.batches[0].bytes.len() as u64
    }
}
