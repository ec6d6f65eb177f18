//! piper, by its in-place calls.

use std::future::poll_fn;

use ::piper::{Reader, Writer};

use super::{Contender, Measure, closed};

#[derive(Debug)]
pub(crate) struct Piper;

loops! {
    Piper;
    send(sender: Writer, n, payload) {
        let mut left = n;
        while left > 0 {
            if !poll_fn(|cx| sender.poll(cx)).await {
                closed();
            }
            let memory = sender.write_buf(left);
            let part = memory.len();
            payload.fill(memory);
            sender.produced(part);
            left -= part;
        }
    }
    receive(receiver: Reader, look) {
        if !poll_fn(|cx| receiver.poll(cx)).await {
            closed();
        }
        let bytes = receiver.peek_buf();
        let n = bytes.len();
        look.add(bytes);
        receiver.consume(n);
    }
}

impl Contender for Piper {
    const NAME: &'static str = "piper";

    fn open(measure: Measure) -> (Writer, Reader) {
        let (reader, writer) = ::piper::pipe(measure.window);
        (writer, reader)
    }
}
