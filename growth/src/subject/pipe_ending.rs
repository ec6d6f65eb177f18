//! Endings with much unread, and pipes used again.

use anyhow::Result;
use headpond_pipe::{FixedReader, Pipe, PipeRead, PipeReadExt};

use crate::{
    drive::ready,
    material::{chain, options, pipe},
    meter::Meter,
    operation::{Left, Operation, nothing},
    subject::pipe_writing::{IDLE_PIPE, drain},
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("ending/finish and read", finish).leaving(IDLE_PIPE),
    Operation::new("ending/abort", abort).leaving(IDLE_PIPE),
    Operation::new("ending/close", close).leaving(IDLE_PIPE),
    Operation::new("ending/close with much unflushed", close_unflushed).leaving(IDLE_PIPE),
    Operation::new("ending/writer dropped first", drop_writer),
    Operation::new("ending/reader dropped first", drop_reader),
    Operation::new("ending/reset with much unread", reset_unread).leaving(IDLE_PIPE),
    Operation::new("ending/reset over and over", reset).leaving(IDLE_PIPE),
    Operation::new("ending/new and drop", new),
    Operation::new("fixed/read and advance", fixed),
];

fn unread(n: usize) -> Result<Pipe> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![1; 64 * n])?;
    ready(pipe.writer.flush())??;
    Ok(pipe)
}

fn finish(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    meter.count(|| pipe.writer.finish())?;
    meter.count(|| drain(&mut pipe));
    anyhow::ensure!(ready(pipe.reader.read())??.is_finished(), "the end");
    Ok(Box::new(pipe))
}

fn abort(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    meter.count(|| pipe.writer.abort("enough"));
    meter.count(|| _ = pipe.reader.try_read().map(drop));
    pipe.reader.close();
    Ok(Box::new(pipe))
}

fn close(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    meter.count(|| pipe.reader.close());
    _ = pipe.writer.write(b"a");
    Ok(Box::new(pipe))
}

fn close_unflushed(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![1; 64 * n])?;
    meter.count(|| {
        pipe.reader.close();
        _ = pipe.writer.write(b"a");
    });
    Ok(Box::new(pipe))
}

fn drop_writer(n: usize, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, reader } = unread(n)?;
    meter.count(|| (drop(writer), drop(reader)));
    nothing()
}

fn drop_reader(n: usize, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, reader } = unread(n)?;
    meter.count(|| (drop(reader), drop(writer)));
    nothing()
}

fn reset_unread(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = unread(n)?;
    let pipe = meter.count(|| {
        pipe.writer.finish()?;
        pipe.reader.close();
        anyhow::Ok(pipe.reset()?)
    })?;
    Ok(Box::new(pipe))
}

fn reset(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        for _ in 0..n {
            pipe.writer.write(b"a")?;
            pipe.writer.finish()?;
            pipe.reader.close();
            pipe = pipe.reset()?;
        }
        anyhow::Ok(Box::new(pipe) as Left)
    })
}

fn new(n: usize, meter: &mut Meter) -> Result<Left> {
    let options = options()?;
    meter.count(|| drop((0..n).map(|_| Pipe::new(&options)).collect::<Vec<_>>()));
    nothing()
}

fn fixed(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut reader, mut out) = (FixedReader::new(chain(n, 1, b"a")), Vec::new());
    meter.count(|| -> Result<()> {
        for _ in 0..n / 2 {
            let view = ready(reader.read())??;
            let next = view.buffer().start() + 1;
            view.advance(next);
        }
        reader.transfer(&mut out, n)?;
        Ok(())
    })?;
    PipeRead::close(&mut reader, None);
    nothing()
}
