//! E1 to E5: values encoded into the blocks of a pipe, and into a `Vec` that is then written.

mod values;

use std::{
    hint::black_box,
    task::{Context, Waker},
    time::Instant,
};

use headpond_codec::EncodeError;
use headpond_pipe::{Pipe, Writer};

use super::{Round, Runner};
use crate::{
    contender::{Measure, closed, headpond::pipe},
    form::{Form, Stage, Waits},
};

pub(crate) use values::{Document, Floats, Integers, Replies, Text};

/// A message of values, and how it becomes bytes.
pub(crate) trait Values: 'static {
    /// So many of them.
    fn new(count: usize) -> Self;

    /// Their bytes, by neither of the encoders.
    fn expected(&self) -> Vec<u8>;

    /// Straight into the blocks.
    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError>;

    /// Into a vector, with the crates that one takes for it.
    fn push(&self, vec: &mut Vec<u8>);
}

/// How a message gets into a pipe.
pub(crate) trait Way: Default + 'static {
    const NAME: &'static str;

    fn write(&mut self, values: &impl Values, writer: &mut Writer) -> Result<(), EncodeError>;
}

/// Encoded where it will be read from.
#[derive(Debug, Default)]
pub(crate) struct InPlace;

impl Way for InPlace {
    const NAME: &'static str = "headpond";

    #[inline(always)]
    fn write(&mut self, values: &impl Values, writer: &mut Writer) -> Result<(), EncodeError> {
        values.encode(writer)
    }
}

/// The lazy way: encoded into a vector of its own, which is copied.
#[derive(Debug, Default)]
pub(crate) struct NewVec;

impl Way for NewVec {
    const NAME: &'static str = "vec";

    #[inline(always)]
    fn write(&mut self, values: &impl Values, writer: &mut Writer) -> Result<(), EncodeError> {
        let mut vec = Vec::new();
        values.push(&mut vec);
        Ok(writer.write(&vec)?)
    }
}

/// The lazy way with more care: the vector is kept, and grows once.
#[derive(Debug, Default)]
pub(crate) struct KeptVec(Vec<u8>);

impl Way for KeptVec {
    const NAME: &'static str = "vec-kept";

    #[inline(always)]
    fn write(&mut self, values: &impl Values, writer: &mut Writer) -> Result<(), EncodeError> {
        self.0.clear();
        values.push(&mut self.0);
        Ok(writer.write(&self.0)?)
    }
}

/// Messages through a pipe on one thread: encoded, flushed, read, compared and consumed, one by one.
pub(crate) struct Encoding<V, W> {
    values: V,
    way: W,
    expected: Vec<u8>,
    pipe: Pipe,
}

impl<V: Values, W: Way> Encoding<V, W> {
    pub(crate) fn open(measure: Measure) -> Self {
        let values = V::new(measure.size);
        Self { expected: values.expected(), values, way: W::default(), pipe: pipe(4096, measure.window, 0) }
    }
}

impl<V: Values, W: Way> Runner for Encoding<V, W> {
    fn name(&self) -> &'static str {
        W::NAME
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let Pipe { writer, reader } = &mut self.pipe;
        let mut cx = Context::from_waker(Waker::noop());
        let mut right = true;
        let start = Instant::now();
        for _ in 0..times {
            let written = self.way.write(black_box(&self.values), writer);
            if written.is_err() || writer.poll_flush(&mut cx).is_pending() {
                closed();
            }
            let Ok(Some(view)) = reader.try_read() else { closed() };
            right &= view.buffer() == self.expected[..];
            view.advance_all();
        }
        Round { elapsed: start.elapsed(), right, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.expected.len() as u64
    }
}

/// The limit: encoded into a vector that is kept and goes nowhere, and compared there. What a pipe costs is all that is left out.
pub(crate) struct EncodedAlone<V> {
    values: V,
    vec: Vec<u8>,
    expected: Vec<u8>,
}

impl<V: Values> EncodedAlone<V> {
    pub(crate) fn open(measure: Measure) -> Self {
        let values = V::new(measure.size);
        Self { expected: values.expected(), values, vec: Vec::new() }
    }
}

impl<V: Values> Runner for EncodedAlone<V> {
    fn name(&self) -> &'static str {
        "vec-alone"
    }

    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let mut right = true;
        let start = Instant::now();
        for _ in 0..times {
            self.vec.clear();
            black_box(&self.values).push(&mut self.vec);
            right &= black_box(&self.vec) == &self.expected;
        }
        Round { elapsed: start.elapsed(), right, waits: Waits::default() }
    }

    fn bytes(&self) -> u64 {
        self.expected.len() as u64
    }
}
