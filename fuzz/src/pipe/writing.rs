//! What a writer does, on both sides.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
};

use headpond_pipe::{FlushError, PipeWrite};
use headpond_pool::{PatchError, PoolError, Slice, WriteError};

use super::{
    KeptPrefix, Wait, WaitKind, Waiter, World, WriteOp,
    model::{End, Segment},
    with_waker,
};

/// Foreign memory that lives for ever.
static STATIC: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut i = 0;
    while i < 256 {
        bytes[i] = i as u8;
        i += 1;
    }
    bytes
};

pub(super) fn write_error(error: &WriteError) -> String {
    match error {
        WriteError::Pool(PoolError::Exhausted { .. }) => "exhausted".into(),
        WriteError::Pool(PoolError::TooLarge { .. }) => "too large".into(),
        WriteError::Oversize { .. } => "oversize".into(),
        WriteError::Closed(error) => closed_by(error.as_ref()),
        WriteError::Ended => "ended".into(),
        WriteError::Cancelled => "cancelled".into(),
        other => format!("unexpected: {other:?}"),
    }
}

pub(super) fn flush_error(error: &FlushError) -> String {
    match error {
        FlushError::Closed(error) => closed_by(error.as_ref()),
        FlushError::Cancelled => "cancelled".into(),
        FlushError::Aborted => "aborted".into(),
        other => format!("unexpected: {other:?}"),
    }
}

fn closed_by(error: Option<&headpond_pool::SharedError>) -> String {
    error.map_or("closed".into(), |error| format!("closed: {error}"))
}

fn patch_error(error: &PatchError) -> String {
    match error {
        PatchError::Flushed { .. } => "flushed".into(),
        PatchError::Discarded { .. } => "discarded".into(),
        PatchError::Foreign => "foreign".into(),
        PatchError::TooLong { .. } => "too long".into(),
        other => format!("unexpected: {other:?}"),
    }
}

/// The result by name, or `None` when pending.
pub(super) fn polled<T>(poll: Poll<Result<T, FlushError>>) -> Option<Result<T, String>> {
    match poll {
        Poll::Ready(result) => Some(result.map_err(|error| flush_error(&error))),
        Poll::Pending => None,
    }
}

pub(super) fn poll_once<F: Future>(future: F, cx: &mut Context<'_>) -> Poll<F::Output> {
    pin!(future).poll(cx)
}

impl World {
    pub(super) fn write(&mut self, lane: usize, op: &WriteOp) {
        if self.lanes[lane].writer.is_none() {
            return;
        }
        match op {
            WriteOp::Write(n) => self.write_bytes(lane, usize::from(*n)),
            WriteOp::Reserve(min, put, by_view) => self.reserve(lane, (*min).into(), (*put).into(), *by_view),
            WriteOp::AppendStatic(n) => {
                let bytes = &STATIC[..usize::from(*n)];
                self.append(lane, Slice::from_static(bytes), &[Segment { block: None, len: bytes.len(), own: None }]);
            }
            WriteOp::AppendOwned(n) => {
                let bytes = self.bytes((*n).into());
                self.append(lane, Slice::from(bytes), &[Segment { block: None, len: (*n).into(), own: None }]);
            }
            WriteOp::AppendKept(which) => self.append_kept(lane, (*which).into()),
            WriteOp::Prefix(n) => self.reserve_prefix(lane, usize::from(*n) % 12),
            WriteOp::Patch(which, len) => self.patch(lane, (*which).into(), usize::from(*len) % 14),
            WriteOp::WrittenSince(which) => self.written_since(lane, (*which).into()),
            WriteOp::Rewind(which) => {
                // One of the last: most of the others are flushed.
                self.rewind(lane, self.prefixes.len().saturating_sub(1 + usize::from(*which) % 8));
            }
            WriteOp::AppendBlock(filled) => self.append_block(lane, (*filled).into()),
            WriteOp::Release => {
                let (writer, model) = self.writer(lane);
                writer.release();
                model.release();
            }
            WriteOp::Flush(wait) => self.flush(lane, *wait, false),
            WriteOp::FlushRelease(wait) => self.flush(lane, *wait, true),
            WriteOp::ReserveAsync(min, wait) => self.reserve_async(lane, (*min).into(), *wait),
            WriteOp::Drained(wait) => self.drained(lane, *wait),
            WriteOp::Closed(wait) => self.closed(lane, *wait),
            WriteOp::Withdraw => self.withdraw_writer(lane),
            WriteOp::Cancel => {
                if let Some((_, canceller)) = &self.lanes[lane].cancellers {
                    canceller.cancel();
                    self.lanes[lane].model.cancel_flush();
                }
            }
        }
    }

