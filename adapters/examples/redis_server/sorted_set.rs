//! Members in order of their scores.

use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use headpond_pool::Slice;
use indexmap::IndexMap;

/// Members, each with a score; in order of the scores, and of the members where those are equal.
#[derive(Debug, Default)]
pub(crate) struct SortedSet {
    scores: IndexMap<Slice, f64>,
    order: BTreeSet<Ranked>,
}

/// A member where it stands.
#[derive(Debug, Clone)]
struct Ranked(f64, Slice);

impl SortedSet {
    pub(crate) fn len(&self) -> usize {
        self.scores.len()
    }

    pub(crate) fn score(&self, member: &[u8]) -> Option<f64> {
        self.scores.get(member).copied()
    }

    /// Gives a member this score, which is a number, and returns the one it had.
    pub(crate) fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        // One zero only: the order tells them apart.
        let score = score + 0.0;
        match self.scores.get_key_value(member) {
            Some((_, &old)) if old == score => Some(old),
            Some((shared, &old)) => {
                let shared = shared.clone();
                self.order.remove(&Ranked(old, shared.clone()));
                self.order.insert(Ranked(score, shared.clone()));
                self.scores.insert(shared, score);
                Some(old)
            }
            None => {
                let member = Slice::copy_from_slice(member);
                self.order.insert(Ranked(score, member.clone()));
                self.scores.insert(member, score);
                None
            }
        }
    }

    /// Whether the member was there.
    pub(crate) fn remove(&mut self, member: &[u8]) -> bool {
        let Some((member, score)) = self.scores.swap_remove_entry(member) else { return false };
        self.order.remove(&Ranked(score, member))
    }

    /// Takes the member of the lowest score out, or of the highest.
    pub(crate) fn pop(&mut self, highest: bool) -> Option<(Slice, f64)> {
        let Ranked(score, member) = if highest { self.order.pop_last() } else { self.order.pop_first() }?;
        self.scores.swap_remove(&member);
        Some((member, score))
    }

    /// How many members stand before it.
    pub(crate) fn rank(&self, member: &[u8]) -> Option<usize> {
        let (member, score) = self.scores.get_key_value(member)?;
        Some(self.order.range(..Ranked(*score, member.clone())).count())
    }

    /// The members in a stretch of the table, in no order. A member that goes leaves its place to the last one.
    pub(crate) fn stretch(&self, places: Range<usize>) -> impl Iterator<Item = (&Slice, f64)> {
        let scores = self.scores.get_range(places).into_iter().flatten();
        scores.map(|(member, score)| (member, *score))
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&Slice, f64)> {
        self.order.iter().map(|Ranked(score, member)| (member, *score))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then_with(|| self.1.cmp(&other.1))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}
