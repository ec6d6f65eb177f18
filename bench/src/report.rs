//! What a run leaves behind: its results, and what is made of them.
//!
//! Everything below is made from `results.json` and `machine.json`, which a run writes and nothing else does.

pub(crate) mod readme;
pub(crate) mod svg;
pub(crate) mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{form::Form, machine::Machine, workload::Workload};

/// One contender at one cell. M1 counts bytes a connection where the others count nanoseconds, and most cells of E and D count values,
/// not bytes, by their size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) workload: String,
    pub(crate) form: String,
    pub(crate) size_bytes: usize,
    pub(crate) window_bytes: usize,
    pub(crate) contender: String,
    pub(crate) median_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
    pub(crate) ratio_to_headpond: f64,
    pub(crate) rounds: usize,
    pub(crate) dirty: bool,
}

/// What else was so while a cell was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Circumstances {
    pub(crate) workload: String,
    pub(crate) form: String,
    pub(crate) size_bytes: usize,
    pub(crate) window_bytes: usize,
    /// What part of all cores' time others used, from 0 to 1.
    pub(crate) other_load: f64,
    /// From core to core and back.
    pub(crate) round_trip_ns: f64,
}

/// The machine, and each cell's circumstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Surroundings {
    pub(crate) machine: Machine,
    /// Pooled blocks that headpond's connections of M1 held together.
    pub(crate) idle_blocks: Option<usize>,
    pub(crate) cells: Vec<Circumstances>,
}

/// Who is no peer, but a limit: what cannot wait, or carries nothing from end to end.
pub(crate) const LIMITS: [&str; 6] = ["ring", "rtrb", "memcpy", "bytes-mut", "contiguous", "vec-alone"];

/// Whether it is headpond itself, in one of its ways.
pub(crate) fn is_ours(contender: &str) -> bool {
    contender.starts_with("headpond")
}

pub(crate) fn is_limit(contender: &str) -> bool {
    LIMITS.contains(&contender)
}

/// The records of one cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellRecords<'a>(&'a [Record]);

impl<'a> CellRecords<'a> {
    pub(crate) fn first(self) -> &'a Record {
        // A cell is a chunk, which is never empty.
        &self.0[0]
    }

    pub(crate) fn iter(self) -> std::slice::Iter<'a, Record> {
        self.0.iter()
    }

    pub(crate) fn of(self, contender: &str) -> Option<&'a Record> {
        self.0.iter().find(|record| record.contender == contender)
    }

    pub(crate) fn is(self, workload: Workload, form: Form) -> bool {
        self.first().workload == workload.name() && self.first().form == form.name()
    }

    /// As in `W1/t2, 16 KiB through 1 MiB`.
    pub(crate) fn title(self) -> String {
        let Record { workload, form, size_bytes, window_bytes, .. } = self.first();
        format!("{workload}/{form}, {}", extent(workload, *size_bytes, *window_bytes))
    }
}

/// The records, cell by cell.
pub(crate) fn cells(records: &[Record]) -> impl Iterator<Item = CellRecords<'_>> {
    let same = |a: &Record, b: &Record| {
        (&a.workload, &a.form, a.size_bytes, a.window_bytes) == (&b.workload, &b.form, b.size_bytes, b.window_bytes)
    };
    records.chunk_by(same).map(CellRecords)
}

/// How much there is of what a workload carries: `16 KiB through 1 MiB`, or `200 fields`.
pub(crate) fn extent(workload: &str, size: usize, window: usize) -> String {
    match workload.parse::<Workload>().ok().and_then(Workload::unit) {
        Some([one, many]) => format!("{size} {}", if size == 1 { one } else { many }),
        None => format!("{} through {}", bytes(size), bytes(window)),
    }
}

/// `64 B`, `16 KiB`, `1 MiB`.
pub(crate) fn bytes(n: usize) -> String {
    match n {
        n if n >= 1 << 20 && n.is_multiple_of(1 << 20) => format!("{} MiB", n >> 20),
        n if n >= 1 << 10 && n.is_multiple_of(1 << 10) => format!("{} KiB", n >> 10),
        n => format!("{n} B"),
    }
}

/// Where a run's results lie.
#[derive(Debug)]
pub(crate) struct Folder {
    results: PathBuf,
    machine: PathBuf,
}

impl Folder {
    /// Below the folder of build products.
    pub(crate) fn new(target: &Path) -> Result<Self> {
        let folder = target.join("bench");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { results: folder.join("results.json"), machine: folder.join("machine.json") })
    }

    pub(crate) fn write(&self, records: &[Record], surroundings: &Surroundings) -> Result<()> {
        fs::write(&self.results, serde_json::to_string_pretty(records)? + "\n")?;
        fs::write(&self.machine, serde_json::to_string_pretty(surroundings)? + "\n")?;
        Ok(())
    }

    pub(crate) fn read(&self) -> Result<(Vec<Record>, Surroundings)> {
        let read = |path: &Path| {
            fs::read_to_string(path).with_context(|| format!("no results in {}: run the benchmark", path.display()))
        };
        Ok((serde_json::from_str(&read(&self.results)?)?, serde_json::from_str(&read(&self.machine)?)?))
    }

    pub(crate) fn results(&self) -> &Path {
        &self.results
    }
}

/// Results for tests, as a run would leave them.
#[cfg(test)]
pub(crate) fn canned() -> (Vec<Record>, Surroundings) {
    let results = include_str!("../tests/results.json");
    let machine = include_str!("../tests/machine.json");
    match (serde_json::from_str(results), serde_json::from_str(machine)) {
        (Ok(records), Ok(surroundings)) => (records, surroundings),
        broken => panic!("canned results are broken: {broken:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_fields_that_readers_of_the_file_know() -> Result<()> {
        let (records, _) = canned();
        let value = serde_json::to_value(&records[0])?;
        let names: Vec<&str> =
            value.as_object().into_iter().flat_map(|object| object.keys()).map(String::as_str).collect();
        let mut wanted = [
            "workload",
            "form",
            "size_bytes",
            "window_bytes",
            "contender",
            "median_ns",
            "min_ns",
            "max_ns",
            "ratio_to_headpond",
            "rounds",
            "dirty",
        ];
        wanted.sort_unstable();
        assert_eq!(names, wanted);
        Ok(())
    }

    #[test]
    fn what_is_written_is_read() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("headpond-bench-{}", std::process::id()));
        let (records, surroundings) = canned();
        let files = Folder::new(&folder)?;
        files.write(&records, &surroundings)?;
        let read = files.read();
        fs::remove_dir_all(&folder)?;
        assert_eq!(read?, (records, surroundings));
        Ok(())
    }

    #[test]
    fn what_is_no_bytes_is_counted() {
        assert_eq!(extent("W1", 16384, 65536), "16 KiB through 64 KiB");
        assert_eq!(extent("E3", 1024, 65536), "1 KiB through 64 KiB");
        assert_eq!(extent("E4", 200, 65536), "200 fields");
        assert_eq!(extent("E1", 1, 65536), "1 integer");
    }

    #[test]
    fn sizes_are_said_in_units() {
        assert_eq!([16, 512, 4096, 65536, 1 << 20].map(bytes), ["16 B", "512 B", "4 KiB", "64 KiB", "1 MiB"]);
    }
}
