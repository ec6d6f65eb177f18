//! thingbuf: a channel whose slots are filled in place and used again.

use ::thingbuf::{mpsc, recycling::Recycle};

use super::{Contender, Measure, closed};

#[derive(Debug)]
pub(crate) struct Thingbuf;

/// Leaves a message as it is, since the next one overwrites it.
#[derive(Debug)]
pub(crate) struct Overwrite(usize);

impl Recycle<Vec<u8>> for Overwrite {
    fn new_element(&self) -> Vec<u8> {
        vec![0; self.0]
    }

    fn recycle(&self, _: &mut Vec<u8>) {}
}

loops! {
    Thingbuf;
    send(sender: mpsc::Sender<Vec<u8>, Overwrite>, n, payload) {
        let Ok(mut slot) = sender.send_ref().await else { closed() };
        payload.fill(&mut slot[..n]);
    }
    receive(receiver: mpsc::Receiver<Vec<u8>, Overwrite>, look) {
        let Some(slot) = receiver.recv_ref().await else { closed() };
        look.add(&slot);
    }
}

impl Contender for Thingbuf {
    const NAME: &'static str = "thingbuf";

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
        mpsc::with_recycle(measure.window / measure.size, Overwrite(measure.size))
    }
}
