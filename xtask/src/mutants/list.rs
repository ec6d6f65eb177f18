//! The list of mutants: a text file a crate.
//!
//! ```text
//! mutant ClaimGivesUp: loom_models::cancelling::model_flush_wakes
//! # A claim whose exchange is lost looks no further.
//! in pipe/src/word.rs
//!                   Change::Made => return Claim::Taken,
//! +                 Change::Lost if crate::mutants::is("ClaimGivesUp") => return Claim::Nobody,
//! ```
//!
//! A head names the mutant and the models that catch it, a `#` says what the mistake is, `in` begins a change of a file: lines
//! that begin with `-` are replaced by those with `+`, the others stay as they are. The lines that begin with two spaces or `-` must
//! be in the file once. Mutants whose heads follow each other share their changes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// One mutant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    pub(super) name: String,
    /// The paths of the models that catch it.
    pub(super) models: Vec<String>,
    /// What makes it, and those whose heads stand before it.
    pub(super) changes: Vec<Change>,
}

/// A change of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) file: PathBuf,
    /// Lines that are in the file once.
    pub(super) old: String,
    /// What takes their place.
    pub(super) new: String,
}

/// Reads a list.
pub(super) fn parse(text: &str) -> Result<Vec<Mutant>> {
    let mut mutants: Vec<Mutant> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let current = mutants.last_mut();
        let change = current.and_then(|mutant| mutant.changes.last_mut());
        match (line.split_at_checked(2).map_or((line, ""), |parts| parts), change) {
            (("", _), _) => {}
            (("mu", rest), _) => {
                let head = rest.strip_prefix("tant ").and_then(|head| head.split_once(": "));
                let Some((name, models)) = head else { bail!("line {}: a head is `mutant NAME: MODEL`", number + 1) };
                let models = models.split_whitespace().map(str::to_owned).collect();
                mutants.push(Mutant { name: name.into(), models, changes: Vec::new() });
            }
            (("# ", _), _) => {}
            (("in", rest), _) => {
                let Some(mutant) = mutants.last_mut() else { bail!("line {}: no mutant is begun", number + 1) };
                let change = Change { file: rest.trim().into(), old: String::new(), new: String::new() };
                mutant.changes.push(change);
            }
            (("- ", rest), Some(change)) => push_line(&mut change.old, rest),
            (("+ ", rest), Some(change)) => push_line(&mut change.new, rest),
            (("  ", rest), Some(change)) => {
                push_line(&mut change.old, rest);
                push_line(&mut change.new, rest);
            }
            _ => bail!("line {}: neither a head, nor a line of a change", number + 1),
        }
    }
    Ok(mutants)
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// The files that changes were applied to.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<PathBuf, String>);

impl Files {
    /// Applies a change to a file below `root`, in memory.
    pub(super) fn apply(&mut self, root: &Path, change: &Change) -> Result<()> {
        let path = root.join(&change.file);
        if !self.0.contains_key(&change.file) {
            let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
            self.0.insert(change.file.clone(), format!("\n{text}"));
        }
        let Some(text) = self.0.get_mut(&change.file) else { bail!("{} was not read", path.display()) };
        // Whole lines only.
        let old = format!("\n{}", change.old);
        match text.matches(&old).count() {
            1 => *text = text.replacen(&old, &format!("\n{}", change.new), 1),
            found => bail!("{} has these lines {found} times, not once:\n{}", change.file.display(), change.old),
        }
        Ok(())
    }

    /// Returns the text of a file that was changed.
    pub(super) fn changed(&self, file: &Path) -> Option<&str> {
        self.0.get(file).map(|text| text.strip_prefix('\n').unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
mutant First: models::one
# A mistake.
mutant Second: models::two
# Another.
in a.rs
  fn f() {
-     1
+     2
in b.rs
+ first line
";

    #[test]
    fn heads_and_changes_are_read() {
        let mutants = parse(LIST).expect("well formed");
        assert_eq!(mutants.len(), 2);
        assert_eq!((mutants[0].name.as_str(), mutants[0].changes.len()), ("First", 0));
        assert_eq!((&mutants[1].models[..], mutants[1].changes.len()), (&["models::two".to_owned()][..], 2));
        let change = &mutants[1].changes[0];
        assert_eq!((change.old.as_str(), change.new.as_str()), ("fn f() {\n    1\n", "fn f() {\n    2\n"));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for text in ["mutant NoModel\n", "in a.rs\n", "- stray\n", "mutant A: b\n+ stray\n", "x\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
