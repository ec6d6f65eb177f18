//! Ends for threads, and files.

use std::{
    fs::File,
    io::{BufRead, Read, Write},
};

use anyhow::{Result, ensure};
use headpond_adapters::{
    blocking::{self, BlockingReadExt, BlockingWriteExt, SinkWriter, SourceReader},
    file,
};
use headpond_pipe::{Pipe, PipeRead, PipeReadExt, PipeWrite, PipeWriteExt};
use headpond_pool::{BufferWriter, Slice};

use crate::{
    drive::{context, driven},
    material::{options, pipe},
    meter::Meter,
    operation::{Left, Operation, nothing},
    stream::Trickle,
    subject::pipe_writing::{IDLE_PIPE, idle},
};

/// What a source or a sink holds that is drained: the pipe within it.
pub(super) const IDLE_ADAPTER: u64 = IDLE_PIPE + (1 << 10);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("blocking/read byte by byte", read).leaving(IDLE_PIPE),
    Operation::new("blocking/lines", lines),
    Operation::new("blocking/write byte by byte", write),
    Operation::new("blocking/copy to a stream", copy_to),
    Operation::new("blocking/copy from a stream", copy_from).leaving(IDLE_PIPE),
    Operation::new("blocking/source, more and more", source).leaving(IDLE_ADAPTER),
    Operation::new("blocking/sink", sink).leaving(IDLE_ADAPTER),
    Operation::new("blocking/copy a source to a sink", copy),
    Operation::new("file/read", file_read),
    Operation::new("file/write", file_write),
];

/// A pipe with so many bytes, each linked in by itself, so that a stream is shown as many pieces at a time as it can be.
pub(super) fn bytes(n: usize) -> Result<Pipe> {
    let mut pipe = pipe()?;
    (0..n).try_for_each(|_| pipe.writer.append(Slice::from_static(b"a")))?;
    pipe.writer.finish()?;
    Ok(pipe)
}

/// Has a reader wait for more than there is, over and over, and consumes everything in the end.
pub(super) fn gather<R: PipeRead>(reader: &mut R, n: usize) -> Result<()> {
    for _ in 0..n {
        let view = driven(reader.read())??;
        let start = view.buffer().start();
        view.need_more(start);
    }
    ensure!(reader.buffer().len() >= n, "a byte each time");
    let end = reader.buffer().end();
    reader.advance_to(end, end);
    Ok(())
}

/// Writes small pieces, flushed each, into a writer.
pub(super) fn pour<W: PipeWrite>(writer: &mut W, n: usize) -> Result<()> {
    for _ in 0..n {
        writer.write(b"piece")?;
        driven(writer.flush())??;
    }
    writer.write(&vec![b'a'; n])?;
    driven(writer.flush())??;
    writer.release();
    Ok(())
}

fn read(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![b'a'; n])?;
    driven(pipe.writer.flush())??;
    let mut reader = (&mut pipe.reader).into_blocking();
    meter.count(|| (0..n).try_for_each(|_| reader.read_exact(&mut [0])))?;
    drop(reader);
    idle(pipe)
}

fn lines(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&b"a line\n".repeat(n))?;
    pipe.writer.finish()?;
    let reader = pipe.reader.into_blocking();
    ensure!(meter.count(|| reader.lines().count()) == n, "each");
    nothing()
}

fn write(n: usize, meter: &mut Meter) -> Result<Left> {
    let pipe = pipe()?;
    let mut writer = pipe.writer.into_blocking();
    meter.count(|| (0..n).try_for_each(|_| writer.write_all(b"a")))?;
    meter.count(|| writer.write_all(&vec![b'a'; 64 * n]))?;
    nothing()
}

fn copy_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (bytes(n)?, Trickle::default());
    ensure!(meter.count(|| pipe.reader.copy_to_blocking(&mut stream))? == n as u64, "all of it");
    nothing()
}

fn copy_from(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (pipe()?, Trickle::of(n));
    ensure!(meter.count(|| pipe.writer.copy_from_blocking(&mut stream))? == n as u64, "all of it");
    idle(pipe)
}

fn source(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = SourceReader::new(Trickle::of(n), &options()?);
    meter.count(|| gather(&mut reader, n))?;
    Ok(Box::new(reader))
}

fn sink(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut writer = SinkWriter::new(Trickle::default(), &options()?);
    meter.count(|| pour(&mut writer, n))?;
    Ok(Box::new(writer))
}

fn copy(n: usize, meter: &mut Meter) -> Result<Left> {
    let options = options()?;
    let mut reader = SourceReader::new(Trickle::of(n), &options);
    let mut writer = SinkWriter::new(Trickle::default(), &options);
    ensure!(meter.count(|| blocking::copy(&mut reader, &mut writer))? == n as u64, "all of it");
    nothing()
}

fn file_read(n: usize, meter: &mut Meter) -> Result<Left> {
    let place = tempfile::NamedTempFile::new()?;
    std::fs::write(place.path(), vec![b'a'; 64 * n])?;
    let (mut reader, job) = file::read(File::open(place.path())?, &options()?);
    ensure!(meter.count(|| job.run())? == 64 * n as u64, "all of it");
    meter.count(|| driven(reader.read_at_least(64 * n)).map(drop))?;
    nothing()
}

fn file_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut writer, job) = file::write(tempfile::tempfile()?, &options()?);
    (0..n).try_for_each(|_| writer.write(b"piece"))?;
    _ = writer.poll_finish(&mut context());
    ensure!(meter.count(|| job.run())? == 5 * n as u64, "all of it");
    driven(writer.finish_async())??;
    nothing()
}
