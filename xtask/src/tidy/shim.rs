//! Only `sync.rs` names a source of synchronisation, so that a model replaces all of them.

use crate::tidy::{
    Finding,
    scan::{closing, has_word},
    tree::Tree,
};

const SOURCES: [&str; 4] = ["loom::", "std::sync", "core::sync", "parking_lot"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.library().filter(|file| !file.path.ends_with("/src/sync.rs")) {
        for (number, line) in file.shipped_lines() {
            if let Some(source) = SOURCES.iter().find(|source| names(line, source)) {
                let message = format!("`{}` is named in sync.rs only", source.trim_end_matches(':'));
                findings.push(Finding::new(&file.path, number, message));
            }
        }
        findings.extend(nested(file.scan.code.as_str()).filter_map(|at| {
            let number = file.scan.line_of(at);
            let shipped = !file.is_test && !file.scan.in_test(number);
            shipped.then(|| Finding::new(&file.path, number, "`std::sync` is named in sync.rs only"))
        }));
    }
    findings
}

fn names(line: &str, source: &str) -> bool {
    let name = source.trim_end_matches(':');
    // A crate's own module or another crate's may have the name as a later part of its path.
    has_word(line, name) && line.match_indices(source).any(|(at, _)| !line[..at].ends_with("::"))
}

/// Where `use std::{ ... sync ... }` starts.
fn nested(code: &str) -> impl Iterator<Item = usize> {
    let groups = ["std::{", "core::{"].into_iter().flat_map(|opening| code.match_indices(opening));
    groups
        .filter(|(at, opening)| {
            let open = at + opening.len() - 1;
            let group = &code[open + 1..closing(code, open)];
            group.split([',', '{', '}']).any(|part| {
                let part = part.trim();
                part == "sync" || part.starts_with("sync::")
            })
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::sample(&[(path, text)])).len()
    }

    #[test]
    fn the_shim_may_and_nothing_else() {
        for text in ["use loom::sync::Arc;\n", "use std::sync::Arc;\n", "let m = parking_lot::Mutex::new(());\n"] {
            assert_eq!(count("pool/src/sync.rs", text), 0, "{text}");
            assert_eq!(count("pool/src/loom_models/depot.rs", text), 0, "{text}");
            assert_eq!(count("xtask/src/gate.rs", text), 0, "{text}");
            assert_eq!(count("pool/src/depot.rs", text), 1, "{text}");
        }
        assert_eq!(count("pool/src/depot.rs", "use std::{\n    fmt,\n    sync::Arc,\n};\n"), 1);
    }

    #[test]
    fn other_mentions_are_free() {
        let text = "//! over std::sync\nuse crate::sync::Arc;\n#[cfg(loom)]\n#[cfg(feature = \"parking_lot\")]\nuse tokio::sync::Notify;\nuse std::{fmt, task};\n";
        assert_eq!(count("pool/src/depot.rs", text), 0);
        assert_eq!(count("pool/src/depot.rs", "#[cfg(test)]\nmod tests {\n    use std::sync::Arc;\n}\n"), 0);
    }
}
