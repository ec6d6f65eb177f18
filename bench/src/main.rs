//! headpond and its peers, measured in one run.
//!
//! Every contender does the same work, and everything produced is checked on the other side. Contenders take turns within a
//! round, so that a noisy machine disturbs all of them alike; what is reported are medians over the rounds, and ratios taken
//! round by round.

#![deny(unsafe_code)]

mod cli;
mod contender;
mod form;
mod instructions;
mod machine;
mod payload;
mod plan;
mod report;
mod rotation;
mod run;
mod workload;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    cli::Bench,
    plan::Choice,
    report::{Folder, Record, Surroundings, readme, svg, targets},
    run::Run,
};

const ROUNDS: usize = 9;

fn main() -> Result<()> {
    let flags = Bench::from_env_or_exit();
    if let Some(times) = flags.work {
        return instructions::work(times);
    }
    if flags.instructions {
        return instructions::count();
    }
    let root = root()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let folder = Folder::new(&root.join(target))?;
    if flags.targets || flags.readme {
        let (records, surroundings) = folder.read()?;
        if flags.targets {
            judge(&records, &surroundings);
        }
        return if flags.readme { publish(&root, &records, &surroundings) } else { Ok(()) };
    }

    let choices = flags.only.iter().map(|choice| choice.parse()).collect::<Result<Vec<Choice>>>()?;
    let mut cells = plan::cells();
    cells.retain(|cell| {
        (!flags.quick || cell.is_quick()) && (choices.is_empty() || choices.iter().any(|choice| choice.takes(cell)))
    });
    if cells.is_empty() {
        bail!("no cell is left to measure");
    }
    let words: Vec<_> = env::args().skip(1).collect();
    let is_whole = words.is_empty();
    let run = Run {
        cells,
        contenders: flags.contender,
        rounds: flags.rounds.unwrap_or(ROUNDS),
        explain: flags.explain,
        command: ["cargo xtask bench".to_owned(), words.join(" ")].join(" ").trim_end().to_owned(),
    };
    let (records, surroundings) = run.measure()?;
    folder.write(&records, &surroundings)?;
    judge(&records, &surroundings);
    println!("\n{}", folder.results().display());
    // What was left out would be missing from the pictures, and from the README.
    if is_whole { publish(&root, &records, &surroundings) } else { Ok(()) }
}

/// The root of the workspace.
fn root() -> Result<PathBuf> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).context("the crate has no parent directory")
}

fn judge(records: &[Record], surroundings: &Surroundings) {
    println!("\n{}", targets::table(&targets::outcomes(records, surroundings)));
}

fn publish(root: &Path, records: &[Record], surroundings: &Surroundings) -> Result<()> {
    let pictures = root.join("docs/bench");
    let drawn = svg::draw_all(records, &pictures)?;
    let page = targets::page(&targets::outcomes(records, surroundings), &surroundings.machine);
    fs::write(pictures.join("targets.md"), page)?;
    readme::rewrite(&root.join("README.md"), records, surroundings)?;
    println!("{} pictures and targets.md in docs/bench, and the section of README.md", drawn.len());
    Ok(())
}