    /// Both sides of a writer that is there.
    pub(super) fn writer(&mut self, lane: usize) -> (&mut headpond_pipe::Writer, &mut super::Model) {
        let lane = &mut self.lanes[lane];
        (lane.writer.as_mut().expect("checked before"), &mut lane.model)
    }

    fn write_bytes(&mut self, lane: usize, n: usize) {
        let bytes = self.bytes(n);
        let expected = self.ask(lane, n.min(1), |model, memory| model.write(memory, &bytes));
        let (writer, model) = self.writer(lane);
        let written = writer.write(&bytes).map_err(|error| write_error(&error));
        assert_eq!(written, expected);
        assert_eq!(writer.unflushed(), model.unflushed.len());
        self.lanes[lane].next_byte = None;
    }

    fn reserve(&mut self, lane: usize, min: usize, put: usize, by_view: bool) {
        let filler = self.bytes(256);
        let expected = self.ask(lane, min.max(1), |model, memory| model.reserve(memory, min));
        let at = self.lanes[lane].next_byte;
        let (writer, model) = self.writer(lane);
        let reserved = writer.reserve(min);
        let (next, result) = match reserved {
            Err(error) => (None, Err(write_error(&error))),
            Ok(mut view) => {
                let (start, len) = (view.as_ptr() as usize, view.len());
                let same = expected.as_ref().is_ok_and(|(_, same)| *same);
                assert!(!same || at.is_none_or(|at| at == start), "the same memory");
                let n = (put % (len + 1)).min(filler.len());
                view[..n].copy_from_slice(&filler[..n]);
                if by_view {
                    view.advance(n);
                } else {
                    writer.advance(n);
                }
                model.fill(&filler[..n]);
                (Some(start + n), Ok((len, same)))
            }
        };
        assert_eq!(result, expected);
        self.lanes[lane].next_byte = next;
    }

    fn append(&mut self, lane: usize, slice: Slice, pieces: &[Segment]) {
        let (writer, model) = self.writer(lane);
        let expected = model.append(&slice, pieces);
        assert_eq!(writer.append(slice).map_err(|error| write_error(&error)), expected);
    }

    fn append_kept(&mut self, lane: usize, which: usize) {
        let Some(kept) = self.kept.get(which % self.kept.len().max(1)) else { return };
        // All of it as one stream of pieces; what lies where is what it was kept with.
        let (slices, pieces) = (kept.slices.clone(), kept.pieces.clone());
        let mut rest: Vec<Segment> = pieces;
        rest.reverse();
        for slice in slices {
            let mut own = Vec::new();
            let mut missing = slice.len();
            while let Some(piece) = rest.pop().filter(|_| missing > 0) {
                let len = piece.len.min(missing);
                own.push(Segment { len, ..piece });
                missing -= len;
                if len < piece.len {
                    rest.push(Segment { len: piece.len - len, ..piece });
                }
                if missing == 0 {
                    break;
                }
            }
            self.append(lane, slice, &own);
        }
    }

    fn reserve_prefix(&mut self, lane: usize, n: usize) {
        let expected = self.ask(lane, n, |model, memory| model.reserve_prefix(memory, n));
        let pipe = self.lanes[lane].number;
        let (writer, model) = self.writer(lane);
        let prefix = writer.reserve_prefix(n);
        let flushed = model.flushed();
        match (prefix, expected) {
            (Ok(prefix), Ok(position)) => {
                assert_eq!(prefix.len(), n);
                self.prefixes.push(KeptPrefix { prefix, position, pipe, flushed, discarded: false });
            }
            (Err(error), expected) => assert_eq!(Err(write_error(&error)), expected),
            (Ok(_), Err(error)) => panic!("a prefix, where an error was due: {error}"),
        }
        self.lanes[lane].next_byte = None;
    }

    /// A prefix that was made before, and whether it is still good.
    fn prefix(&self, lane: usize, which: usize) -> Option<(usize, Result<(), String>)> {
        let which = which.checked_rem(self.prefixes.len())?;
        let kept = &self.prefixes[which];
        let lane = &self.lanes[lane];
        let good = if kept.pipe == lane.number {
            lane.model.check_prefix(kept.flushed, kept.discarded)
        } else {
            Err("foreign".into())
        };
        Some((which, good))
    }

