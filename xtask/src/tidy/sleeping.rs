//! No test sleeps: it would be slow where it is right, and wrong where the machine is slow.

use crate::tidy::{Finding, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for (number, line) in file.scan.lines() {
            if sleeps(line) && (file.is_test || file.scan.in_test(number)) {
                findings.push(Finding::new(&file.path, number, "a test that sleeps: wait for what it waits for"));
            }
        }
    }
    findings
}

fn sleeps(line: &str) -> bool {
    let bare = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    line.match_indices("sleep(").any(|(at, _)| bare(at) && !line[..at].trim_end().ends_with("fn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn a_sleeping_test_fails() {
        assert_eq!(count("pipe/tests/wake.rs", "std::thread::sleep(d);\n"), 1);
        assert_eq!(
            count("pipe/src/park.rs", "#[cfg(test)]\nmod tests {\n    fn f() { tokio::time::sleep(d) }\n}\n"),
            1
        );
        assert_eq!(count("pipe/tests/wake.rs", "use std::thread::sleep;\nfn f() { sleep(d) }\n"), 1);
    }

    #[test]
    fn other_code_passes() {
        assert_eq!(count("bench/src/main.rs", "std::thread::sleep(d);\n"), 0);
        assert_eq!(count("pipe/tests/wake.rs", "// sleep(1)\nuntil_asleep(x);\nfn sleep(x: u8) {}\n"), 0);
    }
}
