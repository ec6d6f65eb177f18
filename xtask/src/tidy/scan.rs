//! A Rust file with comments and literals blanked, its test regions and its functions.
//!
//! Not a parser: enough of the lexical grammar that a rule never mistakes a string or a comment for code.

use std::ops::Range;

use crate::tidy::lexis::blank;

/// What the rules ask of a Rust file.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The text, byte for byte as long, with comments and the insides of literals replaced by blanks.
    pub(crate) code: String,
    pub(crate) functions: Vec<Function>,
    /// `#![cfg(test)]` or the like at the top.
    pub(crate) is_test_file: bool,
    /// Byte ranges of items under `#[cfg(test)]`.
    test_regions: Vec<Range<usize>>,
    /// Where each line starts.
    starts: Vec<usize>,
}

/// One `fn`.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// It has an attribute such as `#[test]` or `#[tokio::test]`.
    pub(crate) is_marked: bool,
    /// It is marked, or within a test region.
    pub(crate) is_test: bool,
}

impl Scan {
    pub(crate) fn of(text: &str) -> Self {
        let code = blank(text);
        let starts = std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let is_test_file = attributes(&code, "#![").any(|(_, body)| is_test_cfg(body));
        let test_regions = attributes(&code, "#[")
            .filter(|(_, body)| is_test_cfg(body))
            .map(|(range, _)| range.start..item_end(&code, range.end))
            .collect();
        let mut scan = Self { code, functions: Vec::new(), is_test_file, test_regions, starts };
        scan.functions = functions(&scan);
        scan
    }

    /// Lines of code, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The number, from 1, of the line that a byte is on.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start <= byte)
    }

    /// Whether that line is within an item under `#[cfg(test)]`.
    pub(crate) fn in_test(&self, line: usize) -> bool {
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let end = self.starts.get(line).copied().unwrap_or(self.code.len() + 1);
        self.test_regions.iter().any(|region| region.start < end && start < region.end)
    }
}

/// Whether `word` occurs in the line with nothing of an identifier before or after it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part_of_name) && !line[at + word.len()..].starts_with(part_of_name))
}

/// The byte after the bracket that closes the one at `open`, or the end of the text.
pub(crate) fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Stems of the files that `#[cfg(test)] mod NAME;` in this file declares.
pub(crate) fn test_modules(path: &str, scan: &Scan) -> Vec<String> {
    let regions = scan.test_regions.iter().filter_map(|region| declared(&scan.code[region.clone()]));
    regions.map(|name| format!("{}/{name}", folder_of_children(path))).collect()
}

/// Modules that `#[allow(unsafe_code)] mod NAME;` in this file declares, as file stems.
pub(crate) fn modules_under(path: &str, scan: &Scan, wanted: impl Fn(&str) -> bool) -> Vec<(usize, Option<String>)> {
    let marked = attributes(&scan.code, "#[").filter(|(_, body)| wanted(body));
    let item = |range: Range<usize>| &scan.code[range.end..item_end(&scan.code, range.end)];
    marked
        .map(|(range, _)| {
            let stem = declared(item(range.clone())).map(|name| format!("{}/{name}", folder_of_children(path)));
            (scan.line_of(range.start), stem)
        })
        .collect()
}

/// The module a `mod NAME;` item names.
fn declared(item: &str) -> Option<&str> {
    let (head, name) = item.trim_end().strip_suffix(';')?.rsplit_once(char::is_whitespace)?;
    has_word(head.lines().last()?, "mod").then_some(name)
}

/// Where the child modules of a file live.
fn folder_of_children(path: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    if matches!(name, "lib" | "main") { folder.to_owned() } else { stem.to_owned() }
}

/// Attributes that start so: their range, and what is between the brackets.
fn attributes<'a>(code: &'a str, opening: &'static str) -> impl Iterator<Item = (Range<usize>, &'a str)> {
    code.match_indices(opening).map(move |(at, _)| {
        let end = closing(code, at + opening.len() - 1);
        (at..end, code[at + opening.len()..end].trim_end_matches(']'))
    })
}

