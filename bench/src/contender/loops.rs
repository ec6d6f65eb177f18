//! The loops of the workloads, written once, compiled for each contender with its own code in them.
//!
//! A trait with an asynchronous `send` and `receive` would read better, and was measured: each call is a state machine within
//! that of the loop, whose arguments go through memory, and a message cost 4 ns more than in a loop written by hand, a third of
//! what it costs altogether. So the loops are a macro, and what a contender says about sending and receiving is put into
//! them as it stands.

use std::future::Future;

use crate::payload::{Look, Produce};

/// How much is sent: so many times, so many bytes each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) times: u64,
    pub(crate) size: usize,
}

/// What a contender's ends do, for as long as a round takes.
pub(crate) trait Loops: 'static {
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    /// Sends.
    fn produce<P: Produce>(sender: &mut Self::Sender, amount: Amount) -> impl Future<Output = ()> + Send;

    /// Receives until so many bytes came.
    fn consume<L: Look>(receiver: &mut Self::Receiver, bytes: u64) -> impl Future<Output = L> + Send;

    /// Sends, and receives as much before it sends again. The ends belong to two channels.
    fn ask<P: Produce, L: Look>(
        ends: (&mut Self::Sender, &mut Self::Receiver),
        amount: Amount,
    ) -> impl Future<Output = L> + Send;

    /// Receives, and sends as much before it receives again.
    fn answer<P: Produce, L: Look>(
        ends: (&mut Self::Sender, &mut Self::Receiver),
        amount: Amount,
    ) -> impl Future<Output = L> + Send;

    /// Sends, and receives as much before it sends again, on this thread.
    fn alternate<P: Produce, L: Look>(ends: (&mut Self::Sender, &mut Self::Receiver), amount: Amount) -> L;

    /// Asks over one channel and answers over another, in turn, on this thread.
    fn exchange<P: Produce, L: Look>(
        there: (&mut Self::Sender, &mut Self::Receiver),
        back: (&mut Self::Sender, &mut Self::Receiver),
        amount: Amount,
    ) -> (L, L);
}

/// Implements [`Loops`] from how `n` bytes are sent, filled by `payload`, and how some are received, and shown to `look`.
///
/// Both are values of the loop, not borrowed by a closure: a borrow that lives across an await keeps them in memory.
macro_rules! loops {
    (
        $contender:ty $(where [$($generics:tt)+])?;
        send($sender:ident: $Sender:ty, $n:ident, $payload:ident) $send:block
        receive($receiver:ident: $Receiver:ty, $look:ident) $receive:block
    ) => {
        impl $(<$($generics)+>)? $crate::contender::Loops for $contender {
            type Sender = $Sender;
            type Receiver = $Receiver;

            async fn produce<P: $crate::payload::Produce>($sender: &mut $Sender, amount: $crate::contender::Amount) {
                let (mut $payload, $n) = (P::default(), amount.size);
                for _ in 0..amount.times {
                    $send
                }
            }

            async fn consume<L: $crate::payload::Look>($receiver: &mut $Receiver, bytes: u64) -> L {
                let mut $look = L::default();
                while $look.seen() < bytes {
                    $receive
                }
                $look
            }

            async fn ask<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                amount: $crate::contender::Amount,
            ) -> L {
                let (mut $payload, mut $look, $n) = (P::default(), L::default(), amount.size);
                for _ in 0..amount.times {
                    $send
                    loops!(@all $n, $look, $receive);
                }
                $look
            }

            async fn answer<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                amount: $crate::contender::Amount,
            ) -> L {
                let (mut $payload, mut $look, $n) = (P::default(), L::default(), amount.size);
                for _ in 0..amount.times {
                    loops!(@all $n, $look, $receive);
                    $send
                }
                $look
            }

            fn alternate<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                amount: $crate::contender::Amount,
            ) -> L {
                $crate::form::st::drive(async {
                    let (mut $payload, mut $look, $n) = (P::default(), L::default(), amount.size);
                    for _ in 0..amount.times {
                        $send
                        loops!(@all $n, $look, $receive);
                    }
                    $look
                })
            }

            fn exchange<P: $crate::payload::Produce, L: $crate::payload::Look>(
                there: (&mut $Sender, &mut $Receiver),
                back: (&mut $Sender, &mut $Receiver),
                amount: $crate::contender::Amount,
            ) -> (L, L) {
                $crate::form::st::drive(async {
                    let (mut asked, mut answered) = (P::default(), P::default());
                    let (mut arrived, mut returned) = (L::default(), L::default());
                    let $n = amount.size;
                    for _ in 0..amount.times {
                        asked = loops!(@moved $payload, asked, $sender, there.0, $send);
                        arrived = loops!(@moved $look, arrived, $receiver, there.1, loops!(@all $n, $look, $receive));
                        answered = loops!(@moved $payload, answered, $sender, back.0, $send);
                        returned = loops!(@moved $look, returned, $receiver, back.1, loops!(@all $n, $look, $receive));
                    }
                    (arrived, returned)
                })
            }
        }
    };
    (@all $n:ident, $look:ident, $receive:block) => {
        let whole = $look.seen() + $n as u64;
        loop {
            $receive
            if $look.seen() >= whole {
                break;
            }
        }
    };
    (@moved $name:ident, $value:ident, $end:ident, $place:expr, $($body:tt)+) => {{
        let (mut $name, $end) = ($value, &mut *$place);
        $($body)+;
        $name
    }};
}
