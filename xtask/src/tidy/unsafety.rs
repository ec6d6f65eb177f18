//! `unsafe` stands only in the files that docs/UNSAFE.md lists, and below the folders that it lists.

use crate::tidy::{
    Finding,
    scan::{has_word, modules_under},
    table,
    tree::{SourceFile, Tree},
};

const LIST: &str = "docs/UNSAFE.md";

/// A row of the list.
struct Row<'a> {
    number: usize,
    /// A file, or a folder, which ends with a slash.
    path: &'a str,
    /// What it says of invariants.
    cell: &'a str,
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(list) = tree.file(LIST) else {
        return vec![Finding::new(LIST, 0, "missing: it lists what may hold unsafe")];
    };
    let rows: Vec<Row<'_>> = table::rows(&list.text)
        .filter_map(|(number, cells)| {
            Some(Row { number, path: table::code_spans(cells.first()?).next()?, cell: cells.get(2)? })
        })
        .filter(|row| row.path.ends_with(".rs") || row.path.ends_with('/'))
        .collect();
    let is_listed =
        |path: &str| rows.iter().any(|row| row.path == path || row.is_folder() && path.starts_with(row.path));

    let mut findings = Vec::new();
    for row in &rows {
        let wrong = if row.is_folder() { row.wrong_of_folder(tree) } else { row.wrong_of_file(tree) };
        findings.extend(wrong.into_iter().map(|wrong| Finding::new(LIST, row.number, wrong)));
    }
    for file in tree.rust() {
        if !is_listed(&file.path) {
            let mut lines = unsafe_lines(file);
            if let Some(number) = lines.next() {
                let message = format!(
                    "`unsafe` here and on {} more lines, and {LIST} lists neither the file nor its folder",
                    lines.count()
                );
                findings.push(Finding::new(&file.path, number, message));
            }
        }
        findings.extend(permissions(file, is_listed));
    }
    findings
}

impl Row<'_> {
    fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }

    fn wrong_of_file(&self, tree: &Tree) -> Vec<String> {
        let path = self.path;
        let file = tree.file(path);
        let mut wrong = Vec::new();
        let kept = file.map_or(0, |file| invariants(&file.text));
        wrong.extend(kept_elsewhere(tree, "", self.cell, kept).map(|wrong| format!("{path}: {wrong}")));
        if file.is_none_or(|file| unsafe_lines(file).next().is_none()) {
            wrong.push(format!("{path} holds no unsafe: strike it off the list"));
        }
        wrong
    }

    /// What is wrong with the row of a folder, whose cell names every file below that keeps invariants or holds unsafe, by its path
    /// from there, and no other.
    fn wrong_of_folder(&self, tree: &Tree) -> Vec<String> {
        let folder = self.path;
        let below = tree.rust().filter_map(|file| Some((file.path.strip_prefix(folder)?, file)));
        let below = below.map(|(name, file)| (name, invariants(&file.text), unsafe_lines(file).next().is_some()));
        let worthy: Vec<_> = below.filter(|&(_, kept, holds_unsafe)| kept > 0 || holds_unsafe).collect();
        if !worthy.iter().any(|&(.., holds_unsafe)| holds_unsafe) {
            return vec![format!("{folder} holds no unsafe: strike it off the list")];
        }
        let mut said: Vec<(&str, &str)> = self.cell.split(", ").filter_map(named).collect();
        let mut wrong = Vec::new();
        for (name, kept, _) in worthy {
            match said.iter().position(|&(other, _)| other == name) {
                Some(at) => {
                    let (_, cell) = said.remove(at);
                    wrong.extend(
                        kept_elsewhere(tree, folder, cell, kept).map(|wrong| format!("{folder}{name}: {wrong}")),
                    );
                }
                None => wrong.push(format!("{folder}{name} numbers {kept} invariants, and the row does not name it")),
            }
        }
        wrong.extend(said.iter().map(|(name, _)| format!("{folder}{name} keeps no invariants and holds no unsafe")));
        wrong
    }
}

/// The file that an item of a folder's cell names, and what it says of that.
fn named(item: &str) -> Option<(&str, &str)> {
    let (name, said) = item.trim().strip_prefix('`')?.split_once('`')?;
    Some((name, said.trim()))
}

/// The numbers of the lines with `unsafe`.
fn unsafe_lines(file: &SourceFile) -> impl Iterator<Item = usize> {
    file.scan.lines().filter(|(_, line)| has_word(line, "unsafe")).map(|(number, _)| number)
}

