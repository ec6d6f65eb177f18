//! Streams over ends, and ends over streams, of both runtimes; duplexes and connections.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
};

use anyhow::{Result, ensure};
use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use headpond_adapters::{
    Duplex, duplex,
    futures_io::{self as on_futures, FuturesReadExt, FuturesWriteExt},
    tokio::{self as on_tokio, TokioReadExt, TokioWriteExt},
    transport::Peer,
};
use headpond_pipe::PipeReadExt;

use super::adapter_blocking::{IDLE_ADAPTER, bytes, gather, pour};
use crate::{
    drive::{context, driven},
    material::{options, pipe},
    meter::Meter,
    operation::{Left, Operation, nothing},
    stream::Trickle,
    subject::pipe_writing::IDLE_PIPE,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("futures-io/read byte by byte", read),
    Operation::new("futures-io/write byte by byte", write),
    Operation::new("futures-io/source, more and more", source).leaving(IDLE_ADAPTER),
    Operation::new("futures-io/sink", sink).leaving(IDLE_ADAPTER),
    Operation::new("futures-io/copy to a stream", copy_to),
    Operation::new("futures-io/copy from a stream", copy_from).leaving(IDLE_PIPE),
    Operation::new("futures-io/copy", copy),
    Operation::new("futures-io/copy_bidirectional", copy_both),
    Operation::new("tokio/read byte by byte", tokio_read),
    Operation::new("tokio/write byte by byte", tokio_write),
    Operation::new("tokio/source, more and more", tokio_source).leaving(IDLE_ADAPTER),
    Operation::new("tokio/sink", tokio_sink).leaving(IDLE_ADAPTER),
    Operation::new("tokio/copy to a stream", tokio_copy_to),
    Operation::new("tokio/copy from a stream", tokio_copy_from).leaving(IDLE_PIPE),
    Operation::new("tokio/copy", tokio_copy),
    Operation::new("tokio/copy_bidirectional", tokio_copy_both),
    Operation::new("duplex/to and fro", to_and_fro).leaving(2 * IDLE_PIPE),
    Operation::new("pipes/copy", pipes_copy),
    Operation::new("pipes/copy_bidirectional", pipes_copy_both),
    Operation::new("transport/connection", connection),
];

fn read(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![b'a'; 2 * n])?;
    driven(pipe.writer.flush())??;
    let mut reader = pipe.reader.into_futures_io();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            driven(poll_fn(|cx| Pin::new(&mut reader).poll_read(cx, &mut [0])))??;
            driven(poll_fn(|cx| Pin::new(&mut reader).poll_fill_buf(cx).map_ok(<[u8]>::len)))??;
            Pin::new(&mut reader).consume(1);
            Ok(())
        })
    })?;
    nothing()
}

fn write(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut writer = pipe()?.writer.into_futures_io();
    let pipe = pipe()?;
    let mut kept = pipe.writer.into_futures_io();
    // The one has lost its reader, and fails; the other one's does not read.
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            ensure!(driven(poll_fn(|cx| Pin::new(&mut writer).poll_write(cx, b"a")))?.is_err(), "closed");
            driven(poll_fn(|cx| Pin::new(&mut kept).poll_write(cx, b"a")))??;
            Ok(())
        })
    })?;
    nothing()
}

fn source(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = on_futures::SourceReader::new(Trickle::of(n), &options()?);
    meter.count(|| gather(&mut reader, n))?;
    Ok(Box::new(reader))
}

fn sink(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut writer = on_futures::SinkWriter::new(Trickle::default(), &options()?);
    meter.count(|| pour(&mut writer, n))?;
    Ok(Box::new(writer))
}

/// Waits for a copy of so many bytes, which may give way to others.
fn copied<E: std::error::Error + Send + Sync + 'static>(
    n: usize,
    copy: impl Future<Output = Result<u64, E>>,
) -> Result<()> {
    ensure!(driven(copy)?? == n as u64, "all of it");
    Ok(())
}

fn copy_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (bytes(n)?, Trickle::default());
    meter.count(|| copied(n, pipe.reader.copy_to_futures_io(&mut stream)))?;
    nothing()
}

fn copy_from(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (pipe()?, Trickle::of(n));
    meter.count(|| copied(n, pipe.writer.copy_from_futures_io(&mut stream)))?;
    crate::subject::pipe_writing::idle(pipe)
}

fn copy(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to, options) = (Trickle::of(n), Trickle::default(), options()?);
    meter.count(|| copied(n, on_futures::copy(&mut from, &mut to, &options)))?;
    nothing()
}

