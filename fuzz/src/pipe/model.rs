//! The naive pipe: queues of bytes, counters, and the rules of `docs/RULES.md`, one by one.
//!
//! It knows nothing of words, nodes or races. Results are compared by name, so errors are strings here.

use std::collections::{BTreeSet, VecDeque};

use super::Settings;

/// A block, by the order in which it was rented.
pub(super) type Id = usize;

/// What the pipes' common source has left at the start of an operation.
pub(super) struct Memory {
    pub(super) block_size: usize,
    /// The budget, in bytes.
    pub(super) budget: usize,
    /// What of it is neither in use nor granted.
    pub(super) free: usize,
    /// Somebody waits in line.
    pub(super) line: bool,
    /// The size of every block ever rented.
    pub(super) sizes: Vec<usize>,
}

impl Memory {
    pub(super) fn rent(&mut self, min: usize) -> Result<Id, String> {
        let size = min.max(self.block_size);
        if size > self.budget {
            return Err("too large".into());
        }
        if self.line || size > self.free {
            return Err("exhausted".into());
        }
        self.free -= size;
        self.sizes.push(size);
        Ok(self.sizes.len() - 1)
    }
}

/// Neighbouring bytes of one block, or of foreign memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) block: Option<Id>,
    pub(super) len: usize,
    /// Of what the writer put there itself.
    pub(super) own: Option<Own>,
}

/// Where in a block the writer has put bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    /// Where the stretch of the block begins in the stream that is filled without anything between.
    pub(super) stretch: u64,
    /// How much of the block there is from the first of the bytes on.
    pub(super) room: usize,
}

/// The block being filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) block: Id,
    pub(super) left: usize,
    /// Nothing was put into it since it was installed, or since something was linked in before its rest.
    pub(super) untouched: bool,
    /// Where what is put into it begins in the stream.
    stretch: u64,
    /// The claim is given up, and nobody took the block yet.
    pub(super) loose: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Aborted(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Pending,
    View { finished: bool, cancelled: bool },
    Error(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitKind {
    Flush,
    Reserve,
    Drained,
    Closed,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) settings: Settings,
    /// Flushed and not consumed.
    pub(super) unconsumed: VecDeque<u8>,
    pub(super) unflushed: Vec<u8>,
    /// Where the bytes of both lie.
    pub(super) segments: VecDeque<Segment>,
    pub(super) consumed: u64,
    pub(super) examined: u64,
    pub(super) highest: u64,
    /// Up to where the reader has looked.
    pub(super) seen: u64,
    pub(super) tail: Option<Tail>,
    /// An ended writer's last block may stay until a read has seen the end, and consumed everything.
    pub(super) leftover: Option<Id>,
    pub(super) end_seen: bool,
    /// The block of the last published byte, and its stretch.
    last_flushed: Option<(Id, u64)>,
    pub(super) release_on_flush: bool,
    pub(super) paused: bool,
    pub(super) end: Option<End>,
    /// The reader is closed, with the error's name.
    pub(super) closed: Option<String>,
    /// How much it left unconsumed.
    pub(super) lost: usize,
    /// The writer knows.
    pub(super) noticed: bool,
    pub(super) read_cancelled: bool,
    pub(super) flush_cancelled: bool,
    /// The position that a read which was pending waits for, polled again or not, and whether it asked for an amount.
    pub(super) reading: Option<(u64, bool)>,
    /// Which waker of the reader's is stored.
    pub(super) reader_waker: Option<usize>,
    pub(super) writer_waker: Option<(usize, WaitKind)>,
    /// How often each waker was to be called.
    pub(super) reader_woken: [u64; 2],
    pub(super) writer_woken: [u64; 2],
    pub(super) pauses: u64,
    pub(super) reader_wakes: u64,
    pub(super) writer_wakes: u64,
}

/// What both ends do and are asked.
impl Model {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    pub(super) fn flushed(&self) -> u64 {
        self.consumed + self.unconsumed.len() as u64
    }

    pub(super) fn written(&self) -> u64 {
        self.flushed() + self.unflushed.len() as u64
    }

    /// The blocks that are to be out.
    pub(super) fn blocks(&self, blocks: &mut BTreeSet<Id>) {
        blocks.extend(self.segments.iter().filter_map(|segment| segment.block));
        blocks.extend(self.tail.map(|tail| tail.block));
        blocks.extend(self.leftover);
    }

    /// The bytes the reader's buffer shows.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.unconsumed.iter().copied().take((self.seen - self.consumed) as usize).collect()
    }

    /// The pieces of blocks that the first `len` unconsumed bytes lie in, from `skip` on.
    pub(super) fn pieces(&self, skip: usize, len: usize) -> Vec<Segment> {
        let (mut at, mut pieces) = (0, Vec::new());
        for segment in &self.segments {
            let (start, end) = (at.max(skip), (at + segment.len).min(skip + len));
            if start < end {
                let own = segment.own.map(|own| Own { room: own.room - (start - at), ..own });
                pieces.push(Segment { len: end - start, own, ..*segment });
            }
            at += segment.len;
        }
        pieces
    }

    fn wake_reader(&mut self) {
        if let Some(waker) = self.reader_waker.take() {
            self.reader_woken[waker] += 1;
            self.reader_wakes += 1;
        }
    }

    pub(super) fn wake_writer(&mut self, kinds: &[WaitKind]) {
        if let Some((waker, kind)) = self.writer_waker
            && kinds.contains(&kind)
        {
            self.writer_waker = None;
            self.writer_woken[waker] += 1;
            self.writer_wakes += 1;
        }
    }

    pub(super) fn cancel_read(&mut self) {
        self.read_cancelled = true;
        self.wake_reader();
    }

    pub(super) fn cancel_flush(&mut self) {
        self.flush_cancelled = true;
        self.wake_writer(&[WaitKind::Flush, WaitKind::Reserve]);
    }
}