/// Whether an attribute leaves the item to test builds.
fn is_test_cfg(body: &str) -> bool {
    let body: String = body.split_whitespace().collect();
    body == "cfg(test)"
        || body
            .strip_prefix("cfg(all(")
            .is_some_and(|all| has_word(all, "test") && !all.contains("any(") && !all.contains("not(test"))
}

/// Where the item that starts at `from` ends: after its `;`, or after its closing brace.
fn item_end(code: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(found) = code[at..].find(['#', ';', '{', '(', '[']) {
        let here = at + found;
        match code.as_bytes()[here] {
            b';' => return here + 1,
            b'{' => return closing(code, here),
            b'#' => at = here + 1,
            _ => at = closing(code, here),
        }
    }
    code.len()
}

fn functions(scan: &Scan) -> Vec<Function> {
    let code = &scan.code;
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let name: String =
            code[at + 3..].trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            continue;
        }
        let line = scan.line_of(at);
        let is_marked = marks_a_test(&code[..at]);
        found.push(Function { name, line, is_marked, is_test: is_marked || scan.in_test(line) });
    }
    found
}

/// Whether the attributes that end the text, before a function's qualifiers, hold one that makes a test.
fn marks_a_test(before: &str) -> bool {
    let start = before.rfind([';', '{', '}']).map_or(0, |at| at + 1);
    attributes(&before[start..], "#[").any(|(_, body)| {
        let path = body.split(['(', '=']).next().unwrap_or_default().trim();
        path == "test" || path.ends_with("::test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_region_ends_with_its_item() {
        let scan = Scan::of(
            "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() { if c {} }\n}\nfn d() {}\n#[cfg(test)]\nuse e::{f, g};\nfn h() {}\n",
        );
        let lines: Vec<usize> = (1..=10).filter(|line| scan.in_test(*line)).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 8, 9]);
    }

    #[test]
    fn only_a_certain_test_cfg_makes_a_region() {
        for yes in ["cfg(test)", "cfg(all(test, loom))", "cfg(all(not(loom), test))"] {
            assert!(is_test_cfg(yes), "{yes}");
        }
        for no in ["cfg(loom)", "cfg(not(test))", "cfg(any(test, fuzzing))", "cfg(all(loom, not(test)))", "test"] {
            assert!(!is_test_cfg(no), "{no}");
        }
    }

    #[test]
    fn tells_tests_from_functions() {
        let scan = Scan::of(
            "pub(crate) fn a() {}\n#[test]\nfn b() {}\n#[tokio::test(flavor = \"x\")]\nasync fn c() {}\nstruct S { f: fn (u8) }\n#[cfg(test)]\nmod t { fn d() {} }\n",
        );
        let found: Vec<(&str, bool, bool)> =
            scan.functions.iter().map(|f| (f.name.as_str(), f.is_marked, f.is_test)).collect();
        assert_eq!(found, [("a", false, false), ("b", true, true), ("c", true, true), ("d", false, true)]);
    }

    #[test]
    fn finds_the_file_of_a_marked_module() {
        let scan = Scan::of(
            "#[allow(unsafe_code)]\nmod block;\n#[allow(unsafe_code)]\nfn f() {}\n#[cfg(test)]\npub(crate) mod naive;\n",
        );
        let found = modules_under("pool/src/lib.rs", &scan, |body| body.contains("unsafe_code"));
        assert_eq!(found, [(1, Some("pool/src/block".to_owned())), (3, None)]);
        assert_eq!(test_modules("pool/src/depot.rs", &scan), ["pool/src/depot/naive"]);
    }

    #[test]
    fn a_word_is_not_part_of_a_name() {
        assert!(has_word("unsafe { x }", "unsafe"));
        assert!(has_word("#[unsafe(no_mangle)]", "unsafe"));
        assert!(!has_word("deny(unsafe_code)", "unsafe"));
    }
}
