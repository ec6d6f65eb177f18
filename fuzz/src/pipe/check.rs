//! What is compared after every operation.

use super::{Kept, Lane, Settings, World};

impl World {
    pub(super) fn check(&mut self) {
        let settings = self.settings;
        self.lanes.iter_mut().for_each(|lane| lane.check(&settings));
        // A grant nobody fetched yet is neither here nor there.
        if !self.line.iter().any(|waiter| waiter.granted) {
            assert_eq!(self.source.rented(), self.blocks_out().len(), "blocks are out");
        }
        for waiter in &self.line {
            if let (Some((which, _)), true) = (self.lanes[waiter.lane].model.writer_waker, waiter.granted) {
                assert!(self.lanes[waiter.lane].writer_wakes[which].count() > 0, "the first in line was told");
            }
        }
    }
}

impl Lane {
    fn check(&mut self, settings: &Settings) {
        let model = &self.model;
        if let Some(writer) = &self.writer {
            if model.closed.is_none() || model.noticed {
                assert_eq!(writer.unflushed(), model.unflushed.len());
            }
            if model.closed.is_none() {
                let stats = writer.stats();
                assert_eq!((stats.written, stats.flushed), (model.written(), model.flushed()));
                assert_eq!((stats.examined, stats.consumed), (model.highest, model.consumed));
                assert_eq!(stats.pauses, model.pauses, "entered the paused state");
                assert_eq!(stats.reader_wakes, model.reader_wakes, "woke the reader");
                assert_eq!(stats.writer_wakes, model.writer_wakes, "woke the writer");
            }
        }
        if let Some(reader) = &mut self.reader {
            let buffer = reader.buffer();
            assert_eq!(buffer.to_vec(), model.buffer());
            assert!(buffer.chunks().all(|chunk| !chunk.is_empty()));
            assert_eq!(buffer.start().offset(), model.consumed);
            if model.closed.is_none() {
                assert_eq!(reader.unconsumed(), model.unconsumed.len());
                let stats = reader.stats();
                assert_eq!((stats.flushed, stats.examined), (model.flushed(), model.highest));
                assert_eq!(reader.is_aborted(), matches!(model.end, Some(super::model::End::Aborted(_))));
            }
        }
        self.check_wakers(settings);
    }

    fn check_wakers(&mut self, settings: &Settings) {
        for which in 0..2 {
            let model = &mut self.model;
            assert_eq!(self.reader_wakes[which].count(), model.reader_woken[which], "calls of reader waker {which}");
            let stored = model.reader_waker == Some(which);
            assert_eq!(self.reader_wakes[which].kept(), usize::from(stored), "reader waker {which} kept");
            let wakes = &self.writer_wakes[which];
            if settings.pooled && self.asked_pool {
                // Who waits for memory may be told by the pool, besides.
                assert!(wakes.count() >= model.writer_woken[which]);
                model.writer_woken[which] = wakes.count();
            } else {
                assert_eq!(wakes.count(), model.writer_woken[which], "calls of writer waker {which}");
                let stored = model.writer_waker.is_some_and(|(waker, _)| waker == which);
                assert_eq!(wakes.kept(), usize::from(stored), "writer waker {which} kept");
            }
        }
    }
}

impl Kept {
    pub(super) fn check(&self) {
        assert_eq!(self.slices.concat(), self.bytes);
    }
}
