//! W1, W2 and W4: bytes in one direction, `size` of them published at once.

use std::{marker::PhantomData, time::Instant};

use super::{Round, Runner};
use crate::{
    contender::{Amount, Contender, Counters, Measure},
    form::{Form, Stage, Waits, st::drive_in_turn},
    payload::{Produce, Verdict},
};

/// A channel of this contender, and what is sent over it.
pub(crate) struct Stream<C: Contender, P, L> {
    measure: Measure,
    /// Absent while they are elsewhere.
    ends: Option<(C::Sender, C::Receiver)>,
    payload: PhantomData<(P, L)>,
}

impl<C: Contender, P, L> Stream<C, P, L> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { measure, ends: Some(C::open(measure)), payload: PhantomData }
    }
}

impl<C: Contender, P: Produce + 'static, L: Verdict + 'static> Runner for Stream<C, P, L> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round {
        let Measure { size, window } = self.measure;
        let (amount, bytes) = (Amount { times, size }, times * size as u64);
        let Some((mut sender, mut receiver)) = self.ends.take() else { panic!("a round panicked before") };
        if form == Form::OneThread {
            let start = Instant::now();
            let sum = if 2 * size <= window {
                C::alternate::<P, L>((&mut sender, &mut receiver), amount)
            } else {
                // The sender may have to wait in the middle of its send.
                drive_in_turn(C::produce::<P>(&mut sender, amount), C::consume::<L>(&mut receiver, bytes))
            };
            let elapsed = start.elapsed();
            self.ends = Some((sender, receiver));
            return Round { elapsed, right: sum.is_right(bytes), waits: Waits::default() };
        }
        let sending = async move {
            C::produce::<P>(&mut sender, amount).await;
            sender
        };
        let receiving = async move {
            let sum = C::consume::<L>(&mut receiver, bytes).await;
            (receiver, sum)
        };
        let ran = stage.run_apart(form, sending, receiving);
        let (sender, (receiver, sum)) = ran.outputs;
        self.ends = Some((sender, receiver));
        Round { elapsed: ran.elapsed, right: sum.is_right(bytes), waits: ran.waits }
    }

    fn bytes(&self) -> u64 {
        self.measure.size as u64
    }

    fn counters(&self) -> Option<Counters> {
        self.ends.as_ref().and_then(|(sender, _)| C::counters(sender))
    }
}
