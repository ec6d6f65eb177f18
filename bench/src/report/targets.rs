//! What headpond is to reach, held against the results.

use std::fmt;

use super::{CellRecords, Record, Surroundings, cells, is_limit};
use crate::{form::Form, machine::Machine, workload::Workload};

const SMALL: &str = "headpond";
const LARGE: &str = "headpond-16k";

/// One target, over every cell it names.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    workload: Workload,
    form: Form,
    goal: Goal,
    limit: f64,
}

#[derive(Debug, Clone)]
enum Goal {
    /// The other takes at least so many times as long as ours does.
    Ahead { ours: &'static str, others: &'static [&'static str], cells: Which },
    /// Ours takes at most so many times as long as the limit.
    Near { ours: &'static str, limit: &'static str, cells: Which },
}

/// Which cells of a workload and a form.
#[derive(Debug, Clone, Copy)]
enum Which {
    All,
    Size(usize),
    /// Windows of at least so many bytes.
    WindowFrom(usize),
}

/// How a target fared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) target: String,
    pub(crate) wanted: String,
    /// The worst cell's value, and which it was; nothing when none was measured.
    pub(crate) worst: Option<(f64, String)>,
    /// What it would be there with the fastest of all that took part, the limits included, in headpond's place.
    pub(crate) fastest: Option<(f64, String)>,
    pub(crate) is_met: bool,
    pub(crate) is_dirty: bool,
}

/// Every target.
pub(crate) fn targets() -> Vec<Target> {
    use Form::{OneThread as St, Tasks as Tk, TwoThreads as T2};
    const RINGS: &[&str] = &["piper", "bbqueue", "async-ringbuf"];

    let ahead = |workload, ours, others, cells| {
        move |limits: &[(Form, f64)]| {
            let goal = Goal::Ahead { ours, others, cells };
            let of = |&(form, limit): &(Form, f64)| Target { workload, form, goal: goal.clone(), limit };
            limits.iter().map(of).collect::<Vec<_>>()
        }
    };
    let near = |form, limit| {
        let goal = Goal::Near { ours: SMALL, limit: "ring", cells: Which::Size(64) };
        Target { workload: Workload::Message, form, goal, limit }
    };
    let message = |others| ahead(Workload::Message, SMALL, others, Which::Size(64));
    let lines = |others| ahead(Workload::Lines, SMALL, others, Which::All);
    let trip = |others| ahead(Workload::RoundTrip, SMALL, others, Which::All);
    let rent = |others| ahead(Workload::Rent, SMALL, others, Which::All);
    // The lazy way: a vector of its own for each message.
    let encode = |workload| ahead(workload, SMALL, &["vec"], Which::All);
    let decode = |workload, others| ahead(workload, SMALL, others, Which::All);
    [
        ahead(Workload::Bulk, LARGE, &["duplex"], Which::All)(&[(St, 2.0), (T2, 1.2), (Tk, 1.4)]),
        ahead(Workload::Bulk, LARGE, RINGS, Which::WindowFrom(256 << 10))(&[(St, 0.95), (T2, 1.0), (Tk, 1.0)]),
        message(&["duplex"])(&[(St, 2.1), (T2, 3.3), (Tk, 1.5)]),
        message(&["piper"])(&[(St, 1.8), (T2, 3.3), (Tk, 1.5)]),
        message(&["kanal"])(&[(St, 3.0), (T2, 2.0), (Tk, 1.5)]),
        vec![near(St, 1.3), near(T2, 1.5)],
        trip(&["piper"])(&[(St, 1.2), (T2, 1.0), (Tk, 1.05)]),
        trip(&["duplex"])(&[(St, 1.6), (T2, 1.0), (Tk, 1.05)]),
        lines(&["piper"])(&[(St, 1.0), (T2, 1.0), (Tk, 1.0)]),
        lines(&["duplex"])(&[(St, 1.3), (T2, 1.1), (Tk, 1.0)]),
        ahead(Workload::Frame, SMALL, &["framed"], Which::All)(&[(St, 2.0), (T2, 2.0), (Tk, 2.0)]),
        ahead(Workload::Relay, SMALL, &["tokio"], Which::All)(&[(Tk, 1.1)]),
        rent(&["glibc"])(&[(St, 3.0), (T2, 20.0)]),
        rent(&["mimalloc"])(&[(St, 3.0), (T2, 4.0)]),
        ahead(Workload::Idle, SMALL, &["duplex"], Which::All)(&[(St, 10.0)]),
        ahead(Workload::Idle, SMALL, &["framed"], Which::All)(&[(St, 10.0)]),
        encode(Workload::EncodeIntegers)(&[(St, 1.3)]),
        encode(Workload::EncodeFloats)(&[(St, 1.3)]),
        encode(Workload::EncodeText)(&[(St, 1.3)]),
        encode(Workload::EncodeJson)(&[(St, 1.1)]),
        encode(Workload::EncodeReplies)(&[(St, 1.3)]),
        // As fast as the reference on one flat buffer, or nearly.
        decode(Workload::DecodeLines, &["lines-codec"])(&[(St, 0.9)]),
        decode(Workload::DecodeCommands, &["redis-protocol"])(&[(St, 0.9)]),
        decode(Workload::DecodeVarints, &["unsigned-varint"])(&[(St, 0.9)]),
    ]
    .concat()
}

impl Target {
    fn evaluate(&self, records: &[Record]) -> Outcome {
        let wanted_cells = cells(records).filter(|cell| cell.is(self.workload, self.form) && self.takes(*cell));
        let mut worst: Option<(f64, CellRecords<'_>)> = None;
        let mut is_dirty = false;
        for cell in wanted_cells {
            let Some(value) = self.value(cell) else { continue };
            is_dirty |= cell.first().dirty;
            if worst.as_ref().is_none_or(|(so_far, _)| self.is_worse(value, *so_far)) {
                worst = Some((value, cell));
            }
        }
        let is_met = worst.as_ref().is_some_and(|(value, _)| !self.is_worse(*value, self.limit));
        let wanted = match self.goal {
            Goal::Ahead { .. } => format!(">= {}", self.limit),
            Goal::Near { .. } => format!("<= {}", self.limit),
        };
        let fastest = worst.and_then(|(_, cell)| self.fastest(cell));
        let worst = worst.map(|(value, cell)| (value, cell.title()));
        Outcome { target: self.to_string(), wanted, worst, fastest, is_met, is_dirty }
    }

    fn takes(&self, cell: CellRecords<'_>) -> bool {
        let (Goal::Ahead { cells, .. } | Goal::Near { cells, .. }) = self.goal;
        match cells {
            Which::All => true,
            Which::Size(size) => cell.first().size_bytes == size,
            Which::WindowFrom(window) => cell.first().window_bytes >= window,
        }
    }

    fn value(&self, cell: CellRecords<'_>) -> Option<f64> {
        let (Goal::Ahead { ours, .. } | Goal::Near { ours, .. }) = self.goal;
        self.value_with(cell, cell.of(ours)?)
    }

    /// The value with this contender in our place; from the ratios, which were taken round by round.
    fn value_with(&self, cell: CellRecords<'_>, ours: &Record) -> Option<f64> {
        let ratio = |name: &str| cell.of(name).map(|record| record.ratio_to_headpond);
        match self.goal {
            Goal::Ahead { others, .. } => {
                let best = others.iter().filter_map(|name| ratio(name)).min_by(f64::total_cmp)?;
                Some(best / ours.ratio_to_headpond)
            }
            Goal::Near { limit, .. } => Some(ours.ratio_to_headpond / ratio(limit)?),
        }
    }

    fn fastest(&self, cell: CellRecords<'_>) -> Option<(f64, String)> {
        // To be as near to the limit as the limits are is nothing.
        let takes_part = |record: &&Record| match self.goal {
            Goal::Ahead { .. } => true,
            Goal::Near { .. } => !is_limit(&record.contender),
        };
        let fastest = cell
            .iter()
            .filter(takes_part)
            .min_by(|one, other| one.ratio_to_headpond.total_cmp(&other.ratio_to_headpond))?;
        Some((self.value_with(cell, fastest)?, fastest.contender.clone()))
    }

    fn is_worse(&self, value: f64, than: f64) -> bool {
        match self.goal {
            Goal::Ahead { .. } => value < than,
            Goal::Near { .. } => value > than,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workload, form, .. } = self;
        let (ours, which) = match &self.goal {
            Goal::Ahead { ours, others, cells } => {
                write!(f, "{workload}/{form} {} over ", others.join(", "))?;
                (*ours, cells)
            }
            Goal::Near { ours, limit, cells } => {
                write!(f, "{workload}/{form} {ours} over ")?;
                (*limit, cells)
            }
        };
        f.write_str(ours)?;
        match which {
            Which::All => Ok(()),
            Which::Size(size) => write!(f, ", {}", super::bytes(*size)),
            Which::WindowFrom(window) => write!(f, ", windows from {}", super::bytes(*window)),
        }
    }
}

/// Every target's outcome.
pub(crate) fn outcomes(records: &[Record], surroundings: &Surroundings) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = targets().iter().map(|target| target.evaluate(records)).collect();
    outcomes.push(Outcome {
        target: "M1/st blocks held by idle connections".into(),
        wanted: "0".into(),
        worst: surroundings.idle_blocks.map(|blocks| (blocks as f64, "M1/st".into())),
        fastest: None,
        is_met: surroundings.idle_blocks == Some(0),
        is_dirty: false,
    });
    outcomes
}

/// The outcomes as lines of a table.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!("{:<66}{:>8}{:>9}  \n", "target", "wanted", "worst");
    for outcome in outcomes {
        let (value, place) = outcome.worst_cell();
        let fastest = match &outcome.fastest {
            Some((value, name)) if !outcome.is_met => format!("; {name} would have {value:.2}"),
            _ => String::new(),
        };
        let Outcome { target, wanted, .. } = outcome;
        table += &format!("{target:<66}{wanted:>8}{value:>9}  {}  {place}{fastest}\n", outcome.verdict());
    }
    table
}

