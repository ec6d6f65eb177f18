//! The starting story, end to end on one thread.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use headpond_pipe::{FlushError, Pipe, PipeOptions, ReadError};
use headpond_pool::{Pool, Slice};

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<F: Future>(future: F) -> F::Output {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("pending"),
    }
}

#[test]
fn bytes_written_in_place_come_out_across_blocks() {
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    assert!(matches!(reader.try_read(), Ok(None)));
    let mut expected = Vec::new();
    for round in 0..200_usize {
        let bytes: Vec<u8> = (0..round * 7).map(|i| (i * round) as u8).collect();
        writer.write(&bytes).expect("room");
        if round % 5 == 0 {
            writer.append(Slice::copy_from_slice(&bytes)).expect("room");
            expected.extend_from_slice(&bytes);
            expected.extend_from_slice(&bytes);
        } else {
            expected.extend_from_slice(&bytes);
        }
        ready(writer.flush()).expect("open");
        if round % 3 == 0 {
            writer.release();
        }
        let Some(view) = reader.try_read().expect("open") else {
            assert!(expected.is_empty());
            continue;
        };
        assert_eq!(view.buffer().to_vec(), expected);
        let half = expected.len() / 2;
        let to = view.buffer().start() + half;
        let end = view.buffer().end();
        view.advance_to(to, end);
        expected.drain(..half);
    }
    writer.finish().expect("open");
    let view = ready(reader.read()).expect("open");
    assert!(view.is_finished());
    assert_eq!(view.buffer().to_vec(), expected);
    view.advance_all();
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_finished() && view.buffer().is_empty()));
    drop(reader);
    assert!(matches!(ready(writer.flush()), Ok(())));
    drop(writer);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn back_pressure_and_abort() {
    let pool = Pool::new();
    let options = PipeOptions::builder(&pool).pause_threshold(64).resume_threshold(32).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    writer.write(&[1; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    assert!(poll(writer.flush()).is_pending());
    let view = reader.try_read().expect("open").expect("data");
    let to = view.buffer().start() + 32;
    view.advance(to);
    assert!(poll(writer.flush()).is_pending());
    let view = reader.try_read().expect("open").expect("data");
    let to = view.buffer().start() + 1;
    view.advance(to);
    assert!(poll(writer.flush()).is_ready());
    writer.abort("gone");
    let view = ready(reader.read()).expect("still data");
    view.advance_all();
    assert!(matches!(ready(reader.read()), Err(ReadError::Aborted(error)) if error.to_string() == "gone"));
    assert!(matches!(ready(writer.flush()), Err(FlushError::Aborted)));
    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn both_ends_count_what_is_unconsumed() {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    writer.write(&[1; 10]).expect("room");
    assert_eq!((writer.unflushed(), writer.unconsumed(), reader.unconsumed()), (10, 0, 0));
    ready(writer.flush()).expect("open");
    assert_eq!((writer.unflushed(), writer.unconsumed(), reader.unconsumed()), (0, 10, 10));
    let view = ready(reader.read()).expect("open");
    let to = view.buffer().start() + 4;
    view.need_more(to);
    assert_eq!((writer.unconsumed(), reader.unconsumed()), (6, 6));
    reader.close();
    assert_eq!((writer.unconsumed(), reader.unconsumed()), (0, 0), "what nobody will read counts no more");
    drop(reader);
    assert_eq!(writer.unconsumed(), 0);
}
