//! Pipes by the calls of futures-io, which copy: piper once more, and sluice.

use std::{future::poll_fn, pin::Pin};

use ::futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use ::sluice::pipe::{PipeReader, PipeWriter};

use super::{
    Contender, Measure, closed,
    copying::{ByReading, ByWriting},
};

#[derive(Debug)]
pub(crate) struct PiperCopying;

#[derive(Debug)]
pub(crate) struct Sluice;

loops! {
    PiperCopying;
    send(sender: ByWriting<::piper::Writer>, n, payload) {
        payload.fill(&mut sender.scratch[..n]);
        let mut written = 0;
        while written < n {
            let ByWriting { writer, scratch } = &mut *sender;
            match poll_fn(|cx| Pin::new(&mut *writer).poll_write(cx, &scratch[written..n])).await {
                Ok(part) if part > 0 => written += part,
                _ => closed(),
            }
        }
    }
    receive(receiver: ByReading<::piper::Reader>, look) {
        let ByReading { reader, scratch } = &mut *receiver;
        match poll_fn(|cx| Pin::new(&mut *reader).poll_read(cx, scratch)).await {
            Ok(part) if part > 0 => look.add(&scratch[..part]),
            _ => closed(),
        }
    }
}

loops! {
    Sluice;
    send(sender: ByWriting<PipeWriter>, n, payload) {
        payload.fill(&mut sender.scratch[..n]);
        let mut written = 0;
        while written < n {
            let ByWriting { writer, scratch } = &mut *sender;
            match poll_fn(|cx| Pin::new(&mut *writer).poll_write(cx, &scratch[written..n])).await {
                Ok(part) if part > 0 => written += part,
                _ => closed(),
            }
        }
    }
    receive(receiver: PipeReader, look) {
        let part = poll_fn(|cx| {
            Pin::new(&mut *receiver).poll_fill_buf(cx).map(|bytes| match bytes {
                Ok(bytes) if !bytes.is_empty() => {
                    look.add(bytes);
                    bytes.len()
                }
                _ => closed(),
            })
        })
        .await;
        Pin::new(&mut *receiver).consume(part);
    }
}

impl Contender for PiperCopying {
    const NAME: &'static str = "piper-copying";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (reader, writer) = ::piper::pipe(measure.window);
        (ByWriting::new(writer, measure), ByReading::new(reader, measure))
    }
}

impl Contender for Sluice {
    const NAME: &'static str = "sluice";

    /// It has no window: it holds four writes, of whatever size.
    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (reader, writer) = ::sluice::pipe::pipe();
        (ByWriting::new(writer, measure), reader)
    }
}
