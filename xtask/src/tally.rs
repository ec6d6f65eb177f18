//! Counts of what passed, failed and was skipped.

use std::fmt;

/// How many checks passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Adds another tally to this one.
    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads a `test result:` line as the standard test harness prints it; an ignored test counts as skipped.
    pub(crate) fn of_result_line(line: &str) -> Option<Tally> {
        let (_, counts) = line.trim_start().strip_prefix("test result: ")?.split_once(". ")?;
        let count = |word: &str| counts.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
        Some(Tally { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_passing_and_a_failing_line() {
        let line = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 7 filtered out; finished in 0.00s";
        assert_eq!(Tally::of_result_line(line), Some(Tally { passed: 12, failed: 0, skipped: 3 }));
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.0s";
        assert_eq!(Tally::of_result_line(line), Some(Tally { passed: 1, failed: 2, skipped: 0 }));
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert_eq!(Tally::of_result_line("running 3 tests"), None);
        assert_eq!(Tally::of_result_line("test result: garbage"), None);
    }

    #[test]
    fn sums_and_prints() {
        let mut tally = Tally { passed: 1, failed: 0, skipped: 2 };
        tally.add(Tally { passed: 4, failed: 5, skipped: 6 });
        assert_eq!(tally.to_string(), "5 passed, 5 failed, 8 skipped");
    }
}
