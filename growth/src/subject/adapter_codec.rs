//! Items of codecs off and onto ends.

use std::{future::poll_fn, pin::Pin};

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use headpond_adapters::{
    codec::{Framed, ReadItemExt},
    tokio::SourceReader,
    tokio_util,
};
use headpond_codec::{Codec, Decoder, Plain, line::LineDecoder};
use headpond_pipe::Pipe;

use super::adapter_blocking::IDLE_ADAPTER;
use crate::{
    drive::driven,
    material::{options, pipe},
    meter::Meter,
    operation::{Left, Operation, nothing},
    stream::Trickle,
    subject::pipe_writing::idle,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("framed/many items", items),
    Operation::new("framed/send before one flush", send).leaving(IDLE_ADAPTER),
    Operation::new("framed/an item that trickles in", trickle),
    Operation::new("framed/read_item", read_item),
    Operation::new("tokio-util/many items", util_items),
    Operation::new("tokio-util/send before one flush", util_send).leaving(IDLE_ADAPTER),
    Operation::new("tokio-util/an item that trickles in", util_trickle),
];

fn lines(n: usize) -> Result<Pipe> {
    let mut pipe = pipe()?;
    pipe.writer.write(&b"a line\n".repeat(n))?;
    pipe.writer.finish()?;
    Ok(pipe)
}

/// How many items there are.
fn count<S: Stream<Item = Result<O, E>> + Unpin, O, E: std::error::Error + Send + Sync + 'static>(
    stream: &mut S,
) -> Result<usize> {
    let mut items = 0;
    while let Some(item) = driven(poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)))? {
        item?;
        items += 1;
    }
    Ok(items)
}

/// Sends so many, and flushes once.
fn put<S: Sink<I, Error = E> + Unpin, I, E: std::error::Error + Send + Sync + 'static>(
    sink: &mut S,
    items: impl Iterator<Item = I>,
) -> Result<()> {
    for item in items {
        driven(poll_fn(|cx| Pin::new(&mut *sink).poll_ready(cx)))??;
        Pin::new(&mut *sink).start_send(item)?;
    }
    Ok(driven(poll_fn(|cx| Pin::new(&mut *sink).poll_flush(cx)))??)
}

fn items(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut framed = Framed::new(lines(n)?.reader, LineDecoder::new().map(|line| line.len()));
    ensure!(meter.count(|| count(&mut framed))? == n, "each");
    nothing()
}

fn send(n: usize, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, reader } = pipe()?;
    let mut framed = Framed::new(writer, Codec { decoder: LineDecoder::new(), encoder: Plain });
    meter.count(|| put(&mut framed, (0..n).map(|_| "a line\n")))?;
    idle(Pipe { writer: framed.into_parts().0, reader })
}

fn trickle(n: usize, meter: &mut Meter) -> Result<Left> {
    let source = SourceReader::new(Trickle::of(n), &options()?);
    let mut framed = Framed::new(source, LineDecoder::new().map(|line| line.len()));
    ensure!(meter.count(|| count(&mut framed))? == 1, "one without an end");
    nothing()
}

fn read_item(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = lines(n)?.reader;
    let mut decoder = LineDecoder::new().map(|line| line.len());
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            ensure!(driven(reader.read_item(&mut decoder))??.is_some(), "each");
            Ok(())
        })
    })?;
    nothing()
}

fn util_items(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut framed = tokio_util::Framed::new(lines(n)?.reader, ::tokio_util::codec::LinesCodec::new());
    ensure!(meter.count(|| count(&mut framed))? == n, "each");
    nothing()
}

fn util_send(n: usize, meter: &mut Meter) -> Result<Left> {
    let Pipe { writer, reader } = pipe()?;
    let mut framed = tokio_util::Framed::new(writer, ::tokio_util::codec::BytesCodec::new());
    meter.count(|| put(&mut framed, (0..n).map(|_| Bytes::from_static(b"a line\n"))))?;
    idle(Pipe { writer: framed.into_parts().end, reader })
}

fn util_trickle(n: usize, meter: &mut Meter) -> Result<Left> {
    let source = SourceReader::new(Trickle::of(n), &options()?);
    let mut framed = tokio_util::Framed::new(source, ::tokio_util::codec::LinesCodec::new());
    ensure!(meter.count(|| count(&mut framed))? == 1, "one without an end");
    nothing()
}