/// The outcomes as a page.
pub(crate) fn page(outcomes: &[Outcome], machine: &Machine) -> String {
    let mut page = format!(
        "# Targets\n\n{}, {} cores; {}, `{}`. What headpond is to reach, each in the worst of its cells; and what the fastest of all that\ntook part there, the limits included, would have in headpond's place.\n\n| target | wanted | headpond | | in the worst cell | the fastest there |\n|---|--:|--:|---|---|---|\n",
        machine.processor, machine.cores, machine.date, machine.command,
    );
    for outcome in outcomes {
        let (value, place) = outcome.worst_cell();
        let fastest = outcome.fastest.as_ref().map_or_else(String::new, |(value, name)| format!("{name} {value:.2}"));
        let Outcome { target, wanted, .. } = outcome;
        page += &format!("| {target} | {wanted} | {value} | {} | {place} | {fastest} |\n", outcome.verdict());
    }
    page
}

impl Outcome {
    fn worst_cell(&self) -> (String, &str) {
        self.worst.as_ref().map_or_else(|| ("-".into(), ""), |(value, place)| (format!("{value:.2}"), place.as_str()))
    }

    fn verdict(&self) -> String {
        let verdict = match self.worst {
            None => "not measured",
            Some(_) if self.is_met => "met",
            Some(_) => "missed",
        };
        format!("{verdict}{}", if self.is_dirty { ", dirty" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canned;

    fn outcome(records: &[Record], target: &str) -> Outcome {
        let found = targets().into_iter().find(|one| one.to_string() == target);
        found.map_or_else(|| panic!("no target `{target}`"), |one| one.evaluate(records))
    }

    #[test]
    fn the_worst_cell_counts() {
        let (records, _) = canned();
        // 300 / 100 through 256 KiB, and 120 / 75 through 1 MiB.
        let bulk = outcome(&records, "W1/st duplex over headpond-16k");
        assert_eq!(bulk.worst, Some((1.6, "W1/st, 16 KiB through 1 MiB".into())));
        assert!(!bulk.is_met, "{bulk:?}");
    }

    #[test]
    fn the_best_of_several_peers_counts() {
        let (records, _) = canned();
        let rings = outcome(&records, "W1/st piper, bbqueue, async-ringbuf over headpond-16k, windows from 256 KiB");
        assert_eq!(rings.worst, Some((1.0, "W1/st, 16 KiB through 1 MiB".into())));
        assert!(rings.is_met && rings.is_dirty, "{rings:?}");
    }

    #[test]
    fn the_limit_is_approached_from_above() {
        let (records, _) = canned();
        let near = outcome(&records, "W2/st headpond over ring, 64 B");
        assert_eq!(near.worst.as_ref().map(|worst| worst.0), Some(1.25));
        assert!(near.is_met);
        let far = records.iter().cloned().map(|mut record| {
            if record.contender == "ring" {
                record.ratio_to_headpond /= 2.0;
            }
            record
        });
        assert!(!outcome(&far.collect::<Vec<_>>(), "W2/st headpond over ring, 64 B").is_met);
    }

    #[test]
    fn who_would_fare_best_is_named() {
        let (records, surroundings) = canned();
        // The first of two that tie.
        let bulk = outcome(&records, "W1/st duplex over headpond-16k");
        assert_eq!(bulk.fastest, Some((1.6, "headpond-16k".into())));
        let messages = outcome(&records, "W2/st piper over headpond, 64 B");
        assert_eq!(messages.fastest, Some((2.5, "ring".into())));
        // A limit is not held against itself.
        let near = outcome(&records, "W2/t2 headpond over ring, 64 B");
        assert_eq!(near.fastest.map(|(_, name)| name), Some("kanal".into()));
        let page = page(&outcomes(&records, &surroundings), &surroundings.machine);
        let line = "| W2/st piper over headpond, 64 B | >= 1.8 | 2.00 | met | W2/st, 64 B through 64 KiB | ring 2.50 |";
        assert!(page.contains(line), "no `{line}` in:\n{page}");
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let (records, surroundings) = canned();
        let frame = outcome(&records, "W5/st framed over headpond");
        assert_eq!((frame.worst, frame.is_met), (None, false));
        let all = outcomes(&records, &surroundings);
        assert_eq!(all.len(), targets().len() + 1);
        assert!(table(&all).contains("not measured"));
    }
}
