//! What a reader does, on both sides.

use std::task::Poll;

use headpond_pipe::{CopyError, PipeRead, ReadError, ReadStatus, ReadView};
use headpond_pool::Position;

use super::{
    Kept, ReadOp, Wait, World,
    model::{End, Model, Outcome},
    with_waker,
    writing::{flush_error, poll_once, write_error},
};

fn read_error(error: &ReadError) -> String {
    match error {
        ReadError::Aborted(error) => format!("aborted: {error}"),
        ReadError::LimitExceeded { limit } => format!("limit {limit}"),
        ReadError::Closed => "closed".into(),
        other => format!("unexpected: {other:?}"),
    }
}

fn outcome(result: Result<ReadStatus, ReadError>) -> Outcome {
    match result {
        Ok(status) => Outcome::View { finished: status.is_finished(), cancelled: status.is_cancelled() },
        Err(error) => Outcome::Error(read_error(&error)),
    }
}

impl World {
    pub(super) fn read(&mut self, lane: usize, op: &ReadOp) {
        if self.lanes[lane].reader.is_none() {
            return;
        }
        match op {
            ReadOp::Read(wait) => self.poll_read(lane, 0, *wait),
            ReadOp::ReadAtLeast(n, wait) => self.poll_read(lane, (*n).into(), *wait),
            ReadOp::ReadMoreThanThere(more, wait) => {
                let n = self.lanes[lane].model.unconsumed.len() + usize::from(*more) % 32 + 1;
                self.poll_read(lane, n, *wait);
            }
            ReadOp::TryRead => self.try_read(lane),
            ReadOp::Peek => {
                let (reader, model) = self.reader(lane);
                model.look();
                assert_eq!(reader.peek().to_vec(), model.buffer());
            }
            ReadOp::AdvanceTo(consumed, examined) => {
                let len = self.lanes[lane].model.buffer().len() as u64;
                let (consumed, examined) = (u64::from(*consumed) % (len + 1), u64::from(*examined) % (len + 1));
                self.advance(lane, consumed.min(examined), consumed.max(examined));
            }
            ReadOp::Advance(n) => {
                let n = u64::from(*n) % (self.lanes[lane].model.buffer().len() as u64 + 1);
                self.advance(lane, n, n);
            }
            ReadOp::AdvanceAll => {
                let len = self.lanes[lane].model.buffer().len() as u64;
                self.advance(lane, len, len);
            }
            ReadOp::NeedMore(n) => {
                let len = self.lanes[lane].model.buffer().len() as u64;
                self.advance(lane, u64::from(*n) % (len + 1), len);
            }
            ReadOp::Keep(start, end) => self.keep(lane, (*start).into(), (*end).into()),
            ReadOp::DropKept(which) => {
                if !self.kept.is_empty() {
                    let which = usize::from(*which) % self.kept.len();
                    self.kept.swap_remove(which).check();
                }
            }
            ReadOp::Transfer(n) => self.transfer(lane, (*n).into()),
            ReadOp::CopyTo(other) => self.copy_to(lane, *other),
            ReadOp::Withdraw => self.withdraw_reader(lane),
            ReadOp::Cancel => {
                if let Some((canceller, _)) = &self.lanes[lane].cancellers {
                    canceller.cancel();
                    self.lanes[lane].model.cancel_read();
                }
            }
            ReadOp::CancelStale => {
                for (read, flush) in &self.stale {
                    read.cancel();
                    flush.cancel();
                }
            }
        }
    }

    /// Both sides of a reader that is there.
    pub(super) fn reader(&mut self, lane: usize) -> (&mut headpond_pipe::Reader, &mut Model) {
        let lane = &mut self.lanes[lane];
        (lane.reader.as_mut().expect("checked before"), &mut lane.model)
    }

    /// As whoever drops a read does.
    pub(super) fn withdraw_reader(&mut self, lane: usize) {
        let (reader, model) = self.reader(lane);
        PipeRead::withdraw(reader);
        model.withdraw_reader();
    }

