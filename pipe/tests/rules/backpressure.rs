//! Flush and back-pressure: paused is a state.

use headpond_pipe::{OptionsError, Pipe, PipeOptions};
use headpond_pool::Pool;

use crate::harness::{Task, never_paused, paused_at, poll, ready, send, take};

fn examine(reader: &mut headpond_pipe::Reader, bytes: usize) {
    let start = reader.peek().start();
    reader.advance_to(start, start + bytes);
}

#[test]
fn a_flush_publishes_everything_written_over_all_blocks() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    writer.write(&[3; 1000]).expect("room");
    assert!(reader.peek().is_empty());
    ready(writer.flush()).expect("open");
    assert_eq!((writer.unflushed(), reader.peek().to_vec()), (0, vec![3; 1000]));
}

#[test]
fn a_flush_that_waits_has_published_and_dropping_it_takes_nothing_back() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.write(&[1; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    assert_eq!((writer.unflushed(), take(&mut reader).len()), (0, 64));
    assert!(poll(writer.flush()).is_ready());
}

#[test]
fn a_pause_begins_at_the_pause_threshold_and_ends_below_the_resume_threshold() {
    let (mut writer, mut reader) = paused_at(64, 32);
    send(&mut writer, &[1; 63]);
    writer.write(&[1]).expect("room");
    let flush = Task::pending(writer.flush());
    examine(&mut reader, 32);
    assert_eq!(flush.wakes(), 0);
    examine(&mut reader, 33);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
    assert_eq!(reader.stats().pauses, 1);
}

#[test]
fn between_the_thresholds_the_state_stays_what_it_was() {
    let (mut writer, mut reader) = paused_at(64, 32);
    send(&mut writer, &[1; 40]);
    writer.write(&[1; 24]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    examine(&mut reader, 10);
    assert!(poll(writer.flush()).is_pending(), "called again, it is still paused");
    writer.write(&[1]).expect("room");
    assert!(poll(writer.flush()).is_pending(), "with more to publish, too");
    examine(&mut reader, 40);
    assert!(poll(writer.flush()).is_ready());
    writer.write(&[1; 20]).expect("room");
    assert!(poll(writer.flush()).is_ready(), "not paused, it stays so up to the threshold");
}

#[test]
fn what_happens_while_no_flush_waits_is_not_lost() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.write(&[1; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    examine(&mut reader, 64);
    writer.write(&[1; 40]).expect("room");
    assert!(poll(writer.flush()).is_ready(), "the pause ended meanwhile, and 40 begin none");
}

#[test]
fn a_flush_of_nothing_waits_only_while_paused() {
    let (mut writer, mut reader) = paused_at(64, 32);
    assert!(poll(writer.flush()).is_ready());
    writer.write(&[1; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    assert!(poll(writer.flush()).is_pending());
    examine(&mut reader, 64);
    let read = Task::pending(reader.read());
    assert!(poll(writer.flush()).is_ready());
    assert_eq!(read.wakes(), 0);
}

#[test]
fn a_pause_is_over_while_the_reader_waits_for_what_is_not_flushed() {
    // One more than there is, one that a paused writer would never reach, and one below the threshold.
    for target in [65, 1000, 90] {
        let (mut writer, mut reader) = paused_at(64, 32);
        writer.write(&[1; 64]).expect("room");
        let flush = Task::pending(writer.flush());
        let read = Task::pending(reader.read_at_least(target));
        assert_eq!(flush.wakes(), 1, "{target}");
        assert!(matches!(flush.finish(), Ok(())), "{target}");
        assert_eq!(read.wakes(), 0);
        drop(read);
        assert!(poll(writer.flush()).is_pending(), "every flush looks again");
    }
}

#[test]
fn a_flush_does_not_pause_while_the_reader_waits_for_more_and_does_when_it_has_enough() {
    let (mut writer, mut reader) = paused_at(64, 32);
    let read = Task::pending(reader.read_at_least(200));
    send(&mut writer, &[1; 100]);
    send(&mut writer, &[1; 99]);
    assert_eq!(read.wakes(), 0);
    writer.write(&[1; 50]).expect("room");
    let flush = Task::pending(writer.flush());
    assert_eq!(read.wakes(), 1);
    assert_eq!(read.finish().expect("open").buffer().len(), 249);
    take(&mut reader);
    assert!(matches!(flush.finish(), Ok(())));
}

#[test]
fn a_pause_is_over_when_the_reader_closes() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.write(&[1; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    reader.close();
    assert_eq!(flush.wakes(), 1);
    assert!(flush.finish().is_err());
}

#[test]
fn thresholds_are_checked_once_and_ignored_without_a_pause() {
    let pool = Pool::new();
    let build = |pause, resume| PipeOptions::builder(&pool).pause_threshold(pause).resume_threshold(resume).build();
    for (pause, resume) in [(64, 0), (64, 65), (1, 2)] {
        let error = build(pause, resume).expect_err("out of order");
        assert_eq!(error, OptionsError::ResumeThreshold { resume, pause });
    }
    assert!(build(64, 64).is_ok() && build(64, 1).is_ok());
    let options = build(0, 17).expect("ignored");
    let Pipe { mut writer, reader: _reader } = Pipe::new(&options);
    send(&mut writer, &[1; 200_000]);
    assert_eq!(
        PipeOptions::builder(&pool).max_unconsumed(0).build().expect_err("nothing"),
        OptionsError::MaxUnconsumed
    );
}

#[test]
fn a_resume_threshold_not_given_leaves_half_of_the_pause_threshold_or_all_but_32_kib() {
    let pool = Pool::new();
    let resume = |pause| PipeOptions::builder(&pool).pause_threshold(pause).build().expect("valid").resume_threshold();
    assert_eq!([1, 2, 3, 8192].map(resume), [1, 1, 2, 4096]);
    assert_eq!([64 << 10, 256 << 10, 1 << 20].map(resume), [32 << 10, 224 << 10, 992 << 10]);
    assert_eq!(PipeOptions::new(&pool).resume_threshold(), 32 << 10);
}
