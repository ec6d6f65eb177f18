//! Slices of owners that hold slices, and slices and `Bytes` made of each other, as deep as a caller likes.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use headpond_pool::{Block, Pool, SequenceBuf, Slice};

const LAPS: usize = 200_000;

/// Less than a frame for each lap takes, however small.
const STACK_BYTES: usize = 256 << 10;

/// How many blocks are out.
fn rented(pool: &Pool) -> usize {
    pool.stats().rented
}

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap().join().unwrap();
}

/// Holds what keeps its bytes, counts its drop, and may panic then.
struct Holder<T> {
    bytes: Vec<u8>,
    _held: T,
    dropped: Arc<AtomicUsize>,
    panics: bool,
}

impl<T> AsRef<[u8]> for Holder<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T> AsMut<[u8]> for Holder<T> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl<T> Drop for Holder<T> {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        if self.panics {
            // Without the hook, which would print each.
            std::panic::resume_unwind(Box::new("an owner's own mistake"));
        }
    }
}

/// A pool, and a slice of one of its blocks inside of as many owners as there are laps, each made by `wrap`.
fn nest(wrap: impl Fn(Slice, Arc<AtomicUsize>) -> Slice) -> (Pool, Slice, Arc<AtomicUsize>) {
    let (pool, dropped) = (Pool::new(), Arc::new(AtomicUsize::new(0)));
    let innermost = pool.rent().unwrap().into_slice(..8);
    let slice = (0..LAPS).fold(innermost, |slice, _| wrap(slice, Arc::clone(&dropped)));
    assert_eq!((rented(&pool), dropped.load(Ordering::Relaxed)), (1, 0));
    (pool, slice, dropped)
}

fn holder<T>(held: T, dropped: Arc<AtomicUsize>) -> Holder<T> {
    Holder { bytes: vec![7], _held: held, dropped, panics: false }
}

fn falls_apart(nested: (Pool, Slice, Arc<AtomicUsize>)) {
    let (pool, slice, dropped) = nested;
    drop(slice);
    assert_eq!((rented(&pool), dropped.load(Ordering::Relaxed)), (0, LAPS));
}

#[test]
fn owners_in_owners_are_dropped_on_a_small_stack() {
    on_a_small_stack(|| falls_apart(nest(|slice, dropped| Slice::from_owner(holder(slice, dropped)))));
}

#[test]
fn blocks_of_owners_of_slices_are_dropped_on_a_small_stack() {
    on_a_small_stack(|| {
        falls_apart(nest(|slice, dropped| Block::from_owner(holder(slice, dropped)).into_slice(..)));
    });
}

#[test]
fn owners_of_several_slices_are_dropped_on_a_small_stack() {
    on_a_small_stack(|| {
        falls_apart(nest(|slice, dropped| Slice::from_owner(holder(vec![slice.clone(), slice], dropped))));
    });
    on_a_small_stack(|| {
        falls_apart(nest(|slice, dropped| {
            let chain = SequenceBuf::from_iter([slice.clone(), Slice::from("between"), slice]);
            Slice::from_owner(holder(chain, dropped))
        }));
    });
}

#[test]
fn a_wide_tree_of_owners_is_dropped_on_a_small_stack() {
    on_a_small_stack(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let (mut slices, mut made) = (vec![Slice::from("leaf"); 2], 0);
        // Each level holds the one before, in many slices of as many owners.
        for _ in 0..200 {
            slices = (0..100).map(|_| Slice::from_owner(holder(slices.clone(), Arc::clone(&dropped)))).collect();
            made += 100;
        }
        drop(slices);
        assert_eq!(dropped.load(Ordering::Relaxed), made);
    });
}

#[test]
fn owners_that_panic_when_dropped_keep_no_other_from_it() {
    on_a_small_stack(|| {
        let (dropped, bombs) = (Arc::new(AtomicUsize::new(0)), 2000);
        let slice = (0..bombs).fold(Slice::from("innermost"), |slice, _| {
            let mut bomb = holder(slice, Arc::clone(&dropped));
            bomb.panics = true;
            Slice::from_owner(bomb)
        });
        drop(slice);
        assert_eq!(dropped.load(Ordering::Relaxed), bombs);
    });
}

