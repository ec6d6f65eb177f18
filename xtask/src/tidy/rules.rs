//! Every numbered rule in docs/RULES.md names a test that exists.

use crate::tidy::{Finding, table, tree::Tree};

const PAGE: &str = "docs/RULES.md";

/// What stands before the path of a doc-test, which has no name.
pub(crate) const DOC_TEST: &str = "compile_fail:";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.file(PAGE) else {
        return vec![Finding::new(PAGE, 0, "missing: it numbers the rules beside their tests")];
    };
    let mut findings = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (number, cells) in table::rows(&page.text) {
        let Some(rule) = cells.first().copied().filter(|cell| is_rule_number(cell)) else {
            continue;
        };
        let mut report = |message: String| findings.push(Finding::new(PAGE, number, message));
        if seen.contains(&rule) {
            report(format!("rule {rule} twice"));
        }
        seen.push(rule);
        let tests = cells.last().copied().unwrap_or_default();
        if cells.len() != 3 || table::code_spans(tests).next().is_none() {
            report(format!("rule {rule}: `| number | rule | tests in backticks |`"));
            continue;
        }
        for test in table::code_spans(tests) {
            if let Some(why) = missing(tree, test) {
                report(format!("rule {rule}: {why}"));
            }
        }
    }
    if seen.is_empty() {
        findings.push(Finding::new(PAGE, 0, "no numbered rule"));
    }
    findings
}

/// Why what the page names is no test, if it is none.
pub(crate) fn missing(tree: &Tree, test: &str) -> Option<String> {
    if let Some(place) = test.strip_prefix(DOC_TEST) {
        let (path, module) = place.trim().split_once('#').unwrap_or((place.trim(), ""));
        let holds = tree.file(path).is_some_and(|file| {
            // It stands in the documentation of an empty module that is named after it.
            let modules = file.text.split_inclusive(" {}\n");
            let of_it = |piece: &&str| module.is_empty() || piece.ends_with(&format!("\nmod {module} {{}}\n"));
            modules.filter(of_it).any(|piece| piece.contains("```compile_fail"))
        });
        return (!holds).then(|| format!("no compile_fail doc-test in `{}`", place.trim()));
    }
    let (path, name) = test.rsplit_once("::").unwrap_or(("", test));
    (!tree.has_test(path, name)).then(|| format!("no test function `{name}` in `{path}`"))
}

/// Letters and then digits, such as P12.
fn is_rule_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches(|c: char| c.is_ascii_uppercase());
    digits.len() < cell.len() && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(rows: &str) -> usize {
        let page = format!("# Map\n\n| rule | what | test |\n|---|---|---|\n{rows}");
        check(&Tree::sample(&[
            (PAGE, &page),
            ("pipe/tests/flush.rs", "#[test]\nfn flush_publishes() {}\n"),
            ("pipe/src/lib.rs", "//! ```compile_fail\nfn shipped() {}\n"),
            ("pipe/src/misuse.rs", "/// ```compile_fail\nmod two_reads {}\n\n/// ```\nmod one_read {}\n"),
        ]))
        .len()
    }

    #[test]
    fn a_rule_with_its_test_passes() {
        assert_eq!(count("| P1 | flush publishes | `flush::flush_publishes` |\n"), 0);
        assert_eq!(count("| P1 | one reader | `flush::flush_publishes`, `compile_fail: pipe/src/lib.rs` |\n"), 0);
    }

    #[test]
    fn a_rule_without_one_fails() {
        assert_eq!(count("| P1 | flush publishes | `flush::flush_forgets` |\n"), 1);
        assert_eq!(count("| P1 | flush publishes | `pipe::shipped` |\n"), 1);
        assert_eq!(count("| P1 | flush publishes | |\n"), 1);
        assert_eq!(count("| P1 | one reader | `compile_fail: pipe/src/reader.rs` |\n"), 1);
    }

    #[test]
    fn a_test_is_where_the_page_says() {
        assert_eq!(count("| P1 | flush publishes | `pipe/tests/flush.rs::flush_publishes` |\n"), 0);
        assert_eq!(count("| P1 | flush publishes | `pipe/tests/read.rs::flush_publishes` |\n"), 1);
        assert_eq!(count("| P1 | one reader | `compile_fail: pipe/src/misuse.rs#two_reads` |\n"), 0);
        assert_eq!(count("| P1 | one reader | `compile_fail: pipe/src/misuse.rs#one_read` |\n"), 1);
        assert_eq!(count("| P1 | one reader | `compile_fail: pipe/src/misuse.rs#three_reads` |\n"), 1);
    }

    #[test]
    fn the_page_is_there_and_its_numbers_are_unique() {
        let row = "| P1 | flush publishes | `flush_publishes` |\n";
        assert_eq!(count(&row.repeat(2)), 1);
        assert_eq!(count(""), 1);
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
