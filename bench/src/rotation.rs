//! Contenders taking turns.

use std::time::Instant;

/// Something that carries messages.
pub(crate) trait Contender {
    /// Carries `messages` messages. Returns the sum that the receiving side computed.
    fn carry(&mut self, messages: usize) -> u64;

    /// The sum that it must come to.
    fn expected(&self, messages: usize) -> u64;
}

/// One contender's times.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) median_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
    /// The median of its time over the first contender's, round by round.
    pub(crate) ratio: f64,
}

/// The receiving side computed another sum.
pub(crate) struct WrongBytes;

/// Times every contender once a round, after a round that is not counted.
pub(crate) fn rotate(
    contenders: &mut [(&str, Box<dyn Contender>)],
    rounds: usize,
    messages: usize,
) -> Vec<Result<Row, WrongBytes>> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    let mut right = vec![true; contenders.len()];
    for round in 0..=rounds {
        for step in 0..contenders.len() {
            // Another one begins each round, so that no contender always follows the same one.
            let index = (step + round) % contenders.len();
            let contender = &mut contenders[index].1;
            let expected = contender.expected(messages);
            let start = Instant::now();
            let sum = contender.carry(messages);
            let nanoseconds = start.elapsed().as_nanos() as f64 / messages as f64;
            right[index] &= sum == expected;
            if round > 0 {
                times[index].push(nanoseconds);
            }
        }
    }
    let first = times[0].clone();
    contenders
        .iter()
        .zip(times)
        .zip(right)
        .map(|((&(name, _), times), right)| {
            let ratios = times.iter().zip(&first).map(|(own, first)| own / first).collect();
            let (min_ns, max_ns) = times.iter().fold((f64::MAX, 0.0_f64), |(min, max), &t| (min.min(t), max.max(t)));
            let row = Row { name: name.to_owned(), median_ns: median(times), min_ns, max_ns, ratio: median(ratios) };
            if right { Ok(row) } else { Err(WrongBytes) }
        })
        .collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
