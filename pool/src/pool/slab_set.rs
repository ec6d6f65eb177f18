//! A set of places in the depot's table of slabs.

/// A bit for each place, and above each level of words one whose bits say which of those words are not 0, up to a level of one
/// word: the lowest and the highest place are found by a look at one word a level, of which 2^32 places have six. Nothing is
/// allocated but when the table grows.
#[derive(Debug, Default)]
pub(crate) struct SlabSet {
    /// From the level of the places up to the level of one word.
    levels: Vec<Vec<u64>>,
}

impl SlabSet {
    /// Puts a place in; `false` when it was there.
    pub(crate) fn insert(&mut self, place: usize) -> bool {
        self.cover(place);
        let mut index = place;
        for level in &mut self.levels {
            let word = &mut level[index / 64];
            let before = *word;
            *word |= bit(index);
            looks::note();
            if before != 0 {
                // Whatever is above says so already; only a place itself can have been there.
                return index != place || before & bit(place) == 0;
            }
            index /= 64;
        }
        true
    }

    /// Takes a place out; `false` when it was not there.
    pub(crate) fn remove(&mut self, place: usize) -> bool {
        if !self.contains(place) {
            return false;
        }
        let mut index = place;
        for level in &mut self.levels {
            let word = &mut level[index / 64];
            *word &= !bit(index);
            looks::note();
            if *word != 0 {
                break;
            }
            index /= 64;
        }
        true
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        let word = self.levels.first().and_then(|places| places.get(place / 64));
        word.is_some_and(|word| word & bit(place) != 0)
    }

    /// The lowest place in it.
    pub(crate) fn first(&self) -> Option<usize> {
        self.descend(|word| word.trailing_zeros())
    }

    /// The highest place in it.
    pub(crate) fn last(&self) -> Option<usize> {
        self.descend(|word| 63 - word.leading_zeros())
    }

    /// Gives the memory for places from `places` on back. None of them is in the set.
    pub(crate) fn shrink_to(&mut self, places: usize) {
        let mut len = places;
        for level in &mut self.levels {
            len = len.div_ceil(64);
            level.truncate(len);
            level.shrink_to_fit();
        }
        // One level of one word is the last, and of none there is none.
        let tall = self.levels.iter().take_while(|level| level.len() > 1).count();
        self.levels.truncate(if places == 0 { 0 } else { tall + 1 });
    }

    /// Goes down from the one word to a place, choosing a bit of each word that is not 0.
    fn descend(&self, choose: impl Fn(u64) -> u32) -> Option<usize> {
        let mut index = 0;
        for level in self.levels.iter().rev() {
            looks::note();
            let word = *level.get(index).filter(|&&word| word != 0)?;
            index = index * 64 + choose(word) as usize;
        }
        (!self.levels.is_empty()).then_some(index)
    }

    /// Makes the words that say of a place whether it is in the set.
    fn cover(&mut self, place: usize) {
        let mut len = place / 64 + 1;
        if self.levels.first().is_some_and(|places| places.len() >= len) {
            return;
        }
        for height in 0.. {
            if self.levels.len() == height {
                // What was the one word until now is the first of those below.
                let below = height.checked_sub(1).and_then(|below| self.levels[below].first());
                self.levels.push(vec![u64::from(below.is_some_and(|&word| word != 0))]);
            }
            let level = &mut self.levels[height];
            if level.len() < len {
                level.resize(len, 0);
            }
            if level.len() == 1 {
                break;
            }
            len = level.len().div_ceil(64);
        }
    }
}

fn bit(place: usize) -> u64 {
    1 << (place % 64)
}

/// Counts the words that are looked at, for the tests of how cost grows.
pub(crate) mod looks {
    #[cfg(test)]
    std::thread_local! {
        static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[inline]
    pub(crate) fn note() {
        #[cfg(test)]
        LOOKS.set(LOOKS.get() + 1);
    }

    /// How many looks `work` takes, and what it returns.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn of<R>(work: impl FnOnce() -> R) -> (usize, R) {
        let before = LOOKS.get();
        let result = work();
        (LOOKS.get() - before, result)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::BTreeSet;

    use super::{SlabSet, looks};

    #[test]
    fn finds_the_lowest_and_the_highest() {
        let mut set = SlabSet::default();
        assert_eq!((set.first(), set.last()), (None, None));
        assert_eq!([700, 3, 64, 3].map(|place| set.insert(place)), [true, true, true, false]);
        assert_eq!((set.first(), set.last()), (Some(3), Some(700)));
        assert_eq!([700, 3, 3, 9999].map(|place| set.remove(place)), [true, true, false, false]);
        assert_eq!((set.first(), set.last()), (Some(64), Some(64)));
        assert!(set.remove(64));
        assert_eq!((set.first(), set.last()), (None, None));
    }

    /// Four levels of places, of which all but a few are never used.
    const PLACES: usize = 64 * 64 * 64 + 65;

    #[test]
    fn it_agrees_with_an_ordered_set_and_looks_at_a_word_a_level() {
        let (mut set, mut model) = (SlabSet::default(), BTreeSet::new());
        let mut state = 5_u64;
        for round in 0..60_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = (state >> 33) as usize;
            // Places close together, and places anywhere, so that words are filled and emptied on every level.
            let place = if round % 3 == 0 { random % PLACES } else { random % 300 };
            let (looks, ()) = looks::of(|| match state >> 62 {
                0 | 1 => assert_eq!(set.insert(place), model.insert(place)),
                2 => assert_eq!(set.remove(place), model.remove(&place)),
                _ => {
                    let highest = model.pop_last();
                    assert_eq!(highest.is_some_and(|place| set.remove(place)), highest.is_some());
                }
            });
            assert!(looks <= 4, "{looks} words for one change");
            let (looks, ends) = looks::of(|| (set.first(), set.last()));
            assert_eq!(ends, (model.first().copied(), model.last().copied()));
            assert!(looks <= 8, "{looks} words for both ends");
            if round % 1000 == 0 {
                set.shrink_to(model.last().map_or(0, |last| last + 1));
            }
        }
        assert!(model.len() > 100, "a set that holds something: {}", model.len());
    }

    #[test]
    fn it_gives_back_the_memory_of_places_above() {
        let mut set = SlabSet::default();
        set.insert(PLACES);
        set.insert(70);
        set.remove(PLACES);
        set.shrink_to(71);
        assert_eq!((set.levels.iter().map(Vec::capacity).sum::<usize>(), set.levels.len()), (3, 2));
        assert_eq!((set.first(), set.last()), (Some(70), Some(70)));
        set.remove(70);
        set.shrink_to(0);
        assert_eq!(set.levels.len(), 0);
        assert_eq!(set.first(), None);
        assert!(set.insert(1));
        assert_eq!(set.last(), Some(1));
    }
}
