//! Contenders taking turns.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::{
    form::{Form, Stage, Waits},
    workload::Runner,
};

/// How long a contender's turn should take.
const TURN: Duration = Duration::from_millis(25);
/// How long is long enough to tell how often the work fits into a turn.
const TRIAL: Duration = Duration::from_millis(4);
/// Whoever needs longer for the least work is left out: it would take up the whole run.
const TOO_LONG: Duration = Duration::from_secs(2);

/// The work is done a multiple of so many times: then lines of [`LINE`](crate::payload::lines::LINE) bytes come out even, however
/// they are cut.
const STEP: u64 = 32;

/// One contender's times, in nanoseconds for the work done once.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) median_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
    /// The median of its time over that of the first contender, round by round.
    pub(crate) ratio: f64,
    /// The lowest and the highest of these.
    pub(crate) ratio_spread: [f64; 2],
    pub(crate) waits: Waits,
    /// How often the work was done, over all rounds that count.
    pub(crate) times: u64,
}

/// Times every contender once a round, after a round that does not count. Ratios are over the first one.
pub(crate) fn rotate(
    contenders: &mut [Box<dyn Runner>],
    stage: &Stage,
    form: Form,
    rounds: usize,
    mut tick: impl FnMut(),
) -> Result<Vec<Row>> {
    let mut times = Vec::with_capacity(contenders.len());
    for contender in &mut *contenders {
        times.push(calibrate(contender.as_mut(), stage, form)?);
    }
    let mut taken = vec![Vec::with_capacity(rounds); contenders.len()];
    let mut waits = vec![Waits::default(); contenders.len()];
    for round in 0..=rounds {
        for index in order(contenders.len(), round) {
            let nanoseconds = turn(contenders[index].as_mut(), stage, form, times[index], &mut waits[index])?;
            if round > 0 {
                taken[index].push(nanoseconds);
            } else {
                waits[index] = Waits::default();
            }
        }
        tick();
    }
    let first = taken.first().cloned().unwrap_or_default();
    let rows =
        contenders.iter().zip(taken).zip(waits.iter().zip(&times)).map(|((contender, taken), (&waits, &times))| {
            let ratios: Vec<_> = taken.iter().zip(&first).map(|(own, first)| own / first).collect();
            let ([min_ns, max_ns], ratio_spread) = (spread(&taken), spread(&ratios));
            let (name, median_ns, ratio) = (contender.name(), median(taken), median(ratios));
            Row { name, median_ns, min_ns, max_ns, ratio, ratio_spread, waits, times: times * rounds as u64 }
        });
    Ok(rows.collect())
}

/// Who comes when: another one begins each round, so that no contender always follows the same idle moment.
fn order(contenders: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..contenders).map(move |step| (step + round) % contenders)
}

fn turn(contender: &mut dyn Runner, stage: &Stage, form: Form, times: u64, waits: &mut Waits) -> Result<f64> {
    let round = contender.run(stage, form, times);
    if !round.right {
        bail!("{} delivered other bytes than it was given", contender.name());
    }
    waits.add(round.waits);
    Ok(round.elapsed.as_nanos() as f64 / times as f64)
}

/// How often the work fits into a turn.
fn calibrate(contender: &mut dyn Runner, stage: &Stage, form: Form) -> Result<u64> {
    let mut times = STEP;
    loop {
        let each = turn(contender, stage, form, times, &mut Waits::default())?;
        let elapsed = Duration::from_nanos((each * times as f64) as u64);
        if elapsed > TOO_LONG {
            bail!("{} needs {elapsed:?} for {times} times", contender.name());
        }
        if elapsed >= TRIAL {
            return Ok(((TURN.as_nanos() as f64 / each) as u64).max(1).next_multiple_of(STEP));
        }
        times *= 4;
    }
}

/// The middle value, or the upper one of two; not a number of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The lowest value and the highest.
fn spread(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::MAX, 0.0], |[least, most], &value| [least.min(value), most.max(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_first_once() {
        let firsts: Vec<usize> = (0..4).filter_map(|round| order(4, round).next()).collect();
        assert_eq!(firsts, [0, 1, 2, 3]);
        for round in 0..9 {
            let mut turns: Vec<usize> = order(4, round).collect();
            turns.sort_unstable();
            assert_eq!(turns, [0, 1, 2, 3], "round {round}");
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn the_spread_is_from_end_to_end() {
        assert_eq!(spread(&[4.0, 1.0, 3.0]), [1.0, 4.0]);
    }
}
