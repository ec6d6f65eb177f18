//! The section of the README on what things cost, from the results alone.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use super::{CellRecords, Record, Surroundings, cells, is_limit, is_ours, svg::short};
use crate::workload::Workload;

const BEGIN: &str = "<!-- bench -->\n";
const END: &str = "<!-- /bench -->";

/// Whose ratios the first table shows.
const COLUMNS: [&str; 9] =
    ["headpond-16k", "headpond-looking", "duplex", "piper", "bbqueue", "async-ringbuf", "thingbuf", "kanal", "ring"];
/// Spins, as a limit does: no answer to a peer that parks.
const LOOKING: &str = "headpond-looking";
/// What has contenders of its own.
const APART: [&str; 13] = ["W5", "W7", "C1", "P1", "M1", "E1", "E2", "E3", "E4", "E5", "D1", "D2", "D3"];

/// Writes the section into the README.
pub(crate) fn rewrite(path: &Path, records: &[Record], surroundings: &Surroundings) -> Result<()> {
    let readme = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(path, replaced(&readme, &section(records, surroundings))?)?;
    Ok(())
}

fn replaced(readme: &str, section: &str) -> Result<String> {
    let (before, rest) = readme.split_once(BEGIN).context("the README has no `<!-- bench -->`")?;
    let (_, after) = rest.split_once(END).context("the README has no `<!-- /bench -->`")?;
    Ok(format!("{before}{BEGIN}{section}{END}{after}"))
}

fn section(records: &[Record], surroundings: &Surroundings) -> String {
    let machine = &surroundings.machine;
    let mut text = String::new();
    text += "![Bulk and messages, headpond and its peers](docs/bench/summary.svg)\n\n";
    text += &format!(
        "{}, {} cores, {}; {}, `{}`. Medians of {} rotated rounds; each number is a time over that of `headpond` (4 KiB\nblocks) in the same round, so more than 1 is slower than headpond. `st`: both ends on one thread; `t2`: on two pinned\nthreads that park; `tk`: two tasks of a two-worker tokio runtime. `headpond-looking` is headpond-16k\nwith ends that look for each other before they park; `ring` is the limit: shared memory and two positions, with nobody to wake. E: values encoded into a\npipe's blocks; `vec` encodes into a new vector each time, `vec-kept` into one that is kept, and writes that; `vec-alone` is the limit, a vector that goes nowhere. D: items taken out of a view\nover blocks, and by others out of one flat buffer. A star marks a cell during which others used more than a tenth of the machine.\n\n",
        machine.processor,
        machine.cores,
        machine.system,
        machine.date,
        machine.command,
        records.first().map_or(0, |record| record.rounds),
    );
    text += &channels(records);
    text += &others(records);
    text += &losses(records);
    text += "\nWhat headpond was to reach, and what it reached: [targets](docs/bench/targets.md). Every size, window and contender: [docs/bench](docs/bench).\nThe workloads, and how they are measured: `bench/src`.\n";
    text
}

fn star(cell: CellRecords<'_>) -> &'static str {
    if cell.first().dirty { " *" } else { "" }
}

/// One row a cell, one column a contender.
fn channels(records: &[Record]) -> String {
    let mut table = String::from("| | headpond, ns |");
    COLUMNS.iter().for_each(|name| table += &format!(" {name} |"));
    table += "\n|---|--:|";
    COLUMNS.iter().for_each(|_| table += "--:|");
    table.push('\n');
    for cell in cells(records).filter(|cell| !APART.contains(&cell.first().workload.as_str())) {
        let Some(ours) = cell.of("headpond") else { continue };
        let _ = write!(table, "| {}{} | {} |", cell.title(), star(cell), short(ours.median_ns));
        for name in COLUMNS {
            let ratio = cell.of(name).map_or_else(|| "-".into(), |record| format!("{:.2}", record.ratio_to_headpond));
            let _ = write!(table, " {ratio} |");
        }
        table.push('\n');
    }
    table
}

/// One row a cell, with its contenders in it.
fn others(records: &[Record]) -> String {
    let mut table = String::from("\n| | headpond | times headpond |\n|---|--:|---|\n");
    for cell in cells(records).filter(|cell| APART.contains(&cell.first().workload.as_str())) {
        let Some(ours) = cell.of("headpond") else { continue };
        let unit = if ours.workload == Workload::Idle.name() { "B" } else { "ns" };
        let peers = cell.iter().filter(|record| record.contender != "headpond");
        let peers: Vec<_> =
            peers.map(|record| format!("{} {:.2}", record.contender, record.ratio_to_headpond)).collect();
        let _ = writeln!(
            table,
            "| {}{} | {} {unit} | {} |",
            cell.title(),
            star(cell),
            short(ours.median_ns),
            peers.join(", ")
        );
    }
    table
}

/// The cells in which a peer was faster than headpond with either block size, and the fastest such peer.
fn losses(records: &[Record]) -> String {
    let mut text =
        String::from("\n**Where headpond loses**, and to whom (times the better of its two block sizes):\n\n");
    let mut any = false;
    for cell in cells(records) {
        let fastest = |wanted: fn(&str) -> bool| {
            cell.iter()
                .filter(|record| wanted(&record.contender))
                .min_by(|a, b| a.ratio_to_headpond.total_cmp(&b.ratio_to_headpond))
        };
        let ours = fastest(|name| is_ours(name) && name != LOOKING);
        let peer = fastest(|name| !is_ours(name) && !is_limit(name));
        let (Some(ours), Some(peer)) = (ours, peer) else { continue };
        let ratio = peer.ratio_to_headpond / ours.ratio_to_headpond;
        if ratio < 1.0 {
            any = true;
            let _ = writeln!(text, "- {}: {} {ratio:.2}", cell.title(), peer.contender);
        }
    }
    if !any {
        text += "- nowhere in this run\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canned;

    #[test]
    fn the_section_is_replaced_and_nothing_else() -> Result<()> {
        let readme = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n";
        let once = replaced(readme, "new\n")?;
        assert_eq!(once, "before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n");
        assert_eq!(replaced(&once, "new\n")?, once);
        assert!(replaced("no marks", "new").is_err());
        Ok(())
    }

    #[test]
    fn the_section_says_what_the_results_say() {
        let (records, surroundings) = canned();
        let text = section(&records, &surroundings);
        for line in [
            "![Bulk and messages, headpond and its peers](docs/bench/summary.svg)",
            "A processor, 2 cores, linux 1.2.3; 2026-01-02, `cargo xtask bench`. Medians of 9 rotated rounds;",
            "| W2/st, 64 B through 64 KiB | 10.0 | - | - | 2.20 | 2.00 | - | - | - | 2.50 | 0.80 |",
            "| W1/st, 16 KiB through 1 MiB * | 150 | 0.50 | - | 0.80 | 0.50 | 1.33 | - | - | - | 0.60 |",
        ] {
            assert!(text.contains(line), "no `{line}` in:\n{text}");
        }
    }

    #[test]
    fn losses_are_named() {
        let (records, _) = canned();
        let text = losses(&records);
        let lost: Vec<_> = text.lines().filter(|line| line.starts_with("- ")).collect();
        assert_eq!(lost, ["- W2/t2, 64 B through 64 KiB: kanal 0.83"]);
    }
}
