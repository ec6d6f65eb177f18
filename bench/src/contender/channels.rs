//! Channels of `Bytes`, which go from end to end by reference: kanal, flume, async-channel, tokio's.

use bytes::Bytes;

use super::{Contender, Measure, closed, slab::Slab};

macro_rules! channels {
    ($(
        $contender:ident $name:literal, $open:path,
        $sender_type:ty, $sender:ident.$send:ident, $receiver_type:ty, $receive:ident => $received:pat => $message:ident
    )+) => {$(
        #[derive(Debug)]
        pub(crate) struct $contender;

        loops! {
            $contender;
            send(sender: ($sender_type, Slab), n, payload) {
                let ($sender, slab) = &mut *sender;
                let message = slab.message(n, &mut payload);
                if $sender.$send(message).await.is_err() {
                    closed();
                }
            }
            receive(receiver: $receiver_type, look) {
                let $received = receiver.$receive().await else { closed() };
                look.add(&$message);
            }
        }

        impl Contender for $contender {
            const NAME: &'static str = $name;

            fn open(measure: Measure) -> (Self::Sender, Self::Receiver) {
                let (sender, receiver) = $open(measure.window / measure.size);
                ((sender, Slab::default()), receiver)
            }
        }
    )+};
}

channels! {
    Kanal "kanal", ::kanal::bounded_async,
        ::kanal::AsyncSender<Bytes>, sender.send, ::kanal::AsyncReceiver<Bytes>, recv => Ok(message) => message
    Flume "flume", ::flume::bounded,
        ::flume::Sender<Bytes>, sender.send_async, ::flume::Receiver<Bytes>, recv_async => Ok(message) => message
    AsyncChannel "async-channel", ::async_channel::bounded,
        ::async_channel::Sender<Bytes>, sender.send, ::async_channel::Receiver<Bytes>, recv => Ok(message) => message
    TokioMpsc "tokio-mpsc", tokio::sync::mpsc::channel,
        tokio::sync::mpsc::Sender<Bytes>, sender.send, tokio::sync::mpsc::Receiver<Bytes>, recv => Some(message) => message
}
