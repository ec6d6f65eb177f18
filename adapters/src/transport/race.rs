//! Two futures at once: of which the first to be ready counts, or of which one is there for the other.

use std::{
    convert::Infallible,
    future::{Future, pending, poll_fn},
    pin::pin,
    task::Poll,
};

/// Which of two futures was ready, and what it gave.
pub(crate) enum First<A, B> {
    Left(A),
    Right(B),
}

/// Waits for either of two futures, and drops the other. The left one is asked first.
pub(crate) async fn race<A: Future, B: Future>(left: A, right: B) -> First<A::Output, B::Output> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|cx| {
        if let Poll::Ready(output) = left.as_mut().poll(cx) {
            return Poll::Ready(First::Left(output));
        }
        right.as_mut().poll(cx).map(First::Right)
    })
    .await
}

/// Runs a future to its end, and what it depends upon beside it: that may be over before, and is asked first.
pub(crate) async fn beside<P: Future, F: Future>(pumps: P, future: F) -> (Option<P::Output>, F::Output) {
    let mut pumped = None;
    let pumping = async {
        pumped = Some(pumps.await);
        pending::<Infallible>().await
    };
    let output = match race(pumping, future).await {
        First::Left(never) => match never {},
        First::Right(output) => output,
    };
    (pumped, output)
}
