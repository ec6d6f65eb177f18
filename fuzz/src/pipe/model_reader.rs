//! The naive pipe's reading end.

use super::model::{End, Model, Outcome, WaitKind};

impl Model {
    fn finished(&self) -> bool {
        self.end == Some(End::Finished)
    }

    /// A read sees what there is.
    fn see(&mut self) {
        self.seen = self.flushed();
        self.end_seen = self.end.is_some();
        self.let_go_of_leftover();
    }

    fn let_go_of_leftover(&mut self) {
        if self.end_seen && self.unconsumed.is_empty() {
            self.leftover = None;
        }
    }

    /// The most that a read may ask for: a pool says what it never has more of, the other source does not.
    fn most_at_once(&self) -> u64 {
        let budget = if self.settings.pooled { self.settings.budget as u64 } else { u64::MAX };
        budget.min(self.settings.max_unconsumed)
    }

    /// What a read is ready with, if it is.
    fn outcome(&mut self, at_least: u64) -> Outcome {
        if self.closed.is_some() {
            return Outcome::Error("closed".into());
        }
        self.see();
        let finished = self.finished();
        if std::mem::take(&mut self.read_cancelled) {
            return Outcome::View { finished, cancelled: true };
        }
        let unexamined = self.examined < self.flushed();
        let there = self.unconsumed.len() as u64;
        let ready = if at_least == 0 { unexamined } else { there >= at_least };
        match &self.end {
            Some(End::Aborted(error)) if !unexamined => Outcome::Error(format!("aborted: {error}")),
            Some(_) => Outcome::View { finished, cancelled: false },
            None if ready => Outcome::View { finished, cancelled: false },
            None if at_least > self.most_at_once() => Outcome::Error(format!("limit {}", self.most_at_once())),
            None if there >= self.settings.max_unconsumed => {
                Outcome::Error(format!("limit {}", self.settings.max_unconsumed))
            }
            None => Outcome::Pending,
        }
    }

    pub(super) fn poll_read(&mut self, at_least: u64, waker: usize) -> Outcome {
        self.withdraw_reader();
        let outcome = self.outcome(at_least);
        if outcome == Outcome::Pending {
            self.take_loose_tail();
            self.reader_waker = Some(waker);
            let target = if at_least == 0 { self.flushed() + 1 } else { self.consumed + at_least };
            self.reading = Some((target, at_least > 0));
            if at_least > 0 && self.paused {
                self.paused = false;
                self.wake_writer(&[WaitKind::Flush]);
            }
        }
        outcome
    }

    /// `Pending` stands for nothing.
    pub(super) fn try_read(&mut self) -> Outcome {
        self.withdraw_reader();
        let outcome = self.outcome(0);
        if outcome == Outcome::Pending {
            self.take_loose_tail();
        }
        outcome
    }

    fn take_loose_tail(&mut self) {
        if self.unconsumed.is_empty() {
            self.tail = self.tail.filter(|tail| !tail.loose);
        }
    }

    pub(super) fn look(&mut self) {
        if self.closed.is_none() {
            self.seen = self.flushed();
        }
    }

    pub(super) fn advance(&mut self, consumed: u64, examined: u64) {
        let bytes = (consumed - self.consumed) as usize;
        self.unconsumed.drain(..bytes);
        self.consumed = consumed;
        self.examined = examined;
        self.highest = self.highest.max(examined);
        self.drop_first(bytes);
        self.let_go_of_leftover();
        if self.paused && self.flushed() - self.highest < self.settings.resume {
            self.paused = false;
            self.wake_writer(&[WaitKind::Flush]);
        }
        if bytes > 0 && self.unconsumed.is_empty() {
            self.wake_writer(&[WaitKind::Drained]);
        }
    }

    fn drop_first(&mut self, mut bytes: usize) {
        while let Some(segment) = self.segments.front_mut().filter(|_| bytes > 0) {
            let part = bytes.min(segment.len);
            segment.len -= part;
            segment.own.iter_mut().for_each(|own| own.room -= part);
            bytes -= part;
            if segment.len == 0 {
                self.segments.pop_front();
            }
        }
    }

    pub(super) fn withdraw_reader(&mut self) {
        self.reader_waker = None;
        self.reading = None;
    }

    pub(super) fn close(&mut self, error: &str) {
        if self.closed.is_some() {
            return;
        }
        self.withdraw_reader();
        self.closed = Some(error.to_owned());
        self.lost = self.unconsumed.len();
        self.drop_first(self.lost);
        self.consumed += self.lost as u64;
        self.unconsumed.clear();
        self.seen = self.consumed;
        self.examined = self.consumed;
        self.paused = false;
        self.leftover = None;
        self.tail = self.tail.filter(|tail| !tail.loose);
        self.wake_writer(&[WaitKind::Flush, WaitKind::Reserve, WaitKind::Drained, WaitKind::Closed]);
    }
}
