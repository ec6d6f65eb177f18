//! What ends an end, or begins again, on both sides.

use headpond_pipe::{Pipe, PipeWriteExt};

use super::{
    EndOp, Lane, World,
    model::End,
    with_waker,
    writing::{flush_error, poll_once, polled},
};

impl World {
    pub(super) fn end(&mut self, lane: usize, op: &EndOp) {
        let there = (self.lanes[lane].writer.is_some(), self.lanes[lane].reader.is_some());
        match (op, there) {
            (EndOp::Finish, (true, _)) => {
                let (writer, _) = self.writer(lane);
                let finished = writer.finish().map_err(|error| flush_error(&error));
                self.expect_finish(lane, finished);
            }
            (EndOp::FinishAsync, (true, _)) => {
                let wakes = self.lanes[lane].writer_wakes.clone();
                let (writer, _) = self.writer(lane);
                let finished = with_waker(&wakes, false, |cx| poll_once(writer.finish_async(), cx));
                // As the dropped future does.
                self.lanes[lane].model.withdraw_writer();
                self.expect_finish(lane, polled(finished).expect("a pipe ends at once"));
            }
            (EndOp::Abort, (true, _)) => {
                let (writer, model) = self.writer(lane);
                writer.abort("on purpose");
                model.end(End::Aborted("on purpose".into()));
                self.leave_line(lane);
            }
            (EndOp::Close, (_, true)) => {
                let (reader, model) = self.reader(lane);
                reader.close();
                model.close("closed");
            }
            (EndOp::CloseWith, (_, true)) => {
                let (reader, model) = self.reader(lane);
                reader.close_with("enough");
                model.close("closed: enough");
            }
            (EndOp::DropWriter, (true, _)) => self.drop_writer(lane),
            (EndOp::DropReader, (_, true)) => {
                self.lanes[lane].reader = None;
                self.lanes[lane].model.close("closed");
            }
            (EndOp::Reset, (true, true)) => self.reset(lane),
            (EndOp::ResetStrangers, (true, true)) => self.reset_strangers(),
            (EndOp::Renew, _) => self.renew(lane),
            _ => {}
        }
    }

    fn expect_finish(&mut self, lane: usize, finished: Result<(), String>) {
        let model = &mut self.lanes[lane].model;
        let before = model.end.clone();
        model.end(End::Finished);
        let closed = model.closed.clone().map(Err);
        match before {
            Some(End::Aborted(_)) if model.closed.is_none() => assert_eq!(finished, Err("aborted".into())),
            None if model.closed.is_none() => assert_eq!(finished, Ok(())),
            None => assert_eq!(Some(finished), closed),
            // Whether an ended stream, or a closed one, is reported is not said.
            Some(End::Aborted(_)) => assert!(finished == Err("aborted".into()) || Some(finished) == closed),
            Some(End::Finished) => assert!(finished == Ok(()) || Some(finished) == closed),
        }
        self.leave_line(lane);
    }

    fn drop_writer(&mut self, lane: usize) {
        self.lanes[lane].writer = None;
        let end = if self.settings.finish_on_drop {
            End::Finished
        } else {
            End::Aborted("the writer was dropped before it finished the stream".into())
        };
        let model = &mut self.lanes[lane].model;
        model.end(end);
        model.withdraw_writer();
        // Nobody is left to notice that the reader has closed.
        if model.closed.is_some() {
            model.noticed = true;
        }
        self.leave_line(lane);
    }

    fn reset(&mut self, lane: usize) {
        let (Some(writer), Some(reader)) = (self.lanes[lane].writer.take(), self.lanes[lane].reader.take()) else {
            return;
        };
        let model = &self.lanes[lane].model;
        let may = model.end.is_some() && model.closed.is_some();
        match (Pipe { writer, reader }.reset(), may) {
            (Ok(pipe), true) => {
                let number = self.pipes;
                self.pipes += 1;
                let fresh = Lane::over(pipe, self.settings, number);
                let old = std::mem::replace(&mut self.lanes[lane], fresh);
                self.keep_some_cancellers(old);
            }
            (Err(error), false) => {
                let Pipe { writer, reader } = error.into_pipe();
                (self.lanes[lane].writer, self.lanes[lane].reader) = (Some(writer), Some(reader));
            }
            (result, _) => panic!("reset came to {result:?}"),
        }
    }

    /// Kept by the odd pipes only, so that a reset sometimes finds its core unshared.
    fn keep_some_cancellers(&mut self, mut old: Lane) {
        assert!(old.reader_wakes.iter().chain(&old.writer_wakes).all(|wakes| wakes.kept() == 0));
        if old.number % 2 == 1 {
            self.stale.extend(old.cancellers.take());
        }
    }

    /// The writer of one pipe with the reader of the other: handed back.
    fn reset_strangers(&mut self) {
        let [first, second] = &mut self.lanes;
        if first.writer.is_none() || second.reader.is_none() {
            return;
        }
        let (Some(writer), Some(reader)) = (first.writer.take(), second.reader.take()) else { return };
        let error = Pipe { writer, reader }.reset().expect_err("they are of different pipes");
        let Pipe { writer, reader } = error.into_pipe();
        (first.writer, second.reader) = (Some(writer), Some(reader));
    }

    fn renew(&mut self, lane: usize) {
        if self.lanes[lane].writer.is_some() {
            self.drop_writer(lane);
        }
        self.lanes[lane].reader = None;
        self.lanes[lane].model.close("closed");
        let fresh = Lane::new(&self.source, self.settings, self.pipes);
        self.pipes += 1;
        let old = std::mem::replace(&mut self.lanes[lane], fresh);
        self.keep_some_cancellers(old);
    }
}
