//! Two pipes over one source of blocks, against two naive ones.
//!
//! Every operation is done to both sides. What it returns, the bytes, the counts, the blocks that are out, the wakers called and the
//! wakers kept must be what the naive side says, after each of them.

mod check;
mod ending;
mod model;
mod model_reader;
mod reading;
mod source;
mod writing;

use std::{collections::BTreeSet, sync::Arc, task::Context};

use arbitrary::Arbitrary;
use headpond_pipe::{FlushCanceller, OnWriterDrop, Oversize, Pipe, ReadCanceller, Reader, Writer};
use headpond_pool::{Prefix, Slice};

use self::{
    model::{Memory, Model, Segment, WaitKind},
    source::Source,
};
use crate::wakes::Wakes;

/// What can be done. Numbers are taken modulo what makes sense.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the call of that name, on one of the two pipes")]
pub enum Op {
    /// Ends everything, and starts again with other options. Done for one number in sixteen, or when it comes first.
    Setup(u8, Setup),
    Write(bool, WriteOp),
    WriteMore(bool, WriteOp),
    Read(bool, ReadOp),
    ReadMore(bool, ReadOp),
    /// Done only for one number in eight, so that most sequences go on for a while.
    End(bool, u8, EndOp),
}

/// The options of both pipes, and of what they rent from.
#[derive(Debug, Clone, Copy, Arbitrary)]
#[expect(missing_docs, reason = "each is the option of that name")]
pub struct Setup {
    pub pooled: bool,
    pub block_size: u8,
    pub budget: Option<u8>,
    pub pause: u8,
    pub resume: u8,
    pub max_unconsumed: Option<u8>,
    pub reject_oversize: bool,
    pub finish_on_drop: bool,
}

/// How a wait is polled once: by which of two wakers, and whether it is given up then.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Wait {
    /// By the second waker.
    pub other: bool,
    /// Given up, by dropping the future.
    pub given_up: bool,
}

/// What a writer does.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the call of that name")]
pub enum WriteOp {
    Write(u8),
    /// The least, what is put in, and whether through the view's own `advance`.
    Reserve(u8, u8, bool),
    AppendStatic(u8),
    AppendOwned(u8),
    AppendKept(u8),
    Prefix(u8),
    Patch(u8, u8),
    Release,
    Flush(Wait),
    FlushRelease(Wait),
    ReserveAsync(u8, Wait),
    Drained(Wait),
    Closed(Wait),
    Withdraw,
    Cancel,
    WrittenSince(u8),
    Rewind(u8),
    /// How much of it is filled.
    AppendBlock(u8),
}

/// What a reader does.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the call of that name")]
pub enum ReadOp {
    Read(Wait),
    ReadAtLeast(u8, Wait),
    /// As many more than there are.
    ReadMoreThanThere(u8, Wait),
    TryRead,
    Peek,
    AdvanceTo(u8, u8),
    Advance(u8),
    AdvanceAll,
    NeedMore(u8),
    Keep(u8, u8),
    DropKept(u8),
    Transfer(u8),
    CopyTo(bool),
    Withdraw,
    Cancel,
    /// By a handle of a pipe that is no more.
    CancelStale,
}

/// What ends an end, or begins again.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the call of that name")]
pub enum EndOp {
    Finish,
    FinishAsync,
    Abort,
    Close,
    CloseWith,
    DropWriter,
    DropReader,
    Reset,
    ResetStrangers,
    /// Drops what is left of the pipe, and makes a new one.
    Renew,
}

/// Runs the operations on both sides.
///
/// # Panics
///
/// When they differ.
pub fn run(ops: &[Op]) {
    let mut world = World::new(Settings::default());
    for op in ops {
        world.apply(op);
        world.check();
    }
    world.finish();
}

/// Options, with the numbers made valid.
#[derive(Debug, Clone, Copy)]
struct Settings {
    pooled: bool,
    block_size: usize,
    budget: usize,
    pause: u64,
    resume: u64,
    max_unconsumed: u64,
    reject_oversize: bool,
    finish_on_drop: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pooled: false,
            block_size: 16,
            budget: usize::MAX,
            pause: 64,
            resume: 32,
            max_unconsumed: 512,
            reject_oversize: false,
            finish_on_drop: false,
        }
    }
}

impl From<Setup> for Settings {
    fn from(setup: Setup) -> Self {
        let block_size = usize::from(setup.block_size) % 64 + 1;
        let pause = u64::from(setup.pause);
        Self {
            pooled: setup.pooled,
            block_size,
            budget: setup.budget.map_or(usize::MAX, |blocks| block_size * (usize::from(blocks) % 12 + 1)),
            pause,
            resume: u64::from(setup.resume) % pause.max(1) + 1,
            max_unconsumed: setup.max_unconsumed.map_or(u64::MAX, |bytes| u64::from(bytes) + 1),
            reject_oversize: setup.reject_oversize,
            finish_on_drop: setup.finish_on_drop,
        }
    }
}

/// One pipe on both sides.
struct Lane {
    writer: Option<Writer>,
    reader: Option<Reader>,
    model: Model,
    /// Of the reader and of the writer, two each.
    reader_wakes: [Arc<Wakes>; 2],
    writer_wakes: [Arc<Wakes>; 2],
    cancellers: Option<(ReadCanceller, FlushCanceller)>,
    /// Where the next byte of the current block goes.
    next_byte: Option<usize>,
    /// Which pipe it is, of all there were.
    number: usize,
    /// The writer's waker was handed to the pool too, which may call it whenever it likes.
    asked_pool: bool,
}

/// Bytes taken out of a pipe, and what they must stay.
struct Kept {
    slices: Vec<Slice>,
    bytes: Vec<u8>,
    pieces: Vec<Segment>,
}

