//! The writing end: much written before a flush, much unread, much pending.

use anyhow::Result;
use bytes::BufMut;
use headpond_pipe::{Pipe, PipeWrite};
use headpond_pool::{BufMutView, Pool, PoolOptions, Slice};

use crate::{
    drive::{context, ready},
    material::{options_over, pipe, pool},
    meter::Meter,
    operation::{Left, Operation, nothing},
    subject::pool::IDLE_POOL,
};

/// What a pipe holds that is drained and released, and the pool under it: the pipe's core, a few nodes, and a few places for
/// chunks, whatever went through.
pub(super) const IDLE_PIPE: u64 = IDLE_POOL + (8 << 10);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("writer/write small ones before one flush", small_writes).leaving(IDLE_PIPE),
    Operation::new("writer/write many blocks at once", one_write).leaving(IDLE_PIPE),
    Operation::new("writer/append single bytes before one flush", appends).leaving(IDLE_PIPE),
    Operation::new("writer/append and write in turn, each flushed", mixed).leaving(IDLE_PIPE),
    Operation::new("writer/patch before one flush", patch).leaving(IDLE_PIPE),
    Operation::new("writer/patch behind unread blocks", patch_behind).leaving(IDLE_PIPE),
    Operation::new("writer/patch all prefixes afterwards", patch_afterwards),
    Operation::new("writer/patch the first over and over", patch_first),
    Operation::new("writer/rewind every second frame before one flush", rewind).leaving(IDLE_PIPE),
    Operation::new("writer/rewind to the first mark over and over", rewind_first).leaving(IDLE_PIPE),
    Operation::new("writer/rewind over many blocks at once", rewind_blocks).leaving(IDLE_PIPE),
    Operation::new("writer/BufMut, before one flush", buf_mut).leaving(IDLE_PIPE),
    Operation::new("writer/reserve_async of many pipes on one pool", reserve_async),
    Operation::new("writer/reserve without advancing", reserve_only),
    Operation::new("writer/flush nothing beside unread blocks", flush_nothing),
    Operation::new("writer/stats and unconsumed beside unread blocks", stats),
    Operation::new("writer/paused flush polled again", paused),
    Operation::new("writer/cancel over and over", cancel),
];

pub(super) fn drain(pipe: &mut Pipe) {
    let end = pipe.reader.peek().end();
    pipe.reader.advance_to(end, end);
}

/// Drained and released: what is left.
pub(super) fn idle(mut pipe: Pipe) -> Result<Left> {
    drain(&mut pipe);
    pipe.writer.release();
    _ = pipe.reader.try_read()?;
    Ok(Box::new(pipe))
}

fn small_writes(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| (0..n).try_for_each(|_| pipe.writer.write(b"twelve bytes")))?;
    meter.count(|| ready(pipe.writer.flush()))??;
    meter.count(|| drain(&mut pipe));
    idle(pipe)
}

fn one_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, bytes) = (pipe()?, vec![1; 64 * n]);
    meter.count(|| pipe.writer.write(&bytes))?;
    meter.count(|| ready(pipe.writer.flush()))??;
    meter.count(|| drain(&mut pipe));
    drop(bytes);
    idle(pipe)
}

fn appends(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| (0..n).try_for_each(|_| pipe.writer.append(Slice::from_static(b"a"))))?;
    meter.count(|| ready(pipe.writer.flush()))??;
    meter.count(|| drain(&mut pipe));
    idle(pipe)
}

fn mixed(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            pipe.writer.write(b"head")?;
            pipe.writer.append(Slice::from_static(b"body"))?;
            Ok(ready(pipe.writer.flush())??)
        })
    })?;
    idle(pipe)
}

/// The same, and the pool trimmed: a block that lies in a cache keeps its slab, and the table of slabs up to that.
pub(super) fn idle_and_trimmed(pipe: Pipe, pool: Pool) -> Result<Left> {
    let left = idle(pipe)?;
    pool.trim();
    Ok(Box::new((left, pool)))
}

/// A frame: a length, a body that is linked in, and the length again once it is known.
fn frame(pipe: &mut Pipe) -> Result<()> {
    let prefix = pipe.writer.reserve_prefix(4)?;
    pipe.writer.append(Slice::from_static(b"body"))?;
    Ok(pipe.writer.patch(&prefix, &4_u32.to_be_bytes())?)
}

fn patch(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| (0..n).try_for_each(|_| frame(&mut pipe)))?;
    meter.count(|| ready(pipe.writer.flush()))??;
    idle(pipe)
}

fn rewind(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            frame(&mut pipe)?;
            let mark = pipe.writer.reserve_prefix(0)?;
            frame(&mut pipe)?;
            Ok(pipe.writer.rewind(&mark)?)
        })
    })?;
    meter.count(|| ready(pipe.writer.flush()))??;
    idle(pipe)
}

