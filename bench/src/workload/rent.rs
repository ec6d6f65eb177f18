//! P1: memory rented and returned, by one thread, or rented by one and returned by another.

use std::{
    alloc::System,
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crossbeam_queue::{ArrayQueue, SegQueue};
use headpond_pool::{Block, Pool};
use mimalloc::MiMalloc;
use rtrb::{Consumer, Producer, RingBuffer};

use self::raw::Raw;
use super::{Round, Runner};
use crate::{
    contender::{Measure, closed, ring::spin},
    form::{Form, Stage, Waits},
};

#[allow(unsafe_code)]
mod raw;

/// How long each piece is.
pub(crate) const PIECE: usize = 4096;
/// How many pieces may be on their way from thread to thread.
const ON_THEIR_WAY: usize = 64;

/// Who rents out memory.
pub(crate) trait Memory: Send + Sync + 'static {
    const NAME: &'static str;
    type Piece: Send + AsMut<[u8]> + 'static;

    fn open() -> Self;
    fn rent(&self) -> Self::Piece;
    fn give(&self, piece: Self::Piece);
}

/// headpond's pool.
pub(crate) struct Headpond(Pool);

pub(crate) struct HeadpondPiece(Block);

impl AsMut<[u8]> for HeadpondPiece {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Memory for Headpond {
    const NAME: &'static str = "headpond";
    type Piece = HeadpondPiece;

    fn open() -> Self {
        Self(Pool::new())
    }

    #[inline(always)]
    fn rent(&self) -> HeadpondPiece {
        let Ok(block) = self.0.rent() else { closed() };
        HeadpondPiece(block)
    }

    #[inline(always)]
    fn give(&self, piece: HeadpondPiece) {
        drop(piece);
    }
}

/// Straight from an allocator.
macro_rules! allocators {
    ($($memory:ident $name:literal $kind:ty;)+) => {$(
        pub(crate) struct $memory;

        impl Memory for $memory {
            const NAME: &'static str = $name;
            type Piece = Raw<$kind>;

            fn open() -> Self {
                Self
            }

            #[inline(always)]
            fn rent(&self) -> Raw<$kind> {
                Raw::new()
            }

            #[inline(always)]
            fn give(&self, piece: Raw<$kind>) {
                drop(piece);
            }
        }
    )+};
}

allocators! {
    Glibc "glibc" System;
    Mimalloc "mimalloc" MiMalloc;
}

/// Pieces in a queue, made when it is empty.
macro_rules! queues {
    ($($memory:ident $name:literal $queue:ty, $new:expr, |$at:ident| $pop:expr, |$to:ident, $piece:ident| $push:expr;)+) => {$(
        pub(crate) struct $memory($queue);

        impl Memory for $memory {
            const NAME: &'static str = $name;
            type Piece = Box<[u8]>;

            fn open() -> Self {
                Self($new)
            }

            #[inline(always)]
            fn rent(&self) -> Box<[u8]> {
                let $at = &self.0;
                $pop.unwrap_or_else(new_piece)
            }

            #[inline(always)]
            fn give(&self, $piece: Box<[u8]>) {
                let $to = &self.0;
                $push;
            }
        }
    )+};
}

queues! {
    Locked "mutex-vec" Mutex<Vec<Box<[u8]>>>, Mutex::default(),
        |queue| queue.lock().unwrap_or_else(PoisonError::into_inner).pop(),
        |queue, piece| queue.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    Array "array-queue" ArrayQueue<Box<[u8]>>, ArrayQueue::new(1024), |queue| queue.pop(), |queue, piece| drop(queue.push(piece));
    Segmented "seg-queue" SegQueue<Box<[u8]>>, SegQueue::new(), |queue| queue.pop(), |queue, piece| queue.push(piece);
}

#[cold]
fn new_piece() -> Box<[u8]> {
    vec![0; PIECE].into_boxed_slice()
}

/// The ring that carries pieces from the thread that rents to the one that returns.
type Ends<T> = (Producer<T>, Consumer<T>);

/// Memory of this kind, rented `window / PIECE` pieces at a time.
pub(crate) struct Rent<M: Memory> {
    memory: Arc<M>,
    at_a_time: usize,
    /// Absent while they are elsewhere.
    ends: Option<Ends<M::Piece>>,
}

impl<M: Memory> Rent<M> {
    pub(crate) fn open(measure: Measure) -> Self {
        let ends = Some(RingBuffer::new(ON_THEIR_WAY));
        Self { memory: Arc::new(M::open()), at_a_time: measure.window / PIECE, ends }
    }
}

/// Marks a piece, so that its memory is touched, and nobody else's.
#[inline(always)]
fn mark(piece: &mut impl AsMut<[u8]>, number: u64) {
    if let Some(first) = piece.as_mut().first_chunk_mut() {
        *first = number.to_le_bytes();
    }
}

#[inline(always)]
fn is_marked(piece: &mut impl AsMut<[u8]>, number: u64) -> bool {
    piece.as_mut().first_chunk() == Some(&number.to_le_bytes())
}

impl<M: Memory> Runner for Rent<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    /// One piece each time: `times` of them, `at_a_time` together.
    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round {
        let (memory, at_a_time) = (&self.memory, self.at_a_time);
        if form == Form::OneThread {
            let mut held = VecDeque::with_capacity(at_a_time);
            let (mut rented, mut returned, mut right) = (0, 0, true);
            let start = Instant::now();
            while rented < times {
                for _ in 0..at_a_time {
                    let mut piece = memory.rent();
                    mark(&mut piece, rented);
                    rented += 1;
                    held.push_back(piece);
                }
                while let Some(mut piece) = held.pop_front() {
                    right &= is_marked(&mut piece, returned);
                    returned += 1;
                    memory.give(piece);
                }
            }
            return Round { elapsed: start.elapsed(), right: right && returned == times, waits: Waits::default() };
        }
        let Some((mut there, mut here)) = self.ends.take() else { panic!("a round panicked before") };
        let (renter, returner) = (Arc::clone(memory), Arc::clone(memory));
        let renting = async move {
            let mut held = VecDeque::with_capacity(at_a_time);
            let mut rented = 0;
            while rented < times {
                for _ in 0..at_a_time {
                    let mut piece = renter.rent();
                    mark(&mut piece, rented);
                    rented += 1;
                    held.push_back(piece);
                }
                while let Some(piece) = held.pop_front() {
                    if there.is_full() {
                        let end = &mut there;
                        poll_fn(move |cx| spin(cx, || !end.is_full())).await;
                    }
                    if there.push(piece).is_err() {
                        closed();
                    }
                }
            }
            there
        };
        let returning = async move {
            let mut right = true;
            for returned in 0..times {
                if here.is_empty() {
                    let end = &mut here;
                    poll_fn(move |cx| spin(cx, || !end.is_empty())).await;
                }
                let Ok(mut piece) = here.pop() else { closed() };
                right &= is_marked(&mut piece, returned);
                returner.give(piece);
            }
            (here, right)
        };
        let ran = stage.run_apart(form, renting, returning);
        let (there, (here, right)) = ran.outputs;
        self.ends = Some((there, here));
        Round { elapsed: ran.elapsed, right, waits: ran.waits }
    }

    fn bytes(&self) -> u64 {
        PIECE as u64
    }
}
