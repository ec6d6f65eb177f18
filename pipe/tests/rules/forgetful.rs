//! Loops that forget to advance, which debug builds tell, and loops that look like them and are in order.

use headpond_pipe::{FixedReader, Pipe, PipeOptions, PipeRead, PipeReadExt};
use headpond_pool::{Pool, SequenceBuf, Slice};

use crate::harness::{never_paused, panic_message, poll, ready, send};

/// More than any detector lets pass.
const MANY: usize = 20_000;

/// What is told of a loop that drops every view it gets.
fn told_of(reader: &mut dyn PipeRead, at_least: usize) -> String {
    panic_message(|| {
        for _ in 0..MANY {
            drop(ready(reader.read_at_least(at_least)).expect("open"));
        }
    })
}

#[test]
#[cfg(debug_assertions)]
fn a_loop_that_forgets_to_advance_is_told() {
    for at_least in [0, 4] {
        let (_pool, mut writer, mut reader) = never_paused(16);
        send(&mut writer, b"0123456789");
        // By a reference to an object, a box and a name: all come to the same reader.
        let mut boxed: Box<dyn PipeRead + '_> = Box::new(&mut reader);
        let told_by_box = told_of(&mut boxed, at_least);
        drop(boxed);
        for told in [told_by_box, told_of(&mut reader, at_least)] {
            assert!(told.contains("without advancing") && told.contains("10 bytes"), "{told}");
            assert!(told.contains("need_more"), "{told}");
        }
        // Nothing has changed: an advance puts it right.
        let view = ready(reader.read()).expect("open");
        assert_eq!(view.buffer(), b"0123456789"[..]);
        view.advance_all();
        assert!(poll(reader.read()).is_pending());
    }
}

/// To advance by nothing is to forget it: it was to be `need_more`.
#[test]
#[cfg(debug_assertions)]
fn a_loop_that_advances_by_nothing_is_told() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"no end of line");
    let told = panic_message(|| {
        for _ in 0..MANY {
            let view = ready(reader.read()).expect("open");
            let start = view.buffer().start();
            view.advance(start);
        }
    });
    assert!(told.contains("without advancing"), "{told}");
}

#[test]
fn loops_in_order_are_told_nothing() {
    let (_pool, mut writer, mut reader) = never_paused(64);
    let canceller = reader.canceller();
    send(&mut writer, b"0");
    for i in 0..MANY {
        // Cancelled: whoever cancelled wants the loop to do something else.
        canceller.cancel();
        let view = ready(reader.read()).expect("open");
        assert!(view.is_cancelled());
        drop(view);
        // Looks that never wait are their caller's own pace.
        assert!(!reader.peek().is_empty());
        assert!(matches!(reader.try_read(), Ok(Some(_))));
        // Something new.
        if i % 1000 == 0 {
            send(&mut writer, b"1");
        }
    }
    // All examined: it is a wait for so many bytes, and they are there.
    let view = ready(reader.read()).expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    for _ in 0..MANY {
        drop(ready(reader.read_at_least(1)).expect("open"));
    }
    // A byte at a time examined, and one at a time consumed.
    let end = reader.buffer().end();
    for at in 0..(end - start) {
        reader.advance_to(start + at, start + at);
        drop(ready(reader.read()).expect("one is unexamined"));
    }
    // At the end every read is ready, for ever.
    writer.finish().expect("open");
    for _ in 0..MANY {
        assert!(ready(reader.read()).expect("finished").is_finished());
    }
    let mut fixed = FixedReader::new(SequenceBuf::from_iter([Slice::from_static(b"all")]));
    for _ in 0..MANY {
        drop(ready(fixed.read()).expect("finished"));
    }
}

/// New pipes at the same place, with the same bytes at the same positions.
#[test]
fn pipes_are_not_mistaken_for_each_other() {
    let options = PipeOptions::new(Pool::new());
    for _ in 0..MANY {
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        send(&mut writer, b"once");
        drop(ready(reader.read()).expect("open"));
    }
}
