//! The same bytes through a `BytesMut` on one thread, and from one place to another by a bare copy.

use std::{hint::black_box, marker::PhantomData, time::Instant};

use bytes::{Buf, BytesMut};

use super::{Round, Runner};
use crate::{
    contender::Measure,
    form::{Form, Stage, Waits},
    payload::{Produce, Verdict},
};

/// A buffer that is filled at its end and consumed at its front.
#[derive(Debug)]
pub(crate) struct OneBuffer<P, L> {
    size: usize,
    buffer: BytesMut,
    payload: PhantomData<(P, L)>,
}

impl<P, L> OneBuffer<P, L> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { size: measure.size, buffer: BytesMut::with_capacity(measure.window), payload: PhantomData }
    }
}

impl<P: Produce, L: Verdict> Runner for OneBuffer<P, L> {
    fn name(&self) -> &'static str {
        "bytes-mut"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let Self { size, buffer, .. } = self;
        let (mut payload, mut look) = (P::default(), L::default());
        let start = Instant::now();
        for _ in 0..times {
            // Safe code cannot show memory of a `BytesMut` that was never written: zeros come first.
            buffer.resize(*size, 0);
            payload.fill(buffer);
            look.add(buffer);
            buffer.advance(buffer.len());
        }
        let elapsed = start.elapsed();
        Round { elapsed, right: look.is_right(times * *size as u64), waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.size as u64
    }
}

/// What the copies of a channel that copies in and out cost by themselves, at least: one of them.
#[derive(Debug)]
pub(crate) struct Copying {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Copying {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { from: vec![1; measure.size], to: vec![0; measure.size] }
    }
}

impl Runner for Copying {
    fn name(&self) -> &'static str {
        "memcpy"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        self.to.fill(0);
        let start = Instant::now();
        for _ in 0..times {
            black_box(&mut self.to).copy_from_slice(black_box(&self.from));
        }
        Round { elapsed: start.elapsed(), right: self.from == self.to, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.from.len() as u64
    }
}
