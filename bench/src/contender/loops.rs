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
    fn produce<P: Produce>(
        sender: &mut Self::Sender,
        payload: P,
        amount: Amount,
    ) -> impl Future<Output = ()> + Send;

    /// Receives until so many bytes came.
    fn consume<L: Look>(receiver: &mut Self::Receiver, look: L, bytes: u64) -> impl Future<Output = L> + Send;

    /// Sends, and receives as much before it sends again.
    fn alternate<P: Produce, L: Look>(
        ends: (&mut Self::Sender, &mut Self::Receiver),
        payload: P,
        look: L,
        amount: Amount,
    ) -> impl Future<Output = L> + Send;

    /// As [`alternate`](Self::alternate), where the ends belong to two channels.
    ///
    /// The same loop, but not the same function: the compiler puts the one for a single thread into its only caller, and its
    /// state into registers, which is worth 3 ns a message.
    fn ask<P: Produce, L: Look>(
        ends: (&mut Self::Sender, &mut Self::Receiver),
        payload: P,
        look: L,
        amount: Amount,
    ) -> impl Future<Output = L> + Send;

    /// Receives, and sends as much before it receives again.
    fn answer<P: Produce, L: Look>(
        ends: (&mut Self::Sender, &mut Self::Receiver),
        payload: P,
        look: L,
        amount: Amount,
    ) -> impl Future<Output = L> + Send;

    /// Asks over one channel and answers over another, in turn.
    fn exchange<P: Produce, L: Look>(
        there: (&mut Self::Sender, &mut Self::Receiver),
        back: (&mut Self::Sender, &mut Self::Receiver),
        payloads: (P, P),
        looks: (L, L),
        amount: Amount,
    ) -> impl Future<Output = (L, L)> + Send;
}

/// Implements [`Loops`] from how `n` bytes are sent, `fill` producing them, and how some are received, `look` being shown
/// them. Both are called as often as it takes.
macro_rules! loops {
    (
        $contender:ty $(where [$($generics:tt)+])?;
        send($sender:ident: $Sender:ty, $n:ident, $fill:ident) $send:block
        receive($receiver:ident: $Receiver:ty, $look:ident) $receive:block
    ) => {
        impl $(<$($generics)+>)? $crate::contender::Loops for $contender {
            type Sender = $Sender;
            type Receiver = $Receiver;

            async fn produce<P: $crate::payload::Produce>(
                $sender: &mut $Sender,
                mut payload: P,
                amount: $crate::contender::Amount,
            ) {
                for _ in 0..amount.times {
                    loops!(@send $n, $fill, $send, payload, amount);
                }
            }

            async fn consume<L: $crate::payload::Look>($receiver: &mut $Receiver, mut look: L, bytes: u64) -> L {
                while look.seen() < bytes {
                    loops!(@receive $look, $receive, look);
                }
                look
            }

            async fn alternate<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                payload: P,
                look: L,
                amount: $crate::contender::Amount,
            ) -> L {
                let (mut payload, mut look) = (payload, look);
                for _ in 0..amount.times {
                    loops!(@send $n, $fill, $send, payload, amount);
                    loops!(@all $look, $receive, look, amount);
                }
                look
            }

            async fn ask<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                payload: P,
                look: L,
                amount: $crate::contender::Amount,
            ) -> L {
                let (mut payload, mut look) = (payload, look);
                for _ in 0..amount.times {
                    loops!(@send $n, $fill, $send, payload, amount);
                    loops!(@all $look, $receive, look, amount);
                }
                look
            }

            async fn answer<P: $crate::payload::Produce, L: $crate::payload::Look>(
                ($sender, $receiver): (&mut $Sender, &mut $Receiver),
                payload: P,
                look: L,
                amount: $crate::contender::Amount,
            ) -> L {
                let (mut payload, mut look) = (payload, look);
                for _ in 0..amount.times {
                    loops!(@all $look, $receive, look, amount);
                    loops!(@send $n, $fill, $send, payload, amount);
                }
                look
            }

            async fn exchange<P: $crate::payload::Produce, L: $crate::payload::Look>(
                there: (&mut $Sender, &mut $Receiver),
                back: (&mut $Sender, &mut $Receiver),
                payloads: (P, P),
                looks: (L, L),
                amount: $crate::contender::Amount,
            ) -> (L, L) {
                let ((mut asked, mut answered), (mut arrived, mut returned)) = (payloads, looks);
                for _ in 0..amount.times {
                    {
                        let $sender = &mut *there.0;
                        loops!(@send $n, $fill, $send, asked, amount);
                    }
                    {
                        let $receiver = &mut *there.1;
                        loops!(@all $look, $receive, arrived, amount);
                    }
                    {
                        let $sender = &mut *back.0;
                        loops!(@send $n, $fill, $send, answered, amount);
                    }
                    {
                        let $receiver = &mut *back.1;
                        loops!(@all $look, $receive, returned, amount);
                    }
                }
                (arrived, returned)
            }
        }
    };
    (@send $n:ident, $fill:ident, $send:block, $payload:ident, $amount:ident) => {{
        let $n = $amount.size;
        #[allow(unused_mut)]
        let mut $fill = |memory: &mut [u8]| $payload.fill(memory);
        $send
    }};
    (@receive $look:ident, $receive:block, $seen:ident) => {{
        #[allow(unused_mut)]
        let mut $look = |bytes: &[u8]| $seen.add(bytes);
        $receive
    }};
    (@all $look:ident, $receive:block, $seen:ident, $amount:ident) => {
        let whole = $seen.seen() + $amount.size as u64;
        while $seen.seen() < whole {
            loops!(@receive $look, $receive, $seen);
        }
    };
}