/// The writer.
impl Model {
    fn check_open(&mut self) -> Result<(), String> {
        if self.end.is_some() {
            return Err("ended".into());
        }
        match self.notice() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The writer meets a closed reader, and keeps nothing.
    fn notice(&mut self) -> Option<String> {
        let error = self.closed.clone()?;
        self.noticed = true;
        self.unflushed.clear();
        self.segments.clear();
        self.tail = None;
        Some(error)
    }

    fn reclaim(&mut self) {
        if let Some(tail) = &mut self.tail {
            tail.loose = false;
        }
    }

    fn left(&self) -> usize {
        self.tail.map_or(0, |tail| tail.left)
    }

    fn install(&mut self, block: Id, capacity: usize) {
        self.tail = Some(Tail { block, left: capacity, untouched: true, stretch: self.written(), loose: false });
    }

    fn put(&mut self, bytes: &[u8]) {
        if let (Some(tail), false) = (&mut self.tail, bytes.is_empty()) {
            assert!(!tail.loose && tail.left >= bytes.len(), "the model itself is wrong");
            let own = Some(Own { stretch: tail.stretch, room: tail.left });
            tail.left -= bytes.len();
            tail.untouched = false;
            self.segments.push_back(Segment { block: Some(tail.block), len: bytes.len(), own });
            self.unflushed.extend_from_slice(bytes);
        }
    }

    /// Whether there is room without renting.
    fn has_room(&mut self, min: usize) -> Result<bool, String> {
        self.check_open()?;
        self.reclaim();
        if self.left() >= min {
            return Ok(true);
        }
        if min > self.settings.block_size && self.settings.reject_oversize {
            return Err("oversize".into());
        }
        self.leave_consumed();
        Ok(false)
    }

    /// What happens before `least` bytes are asked of the source.
    pub(super) fn make_way(&mut self, least: usize) {
        // The result comes again, when it is asked for in earnest.
        let _ = self.has_room(least);
    }

    /// What is wholly consumed goes back before more is asked for.
    fn leave_consumed(&mut self) {
        if self.unflushed.is_empty() {
            self.tail = self.tail.filter(|tail| !tail.untouched && !self.unconsumed.is_empty());
        }
    }

    /// How long the view is, and whether it is the memory of before.
    pub(super) fn reserve(&mut self, memory: &mut Memory, min: usize) -> Result<(usize, bool), String> {
        let min = min.max(1);
        let same = self.has_room(min)?;
        if !same {
            let block = memory.rent(min)?;
            self.install(block, memory.sizes[block]);
        }
        Ok((self.left(), same))
    }

    /// The view last reserved was filled with `bytes`.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        self.put(bytes);
    }

