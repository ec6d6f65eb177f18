//! White space, and paths that exist on one machine only.

use crate::tidy::{Finding, tree::Tree};

/// First parts of paths that belong to a machine, not to the repository.
const MACHINE: [&str; 4] = ["work", "home", "root", "Users"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            let mut report = |message: &str| findings.push(Finding::new(&file.path, index + 1, message));
            if line.contains('\t') {
                report("a tab");
            }
            if line.ends_with([' ', '\t', '\r']) {
                report("white space at the end of the line");
            }
            if let Some(part) = MACHINE.iter().find(|part| names(line, part)) {
                report(&format!("a path of one machine: /{part}"));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            findings.push(Finding::new(&file.path, file.text.lines().count(), "no newline at the end of the file"));
        }
    }
    findings
}

/// Whether the line holds an absolute path that starts with that part.
fn names(line: &str, part: &str) -> bool {
    line.match_indices(&format!("/{part}")).any(|(at, found)| {
        let (before, after) = (&line[..at], &line[at + found.len()..]);
        // Within a relative path or an address something stands before the slash.
        let starts = !before.ends_with(|c: char| c.is_alphanumeric() || "_-./}>".contains(c));
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c));
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::sample(&[("docs/A.md", text)])).len()
    }

    #[test]
    fn white_space() {
        assert_eq!(count("a b\n    c\n"), 0);
        assert_eq!(count("a\tb\n"), 1);
        assert_eq!(count("a \n"), 1);
        assert_eq!(count("a"), 1);
    }

    #[test]
    fn absolute_paths() {
        assert_eq!(count("see docs/work/a.md, https://example.org/home and /workspaces\n"), 0);
        for part in MACHINE {
            assert_eq!(count(&format!("see `/{part}/a.md`\n")), 1);
            assert_eq!(count(&format!("cd /{part}\n")), 1);
        }
    }
}