    fn patch(&mut self, lane: usize, which: usize, len: usize) {
        let bytes = self.bytes(len);
        let Some((which, good)) = self.prefix(lane, which) else { return };
        let KeptPrefix { prefix, position, pipe, .. } = &self.prefixes[which];
        let lane = &mut self.lanes[lane];
        let too_long = *pipe == lane.number && len > prefix.len();
        let expected = if too_long { Err("too long".into()) } else { good };
        let Some(writer) = &mut lane.writer else { return };
        assert_eq!(writer.patch(prefix, &bytes).map_err(|error| patch_error(&error)), expected);
        if expected.is_ok() {
            lane.model.patch(*position, &bytes);
        }
    }

    fn written_since(&mut self, lane: usize, which: usize) {
        let Some((which, good)) = self.prefix(lane, which) else { return };
        let KeptPrefix { prefix, position, .. } = &self.prefixes[which];
        let lane = &self.lanes[lane];
        let expected = good.map(|()| (lane.model.written() - position) as usize - prefix.len());
        let Some(writer) = &lane.writer else { return };
        assert_eq!(writer.written_since(prefix).map_err(|error| patch_error(&error)), expected);
    }

    fn rewind(&mut self, lane: usize, which: usize) {
        let Some((which, good)) = self.prefix(lane, which) else { return };
        let KeptPrefix { prefix, position, pipe, .. } = &self.prefixes[which];
        let (position, pipe) = (*position, *pipe);
        let this = &mut self.lanes[lane];
        let expected = good.and_then(|()| this.model.rewind(position));
        let Some(writer) = &mut this.writer else { return };
        assert_eq!(writer.rewind(prefix).map_err(|error| patch_error(&error)), expected);
        this.next_byte = None;
        if expected.is_ok() {
            let is_behind = |prefix: &KeptPrefix| prefix.position + prefix.prefix.len() as u64 > position;
            let behind = self.prefixes.iter_mut().filter(|prefix| prefix.pipe == pipe && is_behind(prefix));
            behind.for_each(|prefix| prefix.discarded = true);
        }
    }

    /// A block that was rented by somebody else.
    fn append_block(&mut self, lane: usize, filled: usize) {
        let rented = self.ask(lane, 0, |_, memory| memory.rent(1));
        let block = self.source.rent();
        let (number, mut block) = match (rented, block) {
            (Ok(number), Ok(block)) => (number, block),
            (rented, block) => {
                assert_eq!(rented.err(), block.err().map(|error| write_error(&error.into())));
                return;
            }
        };
        let filled = filled % (block.len() + 1);
        let bytes = self.bytes(filled);
        block[..filled].copy_from_slice(&bytes);
        let (writer, model) = self.writer(lane);
        let expected = model.append_block(number, block.len(), &bytes);
        assert_eq!(writer.append_block(block, filled).map_err(|error| write_error(&error)), expected);
        self.lanes[lane].next_byte = None;
    }

    /// Gives up another wait, as whoever drops its future does.
    fn switch_to(&mut self, lane: usize, kind: WaitKind) {
        let waits = self.lanes[lane].model.writer_waker.map(|(_, kind)| kind);
        let in_line = self.line.iter().any(|waiter| waiter.lane == lane);
        if waits.is_some_and(|waits| waits != kind) || (in_line && kind != WaitKind::Reserve) {
            self.withdraw_writer(lane);
        }
    }

    pub(super) fn withdraw_writer(&mut self, lane: usize) {
        let (writer, model) = self.writer(lane);
        PipeWrite::withdraw(writer);
        model.withdraw_writer();
        self.leave_line(lane);
    }

    pub(super) fn leave_line(&mut self, lane: usize) {
        self.line.retain(|waiter| waiter.lane != lane);
        self.settle();
    }

    fn give_up(&mut self, lane: usize, wait: Wait) {
        if wait.given_up {
            self.lanes[lane].model.withdraw_writer();
            self.leave_line(lane);
        }
    }

