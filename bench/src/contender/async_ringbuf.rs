//! async-ringbuf, by the slices of its ring.
//!
//! # Invariants
//!
//! 1. Every byte of the ring was written once before its ends were handed out, so its vacant memory is initialised.

use ::async_ringbuf::{
    AsyncHeapCons, AsyncHeapProd, AsyncHeapRb,
    traits::{AsyncConsumer, AsyncProducer, Consumer, Producer, Raw, Split},
};

use super::{Contender, Measure, closed};

#[derive(Debug)]
pub(crate) struct AsyncRingbuf;

loops! {
    AsyncRingbuf;
    send(sender: AsyncHeapProd<u8>, n, payload) {
        let mut left = n;
        while left > 0 {
            if sender.wait_vacant(1).await.is_err() {
                closed();
            }
            let (vacant, _) = sender.vacant_slices_mut();
            let part = left.min(vacant.len());
            // SAFETY: invariant 1.
            payload.fill(unsafe { vacant[..part].assume_init_mut() });
            // SAFETY: so many bytes are vacant, and initialised.
            unsafe { sender.advance_write_index(part) };
            left -= part;
        }
    }
    receive(receiver: AsyncHeapCons<u8>, look) {
        if receiver.wait_occupied(1).await.is_err() {
            closed();
        }
        let (bytes, _) = receiver.as_slices();
        let n = bytes.len();
        look.add(bytes);
        // SAFETY: so many bytes are occupied, and need no drop.
        unsafe { receiver.advance_read_index(n) };
    }
}

impl Contender for AsyncRingbuf {
    const NAME: &'static str = "async-ringbuf";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let (mut sender, mut receiver) = AsyncHeapRb::new(measure.window).split();
        sender.push_slice(&vec![0; measure.window]);
        receiver.clear();
        (sender, receiver)
    }
}
