//! Streams, sinks and bodies of pieces; deflated bytes.

use std::{future::poll_fn, pin::Pin};

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use headpond_adapters::{
    flate2::{Compression, DeflateWriter, Format, InflateReader},
    futures_core::{ReaderStream, StreamReader},
    futures_sink::{SinkWriter, WriterSink},
    http_body::{BodyReader, PipeBody},
};
use headpond_pipe::{FixedReader, Pipe, PipeRead, PipeReadExt, PipeWrite, PipeWriteExt};
use headpond_pool::BufferWriter;
use http_body::Body;

use super::adapter_blocking::{IDLE_ADAPTER, gather};
use crate::{
    drive::driven,
    material::{cut, options, pipe},
    meter::Meter,
    operation::{Left, Operation, nothing},
    stream::Pieces,
    subject::pipe_writing::idle,
};

/// What zlib's state takes, whatever went through.
const DEFLATE_STATE: u64 = 512 << 10;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("stream/ReaderStream", reader_stream),
    Operation::new("stream/StreamReader, more and more", stream_reader).leaving(IDLE_ADAPTER),
    Operation::new("sink/WriterSink", writer_sink).leaving(IDLE_ADAPTER),
    Operation::new("sink/SinkWriter", sink_writer).leaving(IDLE_ADAPTER),
    Operation::new("body/PipeBody", pipe_body),
    Operation::new("body/BodyReader, more and more", body_reader).leaving(IDLE_ADAPTER),
    Operation::new("deflate/pieces before one flush", deflate).leaving(IDLE_ADAPTER * 2 + DEFLATE_STATE),
    Operation::new("deflate/pieces flushed each", deflate_flushed).from(32).leaving(IDLE_ADAPTER * 2 + DEFLATE_STATE),
    Operation::new("inflate/many small reads", inflate).leaving(IDLE_ADAPTER + DEFLATE_STATE),
    Operation::new("inflate/members, byte by byte", inflate_members).from(16).leaving(IDLE_ADAPTER + DEFLATE_STATE),
];

/// A pipe with so many pieces, each linked in.
fn full(n: usize) -> Result<Pipe> {
    let mut pipe = pipe()?;
    (0..n).try_for_each(|_| pipe.writer.append(headpond_pool::Slice::from_static(b"piece")))?;
    pipe.writer.finish()?;
    Ok(pipe)
}

fn reader_stream(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut stream = ReaderStream::new(full(n)?.reader);
    meter.count(|| (0..n).try_for_each(|_| driven(poll_fn(|cx| Pin::new(&mut stream).poll_next(cx))).map(drop)))?;
    nothing()
}

fn stream_reader(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = StreamReader::new(Pieces::of(n), &options()?);
    meter.count(|| gather(&mut reader, n))?;
    ensure!(driven(reader.read())??.is_finished(), "the end");
    Ok(Box::new(reader))
}

fn writer_sink(n: usize, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, reader } = pipe()?;
    let mut sink = WriterSink::new(writer);
    meter.count(|| {
        for _ in 0..n {
            driven(poll_fn(|cx| Pin::new(&mut sink).poll_ready(cx)))??;
            Pin::new(&mut sink).start_send(Bytes::from_static(b"piece"))?;
        }
        driven(poll_fn(|cx| Pin::new(&mut sink).poll_flush(cx)))??;
        anyhow::Ok(())
    })?;
    idle(Pipe { writer: sink.into_inner(), reader })
}

fn sink_writer(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut writer = SinkWriter::new(Pieces::default(), &options()?);
    meter.count(|| {
        for _ in 0..n {
            writer.write(b"piece")?;
            writer.append(headpond_pool::Slice::from_static(b"piece"))?;
        }
        driven(writer.flush())??;
        anyhow::Ok(())
    })?;
    writer.release();
    anyhow::ensure!(std::mem::take(writer.get_mut()).taken.len() > n, "all of it");
    Ok(Box::new(writer))
}

fn pipe_body(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut body = PipeBody::with_len(full(n)?.reader, 5 * n as u64);
    meter.count(|| (0..n).try_for_each(|_| driven(poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).map(drop)))?;
    nothing()
}

fn body_reader(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = BodyReader::new(Pieces::of(n), &options()?);
    meter.count(|| gather(&mut reader, n))?;
    ensure!(driven(reader.read())??.is_finished(), "the end");
    Ok(Box::new(reader))
}

/// Deflates so many pieces, which a reader at the other end takes; with a flush after each, or one in the end.
fn deflated(n: usize, each: bool, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, mut reader } = pipe()?;
    let mut writer = DeflateWriter::new(writer, Format::Zlib, Compression::fast(), &options()?);
    meter.count(|| {
        for _ in 0..n {
            writer.write(b"some piece that repeats")?;
            if each {
                driven(writer.flush())??;
            }
        }
        driven(writer.flush())??;
        anyhow::Ok(())
    })?;
    let end = reader.peek().end();
    reader.advance_to(end, end);
    writer.release();
    writer.get_mut().release();
    _ = reader.try_read()?;
    Ok(Box::new((writer, reader)))
}

fn deflate(n: usize, meter: &mut Meter) -> Result<Left> {
    deflated(n, false, meter)
}

fn deflate_flushed(n: usize, meter: &mut Meter) -> Result<Left> {
    deflated(n, true, meter)
}

/// Those pieces deflated, as one stream.
fn compressed(n: usize) -> Result<Vec<u8>> {
    let Pipe { writer, mut reader } = pipe()?;
    let mut writer = DeflateWriter::new(writer, Format::Gzip, Compression::fast(), &options()?);
    (0..n).try_for_each(|number| writer.write(&number.wrapping_mul(0x9e37_79b9).to_be_bytes()))?;
    driven(writer.finish_async())??;
    Ok(reader.peek().to_vec())
}

/// Reads everything byte by byte.
fn read_all<R: PipeRead>(reader: &mut R, n: usize, meter: &mut Meter) -> Result<()> {
    meter.count(|| {
        for _ in 0..n {
            let view = driven(reader.read())??;
            let next = view.buffer().start() + 1;
            view.advance(next);
        }
        ensure!(driven(reader.read())??.is_finished(), "all of it");
        Ok(())
    })
}

fn inflate(n: usize, meter: &mut Meter) -> Result<Left> {
    let bytes = compressed(n)?;
    let mut reader = InflateReader::new(FixedReader::new(bytes), Format::Gzip, &options()?);
    read_all(&mut reader, 8 * n, meter)?;
    reader.get_mut().close(None);
    Ok(Box::new(reader))
}

fn inflate_members(n: usize, meter: &mut Meter) -> Result<Left> {
    let bytes = cut(&compressed(2)?.repeat(n), 1);
    let mut reader = InflateReader::new(FixedReader::new(bytes), Format::Gzip, &options()?);
    read_all(&mut reader, 16 * n, meter)?;
    reader.get_mut().close(None);
    Ok(Box::new(reader))
}