    fn flush(&mut self, lane: usize, wait: Wait, release: bool) {
        self.switch_to(lane, WaitKind::Flush);
        let wakes = self.lanes[lane].writer_wakes.clone();
        let (writer, model) = self.writer(lane);
        if release {
            model.release();
        }
        let closed_after_end = model.end.is_some() && model.closed.is_some();
        let expected = model.flush(wait.other.into());
        let flushed = with_waker(&wakes, wait.other, |cx| {
            if wait.given_up {
                let flush = if release { writer.flush_release() } else { writer.flush() };
                return poll_once(flush, cx);
            }
            if release {
                writer.release();
            }
            writer.poll_flush(cx)
        });
        let flushed = polled(flushed);
        // Whether an ended stream, or a closed one, is reported is not said.
        if closed_after_end && model.end == Some(End::Finished) {
            assert!(flushed == expected || flushed == model.closed.clone().map(Err), "{flushed:?}");
        } else {
            assert_eq!(flushed, expected);
        }
        if flushed.is_none() {
            self.give_up(lane, wait);
        }
    }

    fn reserve_async(&mut self, lane: usize, min: usize, wait: Wait) {
        self.switch_to(lane, WaitKind::Reserve);
        let expected = self.expect_reserve(lane, min, wait);
        self.lanes[lane].next_byte = None;
        let wakes = self.lanes[lane].writer_wakes.clone();
        self.lanes[lane].asked_pool = true;
        let (writer, model) = self.writer(lane);
        let left = model.tail.map_or(0, |tail| tail.left);
        let result = with_waker(&wakes, wait.other, |cx| {
            if wait.given_up {
                return poll_once(writer.reserve_async(min), cx).map_ok(|view| assert_eq!(view.len(), left));
            }
            writer.poll_reserve(cx, min)
        });
        let result = match result {
            Poll::Ready(result) => Some(result.map_err(|error| write_error(&error))),
            Poll::Pending => None,
        };
        assert_eq!(result, expected);
        if result.is_some() {
            self.leave_line(lane);
        } else {
            self.give_up(lane, wait);
        }
    }

    fn expect_reserve(&mut self, lane: usize, min: usize, wait: Wait) -> Option<Result<(), String>> {
        match self.lanes[lane].model.poll_reserve(min) {
            Ok(false) => {}
            Ok(true) => return Some(Ok(())),
            Err(error) => return Some(Err(error)),
        }
        let min = min.max(1);
        let placed = self.line.iter().position(|waiter| waiter.lane == lane);
        let placed = placed.filter(|&place| {
            let same = self.line[place].min == min;
            if !same {
                self.line.remove(place);
                self.settle();
            }
            same
        });
        if placed.is_some_and(|place| !self.line[place].granted) {
            return self.lanes[lane].model.wait_for_memory(wait.other.into());
        }
        if let Some(place) = placed {
            self.line.remove(place);
        }
        let rented = self.ask(lane, 0, |_, memory| {
            // Whoever was granted overtakes nobody.
            memory.line &= placed.is_none();
            memory.rent(min)
        });
        match rented {
            Ok(block) => {
                let capacity = self.sizes[block];
                self.lanes[lane].model.granted(block, capacity);
                Some(Ok(()))
            }
            Err(error) if error == "exhausted" && self.settings.pooled => {
                let outcome = self.lanes[lane].model.wait_for_memory(wait.other.into());
                if outcome.is_none() {
                    self.line.push(Waiter { lane, min, granted: false });
                }
                outcome
            }
            Err(error) => {
                self.lanes[lane].model.withdraw_writer();
                Some(Err(error))
            }
        }
    }

    fn drained(&mut self, lane: usize, wait: Wait) {
        self.switch_to(lane, WaitKind::Drained);
        let wakes = self.lanes[lane].writer_wakes.clone();
        let (writer, model) = self.writer(lane);
        let drained = with_waker(&wakes, wait.other, |cx| poll_once(writer.drained(), cx));
        let drained = polled(drained);
        // With nothing left to drain, a closed reader may go unmentioned.
        let unsaid = model.closed.is_some() && model.lost == 0 && drained == Some(Ok(()));
        if !unsaid {
            assert_eq!(drained, model.poll_drained(wait.other.into()));
        }
        // There is no poll to keep it pending with.
        if drained.is_none() {
            self.give_up(lane, Wait { given_up: true, ..wait });
        }
    }

    fn closed(&mut self, lane: usize, wait: Wait) {
        self.switch_to(lane, WaitKind::Closed);
        let wakes = self.lanes[lane].writer_wakes.clone();
        let (writer, model) = self.writer(lane);
        let closed = with_waker(&wakes, wait.other, |cx| {
            if wait.given_up { poll_once(writer.closed(), cx) } else { writer.poll_closed(cx) }
        });
        let expected = model.poll_closed(wait.other.into());
        assert_eq!(closed.is_ready(), expected.is_some());
        if expected.is_none() {
            self.give_up(lane, wait);
        }
    }
}
