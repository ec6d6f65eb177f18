//! Copies from end to end: how they end, when they give way, and what they make of a reader that breaks its contract.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use headpond_pipe::{CopyError, FixedReader, FlushError, PipeRead, PipeReadExt, ReadError, ReadStatus};
use headpond_pool::{Position, Sequence, SequenceBuf, SharedError, Slice};

use crate::harness::{Task, never_paused, paused_at, poll, ready, send, take};

const MIB: usize = 1 << 20;

const MOST_IN_ONE_POLL: u64 = 1 << 20;

#[test]
fn a_copy_notices_that_its_destination_is_gone_while_its_source_is_idle() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (_other_pool, mut other_writer, mut other_reader) = never_paused(16);
    send(&mut writer, b"first");
    let mut copy = Task::pending(reader.copy_to(&mut other_writer));
    assert_eq!(take(&mut other_reader), b"first");
    assert_eq!(copy.wakes(), 0, "an advance is nothing that the copy waits for");
    other_reader.close_with("enough");
    assert_eq!(copy.wakes(), 1);
    let error = match copy.poll() {
        Poll::Ready(Err(CopyError::Flush(FlushError::Closed(Some(error))))) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.to_string(), "enough");
    let wakes = copy.wake_count();
    send(&mut writer, b"second");
    assert_eq!((copy.wakes(), Arc::strong_count(&wakes)), (1, 2), "a copy that is over waits for nothing");
    drop(copy);
    assert_eq!(take(&mut reader), b"second");
}

#[test]
fn a_copy_is_woken_by_whichever_end_has_news_and_leaves_neither_its_waker() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (mut other_writer, mut other_reader) = paused_at(64, 32);
    let mut copy = Task::pending(reader.copy_to(&mut other_writer));
    send(&mut writer, &[1; 10]);
    assert_eq!(copy.wakes(), 1);
    assert!(copy.poll().is_pending());
    assert_eq!(take(&mut other_reader), [1; 10]);
    // Held back, it waits for the one who reads, and not for the close alone.
    send(&mut writer, &[2; 100]);
    assert_eq!(copy.wakes(), 2);
    assert!(copy.poll().is_pending());
    assert_eq!(take(&mut other_reader), [2; 100]);
    assert_eq!(copy.wakes(), 3);
    assert!(copy.poll().is_pending());
    let wakes = copy.wake_count();
    drop(copy);
    assert_eq!(Arc::strong_count(&wakes), 1, "both ends have let go of the waker");
    send(&mut writer, b"later");
    drop(other_reader);
    assert_eq!(wakes.get(), 3);
    assert_eq!(take(&mut reader), b"later");
}

#[test]
fn what_a_destination_that_is_gone_did_not_take_is_still_to_be_read() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let (_other_pool, mut other_writer, other_reader) = never_paused(16);
    let mut copy = Task::pending(reader.copy_to(&mut other_writer));
    drop(other_reader);
    send(&mut writer, &[9; 40]);
    assert!(matches!(copy.poll(), Poll::Ready(Err(CopyError::Write(_) | CopyError::Flush(FlushError::Closed(None))))));
    drop(copy);
    assert_eq!(take(&mut reader), [9; 40]);
}

/// Everything at once, in slices of 100,000 bytes.
fn all_there(bytes: usize) -> FixedReader {
    let slice = Slice::from(vec![7; 100_000]);
    let slices = (0..bytes.div_ceil(slice.len())).map(|at| slice.slice(..slice.len().min(bytes - at * slice.len())));
    FixedReader::new(SequenceBuf::from_iter(slices))
}

#[test]
fn a_copy_between_ends_that_are_always_ready_gives_way() {
    let (_pool, mut writer, mut out) = never_paused(4096);
    let mut reader = all_there(64 * MIB);
    let mut copy = Task::new(reader.copy_to(&mut writer));
    let (mut polls, mut moved) = (0, 0);
    loop {
        let polled = copy.poll();
        polls += 1;
        let now = out.stats().flushed;
        assert!(now - moved <= MOST_IN_ONE_POLL, "{} bytes in one poll", now - moved);
        moved = now;
        match polled {
            Poll::Pending => assert_eq!(copy.wakes(), polls, "it is to be polled again"),
            Poll::Ready(copied) => break assert!(matches!(copied, Ok(67_108_864))),
        }
    }
    assert!((64..=65).contains(&polls), "{polls} polls");
    assert_eq!(out.peek().len(), 64 * MIB);
}

/// A reader that is always ready, whatever it has.
struct Foreign {
    chain: SequenceBuf,
    kind: Kind,
    polls: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Has another byte for every poll, as it should.
    Drip,
    /// Has nothing, ever.
    Nothing,
    /// Has something, and has it again when it was consumed.
    Stuck,
}

impl Foreign {
    fn new(kind: Kind) -> Self {
        let chain = if kind == Kind::Stuck {
            SequenceBuf::from_iter(["one", "two"].map(Slice::from))
        } else {
            SequenceBuf::default()
        };
        Self { chain, kind, polls: 0 }
    }
}

impl PipeRead for Foreign {
    fn poll_read(&mut self, _: &mut Context<'_>, _: usize) -> Poll<Result<ReadStatus, ReadError>> {
        self.polls += 1;
        assert!(self.polls <= 10_000, "a poll that never ends");
        if self.kind == Kind::Drip {
            self.chain.push(Slice::from_static(b"x"));
        }
        Poll::Ready(Ok(ReadStatus::default()))
    }

    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        Ok(None)
    }

    fn buffer(&self) -> Sequence<'_> {
        self.chain.as_sequence()
    }

    fn advance_to(&mut self, consumed: Position, _: Position) {
        if self.kind == Kind::Drip {
            self.chain.consume(consumed - self.chain.start());
        }
    }

    fn close(&mut self, _: Option<SharedError>) {}
}

/// However small they are, so many steps are as good as many bytes.
#[test]
fn a_copy_of_a_byte_at_a_time_gives_way_too() {
    let (_pool, mut writer, out) = never_paused(4096);
    let mut drip = Foreign::new(Kind::Drip);
    assert!(poll(drip.copy_to(&mut writer)).is_pending());
    assert!(drip.polls <= 4096, "{} steps in one poll", drip.polls);
    assert_eq!(out.stats().flushed, drip.polls as u64);
}

#[test]
fn a_reader_that_is_ready_with_nothing_new_fails_the_copy() {
    for (kind, moved) in [(Kind::Nothing, &b""[..]), (Kind::Stuck, b"one")] {
        let (_pool, mut writer, mut out) = never_paused(4096);
        let mut foreign = Foreign::new(kind);
        let copied = ready(foreign.copy_to(&mut writer));
        assert!(matches!(copied, Err(CopyError::Read(ReadError::NoProgress))), "{copied:?}");
        assert_eq!(foreign.polls, 1);
        ready(writer.flush()).expect("open");
        assert_eq!(out.peek(), *moved);
    }
}
