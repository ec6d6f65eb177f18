//! The command line.

xflags::xflags! {
    /// How the cost of every operation grows: instructions, allocations, and what is left on the heap.
    cmd growth {
        /// Only operations whose names contain this.
        repeated --only word: String
        /// Count nothing: list the operations, each with its sizes.
        optional --list
        /// Exactly this operation, for `--work`.
        repeated --operation name: String
        /// Under valgrind: run each operation, from `I/N` on every N-th, at each size.
        optional --work share: String
    }
}
