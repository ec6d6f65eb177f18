//! bbqueue: a ring that grants contiguous memory.

use std::sync::Arc;

use ::bbqueue::{
    nicknames::{Lechon, Tandoori},
    prod_cons::stream::{StreamConsumer, StreamProducer},
    traits::{notifier::maitake::MaiNotSpsc, storage::BoxedSlice},
};

use super::{Contender, Measure};

#[derive(Debug)]
pub(crate) struct Bbqueue;

/// What fits so often into the ring is written in one piece, and skips the end of the ring where it would be cut. Otherwise the
/// pieces are cut, at odd places: the ring never fills its last byte.
const WHOLE: usize = 16;

type Handle = Arc<Tandoori<MaiNotSpsc>>;

loops! {
    Bbqueue;
    send(sender: StreamProducer<Handle>, n, payload) {
        if n <= sender.capacity() / WHOLE {
            let mut grant = sender.wait_grant_exact(n).await;
            payload.fill(&mut grant);
            grant.commit(n);
        } else {
            let mut left = n;
            while left > 0 {
                let mut grant = sender.wait_grant_max_remaining(left).await;
                let part = grant.len();
                payload.fill(&mut grant);
                grant.commit(part);
                left -= part;
            }
        }
    }
    receive(receiver: StreamConsumer<Handle>, look) {
        let grant = receiver.wait_read().await;
        let n = grant.len();
        look.add(&grant);
        grant.release(n);
    }
}

impl Contender for Bbqueue {
    const NAME: &'static str = "bbqueue";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        let queue = Lechon::<MaiNotSpsc>::new_with_storage(BoxedSlice::new(measure.window));
        (queue.stream_producer(), queue.stream_consumer())
    }
}
