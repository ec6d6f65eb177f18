//! The reading end: much unread, read in pieces, and data that trickles in.

use anyhow::{Result, ensure};
use headpond_pipe::{Pipe, PipeRead};

use crate::{
    drive::{context, ready},
    material::{options_over, pipe, pool},
    meter::Meter,
    operation::{Left, Operation, nothing},
    subject::pipe_writing::{IDLE_PIPE, idle, idle_and_trimmed},
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("reader/messages, each read at once", messages).leaving(IDLE_PIPE),
    Operation::new("reader/messages, each flushed, read at the end", backlog).leaving(IDLE_PIPE),
    Operation::new("reader/blocks, released by the writer first", released_first).leaving(IDLE_PIPE),
    Operation::new("reader/consume byte by byte", byte_by_byte).leaving(IDLE_PIPE),
    Operation::new("reader/need_more while data trickles", trickle).leaving(IDLE_PIPE),
    Operation::new("reader/read_at_least while data trickles", at_least).leaving(IDLE_PIPE),
    Operation::new("reader/read_at_least more and more", more_and_more),
    Operation::new("reader/peek and buffer beside unread blocks", peek),
    Operation::new("reader/consume one, one comes, beside unread blocks", sliding).leaving(IDLE_PIPE),
    Operation::new("reader/poll with nothing there", polled),
    Operation::new("reader/transfer", transfer).leaving(2 * IDLE_PIPE),
    Operation::new("reader/transfer byte by byte", transfer_bytes).leaving(2 * IDLE_PIPE),
    Operation::new("reader/copy_to", copy_to).leaving(2 * IDLE_PIPE),
];

/// A pipe with so many blocks that are not read.
fn unread(n: usize) -> Result<Pipe> {
    let mut pipe = pipe()?;
    put(&mut pipe, &vec![1; 64 * n])?;
    Ok(pipe)
}

fn put(pipe: &mut Pipe, bytes: &[u8]) -> Result<()> {
    pipe.writer.write(bytes)?;
    Ok(ready(pipe.writer.flush())??)
}

fn messages(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            put(&mut pipe, b"a message")?;
            ready(pipe.reader.read())??.advance_all();
            Ok(())
        })
    })?;
    idle(pipe)
}

fn backlog(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| (0..n).try_for_each(|_| put(&mut pipe, &[1; 40])))?;
    meter.count(|| -> Result<()> {
        ready(pipe.reader.read())??.advance_all();
        Ok(())
    })?;
    idle(pipe)
}

/// The writer goes idle before anything is read: only the reader still runs.
fn released_first(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    pipe.writer.release();
    meter.count(|| -> Result<()> {
        ready(pipe.reader.read())??.advance_all();
        Ok(())
    })?;
    ensure!(pipe.reader.try_read()?.is_none(), "drained");
    Ok(Box::new(pipe))
}

fn byte_by_byte(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n / 16)?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            let view = ready(pipe.reader.read())??;
            let next = view.buffer().start() + 1;
            view.advance(next);
            Ok(())
        })
    })?;
    idle(pipe)
}

/// A byte comes, and it is not enough.
fn trickle(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            put(&mut pipe, b"a")?;
            let view = ready(pipe.reader.read())??;
            let start = view.buffer().start();
            view.need_more(start);
            Ok(())
        })
    })?;
    idle(pipe)
}

fn at_least(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        (0..n).try_for_each(|_| {
            let _pending = pipe.reader.poll_read(&mut context(), n);
            put(&mut pipe, b"a")
        })
    })?;
    ensure!(pipe.reader.poll_read(&mut context(), n).is_ready(), "all is there");
    idle(pipe)
}

fn more_and_more(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    meter.count(|| {
        (0..n).try_for_each(|more| -> Result<()> {
            let view = ready(pipe.reader.read_at_least(64 * (more + 1)))??;
            let (start, examined) = (view.buffer().start(), view.buffer().start() + 64 * more);
            view.advance_to(start, examined);
            Ok(())
        })
    })?;
    nothing()
}

fn peek(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    meter.count(|| (0..n).map(|_| pipe.reader.peek().len() + pipe.reader.buffer().len()).sum::<usize>());
    nothing()
}

fn sliding(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = pool()?;
    let mut pipe = Pipe::new(&options_over(&pool)?);
    put(&mut pipe, &vec![1; 64 * n])?;
    meter.count(|| {
        (0..2 * n).try_for_each(|_| -> Result<()> {
            put(&mut pipe, &[1; 64])?;
            let view = ready(pipe.reader.read())??;
            let next = view.buffer().start() + 64;
            view.advance(next);
            Ok(())
        })
    })?;
    idle_and_trimmed(pipe, pool)
}

fn polled(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| (0..n).for_each(|_| _ = pipe.reader.poll_read(&mut context(), 0)));
    pipe.reader.withdraw();
    nothing()
}

fn transfer(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to) = (unread(n)?, pipe()?);
    meter.count(|| from.reader.transfer(&mut to.writer, 64 * n))?;
    ready(to.writer.flush())??;
    Ok(Box::new((idle(from)?, idle(to)?)))
}

fn transfer_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to) = (unread(n / 16)?, pipe()?);
    meter.count(|| (0..n).try_for_each(|_| from.reader.transfer(&mut to.writer, 1).map(drop)))?;
    ready(to.writer.flush())??;
    Ok(Box::new((idle(from)?, idle(to)?)))
}

fn copy_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to) = (unread(n)?, pipe()?);
    from.writer.finish()?;
    ensure!(meter.count(|| ready(from.reader.copy_to(&mut to.writer)))?? == 64 * n as u64, "all is copied");
    Ok(Box::new((idle(from)?, idle(to)?)))
}
