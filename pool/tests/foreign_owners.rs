//! Owners of foreign memory that keep no promise but those of their types.

use std::{
    panic::{self, AssertUnwindSafe},
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
