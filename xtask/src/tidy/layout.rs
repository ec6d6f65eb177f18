//! Length and names of files, and what a module may re-export.

use crate::tidy::{
    Finding,
    scan::has_word,
    tree::{SourceFile, Tree},
};

/// Lines a file may have, and lines a test file may have.
const LIMIT: usize = 600;
const TEST_LIMIT: usize = 800;

/// Names that say nothing of a module's job.
const NAMELESS: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "misc", "prelude"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(|file| length(file).into_iter().chain(names(file)).chain(globs(file))).collect()
}

fn length(file: &SourceFile) -> Option<Finding> {
    let (lines, limit) = (file.text.lines().count(), if file.is_test { TEST_LIMIT } else { LIMIT });
    (lines > limit)
        .then(|| Finding::new(&file.path, 0, format!("{lines} lines; the limit is {limit}: split it by job")))
}

fn names(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
    for part in stem.split('/').filter(|part| NAMELESS.contains(part)) {
        findings.push(Finding::new(&file.path, 0, format!("`{part}` names no job")));
    }
    if file.path.ends_with("/mod.rs") {
        findings.push(Finding::new(&file.path, 0, "no mod.rs: `foo.rs` beside `foo/`"));
    }
    for (number, line) in file.scan.lines() {
        let inline = NAMELESS.iter().find(|name| has_word(line, &format!("mod {name}")));
        findings.extend(inline.map(|name| Finding::new(&file.path, number, format!("`mod {name}` names no job"))));
    }
    findings
}

/// `pub use x::*` hides from a reader, and from a diff, what a module offers.
fn globs(file: &SourceFile) -> Vec<Finding> {
    let code = &file.scan.code;
    let uses = code.match_indices("use ").filter(|(at, _)| {
        let line = code[..*at].rsplit('\n').next().unwrap_or_default().trim();
        line.starts_with("pub")
    });
    uses.filter(|(at, _)| code[*at..].split(';').next().is_some_and(|item| item.contains('*')))
        .map(|(at, _)| Finding::new(&file.path, file.scan.line_of(at), "a re-export names what it exports: no `*`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn length_has_a_limit() {
        assert_eq!(count("pool/src/a.rs", &"x\n".repeat(600)), 0);
        assert_eq!(count("pool/src/a.rs", &"x\n".repeat(601)), 1);
        assert_eq!(count("pool/tests/a.rs", &"x\n".repeat(800)), 0);
        assert_eq!(count("pool/tests/a.rs", &"x\n".repeat(801)), 1);
        assert_eq!(count("pool/src/loom_models/a.rs", &"x\n".repeat(601)), 0);
    }

    #[test]
    fn mod_rs_is_refused() {
        assert_eq!(count("pool/src/depot.rs", ""), 0);
        assert_eq!(count("pool/src/depot/mod.rs", ""), 1);
    }

    #[test]
    fn names_say_a_job() {
        assert_eq!(count("pool/src/commons.rs", "mod helper_words { }"), 0);
        assert_eq!(count("pool/src/helpers.rs", ""), 1);
        assert_eq!(count("pipe/tests/common/pipes.rs", ""), 1);
        assert_eq!(count("pool/src/lib.rs", "pub mod prelude { }"), 1);
    }

    #[test]
    fn globs_are_refused() {
        assert_eq!(count("pool/src/lib.rs", "pub use block::{Block, Lease};\nuse super::*;\n"), 0);
        assert_eq!(count("pool/src/lib.rs", "pub use block::*;\n"), 1);
        assert_eq!(count("pool/src/lib.rs", "pub(crate) use block::{\n    lease::*,\n};\n"), 1);
    }
}
