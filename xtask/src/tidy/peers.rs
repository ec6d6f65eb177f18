//! The table of the peer's behaviours against the tests that carry them over.

use std::collections::BTreeMap;

use crate::tidy::{
    Finding,
    rules::{DOC_TEST, missing},
    table,
    tree::Tree,
};

const TABLE: &str = "pipe/tests/peer/README.md";
const FOLDERS: [&str; 2] = ["pipe/tests/peer/", "adapters/tests/peer/"];

/// How many behaviours the peer's own tests assert.
const BEHAVIOURS: usize = 179;

/// What stands before the reason why a behaviour has no test.
const ABSENT: &str = "absent:";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = holds(tree, BEHAVIOURS);
    findings.extend(sum(tree));
    findings
}

/// What is wrong with the sentence that sums the table up.
fn sum(tree: &Tree) -> Option<Finding> {
    let page = tree.file(TABLE)?;
    let (mut tests, mut doc_tests, mut absent) = (0, 0, 0);
    for (_, cells) in table::rows(&page.text).filter(|(_, cells)| cells.len() == 3) {
        match cells[2].trim_matches('`') {
            place if place.starts_with(DOC_TEST) => doc_tests += 1,
            place if place.starts_with(ABSENT) => absent += 1,
            place if place.contains("::") => tests += 1,
            _ => {}
        }
    }
    let sentence = format!("{tests} are tests, {doc_tests} do not compile, {absent} are absent.");
    (!page.text.contains(&sentence)).then(|| Finding::new(TABLE, 0, format!("it does not say: {sentence}")))
}

fn holds(tree: &Tree, wanted: usize) -> Vec<Finding> {
    let Some(page) = tree.file(TABLE) else {
        return vec![Finding::new(TABLE, 0, "missing: it says where each behaviour is tested")];
    };
    let rows: Vec<(usize, Vec<&str>)> = table::rows(&page.text)
        .filter(|(_, cells)| cells.len() == 3 && !cells[0].eq_ignore_ascii_case("section"))
        .collect();
    let mut findings = Vec::new();
    if rows.len() != wanted {
        findings.push(Finding::new(TABLE, 0, format!("{} rows; the peer has {wanted} behaviours", rows.len())));
    }
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (number, cells)) in rows.iter().enumerate() {
        if rows[..at].iter().any(|(_, earlier)| earlier[..2] == cells[..2]) {
            findings.push(Finding::new(TABLE, *number, format!("{} {} twice", cells[0], cells[1])));
        }
        findings.extend(row(tree, cells, &mut named).map(|message| Finding::new(TABLE, *number, message)));
    }
    findings.extend(unlisted(tree, named));
    findings
}

/// What is wrong with one row; the functions it names are counted.
fn row<'a>(tree: &Tree, cells: &[&'a str], named: &mut BTreeMap<&'a str, usize>) -> Option<String> {
    let (line, place) = (cells[1].trim_matches('`'), cells[2]);
    if let Some(reason) = place.trim_matches('`').strip_prefix(ABSENT) {
        return reason.trim().is_empty().then(|| format!("{line} is absent without a reason"));
    }
    if place.trim_matches('`').starts_with(DOC_TEST) {
        return missing(tree, place.trim_matches('`'));
    }
    let tests: Vec<&str> = table::code_spans(place).collect();
    let functions: Vec<&str> = tests.iter().map(|path| path.rsplit("::").next().unwrap_or(path)).collect();
    for name in &functions {
        *named.entry(name).or_default() += 1;
    }
    // The underscores of snake case are a matter of taste in a name such as `E2E`.
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    if !functions.iter().any(|name| letters(name) == letters(line)) {
        return Some(format!("{line}: neither its function in snake case, `compile_fail: path` nor `absent: reason`"));
    }
    tests.iter().find_map(|test| missing(tree, test))
}

/// Tests of the peer's folders that no row names.
fn unlisted(tree: &Tree, mut named: BTreeMap<&str, usize>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| FOLDERS.iter().any(|folder| file.path.starts_with(folder))) {
        for function in file.scan.functions.iter().filter(|function| function.is_marked) {
            match named.get_mut(function.name.as_str()) {
                Some(rows) if *rows > 0 => *rows -= 1,
                _ => findings.push(Finding::new(
                    &file.path,
                    function.line,
                    format!("no row of {TABLE} for `{}`", function.name),
                )),
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(rows: &[&str], tests: &str) -> usize {
        let page = format!("| Section | Line | where |\n|---|---|---|\n{}\n", rows.join("\n"));
        let files = [
            (TABLE, page.as_str()),
            ("pipe/tests/peer/length.rs", tests),
            ("pipe/src/lib.rs", "//! ```compile_fail\n"),
        ];
        holds(&Tree::sample(&files), rows.len()).len()
    }

    const FLUSH: &str = "#[test]\nfn flush_e2e_works() {}\n";

    #[test]
    fn a_row_and_its_function_pass() {
        assert_eq!(count(&["| Length | FlushE2EWorks | `length::flush_e2e_works` |"], FLUSH), 0);
        assert_eq!(
            count(
                &[
                    "| Length | TwoReads | compile_fail: pipe/src/lib.rs |",
                    "| Length | Stream | `absent: no streams here` |"
                ],
                ""
            ),
            0
        );
    }

    #[test]
    fn a_row_without_its_function_fails() {
        assert_eq!(count(&["| Length | FlushE2EWorks | `length::flush_e2e_works` |"], ""), 1);
        assert_eq!(count(&["| Length | FlushWorks | `length::flush_e2e_works` |"], FLUSH), 1);
        assert_eq!(count(&["| Length | TwoReads | compile_fail: pipe/src/reader.rs |"], ""), 1);
        assert_eq!(count(&["| Length | Stream | absent: |"], ""), 1);
    }

    #[test]
    fn a_function_without_its_row_fails() {
        assert_eq!(count(&[], FLUSH), 1);
        assert_eq!(count(&[], "fn a_step_of_a_test() {}\n"), 0);
    }

    #[test]
    fn rows_are_complete_and_unique() {
        let row = "| Length | Stream | absent: no streams here |";
        assert_eq!(count(&[row, row], ""), 1);
        assert_eq!(holds(&Tree::sample(&[(TABLE, row)]), 2).len(), 1);
        assert_eq!(check(&Tree::default()).len(), 1);
    }

    #[test]
    fn the_table_is_summed_up() {
        let rows = "| Section | Line | where |\n|---|---|---|\n| Length | FlushWorks | `length::flush_works` |\n\
            | Length | TwoReads | compile_fail: pipe/src/lib.rs |\n| Length | Stream | absent: no streams here |\n";
        let is_said = |sentence: &str| sum(&Tree::sample(&[(TABLE, &format!("{sentence}\n\n{rows}"))])).is_none();
        assert!(is_said("1 are tests, 1 do not compile, 1 are absent."));
        assert!(!is_said("2 are tests, 1 do not compile, 0 are absent."));
    }
}
