//! rtrb: a ring for two threads that spin, by the chunks of its memory.
//!
//! # Invariants
//!
//! 1. Every byte of the ring was written once before its ends were handed out, so its memory is initialised.

use std::future::poll_fn;

use ::rtrb::{Consumer, Producer, RingBuffer};

use super::{Contender, Measure, closed, ring::spin};

#[derive(Debug)]
pub(crate) struct Rtrb;

loops! {
    Rtrb;
    send(sender: Producer<u8>, n, payload) {
        let mut left = n;
        while left > 0 {
            if sender.is_full() {
                let end = &mut *sender;
                poll_fn(move |cx| spin(cx, || !end.is_full())).await;
            }
            let part = left.min(if sender.cached_slots() >= left { left } else { sender.slots() });
            let Ok(mut chunk) = sender.write_chunk_uninit(part) else { closed() };
            let (first, second) = chunk.as_mut_slices();
            // SAFETY: invariant 1.
            payload.fill(unsafe { first.assume_init_mut() });
            if !second.is_empty() {
                // SAFETY: invariant 1.
                payload.fill(unsafe { second.assume_init_mut() });
            }
            // SAFETY: all of it is initialised.
            unsafe { chunk.commit_all() };
            left -= part;
        }
    }
    receive(receiver: Consumer<u8>, look) {
        if receiver.is_empty() {
            let end = &mut *receiver;
            poll_fn(move |cx| spin(cx, || !end.is_empty())).await;
        }
        let Ok(chunk) = receiver.read_chunk(receiver.slots()) else { closed() };
        let (first, second) = chunk.as_slices();
        look.add(first);
        if !second.is_empty() {
            look.add(second);
        }
        chunk.commit_all();
    }
}

impl Contender for Rtrb {
    const NAME: &'static str = "rtrb";

    fn open(measure: Measure) -> (Producer<u8>, Consumer<u8>) {
        let (mut sender, mut receiver) = RingBuffer::new(measure.window);
        let written = sender.push_entire_slice(&vec![0; measure.window]);
        let read = receiver.read_chunk(measure.window).map(|chunk| chunk.commit_all());
        if written.is_err() || read.is_err() {
            panic!("a new ring has room for its capacity");
        }
        (sender, receiver)
    }
}
