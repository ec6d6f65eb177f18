//! Every atomic operation of pool and pipe says why its ordering is right.

use crate::tidy::{
    Finding,
    scan::{closing, has_word},
    tree::{SourceFile, Tree},
};

const OPERATIONS: [&str; 6] = [".load(", ".store(", ".swap(", ".fetch_", ".compare_exchange", "fence("];
const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

/// How many lines of code may stand between the comment and the operation.
const REACH: usize = 6;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let modelled = |file: &&SourceFile| file.path.starts_with("pool/") || file.path.starts_with("pipe/");
    tree.library().filter(modelled).flat_map(unargued).collect()
}

fn unargued(file: &SourceFile) -> Vec<Finding> {
    let code = &file.scan.code;
    let mut findings = Vec::new();
    for (at, operation) in OPERATIONS.iter().flat_map(|operation| code.match_indices(operation)) {
        let Some(open) = code[at..].find('(').map(|found| at + found) else {
            continue;
        };
        let arguments = &code[open..closing(code, open)];
        let number = file.scan.line_of(at);
        let is_atomic = ORDERINGS.iter().any(|ordering| has_word(arguments, ordering));
        let is_shipped = !file.is_test && !file.scan.in_test(number);
        if is_atomic && is_shipped && !is_argued(&file.text, number) {
            let name = operation.trim_matches(['.', '(']);
            findings.push(Finding::new(
                &file.path,
                number,
                format!("`{name}` without an `// Ordering:` comment above"),
            ));
        }
    }
    findings
}

/// Whether the comment stands on the line or above it; the comment's own length does not count.
fn is_argued(text: &str, number: usize) -> bool {
    let above: Vec<&str> = text.lines().take(number).collect();
    let mut reach = REACH + 1;
    for line in above.iter().rev() {
        if line.contains("// Ordering:") {
            return true;
        }
        if !line.trim_start().starts_with("//") {
            reach -= 1;
            if reach == 0 {
                return false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn an_argued_operation_passes() {
        assert_eq!(
            count("pipe/src/word.rs", "// Ordering: Acquire, pairs with flush.\nlet x = self.word.load(Acquire);\n"),
            0
        );
        assert_eq!(count("pipe/src/word.rs", "self.word.load(Relaxed); // Ordering: own word.\n"), 0);
        let long = format!(
            "// Ordering: AcqRel.\n{}self.word\n    .compare_exchange(\n        old,\n        new,\n        AcqRel,\n        Acquire,\n    );\n",
            "// more\n".repeat(9)
        );
        assert_eq!(count("pipe/src/word.rs", &long), 0);
    }

    #[test]
    fn a_bare_operation_fails() {
        assert_eq!(count("pipe/src/word.rs", "let x = self.word.load(Acquire);\n"), 1);
        assert_eq!(
            count("pool/src/depot.rs", "self.n.fetch_add(1, Ordering::Relaxed);\nfence(Ordering::SeqCst);\n"),
            2
        );
        let far = format!("// Ordering: Release.\n{}self.word.store(1, Release);\n", "f();\n".repeat(7));
        assert_eq!(count("pipe/src/word.rs", &far), 1);
    }

    #[test]
    fn models_tests_and_other_calls_are_free() {
        assert_eq!(count("pipe/src/loom_models/a.rs", "x.load(Acquire);\n"), 0);
        assert_eq!(count("pipe/src/word.rs", "#[cfg(test)]\nmod tests {\n    fn f() { x.load(Acquire); }\n}\n"), 0);
        assert_eq!(count("pipe/src/word.rs", "config.load(path);\nlist.swap(0, 1);\nx.store(value);\n"), 0);
    }
}
