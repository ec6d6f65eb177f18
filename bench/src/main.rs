//! headpond and its peers, measured in one run.
//!
//! Every contender does the same work, and everything produced is checked on the other side. Contenders take turns within a
//! round, so that a noisy machine disturbs all of them alike; what is reported are medians over the rounds, and ratios taken
//! round by round.

#![deny(unsafe_code)]

mod cli;
mod contender;
mod form;
mod payload;
mod plan;
mod rotation;
mod workload;

use anyhow::Result;

use crate::{cli::Bench, form::Stage, plan::Choice};

const ROUNDS: usize = 9;

fn main() -> Result<()> {
    let flags = Bench::from_env_or_exit();
    let choices = flags.only.iter().map(|choice| choice.parse()).collect::<Result<Vec<Choice>>>()?;
    let stage = Stage::default();
    let rounds = flags.rounds.unwrap_or(ROUNDS);
    for cell in plan::cells() {
        if !choices.is_empty() && !choices.iter().any(|choice| choice.takes(&cell)) {
            continue;
        }
        let mut contenders = cell.contenders();
        if !flags.contender.is_empty() {
            contenders.retain(|one| one.name() == "headpond" || flags.contender.iter().any(|name| name == one.name()));
        }
        println!("\n{}/{} {} B, window {} B", cell.workload, cell.form, cell.measure.size, cell.measure.window);
        let before: Vec<_> = contenders.iter().map(|one| one.counters()).collect();
        let rows = rotation::rotate(&mut contenders, &stage, cell.form, rounds, || ())?;
        for ((row, one), before) in rows.iter().zip(&contenders).zip(before) {
            print!("{:<18}{:>10.2}{:>10.2}{:>10.2}{:>9.3}", row.name, row.median_ns, row.min_ns, row.max_ns, row.ratio);
            if flags.explain {
                let mib = (row.times * one.bytes()) as f64 / (1024.0 * 1024.0);
                let per = |count: u64| count as f64 / mib;
                print!(
                    "   pending/MiB {:>8.2} {:>8.2}  slept/MiB {:>8.2} {:>8.2}",
                    per(row.waits.pending[0]),
                    per(row.waits.pending[1]),
                    per(row.waits.slept[0]),
                    per(row.waits.slept[1])
                );
                if let (Some(now), Some(before)) = (one.counters(), before) {
                    print!(
                        "  pauses {} reader wakes {} writer wakes {}",
                        now.pauses - before.pauses,
                        now.reader_wakes - before.reader_wakes,
                        now.writer_wakes - before.writer_wakes
                    );
                }
            }
            println!();
        }
    }
    Ok(())
}
