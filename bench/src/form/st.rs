//! Both ends on one thread.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Polls `future` until it is ready. Nothing wakes: with both ends in one future, there is nobody else to.
pub(crate) fn drive<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

/// Polls both ends in turn, each as far as it goes, until the receiving one is ready; the sending one must be by then.
pub(crate) fn drive_in_turn<A, B>(sending: impl Future<Output = A>, receiving: impl Future<Output = B>) -> B {
    let (mut sending, mut receiving) = (pin!(sending), pin!(receiving));
    let mut cx = Context::from_waker(Waker::noop());
    let mut sent = false;
    loop {
        sent = sent || sending.as_mut().poll(&mut cx).is_ready();
        if let Poll::Ready(output) = receiving.as_mut().poll(&mut cx) {
            while !sent {
                sent = sending.as_mut().poll(&mut cx).is_ready();
            }
            return output;
        }
    }
}
