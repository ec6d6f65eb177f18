//! How the stream ends, from either side, as its writer does it.

use std::{mem, task::Waker};

use headpond_pool::SharedError;

use super::{Writer, chain::Tail};
use crate::{
    error::{FlushError, ReadInFull},
    word::Ending,
};

impl Writer {
    pub(super) fn abort_shared(&mut self, error: SharedError) {
        if self.slow_path.ended().is_none() {
            // SAFETY: invariant 1 of `core`: we are the writer, and have not ended.
            unsafe { self.core.set_abort_error(error) };
            self.end(Ending::Abort);
        }
    }

    /// Ends the stream, if it has not ended.
    pub(super) fn end(&mut self, ending: Ending) {
        if self.slow_path.ended().is_some() {
            return;
        }
        // Strangers' destructors, which may panic: dropped with the stream ended and its reader woken.
        let _ticket = mem::take(&mut self.ticket);
        let _waker = self.take_waker_back();
        self.slow_path.set_ended(ending);
        self.spare = Vec::new();
        if self.slow_path.closed() {
            return;
        }
        self.reclaim();
        if ending == Ending::Abort {
            self.chain.discard_unflushed(self.flushed);
            self.base = self.flushed;
            self.filled = 0;
        }
        let written = self.written();
        let unpublished = written - self.flushed;
        self.give_back_consumed_tail();
        let leaves_tail = matches!(self.chain.tail(), Tail::Held(_));
        self.flushed = written;
        self.forget_view();
        let old = self.core.writer_word().end(unpublished, ending, leaves_tail);
        if old.is_closed() {
            self.slow_path.set_closed();
            self.chain.clean_up_closed(&self.core);
            return;
        }
        self.chain.set_tail(Tail::None);
        self.core.claim_reader(|| true).into_iter().for_each(Waker::wake);
    }

    /// What a flush after the end comes to; `None` before it.
    pub(super) fn ended_result(&self) -> Option<Result<(), FlushError>> {
        self.slow_path.ended().map(|ending| match ending {
            Ending::Finish => Ok(()),
            Ending::Abort => Err(FlushError::Aborted),
        })
    }

    /// What a flush or a finish comes to whose reader is gone: it may have gone with everything there was.
    pub(super) fn closed_result(&self) -> Result<(), FlushError> {
        match self.closed_error() {
            FlushError::Closed(Some(cause)) if !self.discarded && is_all(&cause, self.flushed) => Ok(()),
            error => Err(error),
        }
    }

    /// Gives back what a closed reader left; what is unflushed is lost.
    pub(super) fn notice_closed(&mut self) {
        if !self.slow_path.closed() {
            self.slow_path.set_closed();
            self.spare = Vec::new();
            if self.slow_path.ended().is_none() {
                self.discarded = self.written() != self.flushed;
                self.chain.clean_up_closed(&self.core);
                self.base = self.flushed;
                self.filled = 0;
                self.forget_view();
            }
        }
    }
}

/// Whether a reader closed with everything up to `position`, which was all it wanted.
fn is_all(cause: &SharedError, position: u64) -> bool {
    cause.downcast_ref::<ReadInFull>().is_some_and(|full| full.position == position)
}
