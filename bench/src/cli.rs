//! The command line.

xflags::xflags! {
    /// headpond and its peers, measured in one run.
    cmd bench {
        /// Only these: W1, W2/t2, W1/t2/16K/1M.
        repeated --only choice: String
        /// Only this contender, besides headpond.
        repeated --contender name: String
        /// Rounds that count (default 9).
        optional --rounds rounds: usize
        /// Show how often each end waited.
        optional --explain
    }
}