/// How many invariants the documentation of a file numbers.
fn invariants(text: &str) -> usize {
    let documentation = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim_start);
    let listed = documentation.skip_while(|line| *line != "# Invariants").skip(1);
    let numbered = |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    listed.take_while(|line| !line.starts_with('#')).filter(numbered).count()
}

/// What is wrong with what is said of a file's invariants: their number; whose it relies upon, keeping none, by their paths from
/// `folder`; or a dash.
fn kept_elsewhere(tree: &Tree, folder: &str, cell: &str, kept: usize) -> Option<String> {
    let mut others = table::code_spans(cell).map(|other| format!("{folder}{other}")).peekable();
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

/// Permissions given to what is not listed, or over a whole crate.
fn permissions(file: &SourceFile, is_listed: impl Fn(&str) -> bool) -> Vec<Finding> {
    let grants = |body: &str| has_word(body, "unsafe_code") && (has_word(body, "allow") || has_word(body, "expect"));
    let mut findings = Vec::new();
    for (number, module) in modules_under(&file.path, &file.scan, grants) {
        // A module is a file, and the folder of its children.
        let granted = module.as_ref().map_or_else(|| file.path.clone(), |stem| format!("{stem}.rs"));
        let is_folder_listed = module.is_some_and(|stem| is_listed(&format!("{stem}/")));
        if !is_listed(&granted) && !is_folder_listed {
            findings.push(Finding::new(
                &file.path,
                number,
                format!("allows unsafe to {granted}, which {LIST} does not list"),
            ));
        }
    }
    let whole = file.scan.lines().filter(|(_, line)| line.trim().starts_with("#![") && grants(line));
    if !is_listed(&file.path) {
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

    const SLAB: (&str, &str) =
        ("pool/src/memory/slab.rs", "//! A slab.\n//!\n//! # Invariants\n//!\n//! 1. One.\n\nunsafe { x() }\n");
    const LINK: (&str, &str) = ("pool/src/memory/slab/link.rs", "unsafe { y() }\n");
    const LIMIT: (&str, &str) = ("pool/src/memory/limit.rs", "fn f() {}\n");

    fn count_of_folder(cell: &str, files: &[(&str, &str)]) -> usize {
        let rows = format!("| folder | job | invariants |\n|---|---|---|\n| `pool/src/memory/` | . | {cell} |\n");
        check(&Tree::sample(&[&[(LIST, rows.as_str())], files].concat())).len()
    }

    #[test]
    fn files_below_a_listed_folder_may_hold_unsafe_and_others_may_not() {
        let cell = "`slab.rs` 1, `slab/link.rs` `slab.rs`";
        let lib = ("pool/src/lib.rs", "#[allow(unsafe_code)]\nmod memory;\nmod memory_map;\n");
        assert_eq!(count_of_folder(cell, &[SLAB, LINK, LIMIT, lib]), 0);
        assert_eq!(count_of_folder(cell, &[SLAB, LINK, ("pool/src/memory.rs", "unsafe { y() }\n")]), 1);
        assert_eq!(count_of_folder(cell, &[SLAB, LINK, ("pool/src/memory_map.rs", "unsafe { y() }\n")]), 1);
        let lib = ("pool/src/lib.rs", "#[allow(unsafe_code)]\nmod memory_map;\n");
        assert_eq!(count_of_folder(cell, &[SLAB, LINK, lib]), 1);
    }

    #[test]
    fn a_folder_without_unsafe_is_not_listed() {
        assert_eq!(count_of_folder("`slab.rs` 1", &[LIMIT]), 1);
    }

    #[test]
    fn a_folder_names_each_file_that_keeps_invariants_or_holds_unsafe_and_no_other() {
        let count = |cell: &str| count_of_folder(cell, &[SLAB, LINK, LIMIT]);
        assert_eq!([count("`slab.rs` 1, `slab/link.rs` -"), count("`slab.rs` 1, `slab/link.rs` `slab.rs`")], [0, 0]);
        assert_eq!([count("`slab.rs` 1"), count("`slab.rs` 2, `slab/link.rs` -"), count("3")], [1, 1, 2]);
        assert_eq!([count("`slab.rs` 1, `slab/link.rs` `limit.rs`"), count("`slab.rs` 1, `slab/link.rs` 1")], [1, 1]);
        assert_eq!(count("`slab.rs` 1, `slab/link.rs` -, `limit.rs` -"), 1);
    }
}
