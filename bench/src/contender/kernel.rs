//! The kernel's pipe: a copy in, a copy out, and two calls.

use std::io::{PipeReader, PipeWriter, Read, Write};

use rustix::pipe::fcntl_setpipe_size;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::unix::pipe::{Receiver, Sender},
};

use super::{
    Contender, Measure, closed,
    copying::{ByReading, ByWriting},
};

/// For threads: its calls block.
#[derive(Debug)]
pub(crate) struct KernelPipe;

/// For tasks: the same pipe, without blocking.
#[derive(Debug)]
pub(crate) struct TokioPipe;

loops! {
    KernelPipe;
    send(sender: ByWriting<PipeWriter>, n, payload) {
        payload.fill(&mut sender.scratch[..n]);
        if sender.writer.write_all(&sender.scratch[..n]).is_err() {
            closed();
        }
    }
    receive(receiver: ByReading<PipeReader>, look) {
        match receiver.reader.read(&mut receiver.scratch) {
            Ok(n) if n > 0 => look.add(&receiver.scratch[..n]),
            _ => closed(),
        }
    }
}

loops! {
    TokioPipe;
    send(sender: ByWriting<Sender>, n, payload) {
        payload.fill(&mut sender.scratch[..n]);
        if sender.writer.write_all(&sender.scratch[..n]).await.is_err() {
            closed();
        }
    }
    receive(receiver: ByReading<Receiver>, look) {
        match receiver.reader.read(&mut receiver.scratch).await {
            Ok(n) if n > 0 => look.add(&receiver.scratch[..n]),
            _ => closed(),
        }
    }
}

impl Contender for KernelPipe {
    const NAME: &'static str = "kernel-pipe";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let Ok((reader, writer)) = std::io::pipe() else { panic!("no pipe") };
        if fcntl_setpipe_size(&writer, measure.window).is_err() {
            panic!("no pipe of {} bytes", measure.window);
        }
        (ByWriting::new(writer, measure), ByReading::new(reader, measure))
    }
}

impl Contender for TokioPipe {
    const NAME: &'static str = "kernel-pipe";

    /// Within the runtime, whose reactor they are registered with.
    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let Ok((writer, reader)) = tokio::net::unix::pipe::pipe() else { panic!("no pipe") };
        if fcntl_setpipe_size(&writer, measure.window).is_err() {
            panic!("no pipe of {} bytes", measure.window);
        }
        (ByWriting::new(writer, measure), ByReading::new(reader, measure))
    }
}
