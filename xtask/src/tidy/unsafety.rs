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
    let rows: Vec<(usize, String)> = table::rows(&list.text)
        .filter_map(|(number, cells)| Some((number, table::code_spans(cells.first()?).next()?.to_owned())))
        .filter(|(_, path)| path.ends_with(".rs"))
        .collect();
    let listed = |path: &str| rows.iter().any(|(_, row)| row == path);

    let mut findings = Vec::new();
    for (number, path) in &rows {
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

    const LISTING: (&str, &str) = (LIST, "| file | job |\n|---|---|\n| `pool/src/block.rs` | memory |\n");
    const BLOCK: (&str, &str) = ("pool/src/block.rs", "unsafe { x() }\n");

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
        assert_eq!(check(&Tree::sample(&[LISTING])).len(), 1);
        assert_eq!(check(&Tree::sample(&[LISTING, ("pool/src/block.rs", "// unsafe no more\n")])).len(), 1);
        assert_eq!(check(&Tree::sample(&[BLOCK])).len(), 1);
    }
}