    fn poll_read(&mut self, lane: usize, n: usize, wait: Wait) {
        let wakes = self.lanes[lane].reader_wakes.clone();
        let (reader, model) = self.reader(lane);
        let expected = model.poll_read(n as u64, wait.other.into());
        let result = with_waker(&wakes, wait.other, |cx| {
            if wait.given_up {
                let show = |view: ReadView<'_>| {
                    assert_eq!(view.buffer().to_vec(), model.buffer());
                    ReadStatus::new(view.is_finished(), view.is_cancelled())
                };
                return match n {
                    0 => poll_once(reader.read(), cx).map_ok(show),
                    n => poll_once(reader.read_at_least(n), cx).map_ok(show),
                };
            }
            reader.poll_read(cx, n)
        });
        let result = match result {
            Poll::Ready(result) => outcome(result),
            Poll::Pending => Outcome::Pending,
        };
        assert_eq!(result, expected);
        if wait.given_up && result == Outcome::Pending {
            model.withdraw_reader();
        }
    }

    fn try_read(&mut self, lane: usize) {
        let (reader, model) = self.reader(lane);
        let expected = model.try_read();
        let result = match reader.try_read() {
            Ok(None) => Outcome::Pending,
            Ok(Some(view)) => {
                assert_eq!(view.buffer().to_vec(), model.buffer());
                outcome(Ok(ReadStatus::new(view.is_finished(), view.is_cancelled())))
            }
            Err(error) => outcome(Err(error)),
        };
        assert_eq!(result, expected);
    }

    /// Offsets from the consumed position.
    fn advance(&mut self, lane: usize, consumed: u64, examined: u64) {
        self.withdraw_reader(lane);
        let (reader, model) = self.reader(lane);
        let start = model.consumed;
        assert_eq!(reader.buffer().start().offset(), start);
        reader.advance_to(Position::new(start + consumed), Position::new(start + examined));
        model.advance(start + consumed, start + examined);
    }

    fn keep(&mut self, lane: usize, start: usize, end: usize) {
        let (reader, model) = self.reader(lane);
        let bytes = model.buffer();
        let (start, end) = (start % (bytes.len() + 1), end % (bytes.len() + 1));
        let (start, end) = (start.min(end), start.max(end));
        let buffer = reader.buffer();
        let slices = buffer.to_slices(buffer.start() + start..buffer.start() + end).collect();
        let pieces = model.pieces(start, end - start);
        self.kept.push(Kept { slices, bytes: bytes[start..end].to_vec(), pieces });
    }

    /// To the writer of the other pipe.
    fn transfer(&mut self, lane: usize, n: usize) {
        self.withdraw_reader(lane);
        if self.lanes[1 - lane].writer.is_none() {
            return;
        }
        let expected = self.expect_transfer(lane, n);
        let [first, second] = &mut self.lanes;
        let (from, to) = if lane == 0 { (first, second) } else { (second, first) };
        let (Some(reader), Some(writer)) = (&mut from.reader, &mut to.writer) else { return };
        let moved = reader.transfer(writer, n).map_err(|error| write_error(&error));
        assert_eq!(moved, expected);
    }

    fn expect_transfer(&mut self, lane: usize, n: usize) -> Result<usize, String> {
        let model = &mut self.lanes[lane].model;
        model.look();
        let n = n.min(model.unconsumed.len());
        let bytes: Vec<u8> = model.unconsumed.iter().copied().take(n).collect();
        let pieces = model.pieces(0, n);
        if n > 0 {
            self.lanes[1 - lane].model.append(&bytes, &pieces)?;
            let model = &mut self.lanes[lane].model;
            let to = model.consumed + n as u64;
            model.advance(to, to);
        }
        Ok(n)
    }

    /// Polled once, and dropped.
    fn copy_to(&mut self, lane: usize, other: bool) {
        self.withdraw_reader(lane);
        if self.lanes[1 - lane].writer.is_none() {
            return;
        }
        self.withdraw_writer(1 - lane);
        let wakes = self.lanes[lane].reader_wakes.clone();
        let expected = self.expect_copy(lane, other);
        let [first, second] = &mut self.lanes;
        let (from, to) = if lane == 0 { (first, second) } else { (second, first) };
        let (Some(reader), Some(writer)) = (&mut from.reader, &mut to.writer) else { return };
        let copied = match with_waker(&wakes, other, |cx| poll_once(reader.copy_to(writer), cx)) {
            Poll::Pending => None,
            Poll::Ready(result) => Some(result.map_err(|error| match error {
                CopyError::Read(error) => read_error(&error),
                CopyError::Write(error) => write_error(&error),
                CopyError::Flush(error) => flush_error(&error),
                CopyError::Cancelled => "cancelled".into(),
                other => format!("unexpected: {other:?}"),
            })),
        };
        let target = &self.lanes[1 - lane].model;
        if target.end == Some(End::Finished) && target.closed.is_some() {
            // Nothing was there to copy, or the append has failed.
            assert_eq!(copied.as_ref().map(Result::is_err), expected.as_ref().map(Result::is_err));
        } else {
            assert_eq!(copied, expected);
        }
        self.lanes[lane].model.withdraw_reader();
        self.lanes[1 - lane].model.withdraw_writer();
    }

    fn expect_copy(&mut self, lane: usize, other: bool) -> Option<Result<u64, String>> {
        let mut copied = 0;
        loop {
            let finished = match self.lanes[lane].model.poll_read(0, other.into()) {
                Outcome::Pending => {
                    // An idle copy waits for its destination's close, too.
                    let target = &mut self.lanes[1 - lane].model;
                    target.poll_closed(other.into())?;
                    let reason = target.flush(other.into());
                    return Some(Err(reason.and_then(Result::err).unwrap_or_else(|| "closed".into())));
                }
                Outcome::Error(error) => return Some(Err(error)),
                Outcome::View { cancelled: true, .. } => return Some(Err("cancelled".into())),
                Outcome::View { finished, .. } => finished,
            };
            let there = self.lanes[lane].model.unconsumed.len();
            match self.expect_transfer(lane, there) {
                Ok(moved) => copied += moved as u64,
                Err(error) => return Some(Err(error)),
            }
            if there == 0 && finished {
                return Some(Ok(copied));
            }
            if let Err(error) = self.lanes[1 - lane].model.flush(other.into())? {
                return Some(Err(error));
            }
            if finished {
                return Some(Ok(copied));
            }
        }
    }
}
