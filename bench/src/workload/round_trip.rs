//! W3: a message there and an answer back, over two channels.

use std::time::Instant;

use super::{Round, Runner};
use crate::{
    contender::{Amount, Contender, Measure},
    form::{Form, Stage, Waits},
    payload::{Sum, Verdict, Words},
};

/// Both ends of both channels: of the one there, and of the one back.
pub(crate) struct RoundTrip<C: Contender> {
    measure: Measure,
    there: Option<(C::Sender, C::Receiver)>,
    back: Option<(C::Sender, C::Receiver)>,
}

impl<C: Contender> RoundTrip<C> {
    pub(crate) fn open(measure: Measure) -> Self {
        Self { measure, there: Some(C::open(measure)), back: Some(C::open(measure)) }
    }
}

impl<C: Contender> Runner for RoundTrip<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round {
        let size = self.measure.size;
        let (amount, bytes) = (Amount { times, size }, times * size as u64);
        let (Some((mut sender, mut answered)), Some((mut answering, mut receiver))) =
            (self.there.take(), self.back.take())
        else {
            panic!("a round panicked before")
        };
        if form == Form::OneThread {
            let start = Instant::now();
            let (there, back) =
                C::exchange::<Words, Sum>((&mut sender, &mut answered), (&mut answering, &mut receiver), amount);
            let elapsed = start.elapsed();
            (self.there, self.back) = (Some((sender, answered)), Some((answering, receiver)));
            return Round { elapsed, right: there.is_right(bytes) && back.is_right(bytes), waits: Waits::default() };
        }
        let asking = async move {
            let sum = C::ask::<Words, Sum>((&mut sender, &mut receiver), amount).await;
            (sender, receiver, sum)
        };
        let answering = async move {
            let sum = C::answer::<Words, Sum>((&mut answering, &mut answered), amount).await;
            (answered, answering, sum)
        };
        let ran = stage.run_apart(form, asking, answering);
        let ((sender, receiver, back), (answered, answering, there)) = ran.outputs;
        (self.there, self.back) = (Some((sender, answered)), Some((answering, receiver)));
        Round { elapsed: ran.elapsed, right: there.is_right(bytes) && back.is_right(bytes), waits: ran.waits }
    }

    fn bytes(&self) -> u64 {
        2 * self.measure.size as u64
    }
}
