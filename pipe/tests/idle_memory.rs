//! What is idle holds no memory: 10,000 pipes on one pool, drained and released in every order.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions, Slice};

const PIPES: usize = 10_000;

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Ten thousand pipes, each used for a message of a size of its own.
fn used_pipes(pool: &Pool) -> Vec<Pipe> {
    let options = PipeOptions::new(pool);
    let message = [1; 700];
    let mut pipes: Vec<Pipe> = (0..PIPES).map(|_| Pipe::new(&options)).collect();
    for (i, pipe) in pipes.iter_mut().enumerate() {
        pipe.writer.write(&message[..1 + i % message.len()]).expect("no budget");
        assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
    }
    assert!(pool.stats().rented >= PIPES);
    pipes
}

fn drain(pipe: &mut Pipe) {
    let end = pipe.reader.peek().end();
    pipe.reader.advance_to(end, end);
}

/// All of them still work, and hold nothing when they are gone.
fn use_again(pool: &Pool, mut pipes: Vec<Pipe>) {
    assert_eq!(pool.stats().rented, 0);
    for pipe in &mut pipes {
        pipe.writer.write(b"again").expect("no budget");
        assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
        assert_eq!(pipe.reader.peek(), b"again"[..]);
    }
    assert_eq!(pool.stats().rented, PIPES);
    drop(pipes);
    assert_eq!(pool.stats().rented, 0);
}

fn pool() -> Pool {
    PoolOptions::new().block_size(1024).build().expect("valid")
}

#[test]
fn released_after_the_drain_they_hold_nothing_at_once() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    pipes.iter_mut().for_each(drain);
    assert_eq!(pool.stats().rented, PIPES, "the claim keeps one block each");
    pipes.iter_mut().for_each(|pipe| pipe.writer.release());
    use_again(&pool, pipes);
}

#[test]
fn released_before_the_drain_they_hold_nothing_once_the_reader_is_parked() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    for pipe in &mut pipes {
        pipe.writer.release();
        drain(pipe);
        assert!(poll(pipe.reader.read()).is_pending());
    }
    use_again(&pool, pipes);
}

#[test]
fn released_before_the_drain_they_hold_nothing_once_the_reader_has_tried() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    for pipe in &mut pipes {
        pipe.writer.release();
        drain(pipe);
        assert!(matches!(pipe.reader.try_read(), Ok(None)));
    }
    use_again(&pool, pipes);
}

#[test]
fn released_while_the_reader_is_parked_they_hold_nothing_at_once() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    let mut cx = Context::from_waker(Waker::noop());
    for pipe in &mut pipes {
        drain(pipe);
        let mut read = pin!(pipe.reader.read());
        assert!(read.as_mut().poll(&mut cx).is_pending());
        let rented = pool.stats().rented;
        pipe.writer.release();
        assert_eq!(pool.stats().rented, rented - 1);
        assert!(read.poll(&mut cx).is_pending());
    }
    use_again(&pool, pipes);
}

#[test]
fn released_by_their_flush_they_hold_nothing_once_drained_and_parked() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    for pipe in &mut pipes {
        pipe.writer.write(b"last").expect("no budget");
        assert!(matches!(poll(pipe.writer.flush_release()), Poll::Ready(Ok(()))));
        drain(pipe);
        assert!(poll(pipe.reader.read()).is_pending());
    }
    use_again(&pool, pipes);
}

#[test]
fn reserved_and_never_written_they_hold_nothing_once_released() {
    let pool = pool();
    let mut pipes = used_pipes(&pool);
    for pipe in &mut pipes {
        drain(pipe);
        pipe.writer.release();
        let _ = pipe.writer.reserve(100).expect("no budget");
        pipe.writer.release();
    }
    use_again(&pool, pipes);
}

#[test]
fn a_full_block_all_consumed_goes_back_when_the_writer_moves_on() {
    const BLOCK: usize = 64;
    let pool = PoolOptions::new().block_size(BLOCK).max_bytes(BLOCK).build().expect("valid");
    let mut pipe = Pipe::new(&PipeOptions::new(&pool));
    for _ in 0..3 {
        pipe.writer.write(&[7; BLOCK]).expect("the one block of the budget");
        assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
        drain(&mut pipe);
        // The reader does not look again before the writer goes on.
        let _ = pipe.writer.reserve(1).expect("the one block of the budget");
        assert_eq!(pool.stats().rented, 1);
    }
    for _ in 0..3 {
        pipe.writer.write(&[7; BLOCK]).expect("the one block of the budget");
        pipe.writer.append(Slice::from("shared")).expect("an open reader");
        assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
        drain(&mut pipe);
        assert_eq!(pool.stats().rented, 0);
    }
    pipe.writer.write(&[7; BLOCK]).expect("the one block of the budget");
    assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
    drain(&mut pipe);
    pipe.writer.append(Slice::from("shared")).expect("an open reader");
    assert_eq!(pool.stats().rented, 0);
}
