//! The command line.

xflags::xflags! {
    /// headpond and its peers, measured in one run: results to target/bench, and after a whole run pictures to docs/bench and the
    /// section of the README.
    cmd bench {
        /// Bulk in chunks of 16 KiB, messages of 64 B, lines and the pool, in a few minutes.
        optional --quick
        /// Only these: W1, W2/t2, W1/t2/16K/1M.
        repeated --only choice: String
        /// Only this contender, besides headpond.
        repeated --contender name: String
        /// Rounds that count (default 9).
        optional --rounds rounds: usize
        /// Show how often each end waited.
        optional --explain
        /// Measure nothing: hold the last results against the targets.
        optional --targets
        /// Measure nothing: draw the pictures and write the section of the README from the last results.
        optional --readme
        /// Count instructions of a flush, a read and an advance under valgrind instead.
        optional --instructions
        /// For `--instructions`: do the work, so many times.
        optional --work times: u64
    }
}
