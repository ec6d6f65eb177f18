//! A set of places in the depot's table of slabs.

/// A bit a slab: 64 slabs are looked through at a time, and nothing is allocated but when the table grows.
#[derive(Debug, Default)]
pub(crate) struct SlabSet {
    words: Vec<u64>,
    len: usize,
}

impl SlabSet {
    pub(crate) fn insert(&mut self, place: usize) {
        let word = place / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.len += usize::from(self.words[word] & bit(place) == 0);
        self.words[word] |= bit(place);
    }

    pub(crate) fn remove(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / 64) {
            self.len -= usize::from(*word & bit(place) != 0);
            *word &= !bit(place);
        }
    }

    /// The lowest place in it.
    pub(crate) fn first(&self) -> Option<usize> {
        let word = self.words.iter().position(|&word| word != 0)?;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }

    /// The highest place in it.
    pub(crate) fn last(&self) -> Option<usize> {
        if self.len == 0 {
            return None;
        }
        let word = self.words.iter().rposition(|&word| word != 0)?;
        Some(word * 64 + 63 - self.words[word].leading_zeros() as usize)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(word, &bits)| {
            (0..64).filter(move |&place| bits & bit(place) != 0).map(move |place| word * 64 + place)
        })
    }
}

fn bit(place: usize) -> u64 {
    1 << (place % 64)
}

#[cfg(test)]
mod tests {
    use super::SlabSet;

    #[test]
    fn finds_the_lowest_and_the_highest() {
        let mut set = SlabSet::default();
        assert_eq!((set.first(), set.last()), (None, None));
        for place in [700, 3, 64, 3] {
            set.insert(place);
        }
        assert_eq!((set.first(), set.last()), (Some(3), Some(700)));
        assert_eq!(set.iter().collect::<Vec<_>>(), [3, 64, 700]);
        set.remove(700);
        set.remove(3);
        set.remove(9999);
        assert_eq!((set.first(), set.last()), (Some(64), Some(64)));
        set.remove(64);
        assert_eq!((set.first(), set.last()), (None, None));
    }
}