/// What a program nests on purpose is gone when the outermost is, in the order of its fields.
#[test]
fn a_few_owners_in_each_other_are_dropped_inside_each_other() {
    struct Outer {
        inner: Option<Slice>,
        dropped: Arc<AtomicUsize>,
    }

    impl AsRef<[u8]> for Outer {
        fn as_ref(&self) -> &[u8] {
            b"outer"
        }
    }

    impl Drop for Outer {
        fn drop(&mut self) {
            let before = self.dropped.load(Ordering::Relaxed);
            drop(self.inner.take());
            assert_eq!(self.dropped.load(Ordering::Relaxed), before + 1, "at once");
        }
    }

    let dropped = Arc::new(AtomicUsize::new(0));
    let inner = Slice::from_owner(holder((), Arc::clone(&dropped)));
    let outer = Slice::from_owner(Outer { inner: Some(inner), dropped: Arc::clone(&dropped) });
    drop(outer);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn a_thread_that_ends_drops_what_it_kept() {
    thread_local! {
        static KEPT: RefCell<Option<Slice>> = const { RefCell::new(None) };
    }

    let (pool, slice, dropped) = nest(|slice, dropped| Slice::from_owner(holder(slice, dropped)));
    on_a_small_stack(move || KEPT.set(Some(slice)));
    assert_eq!((rented(&pool), dropped.load(Ordering::Relaxed)), (0, LAPS));
}

#[test]
fn threads_that_share_a_nest_drop_it_once() {
    let (pool, slice, dropped) = nest(|slice, dropped| Slice::from_owner(holder(slice, dropped)));
    let threads: Vec<_> = std::iter::repeat_n(slice, 4)
        .map(|slice| thread::Builder::new().stack_size(STACK_BYTES).spawn(move || drop(slice)).unwrap())
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((rented(&pool), dropped.load(Ordering::Relaxed)), (0, LAPS));
}

#[test]
fn a_slice_is_no_owner_of_its_own_kind() {
    let counts = allocation_counter::measure(|| {
        let slice = Slice::from_static(b"for ever");
        let same = (0..100).fold(slice.clone(), |slice, _| Slice::from_owner(slice));
        assert_eq!((same.as_ptr(), same.len(), same.pinned_bytes()), (slice.as_ptr(), slice.len(), 0));
    });
    assert_eq!(counts.count_total, 0);
    let slice = Slice::from(vec![1; 100]);
    let part = Slice::from_owner(slice.slice(10..20));
    assert_eq!((part.as_ptr(), part.pinned_bytes()), (slice[10..].as_ptr(), 100));
    drop(slice);
    assert!(part.is_unique());
}

#[cfg(feature = "bytes")]
mod bytes {
    use bytes::{Buf, Bytes};
    use headpond_pool::{Cursor, Pool, SequenceBuf, Slice};

    use super::{LAPS, on_a_small_stack, rented};

    /// Pooled bytes that count up, more than there are laps.
    fn pooled(pool: &Pool) -> Slice {
        let mut block = pool.rent_sized(2 * LAPS + 100).unwrap();
        block.iter_mut().zip(0_u32..).for_each(|(place, index)| *place = index as u8);
        block.into_slice(..)
    }

    /// Runs laps, each by `lap`, and checks that they hold no more than a few allocations, and leave none.
    fn laps_hold_no_more_than_one(lap: impl Fn(Slice, usize) -> Slice + Send + 'static) {
        on_a_small_stack(move || {
            let pool = Pool::new();
            let warm = pooled(&pool);
            let first = warm.clone();
            let counts = allocation_counter::measure(|| {
                let slice = (0..LAPS).fold(first, &lap);
                assert_eq!(rented(&pool), 1);
                let offset = slice.as_ptr() as usize - warm.as_ptr() as usize;
                assert_eq!(slice, warm.slice(offset..offset + slice.len()), "the same memory");
                drop(slice);
            });
            assert!(counts.count_max <= 6, "{} allocations at once", counts.count_max);
            assert!(counts.bytes_max <= 512, "{} bytes at once", counts.bytes_max);
            assert_eq!((counts.count_current, counts.bytes_current), (0, 0), "all of them freed");
            drop(warm);
            assert_eq!(rented(&pool), 0);
        });
    }

    #[test]
    fn whole_laps_hold_no_more_than_one() {
        laps_hold_no_more_than_one(|slice, _| Slice::from(Bytes::from(slice)));
        laps_hold_no_more_than_one(|slice, _| Slice::from_owner(Bytes::from(slice)));
    }

    #[test]
    fn laps_with_slicing_between_hold_no_more_than_one() {
        laps_hold_no_more_than_one(|slice, lap| match lap % 4 {
            0 => Slice::from(Bytes::from(slice.slice(1..))),
            1 => Slice::from(Bytes::from(slice).slice(1..)),
            2 => Slice::from(Bytes::from(slice.slice(..slice.len() - 1))),
            _ => Slice::from(Bytes::from(slice)).into_range(1..),
        });
    }

    #[test]
    fn laps_through_a_chain_hold_no_more_than_one() {
        laps_hold_no_more_than_one(|slice, _| {
            let chain = SequenceBuf::from(slice);
            let bytes = chain.as_sequence().to_contiguous_bytes(chain.start() + 1..);
            Slice::from(bytes)
        });
        laps_hold_no_more_than_one(|slice, _| {
            let mut chain = SequenceBuf::from(slice);
            let len = chain.len();
            Slice::from(chain.copy_to_bytes(len))
        });
        laps_hold_no_more_than_one(|slice, _| {
            let chain = SequenceBuf::from(slice);
            let mut cursor = Cursor::new(chain.as_sequence());
            Slice::from(cursor.copy_to_bytes(chain.len()))
        });
        laps_hold_no_more_than_one(|mut slice, _| {
            let len = slice.len();
            Slice::from(slice.copy_to_bytes(len))
        });
    }

    /// Kept on both sides, so that nothing is the only holder.
    #[test]
    fn laps_of_shared_ones_hold_no_more_than_one() {
        laps_hold_no_more_than_one(|slice, _| {
            let bytes = Bytes::from(slice.clone());
            let back = Slice::from(bytes.clone());
            assert_eq!((back.as_ptr(), bytes.as_ptr()), (slice.as_ptr(), slice.as_ptr()));
            back
        });
    }

    /// A lap that a caller makes by hand is not seen through; it holds what it takes, and is dropped like any owner.
    #[test]
    fn laps_by_hand_are_dropped_on_a_small_stack() {
        on_a_small_stack(|| {
            let pool = Pool::new();
            let warm = pooled(&pool);
            let counts = allocation_counter::measure(|| {
                let slice = (0..LAPS).fold(warm.clone(), |slice, _| Slice::from(Bytes::from_owner(slice)));
                assert_eq!(slice.as_ptr(), warm.as_ptr());
                drop(slice);
                let bytes = (0..LAPS).fold(Bytes::from(warm.clone()), |bytes, _| Bytes::from_owner(Slice::from(bytes)));
                drop(bytes);
            });
            assert_eq!((counts.count_current, counts.bytes_current), (0, 0), "all of them freed");
            drop(warm);
            assert_eq!(rented(&pool), 0);
        });
    }

    #[test]
    fn a_slice_of_bytes_gives_them_back() {
        for bytes in [
            Bytes::from(vec![5; 100]),
            Bytes::from(vec![5; 100].into_boxed_slice()),
            Bytes::from_static(&[5; 100]),
            Bytes::from_owner([5; 100]),
        ] {
            // Shared before, so that what sharing costs is paid.
            let kept = bytes.clone();
            let place = kept.as_ptr();
            let counts = allocation_counter::measure(|| {
                let whole = Bytes::from(Slice::from(bytes));
                assert_eq!((whole.as_ptr(), whole.len()), (place, 100));
                let part = Bytes::from(Slice::from(whole).into_range(10..30));
                assert_eq!((part.as_ptr(), part.len()), (place.wrapping_add(10), 20));
                let nothing = Bytes::from(Slice::from(part).into_range(5..5));
                assert!(nothing.is_empty());
            });
            assert_eq!(counts.count_current, 0);
            // One for the count of each slice, and none for the bytes.
            assert!(counts.count_total <= 3, "{counts:?}");
            assert_eq!(kept, [5; 100][..]);
        }
    }

    #[test]
    fn bytes_that_live_for_ever_cost_nothing() {
        let counts = allocation_counter::measure(|| {
            let bytes = Bytes::from(Slice::from("for ever").into_range(4..));
            assert_eq!(bytes, "ever");
            assert!(Bytes::from(Slice::new()).is_empty());
            assert!(Slice::from(Bytes::new()).is_empty());
        });
        assert_eq!(counts.count_total, 0);
    }

    #[test]
    fn bytes_held_elsewhere_are_not_the_slices_alone() {
        let bytes = Bytes::from(vec![1; 8]);
        let slice = Slice::from(bytes.clone());
        assert!(!slice.is_unique());
        drop(bytes);
        assert!(slice.is_unique());
    }
}