struct KeptPrefix {
    prefix: Prefix,
    position: u64,
    pipe: usize,
    /// How much was flushed when it was made.
    flushed: u64,
    discarded: bool,
}

/// Somebody who waits for memory.
struct Waiter {
    lane: usize,
    min: usize,
    granted: bool,
}

struct World {
    settings: Settings,
    source: Source,
    lanes: [Lane; 2],
    kept: Vec<Kept>,
    prefixes: Vec<KeptPrefix>,
    stale: Vec<(ReadCanceller, FlushCanceller)>,
    line: Vec<Waiter>,
    /// The size of every block ever rented.
    sizes: Vec<usize>,
    pipes: usize,
    next_byte: u8,
    operations: usize,
}

impl World {
    fn new(settings: Settings) -> Self {
        let source = Source::new(settings.pooled, settings.block_size, settings.budget);
        let lanes = [0, 1].map(|number| Lane::new(&source, settings, number));
        Self {
            settings,
            source,
            lanes,
            kept: Vec::new(),
            prefixes: Vec::new(),
            stale: Vec::new(),
            line: Vec::new(),
            sizes: Vec::new(),
            pipes: 2,
            next_byte: 0,
            operations: 0,
        }
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Setup(sure, setup) if sure % 16 == 0 || self.operations == 0 => {
                let fresh = Self::new((*setup).into());
                std::mem::replace(self, fresh).finish();
            }
            Op::Write(lane, op) | Op::WriteMore(lane, op) => self.write(usize::from(*lane), op),
            Op::Read(lane, op) | Op::ReadMore(lane, op) => self.read(usize::from(*lane), op),
            Op::End(lane, sure, op) if sure % 8 == 0 => self.end(usize::from(*lane), op),
            Op::Setup(..) | Op::End(..) => {}
        }
        self.operations += 1;
        self.settle();
    }

    /// Both ends of everything go, and nothing is left but what was kept.
    fn finish(mut self) {
        for lane in 0..2 {
            self.end(lane, &EndOp::DropWriter);
            self.end(lane, &EndOp::DropReader);
            self.settle();
            self.check();
        }
        self.kept.iter().for_each(Kept::check);
        self.kept.clear();
        assert_eq!(self.source.rented(), 0);
    }

    /// What of the budget is neither in use nor granted.
    fn free(&self) -> usize {
        let in_use: usize = self.blocks_out().iter().map(|&block| self.sizes[block]).sum();
        let granted: usize = self.line.iter().filter(|waiter| waiter.granted).map(|waiter| self.size(waiter.min)).sum();
        self.settings.budget.saturating_sub(in_use + granted)
    }

    /// Asks the naive side for what may need `least` bytes of memory in one piece.
    fn ask<T>(&mut self, lane: usize, least: usize, ask: impl FnOnce(&mut Model, &mut Memory) -> T) -> T {
        if least > 0 {
            self.lanes[lane].model.make_way(least);
        }
        let mut memory = Memory {
            block_size: self.settings.block_size,
            budget: self.settings.budget,
            free: self.free(),
            line: self.line.iter().any(|waiter| !waiter.granted),
            sizes: std::mem::take(&mut self.sizes),
        };
        let answer = ask(&mut self.lanes[lane].model, &mut memory);
        self.sizes = memory.sizes;
        answer
    }

    fn size(&self, min: usize) -> usize {
        min.max(self.settings.block_size)
    }

    /// The blocks that must be out.
    fn blocks_out(&self) -> BTreeSet<model::Id> {
        let mut blocks = BTreeSet::new();
        self.lanes.iter().for_each(|lane| lane.model.blocks(&mut blocks));
        blocks.extend(self.kept.iter().flat_map(|kept| &kept.pieces).filter_map(|piece| piece.block));
        blocks
    }

    /// What has come back goes to those who wait, in turn.
    fn settle(&mut self) {
        while let Some(first) = self.line.iter().position(|waiter| !waiter.granted) {
            let size = self.size(self.line[first].min);
            if size > self.free() {
                break;
            }
            self.line[first].granted = true;
        }
    }

    /// The next so many bytes to write.
    fn bytes(&mut self, n: usize) -> Vec<u8> {
        let bytes = (0..n).map(|i| self.next_byte.wrapping_add(i as u8)).collect();
        self.next_byte = self.next_byte.wrapping_add(n as u8).wrapping_add(1);
        bytes
    }
}

impl Lane {
    fn new(source: &Source, settings: Settings, number: usize) -> Self {
        let limit = usize::try_from(settings.max_unconsumed).ok().filter(|&limit| limit != usize::MAX);
        let options = source
            .options()
            .pause_threshold(settings.pause as usize)
            .resume_threshold(settings.resume as usize)
            .max_unconsumed(limit)
            .oversize(if settings.reject_oversize { Oversize::Reject } else { Oversize::Allocate })
            .on_writer_drop(if settings.finish_on_drop { OnWriterDrop::Finish } else { OnWriterDrop::Abort });
        Self::over(Pipe::new(&options.build().expect("valid options")), settings, number)
    }

    fn over(Pipe { writer, reader }: Pipe, settings: Settings, number: usize) -> Self {
        Self {
            cancellers: Some((reader.canceller(), writer.canceller())),
            writer: Some(writer),
            reader: Some(reader),
            model: Model::new(settings),
            reader_wakes: [Wakes::new(), Wakes::new()],
            writer_wakes: [Wakes::new(), Wakes::new()],
            next_byte: None,
            number,
            asked_pool: false,
        }
    }
}

/// Polls with one of two wakers.
fn with_waker<T>(wakes: &[Arc<Wakes>; 2], which: bool, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
    poll(&mut Context::from_waker(&wakes[usize::from(which)].waker()))
}