fn copy_both(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut a, mut b, options) = (Trickle::of(n), Trickle::of(n), options()?);
    meter.count(|| driven(on_futures::copy_bidirectional(&mut a, &mut b, &options)))??;
    ensure!((a.written, b.written) == (n, n), "all of it");
    nothing()
}

fn tokio_read(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    pipe.writer.write(&vec![b'a'; n])?;
    driven(pipe.writer.flush())??;
    let mut reader = pipe.reader.into_tokio();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            let mut byte = [0];
            let mut out = tokio::io::ReadBuf::new(&mut byte);
            Ok(driven(poll_fn(|cx| tokio::io::AsyncRead::poll_read(Pin::new(&mut reader), cx, &mut out)))??)
        })
    })?;
    nothing()
}

fn tokio_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let pipe = pipe()?;
    let mut writer = pipe.writer.into_tokio();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            driven(poll_fn(|cx| tokio::io::AsyncWrite::poll_write(Pin::new(&mut writer), cx, b"a")))??;
            Ok(())
        })
    })?;
    nothing()
}

fn tokio_source(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut reader = on_tokio::SourceReader::new(Trickle::of(n), &options()?);
    meter.count(|| gather(&mut reader, n))?;
    Ok(Box::new(reader))
}

fn tokio_sink(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut writer = on_tokio::SinkWriter::new(Trickle::default(), &options()?);
    meter.count(|| pour(&mut writer, n))?;
    Ok(Box::new(writer))
}

fn tokio_copy_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (bytes(n)?, Trickle::default());
    meter.count(|| copied(n, pipe.reader.copy_to_tokio(&mut stream)))?;
    nothing()
}

fn tokio_copy_from(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut pipe, mut stream) = (pipe()?, Trickle::of(n));
    meter.count(|| copied(n, pipe.writer.copy_from_tokio(&mut stream)))?;
    crate::subject::pipe_writing::idle(pipe)
}

fn tokio_copy(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to, options) = (Trickle::of(n), Trickle::default(), options()?);
    meter.count(|| copied(n, on_tokio::copy(&mut from, &mut to, &options)))?;
    nothing()
}

fn tokio_copy_both(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut a, mut b, options) = (Trickle::of(n), Trickle::of(n), options()?);
    meter.count(|| driven(on_tokio::copy_bidirectional(&mut a, &mut b, &options)))??;
    ensure!((a.written, b.written) == (n, n), "all of it");
    nothing()
}

/// A byte there and a byte back, so many times.
fn to_and_fro(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut a, mut b) = duplex(&options()?);
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            for (from, to) in [(true, false), (false, true)] {
                let (writer, reader) = if from && !to { (&mut a, &mut b) } else { (&mut b, &mut a) };
                driven(poll_fn(|cx| AsyncWrite::poll_write(Pin::new(writer), cx, b"a")))??;
                driven(poll_fn(|cx| AsyncRead::poll_read(Pin::new(reader), cx, &mut [0])))??;
            }
            Ok(())
        })
    })?;
    Ok(Box::new((a, b)))
}

fn pipes_copy(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut from, mut to) = (pipe()?, pipe()?);
    (0..n).try_for_each(|_| from.writer.write(&[b'a'; 70]))?;
    from.writer.finish()?;
    meter.count(|| copied(70 * n, headpond_adapters::copy(&mut from.reader, &mut to.writer)))?;
    nothing()
}

fn filled(n: usize) -> Result<(Duplex, Duplex)> {
    let (mut a, b) = duplex(&options()?);
    pour(a.writer_mut(), n)?;
    a.writer_mut().finish()?;
    Ok((a, b))
}

fn pipes_copy_both(n: usize, meter: &mut Meter) -> Result<Left> {
    let ((_one, a), (_other, b)) = (filled(n)?, filled(n)?);
    let ((mut a_reader, mut a_writer), (mut b_reader, mut b_writer)) = (a.into_split(), b.into_split());
    let copy = headpond_adapters::copy_bidirectional((&mut a_reader, &mut a_writer), (&mut b_reader, &mut b_writer));
    let both = meter.count(|| driven(copy))??;
    ensure!(both == (6 * n as u64, 6 * n as u64), "all of it");
    nothing()
}

/// A connection over a stream that gives and takes a byte at a time.
fn connection(n: usize, meter: &mut Meter) -> Result<Left> {
    let (mut connection, pumps) = on_futures::connection(Trickle::of(n), Peer::Unknown, &options()?);
    let mut pumps = Box::pin(pumps);
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            connection.writer.write(b"a")?;
            driven(connection.writer.flush())??;
            _ = pumps.as_mut().poll(&mut context());
            if let Ok(Some(view)) = connection.reader.try_view() {
                view.advance_all();
            }
            Ok(())
        })
    })?;
    nothing()
}
