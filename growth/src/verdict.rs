//! Whether costs at three sizes grow faster than n log n.
//!
//! Only differences are looked at, so that what an operation costs at any size says nothing. With costs `a`, `b` and `c`, whatever
//! grows as n log n has (c - b) / (b - a) a little above the step from size to size, by the logarithms; whatever is quadratic has the square
//! of the step; and where both are mixed, so that a linear part hides a quadratic one at small sizes, something between.

use crate::operation::STEP;

/// A cost that grows by no more than this from the second size to the third is the same at any size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor(pub(crate) u64);

/// By how much more than n log n a cost may seem to grow: capacities double, and counters take another byte.
const TOLERANCE: f64 = 1.25;

/// How a cost grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    /// As what power of the size; 0 for a cost that does not depend on it.
    pub(crate) exponent: f64,
    pub(crate) is_too_fast: bool,
}

/// Judges the costs of one operation.
pub(crate) fn judge(sizes: [usize; 3], costs: [u64; 3], floor: Floor) -> Growth {
    let [first, second] = rises(costs.map(|cost| cost as f64));
    if second <= floor.0 as f64 {
        return Growth { exponent: 0.0, is_too_fast: false };
    }
    // A cost that hardly rises at first would make anything of the quotient.
    let ratio = second / first.max(floor.0 as f64 / STEP as f64).max(1.0);
    Growth { exponent: ratio.ln() / (STEP as f64).ln(), is_too_fast: ratio > allowed(sizes) * TOLERANCE }
}

/// What n log n has for the same quotient.
fn allowed(sizes: [usize; 3]) -> f64 {
    let [first, second] = rises(sizes.map(|size| size as f64 * (size as f64).log2()));
    second / first
}

fn rises([a, b, c]: [f64; 3]) -> [f64; 2] {
    [b - a, c - b]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 3] = [128, 512, 2048];

    fn of(cost: impl Fn(f64) -> f64) -> Growth {
        judge(SIZES, SIZES.map(|size| cost(size as f64) as u64), Floor(100))
    }

    #[test]
    fn constants_lines_and_n_log_n_pass() {
        assert_eq!(of(|_| 1e6), Growth { exponent: 0.0, is_too_fast: false });
        assert_eq!(of(|n| 1e6 - n), Growth { exponent: 0.0, is_too_fast: false });
        let line = of(|n| 5e6 + 20.0 * n);
        assert!((line.exponent - 1.0).abs() < 0.01 && !line.is_too_fast, "{line:?}");
        let sorting = of(|n| 7.0 * n * n.log2() + 40.0 * n + 1e5);
        assert!((1.0..1.2).contains(&sorting.exponent) && !sorting.is_too_fast, "{sorting:?}");
        assert!(!of(|n| n.sqrt() * 1e3).is_too_fast);
    }

    #[test]
    fn squares_fail_whatever_stands_beside_them() {
        let square = of(|n| n * n);
        assert!((square.exponent - 2.0).abs() < 0.01 && square.is_too_fast, "{square:?}");
        // A step of four instructions for each item before, beside two thousand that each item costs anyway.
        assert!(of(|n| 1e7 + 2000.0 * n + 4.0 * n * n / 2.0).is_too_fast);
        assert!(of(|n| n.powf(1.5)).is_too_fast);
        // Beside so much it is below the line at these sizes, and fails at larger ones.
        let hidden = |n: f64| 1e5 * n + n * n / 2.0;
        assert!(!of(hidden).is_too_fast);
        let sizes = [1 << 16, 1 << 18, 1 << 20];
        assert!(judge(sizes, sizes.map(|size| hidden(size as f64) as u64), Floor(100)).is_too_fast);
    }

    #[test]
    fn what_begins_only_at_the_largest_size_fails() {
        assert!(judge(SIZES, [1000, 1000, 2000], Floor(100)).is_too_fast);
        assert!(!judge(SIZES, [1000, 1000, 1100], Floor(100)).is_too_fast);
    }
}
