//! No `unwrap` and no `expect` in library paths.

use crate::tidy::{Finding, tree::Tree};

const CALLS: [&str; 2] = [".unwrap()", ".expect("];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.library() {
        for (number, line) in file.shipped_lines() {
            if let Some(call) = CALLS.iter().find(|call| line.contains(**call)) {
                let name = call.trim_matches(['.', '(', ')']);
                findings.push(Finding::new(
                    &file.path,
                    number,
                    format!("`{name}` in a library path: return a typed error"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn library_paths_do_not_unwrap() {
        assert_eq!(count("codec/src/line.rs", "let a = b.unwrap();\nlet c = d.expect(\"e\");\n"), 2);
    }

    #[test]
    fn tests_docs_and_programs_may() {
        assert_eq!(
            count("codec/src/line.rs", "/// a.unwrap();\nlet b = c.unwrap_or(d);\n#[expect(lint)]\nfn e() {}\n"),
            0
        );
        assert_eq!(count("codec/src/line.rs", "#[cfg(test)]\nmod tests {\n    fn f() { a.unwrap(); }\n}\n"), 0);
        assert_eq!(count("codec/tests/line.rs", "a.unwrap();\n"), 0);
        assert_eq!(count("adapters/examples/relay.rs", "a.unwrap();\n"), 0);
    }
}