fn rewind_first(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = pool()?;
    let mut pipe = Pipe::new(&options_over(&pool)?);
    pipe.writer.write(&vec![1; 64 * n])?;
    let mark = pipe.writer.reserve_prefix(0)?;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            frame(&mut pipe)?;
            Ok(pipe.writer.rewind(&mark)?)
        })
    })?;
    ready(pipe.writer.flush())??;
    idle_and_trimmed(pipe, pool)
}

fn rewind_blocks(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    let mark = pipe.writer.reserve_prefix(0)?;
    (0..n).try_for_each(|_| frame(&mut pipe))?;
    meter.count(|| pipe.writer.rewind(&mark))?;
    idle(pipe)
}

fn patch_behind(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = pool()?;
    let mut pipe = Pipe::new(&options_over(&pool)?);
    pipe.writer.write(&vec![1; 64 * n])?;
    ready(pipe.writer.flush())??;
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            frame(&mut pipe)?;
            Ok(ready(pipe.writer.flush())??)
        })
    })?;
    idle_and_trimmed(pipe, pool)
}

fn patch_afterwards(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    let mut prefixes = Vec::new();
    for _ in 0..n {
        prefixes.push(pipe.writer.reserve_prefix(4)?);
        pipe.writer.append(Slice::from_static(b"body"))?;
    }
    meter.count(|| prefixes.iter().try_for_each(|prefix| pipe.writer.patch(prefix, &[1; 4])))?;
    meter.count(|| prefixes.iter().rev().try_for_each(|prefix| pipe.writer.patch(prefix, &[2; 4])))?;
    nothing()
}

fn patch_first(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    let prefix = pipe.writer.reserve_prefix(4)?;
    pipe.writer.write(&vec![1; 64 * n])?;
    meter.count(|| (0..n).try_for_each(|_| pipe.writer.patch(&prefix, &[1; 4])))?;
    nothing()
}

fn buf_mut(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        let mut view = BufMutView::new(&mut pipe.writer);
        (0..n).for_each(|number| view.put_u64(number as u64));
        view.finish()
    })?;
    ready(pipe.writer.flush())??;
    idle(pipe)
}

/// All wait in one line, are polled again, are served one after the other as each is dropped, and leave.
fn reserve_async(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build()?;
    let options = options_over(&pool)?;
    let mut pipes: Vec<Pipe> = (0..n).map(|_| Pipe::new(&options)).collect();
    let block = pool.rent()?;
    meter.count(|| {
        for _ in 0..2 {
            pipes.iter_mut().for_each(|pipe| _ = pipe.writer.poll_reserve(&mut context(), 1));
        }
        drop(block);
        pipes.drain(..n / 2).for_each(drop);
        pipes.drain(..).try_for_each(|mut pipe| {
            anyhow::ensure!(pipe.writer.poll_reserve(&mut context(), 1).is_ready(), "the first in line is served");
            Ok(())
        })
    })?;
    nothing()
}

fn reserve_only(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    // Larger and smaller ones in turn, so that the block at hand does not always do.
    meter.count(|| (0..n).try_for_each(|turn| pipe.writer.reserve(1 + 100 * (turn % 2)).map(drop)))?;
    nothing()
}

fn flush_nothing(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![1; 64 * n])?;
    ready(pipe.writer.flush())??;
    meter.count(|| (0..n).try_for_each(|_| -> Result<()> { Ok(ready(pipe.writer.flush())??) }))?;
    nothing()
}

fn stats(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![1; 64 * n])?;
    ready(pipe.writer.flush())??;
    meter.count(|| {
        (0..n).for_each(|_| {
            std::hint::black_box((
                pipe.writer.stats(),
                pipe.writer.unconsumed(),
                pipe.reader.stats(),
                pipe.reader.unconsumed(),
            ));
        });
    });
    nothing()
}

fn paused(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = pool()?;
    let options = headpond_pipe::PipeOptions::builder(&pool).pause_threshold(64 * n).build()?;
    let mut pipe = Pipe::new(&options);
    pipe.writer.write(&vec![1; 64 * n])?;
    meter.count(|| (0..n).for_each(|_| _ = pipe.writer.poll_flush(&mut context())));
    PipeWrite::withdraw(&mut pipe.writer);
    nothing()
}

fn cancel(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = Pipe::new(&options_over(&pool()?)?);
    pipe.writer.write(&vec![1; 64 * n])?;
    let (flush, read) = (pipe.writer.canceller(), pipe.reader.canceller());
    meter.count(|| {
        (0..n).for_each(|_| {
            flush.cancel();
            _ = pipe.writer.poll_flush(&mut context());
            read.cancel();
            _ = pipe.reader.try_read().map(drop);
        });
    });
    nothing()
}
