//! The files of the workspace, as the rules see them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    published,
    tidy::scan::{Scan, test_modules},
};

/// Folders that hold build products or data.
const LEFT_OUT: [&str; 6] = [".git", "target", "corpus", "corpus-live", "artifacts", "coverage"];

/// Endings of the text that people write here.
const TEXT: [&str; 7] = ["rs", "toml", "md", "sh", "yml", "yaml", "json"];

/// One file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
    /// What a Rust file says once comments and literals are blanked; empty for other files.
    pub(crate) scan: Scan,
    /// The whole file is test code.
    pub(crate) is_test: bool,
}

/// Every text file of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
}

impl Tree {
    /// Reads everything below `root` that is not a build product.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        walk(root, &mut paths)?;
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push((relative, text));
        }
        Ok(Self::of(files))
    }

    /// A tree of these paths and texts.
    pub(crate) fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files = files.into_iter().map(|(path, text)| {
            let scan = if path.ends_with(".rs") { Scan::of(&text) } else { Scan::default() };
            let is_test = scan.is_test_file || is_test_path(&path);
            SourceFile { path, text, scan, is_test }
        });
        let mut tree = Self { files: files.collect() };
        let mut roots: Vec<String> = tree.files.iter().flat_map(|file| test_modules(&file.path, &file.scan)).collect();
        roots.sort();
        for file in &mut tree.files {
            // `#[cfg(test)] mod model;` makes `model.rs` and everything under `model/` test code.
            let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
            file.is_test |= roots.iter().any(|root| {
                stem.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
        }
        tree
    }

    /// A tree for a rule's unit test.
    #[cfg(test)]
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        Self::of(files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Rust files under `src` of the published crates.
    pub(crate) fn library(&self) -> impl Iterator<Item = &SourceFile> {
        self.rust().filter(|file| {
            published::CRATES
                .iter()
                .any(|(folder, _)| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with("/src/")))
        })
    }

    /// Whether a test function of that name is in the file at `path`, or in any when that names no file: in a test file, or in
    /// a test region of another.
    pub(crate) fn has_test(&self, path: &str, name: &str) -> bool {
        self.rust().filter(|file| !path.ends_with(".rs") || file.path == path).any(|file| {
            file.scan.functions.iter().any(|function| function.name == name && (function.is_test || file.is_test))
        })
    }
}

impl SourceFile {
    /// Lines of code, comments and literals blanked, without those of test regions: number from 1, and text.
    pub(crate) fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let whole = !self.is_test;
        self.scan.lines().filter(move |(number, _)| whole && !self.scan.in_test(*number))
    }
}

fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "loom_models" | "loom_models.rs"))
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let (path, name, kind) = (entry.path(), entry.file_name(), entry.file_type()?);
        let name = name.to_string_lossy();
        if kind.is_dir() {
            if !LEFT_OUT.contains(&name.as_ref()) {
                walk(&path, paths)?;
            }
        } else if kind.is_file() && is_text(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy());
    ending.is_some_and(|ending| TEXT.contains(&ending.as_ref())) || path.ends_with(".ci/run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_test_files() {
        let tree = Tree::sample(&[
            ("pool/tests/gauge.rs", ""),
            ("pool/src/depot/tests.rs", ""),
            ("pool/src/loom_models/depot.rs", ""),
            ("pool/src/lib.rs", "#[cfg(test)]\nmod naive;\nmod depot;\n"),
            ("pool/src/naive.rs", ""),
            ("pool/src/naive/step.rs", ""),
            ("pool/src/depot.rs", ""),
            ("pool/src/whole.rs", "//! x\n#![cfg(all(test, loom))]\n"),
        ]);
        let tests: Vec<&str> = tree.files.iter().filter(|file| file.is_test).map(|file| file.path.as_str()).collect();
        assert_eq!(
            tests,
            [
                "pool/tests/gauge.rs",
                "pool/src/depot/tests.rs",
                "pool/src/loom_models/depot.rs",
                "pool/src/naive.rs",
                "pool/src/naive/step.rs",
                "pool/src/whole.rs"
            ]
        );
    }

    #[test]
    fn finds_test_functions_only() {
        let tree = Tree::sample(&[(
            "pool/src/lib.rs",
            "fn shipped() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn holds() {}\n}\n",
        )]);
        assert!(tree.has_test("", "holds"));
        assert!(!tree.has_test("", "shipped"));
    }
}
