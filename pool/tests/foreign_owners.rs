//! Memory of other owners: of such as keep no promise but those of their types, raw, and of `bytes`.

use std::{
    panic::{self, AssertUnwindSafe},
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use headpond_pool::{Block, SequenceBuf, Slice};

/// Counts how often it is dropped, and panics each time.
struct Bomb(Arc<AtomicUsize>, Vec<u8>);

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        &self.1
    }
}

impl AsMut<[u8]> for Bomb {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.1
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("an owner's own mistake");
    }
}

#[test]
fn an_owner_that_panics_when_dropped_goes_alone() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let bomb = || Bomb(Arc::clone(&dropped), vec![1; 8]);
    let mut chain = SequenceBuf::from_iter((0..4).map(|_| Slice::from_owner(bomb())));
    chain.consume(20);
    assert_eq!((dropped.load(Ordering::SeqCst), chain.len()), (2, 12));
    drop(chain);
    assert_eq!(dropped.load(Ordering::SeqCst), 4);
    drop(Block::from_owner(bomb()));
    assert_eq!(dropped.load(Ordering::SeqCst), 5);
}

#[test]
fn an_owner_that_panics_when_asked_is_dropped() {
    struct Mute(Arc<AtomicUsize>);

    impl AsRef<[u8]> for Mute {
        fn as_ref(&self) -> &[u8] {
            panic!("no bytes")
        }
    }

    impl Drop for Mute {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    let dropped = Arc::new(AtomicUsize::new(0));
    let asked = panic::catch_unwind(AssertUnwindSafe(|| Slice::from_owner(Mute(Arc::clone(&dropped)))));
    assert!(asked.is_err());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn bytes_that_lie_in_the_owner_itself_are_read_and_written() {
    let mut block = Block::from_owner([0_u8; 16]);
    block[3] = 7;
    let slice = block.into_slice(2..5);
    assert_eq!(slice, [0, 7, 0]);
    assert_eq!(Slice::from_owner([9_u8; 3]), [9; 3]);
}

/// Registered memory: a region at a fixed place, of which each block is a part, and which lives until the last goes.
#[test]
fn raw_memory_stays_until_its_last_slice_goes() {
    struct Part(Arc<AtomicUsize>);

    impl Drop for Part {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    let returned = Arc::new(AtomicUsize::new(0));
    let region = NonNull::from(Box::leak(Box::new([0_u8; 32])));
    let place = region.cast::<u8>();
    let blocks = [0, 16].map(|offset| {
        // SAFETY: these 16 bytes of the region are initialised, reached by nobody else, and freed when all are back.
        unsafe { Block::from_raw_parts(place.add(offset), 16, Part(Arc::clone(&returned))) }
    });
    let slices: Vec<Slice> = blocks
        .into_iter()
        .zip(1_u8..)
        .map(|(mut block, byte)| {
            block.fill(byte);
            block.into_slice(4..12)
        })
        .collect();
    assert_eq!(slices.concat(), [[1; 8], [2; 8]].concat());
    assert_eq!(slices[1].as_ptr(), place.as_ptr().wrapping_add(20).cast_const());
    let kept = slices[0].clone();
    drop(slices);
    assert_eq!(returned.load(Ordering::SeqCst), 1);
    drop(kept);
    assert_eq!(returned.load(Ordering::SeqCst), 2);
    // SAFETY: both blocks are back, and it came from a box.
    drop(unsafe { Box::from_raw(region.as_ptr()) });
}

#[cfg(feature = "bytes")]
#[test]
fn bytes_come_and_go_without_a_copy() {
    use bytes::Bytes;

    let bytes = Bytes::from(vec![5; 100]);
    let place = bytes.as_ptr();
    let slice = Slice::from(bytes.slice(10..)).into_range(10..);
    assert_eq!((slice.as_ptr(), slice.len()), (place.wrapping_add(20), 80));
    let back = Bytes::from(slice);
    assert!(!bytes.is_unique(), "the slice's share is the new bytes' now");
    assert_eq!((back.as_ptr(), back.len()), (place.wrapping_add(20), 80));
    drop(back);
    assert!(bytes.is_unique());
}
