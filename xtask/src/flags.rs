//! The command line.

use crate::loom::Plan;

xflags::xflags! {
    /// Every check of the workspace, one command each.
    cmd xtask {
        /// Unit, integration and doc tests, loom models, seed corpora and the examples: stable Rust only.
        cmd test {}
        /// fmt, tidy, lint, doc, features, msrv, deny, loom --mutants, growth, asan, and each fuzz target for 10 s.
        cmd check {}
        /// test, then check: the whole gate.
        cmd ci {}
        /// Loom models of pool and pipe.
        cmd loom {
            /// Run the mutants instead: each passes when its model catches it.
            optional --mutants
            /// The same as --mutants.
            optional --broken
            /// Preemption bound (default 2).
            optional --bound bound: u32
            /// Only models whose path contains this.
            optional filter: String
        }
        /// Fuzz one target, or all of them (nightly, cargo-fuzz).
        cmd fuzz {
            /// Only this target.
            optional target: String
            /// Seconds for each target (default 10).
            optional --seconds seconds: u64
        }
        /// How the cost of every operation grows with its size: instructions (valgrind), allocations, what is left.
        cmd growth {
            /// Only operations whose names contain this.
            repeated --only word: String
            /// List the operations and their sizes, and run none.
            optional --list
        }
        /// rustfmt, changing nothing.
        cmd fmt {}
        /// clippy, warnings denied; pool and pipe once more as loom sees them.
        cmd lint {}
        /// rustdoc, warnings denied.
        cmd doc {}
        /// Each feature of the published crates alone, none and all.
        cmd features {}
        /// The published crates with the oldest supported compiler.
        cmd msrv {}
        /// House rules that no compiler knows.
        cmd tidy {}
        /// Licences, bans and sources of the dependencies (cargo-deny).
        cmd deny {}
        /// The tests under AddressSanitizer (nightly).
        cmd asan {}
        /// The published crates as packages.
        cmd package {}
        /// The comparison benchmarks; everything after `bench` is passed on.
        cmd bench {}
    }
}

impl From<Loom> for Plan {
    fn from(flags: Loom) -> Self {
        Self {
            mutants: flags.mutants || flags.broken,
            bound: flags.bound.unwrap_or(Self::default().bound),
            filter: flags.filter.unwrap_or_default(),
        }
    }
}
