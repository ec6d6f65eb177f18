//! `cargo xtask tidy`: house rules that no compiler knows.
//!
//! Each rule is a function from the tree's files to findings, in a file of its own with its unit tests.

mod layout;
mod lexis;
mod ordering;
mod panics;
mod peers;
mod rules;
mod scan;
mod shim;
mod sleeping;
mod table;
mod text;
mod tree;
mod unsafety;

use anyhow::Result;

use crate::{gate::Gate, mutants, tidy::tree::Tree};

/// One breach of a rule.
#[derive(Debug)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 when it is about the whole file.
    line: usize,
    message: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule by name; each counts as one check.
const RULES: [(&str, Rule); 9] = [
    ("layout", layout::check),
    ("text", text::check),
    ("shim", shim::check),
    ("unsafe", unsafety::check),
    ("ordering", ordering::check),
    ("panics", panics::check),
    ("sleeping", sleeping::check),
    ("rules", rules::check),
    ("peers", peers::check),
];

/// Reads the tree once and holds it against every rule, and against the list of mutants.
pub(crate) fn run(gate: &Gate) -> Result<()> {
    println!("\n== tidy");
    let tree = Tree::read(gate.root())?;
    for (name, rule) in RULES {
        let findings = rule(&tree).into_iter();
        let line = |Finding { path, line, message }| format!("{path}:{line}: {message}");
        report(gate, name, findings.map(line).collect());
    }
    report(gate, "mutants", mutants::check(gate.root())?);
    Ok(())
}

/// Prints what one rule has found, and counts it as one check.
fn report(gate: &Gate, rule: &str, findings: Vec<String>) {
    findings.iter().for_each(|finding| println!("{finding}"));
    let name = format!("tidy {rule}");
    match findings.len() {
        0 => gate.pass(&name),
        count => gate.fail(&name, &format!("{count} findings, listed above")),
    }
}