    pub(super) fn write(&mut self, memory: &mut Memory, bytes: &[u8]) -> Result<(), String> {
        self.check_open()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.reclaim();
        let (head, rest) = bytes.split_at(self.left().min(bytes.len()));
        let chunks: Vec<&[u8]> = rest.chunks(self.settings.block_size).collect();
        let rented: Result<Vec<Id>, String> = chunks.iter().map(|_| memory.rent(1)).collect();
        let rented = rented?;
        self.put(head);
        for (block, chunk) in rented.into_iter().zip(chunks) {
            self.install(block, memory.sizes[block]);
            self.put(chunk);
        }
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8], pieces: &[Segment]) -> Result<(), String> {
        self.check_open()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.reclaim();
        self.segments.extend(pieces.iter().map(|piece| Segment { own: None, ..*piece }));
        self.unflushed.extend_from_slice(bytes);
        let stretch = self.written();
        self.tail = self.tail.filter(|tail| tail.left > 0).map(|tail| Tail { untouched: true, stretch, ..tail });
        Ok(())
    }

    /// The prefix's position.
    pub(super) fn reserve_prefix(&mut self, memory: &mut Memory, n: usize) -> Result<u64, String> {
        let position = self.written();
        if n == 0 {
            self.check_open()?;
        } else {
            self.reserve(memory, n)?;
            self.put(&vec![0; n]);
        }
        Ok(position)
    }

    /// Whether a prefix is still the writer's that was made when so much was flushed, and was discarded or not.
    pub(super) fn check_prefix(&self, made: u64, discarded: bool) -> Result<(), String> {
        if made != self.flushed() || self.end.is_some() || self.noticed {
            return Err("flushed".into());
        }
        if discarded { Err("discarded".into()) } else { Ok(()) }
    }

    pub(super) fn patch(&mut self, position: u64, bytes: &[u8]) {
        let at = (position - self.flushed()) as usize;
        self.unflushed[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn rewind(&mut self, position: u64) -> Result<(), String> {
        if self.notice().is_some() {
            return Err("flushed".into());
        }
        let dropped = (self.written() - position) as usize;
        if dropped == 0 {
            return Ok(());
        }
        let discarded = self.pieces(self.unconsumed.len() + self.unflushed.len() - dropped, dropped);
        let first = discarded.iter().find_map(|piece| Some((piece.block?, piece.own?)));
        self.tail = match (first, self.tail) {
            // All or part of what was put there last, without anything between.
            (Some((block, own)), Some(tail)) if own.stretch == tail.stretch && own.stretch <= position => {
                Some(Tail { block, left: own.room, untouched: own.stretch == position, ..tail })
            }
            // What is behind is given up, and nothing is in the rest of that block.
            (Some((block, own)), _) => {
                Some(Tail { block, left: own.room, untouched: true, stretch: position, loose: false })
            }
            (None, tail) => tail.map(|tail| Tail { untouched: true, stretch: position, ..tail }),
        };
        self.drop_last(dropped);
        self.unflushed.truncate(self.unflushed.len() - dropped);
        Ok(())
    }

    /// The block was rented before, and filled with `bytes`.
    pub(super) fn append_block(&mut self, block: Id, capacity: usize, bytes: &[u8]) -> Result<(), String> {
        self.check_open()?;
        if !bytes.is_empty() {
            self.reclaim();
            self.install(block, capacity);
            self.put(bytes);
        }
        Ok(())
    }

    pub(super) fn release(&mut self) {
        if self.unflushed.is_empty() { self.release_tail() } else { self.release_on_flush = true }
    }

    fn release_tail(&mut self) {
        if let Some(tail) = &mut self.tail {
            let unused = tail.untouched || self.unconsumed.is_empty() || self.closed.is_some();
            if unused && !tail.loose {
                self.tail = None;
            } else {
                tail.loose = true;
            }
        }
    }

    pub(super) fn flush(&mut self, waker: usize) -> Option<Result<(), String>> {
        if let Some(end) = &self.end {
            return Some(if *end == End::Finished { Ok(()) } else { Err("aborted".into()) });
        }
        self.writer_waker = None;
        if let Some(error) = self.notice() {
            return Some(Err(error));
        }
        if !self.unflushed.is_empty() {
            self.last_flushed = self.segments.back().and_then(|last| Some((last.block?, last.own?.stretch)));
        }
        self.unconsumed.extend(self.unflushed.drain(..));
        if self.reading.is_some_and(|(target, _)| self.flushed() >= target) {
            self.wake_reader();
        }
        if std::mem::take(&mut self.release_on_flush) {
            self.release_tail();
        }
        if std::mem::take(&mut self.flush_cancelled) {
            return Some(Err("cancelled".into()));
        }
        self.evaluate_pause();
        if !self.paused {
            return Some(Ok(()));
        }
        self.writer_waker = Some((waker, WaitKind::Flush));
        None
    }

    fn evaluate_pause(&mut self) {
        let unexamined = self.flushed() - self.highest;
        let hungry = self.reading.is_some_and(|(target, amount)| amount && target > self.flushed());
        if self.settings.pause == 0 || hungry || unexamined < self.settings.resume {
            self.paused = false;
        } else if unexamined >= self.settings.pause && !self.paused {
            self.paused = true;
            self.pauses += 1;
        }
    }

    /// What a wait for memory comes to, if it need not ask the source.
    pub(super) fn poll_reserve(&mut self, min: usize) -> Result<bool, String> {
        let room = self.has_room(min.max(1));
        if !matches!(room, Ok(false)) {
            self.writer_waker = None;
        } else if self.unflushed.is_empty() {
            // What is waited for may be the very block that is being filled.
            self.release_tail();
        }
        room
    }

    /// The source gave what was waited for.
    pub(super) fn granted(&mut self, block: Id, capacity: usize) {
        self.writer_waker = None;
        self.install(block, capacity);
    }

    /// The source gave nothing: a cancellation ends the wait.
    pub(super) fn wait_for_memory(&mut self, waker: usize) -> Option<Result<(), String>> {
        if std::mem::take(&mut self.flush_cancelled) {
            self.writer_waker = None;
            return Some(Err("cancelled".into()));
        }
        self.writer_waker = Some((waker, WaitKind::Reserve));
        None
    }

    pub(super) fn poll_drained(&mut self, waker: usize) -> Option<Result<(), String>> {
        self.writer_waker = None;
        if self.unconsumed.is_empty() && self.closed.is_none() {
            return Some(Ok(()));
        }
        if let Some(error) = self.notice() {
            return Some(Err(error));
        }
        self.writer_waker = Some((waker, WaitKind::Drained));
        None
    }

    pub(super) fn poll_closed(&mut self, waker: usize) -> Option<()> {
        self.writer_waker = None;
        if self.notice().is_some() {
            return Some(());
        }
        self.writer_waker = Some((waker, WaitKind::Closed));
        None
    }

    pub(super) fn withdraw_writer(&mut self) {
        self.writer_waker = None;
    }

    pub(super) fn end(&mut self, end: End) {
        if self.end.is_some() {
            return;
        }
        self.writer_waker = None;
        let discarded = end != End::Finished;
        self.end = Some(end);
        if self.notice().is_some() {
            return;
        }
        self.leftover = self.leave_behind(discarded);
        if discarded {
            self.drop_last(self.unflushed.len());
            self.unflushed.clear();
        }
        self.unconsumed.extend(self.unflushed.drain(..));
        self.tail = None;
        self.wake_reader();
    }

    /// The block that an ending leaves to its reader, consumed or not.
    fn leave_behind(&self, discards: bool) -> Option<Id> {
        let tail = self.tail.filter(|tail| !tail.untouched).map(|tail| tail.block);
        let unflushed = self.pieces(self.unconsumed.len(), self.unflushed.len());
        if !discards || unflushed.is_empty() {
            return tail.filter(|_| !self.unconsumed.is_empty() || !unflushed.is_empty());
        }
        // The block of the last published byte, when bytes behind it are discarded.
        let (last, stretch) = self.last_flushed?;
        let is_same = |piece: &Segment| piece.own.is_some_and(|own| own.stretch == stretch);
        if !is_same(&unflushed[0]) {
            return None;
        }
        let is_tail = tail == Some(last) && unflushed.iter().all(is_same);
        (!is_tail || !self.unconsumed.is_empty()).then_some(last)
    }

    fn drop_last(&mut self, mut bytes: usize) {
        while let Some(segment) = self.segments.back_mut().filter(|_| bytes > 0) {
            let part = bytes.min(segment.len);
            segment.len -= part;
            bytes -= part;
            if segment.len == 0 {
                self.segments.pop_back();
            }
        }
    }
}
