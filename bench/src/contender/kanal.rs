//! Channels of `Bytes`: here kanal.

use ::kanal::{AsyncReceiver, AsyncSender};
use bytes::{Bytes, BytesMut};

use super::{Contender, Measure, closed};
use crate::payload::Produce;

/// Memory for many small messages, or for one large one.
const LEAST_SLAB: usize = 64 * 1024;

/// Where a sender of `Bytes` produces them: zeroed memory, cut into messages from the front.
#[derive(Debug, Default)]
pub(crate) struct Slab(BytesMut);

impl Slab {
    #[inline(always)]
    pub(crate) fn message(&mut self, n: usize, payload: &mut impl Produce) -> Bytes {
        if self.0.len() < n {
            self.0 = BytesMut::zeroed(n.max(LEAST_SLAB));
        }
        let mut message = self.0.split_to(n);
        payload.fill(&mut message);
        message.freeze()
    }
}

#[derive(Debug)]
pub(crate) struct Kanal;

pub(crate) struct KanalSender(AsyncSender<Bytes>, Slab);

loops! {
    Kanal;
    send(sender: KanalSender, n, payload) {
        let message = sender.1.message(n, &mut payload);
        if sender.0.send(message).await.is_err() {
            closed();
        }
    }
    receive(receiver: AsyncReceiver<Bytes>, look) {
        match receiver.recv().await {
            Ok(message) => look.add(&message),
            Err(_) => closed(),
        }
    }
}

impl Contender for Kanal {
    const NAME: &'static str = "kanal";

    fn open(measure: Measure) -> (KanalSender, AsyncReceiver<Bytes>) {
        let (sender, receiver) = ::kanal::bounded_async(measure.window / measure.size);
        (KanalSender(sender, Slab::default()), receiver)
    }
}
