//! A run: cell after cell, with what is printed on the way.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    contender::Counters,
    form::Stage,
    machine::{Load, Machine, round_trip_ns},
    plan::Cell,
    report::{Circumstances, Record, Surroundings, extent},
    rotation::{Row, rotate},
    workload::{Runner, Workload, idle},
};

/// What part of all cores' time others may use in a clean cell.
const DIRTY: f64 = 0.1;
/// How many connections are left idle.
const CONNECTIONS: usize = 10_000;

/// How to run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) cells: Vec<Cell>,
    /// Whoever is wanted besides headpond; everybody, when it is empty.
    pub(crate) contenders: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) explain: bool,
    pub(crate) command: String,
}

impl Run {
    /// Measures every cell.
    pub(crate) fn measure(&self) -> Result<(Vec<Record>, Surroundings)> {
        let stage = Stage::default();
        let bar = ProgressBar::new(self.cells.len() as u64 * (self.rounds as u64 + 1));
        bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len}, {eta} left")?);
        let mut records = Vec::new();
        let machine = Machine::now(self.command.clone());
        let mut surroundings = Surroundings { machine, idle_blocks: None, cells: Vec::new() };
        for cell in &self.cells {
            let round_trip_ns = if cell.workload == Workload::Idle { 0.0 } else { round_trip_ns(&stage) };
            let before = Load::now();
            let start = records.len();
            if cell.workload == Workload::Idle {
                surroundings.idle_blocks = self.count_idle(cell, &mut records);
                bar.inc(self.rounds as u64 + 1);
            } else {
                let lines = self.time(cell, &stage, &bar, &mut records)?;
                bar.suspend(|| println!("{lines}"));
            }
            let other_load = before.zip(Load::now()).map_or(0.0, |(before, after)| before.others_until(after));
            records[start..].iter_mut().for_each(|record| record.dirty = other_load > DIRTY);
            surroundings.cells.push(Circumstances {
                workload: cell.workload.name().into(),
                form: cell.form.name().into(),
                size_bytes: cell.measure.size,
                window_bytes: cell.measure.window,
                other_load,
                round_trip_ns,
            });
            bar.suspend(|| println!("   others used {:.0} %; core to core {round_trip_ns:.0} ns", 100.0 * other_load));
        }
        bar.finish_and_clear();
        Ok((records, surroundings))
    }

    /// Times everybody in a cell, and returns what there is to print.
    fn time(&self, cell: &Cell, stage: &Stage, bar: &ProgressBar, records: &mut Vec<Record>) -> Result<String> {
        let mut contenders = cell.contenders(stage);
        if !self.contenders.is_empty() {
            contenders.retain(|one| one.name() == "headpond" || self.contenders.iter().any(|name| name == one.name()));
        }
        let before: Vec<_> = contenders.iter().map(|one| one.counters()).collect();
        let rows = rotate(&mut contenders, stage, cell.form, self.rounds, || bar.inc(1))?;
        let mut lines = heading(cell);
        for ((row, one), before) in rows.iter().zip(&contenders).zip(before) {
            records.push(record(cell, row, self.rounds));
            lines += &format!(
                "\n{:<18}{:>12.2}{:>12.2}{:>12.2}{:>9.3} ({:.2} to {:.2})",
                row.name, row.median_ns, row.min_ns, row.max_ns, row.ratio, row.ratio_spread[0], row.ratio_spread[1]
            );
            if self.explain {
                lines += &explained(row, one.as_ref(), before);
            }
        }
        Ok(lines)
    }

    fn count_idle(&self, cell: &Cell, records: &mut Vec<Record>) -> Option<usize> {
        let all = idle::measure(CONNECTIONS, cell.measure.window);
        let ours = all.first().map_or(1.0, |held| held.bytes);
        println!("{}, bytes a connection", heading(cell));
        for held in &all {
            println!("{:<18}{:>11.2}{:>9.3}", held.name, held.bytes, held.bytes / ours);
            let value = held.bytes;
            let row = Row {
                name: held.name,
                median_ns: value,
                min_ns: value,
                max_ns: value,
                ratio: value / ours,
                ratio_spread: [value / ours; 2],
                waits: Default::default(),
                times: 1,
            };
            records.push(record(cell, &row, 1));
        }
        all.iter().filter_map(|held| held.blocks).reduce(|a, b| a + b)
    }
}

fn heading(cell: &Cell) -> String {
    let Cell { workload, form, measure } = cell;
    format!("\n{workload}/{form}, {}", extent(workload.name(), measure.size, measure.window))
}

fn record(cell: &Cell, row: &Row, rounds: usize) -> Record {
    Record {
        workload: cell.workload.name().into(),
        form: cell.form.name().into(),
        size_bytes: cell.measure.size,
        window_bytes: cell.measure.window,
        contender: row.name.into(),
        median_ns: row.median_ns,
        min_ns: row.min_ns,
        max_ns: row.max_ns,
        ratio_to_headpond: row.ratio,
        rounds,
        dirty: false,
    }
}

/// How often each end waited: the sending one, then the receiving one.
fn explained(row: &Row, one: &dyn Runner, before: Option<Counters>) -> String {
    let mib = (row.times * one.bytes()) as f64 / (1024.0 * 1024.0);
    let per_mib =
        |[sending, receiving]: [u64; 2]| format!("{:.2} + {:.2}", sending as f64 / mib, receiving as f64 / mib);
    let mut text = format!("   a MiB: pending {}, slept {}", per_mib(row.waits.pending), per_mib(row.waits.slept));
    if let (Some(now), Some(before)) = (one.counters(), before) {
        // Over all rounds, the trials and the one that does not count too.
        text += &format!(
            "; {} pauses, {} wakes of the writer, {} of the reader",
            now.pauses - before.pauses,
            now.writer_wakes - before.writer_wakes,
            now.reader_wakes - before.reader_wakes
        );
    }
    text
}
