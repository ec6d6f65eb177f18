//! `unsafe` stands only in the files that docs/UNSAFE.md lists.

use crate::tidy::{
    Finding,
    scan::{has_word, modules_under},
    table,
    tree::Tree,
};

const LIST: &str = "docs/UNSAFE.md";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(list) = tree.file(LIST) else {
        return vec![Finding::new(LIST, 0, "missing: it lists the files that may hold unsafe")];
    };
    let rows: Vec<(usize, String, String)> = table::rows(&list.text)
        .filter_map(|(number, cells)| {
            let path = table::code_spans(cells.first()?).next()?;
            Some((number, path.to_owned(), (*cells.get(2)?).to_owned()))
        })
        .filter(|(_, path, _)| path.ends_with(".rs"))
        .collect();
    let listed = |path: &str| rows.iter().any(|(_, row, _)| row == path);

    let mut findings = Vec::new();
    for (number, path, cell) in &rows {
        let kept = tree.file(path).map_or(0, |file| invariants(&file.text));
        if let Some(wrong) = kept_elsewhere(tree, cell, kept) {
            findings.push(Finding::new(LIST, *number, format!("{path}: {wrong}")));
        }
        let holds = tree.file(path).is_some_and(|file| file.scan.lines().any(|(_, line)| has_word(line, "unsafe")));
        if !holds {
            findings.push(Finding::new(LIST, *number, format!("{path} holds no unsafe: strike it off the list")));
        }
    }
    for file in tree.rust() {
        if !listed(&file.path) {
            let mut lines = file.scan.lines().filter(|(_, line)| has_word(line, "unsafe"));
            if let Some((number, _)) = lines.next() {
                let message =
                    format!("`unsafe` here and on {} more lines, and {LIST} does not list the file", lines.count());
                findings.push(Finding::new(&file.path, number, message));
            }
        }
        findings.extend(permissions(file, listed));
    }
    findings
}

/// How many invariants the documentation of a file numbers.
fn invariants(text: &str) -> usize {
    let documentation = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim_start);
    let listed = documentation.skip_while(|line| *line != "# Invariants").skip(1);
    let numbered = |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    listed.take_while(|line| !line.starts_with('#')).filter(numbered).count()
}

/// What is wrong with what a row says of its file's invariants: their number; whose it relies upon, keeping none; or a dash.
fn kept_elsewhere(tree: &Tree, cell: &str, kept: usize) -> Option<String> {
    let mut others = table::code_spans(cell).peekable();
    if others.peek().is_none() {
        let said = if cell == "-" { Some(0) } else { cell.parse().ok() };
        return (said != Some(kept)).then(|| format!("it numbers {kept} invariants, not {cell}"));
    }
    if kept > 0 {
        return Some(format!("it numbers {kept} invariants of its own"));
    }
    let none = others.find(|other| tree.file(other).is_none_or(|file| invariants(&file.text) == 0))?;
    Some(format!("{none} numbers no invariants"))
}

/// Permissions given to a file that is not listed, or over a whole crate.
fn permissions(file: &crate::tidy::tree::SourceFile, listed: impl Fn(&str) -> bool) -> Vec<Finding> {
    let grants = |body: &str| has_word(body, "unsafe_code") && (has_word(body, "allow") || has_word(body, "expect"));
    let mut findings = Vec::new();
    for (number, module) in modules_under(&file.path, &file.scan, grants) {
        let granted = module.map_or_else(|| file.path.clone(), |stem| format!("{stem}.rs"));
        if !listed(&granted) {
            findings.push(Finding::new(
                &file.path,
                number,
                format!("allows unsafe to {granted}, which {LIST} does not list"),
            ));
        }
    }
    let whole = file.scan.lines().filter(|(_, line)| line.trim().starts_with("#![") && grants(line));
    if !listed(&file.path) {
        findings.extend(whole.map(|(number, _)| {
            Finding::new(&file.path, number, format!("allows unsafe, and {LIST} does not list it"))
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: (&str, &str) =
        (LIST, "| file | job | invariants |\n|---|---|---|\n| `pool/src/block.rs` | memory | 2 |\n");
    const BLOCK: (&str, &str) = (
        "pool/src/block.rs",
        "//! A block.\n//!\n//! # Invariants\n//!\n//! 1. One\n//!    thing.\n//! 2. Another.\n\nunsafe { x() }\n",
    );

    fn count(text: &str) -> usize {
        check(&Tree::sample(&[LISTING, BLOCK, ("pool/src/lib.rs", text)])).len()
    }

    #[test]
    fn listed_files_may_hold_unsafe() {
        assert_eq!(count("#![deny(unsafe_code)]\n#[allow(unsafe_code)]\nmod block;\n// unsafe\n"), 0);
    }

    #[test]
    fn other_files_may_not() {
        assert_eq!(count("fn f() { unsafe { x() } }\n"), 1);
        assert_eq!(count("#[allow(unsafe_code)]\nmod slab;\n"), 1);
        assert_eq!(count("#[allow(unsafe_code)]\nfn f() {}\n"), 1);
        assert_eq!(count("#![allow(unsafe_code)]\n"), 1);
    }

    #[test]
    fn the_list_is_there_and_not_stale() {
        assert_eq!(check(&Tree::sample(&[LISTING])).len(), 2);
        assert_eq!(check(&Tree::sample(&[LISTING, ("pool/src/block.rs", "// unsafe no more\n")])).len(), 2);
        assert_eq!(check(&Tree::sample(&[BLOCK])).len(), 1);
    }

    #[test]
    fn invariants_are_as_many_as_the_list_says_or_those_of_another_file() {
        let wrong =
            |rows: &str| check(&Tree::sample(&[(LIST, rows), BLOCK, ("pool/src/pool.rs", "unsafe { y() }\n")])).len();
        let block =
            |cell: &str| wrong(&format!("| `pool/src/block.rs` | . | {cell} |\n| `pool/src/pool.rs` | . | - |\n"));
        assert_eq!([block("2"), block("3"), block("-"), block("`pool/src/pool.rs`")], [0, 1, 1, 1]);
        let pool =
            |cell: &str| wrong(&format!("| `pool/src/block.rs` | . | 2 |\n| `pool/src/pool.rs` | . | {cell} |\n"));
        assert_eq!([pool("-"), pool("`pool/src/block.rs`"), pool("1"), pool("`pool/src/pool.rs`")], [0, 0, 1, 1]);
    }
}
