//! A copy, whose task waits at two pipes at once, against whoever holds their other ends.

use std::{future::Future, pin::Pin, task::Poll};

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready},
};
use crate::{
    error::{CopyError, FlushError},
    read::CopyTo,
    reader::Reader,
    sync::modelled::thread,
    writer::Writer,
};

impl Probe {
    fn copy(&self, copy: &mut CopyTo<'_, Reader, Writer>) -> Poll<Result<u64, CopyError>> {
        Pin::new(copy).poll(&mut self.context())
    }
}

/// The destination closes while the copy parks at both ends: it is woken, ends, and leaves its waker at neither.
#[test]
fn model_close_against_idle_copy() {
    explore(|| {
        let memory = Memory::new(4);
        let ((source, mut reader), (mut writer, destination)) = (memory.pipe(), memory.pipe());
        let closing = thread::spawn(move || drop(destination));
        let probe = Probe::new();
        let mut copy = reader.copy_to(&mut writer);
        let mut copied = probe.copy(&mut copy);
        closing.join().expect("no panic");
        if copied.is_pending() {
            assert!(probe.wakes() >= 1, "the copy was to be woken");
            copied = probe.copy(&mut copy);
        }
        assert!(matches!(ready(copied), Err(CopyError::Flush(FlushError::Closed(None)))));
        drop(copy);
        drop((source, reader, writer));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The source is written to while the copy, woken for nothing, parks at both ends again: it is woken for that, too.
#[test]
fn model_flush_against_idle_copy() {
    explore(|| {
        let memory = Memory::new(4);
        let ((mut source, mut reader), (mut writer, mut destination)) = (memory.pipe(), memory.pipe());
        let probe = Probe::new();
        let mut copy = reader.copy_to(&mut writer);
        assert!(probe.copy(&mut copy).is_pending());
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut source, b"a");
            ready(Probe::new().flush(&mut source)).expect("flushed");
            source
        });
        let mut copied = probe.copy(&mut copy);
        let source = writing.join().expect("no panic");
        if destination.peek().is_empty() {
            assert!(probe.wakes() >= 1, "the copy was to be woken");
            copied = probe.copy(&mut copy);
        }
        assert!(copied.is_pending());
        drop(copy);
        assert_eq!(destination.peek(), "a");
        drop((source, reader, writer, destination));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The destination closes while the copy is dropped: nobody keeps its waker.
#[test]
fn model_close_against_dropped_copy() {
    explore(|| {
        let memory = Memory::new(4);
        let ((source, mut reader), (mut writer, destination)) = (memory.pipe(), memory.pipe());
        let probe = Probe::new();
        let mut copy = reader.copy_to(&mut writer);
        assert!(probe.copy(&mut copy).is_pending());
        let closing = thread::spawn(move || drop(destination));
        drop(copy);
        closing.join().expect("no panic");
        assert!(probe.wakes() <= 1);
        drop((source, reader, writer));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}
