//! Copies, and slices that outlive the chain.

use std::borrow::Cow;

use headpond_pool::{SequenceBuf, Slice};

use crate::cuts::{TEXTS, at, for_each_cut, layouts};

#[test]
fn copy_to_fills_as_much_as_both_have() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for room in 0..bytes.len() + 2 {
                let mut out = vec![b'~'; room];
                let copied = sequence.copy_to(&mut out);
                assert_eq!(copied, room.min(bytes.len()));
                assert_eq!(out[..copied], bytes[..copied]);
                assert!(out[copied..].iter().all(|&byte| byte == b'~'));
            }
            assert_eq!(sequence.to_vec(), bytes);
        });
    }
}

#[test]
fn to_cow_borrows_one_chunk_and_copies_more() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            let cow = sequence.to_cow();
            assert_eq!(*cow, *bytes);
            assert_eq!(matches!(cow, Cow::Borrowed(_)), sequence.chunks().count() < 2);
        });
    }
}

#[test]
fn slices_outlive_the_chain_and_share_its_memory() {
    for bytes in TEXTS {
        for layout in layouts(bytes.len()) {
            let mut buffer = layout.build(bytes);
            let sequence = buffer.as_sequence();
            let (start, end) = (bytes.len() / 3, bytes.len() - bytes.len() / 4);
            let range = at(sequence, start)..at(sequence, end);
            let places: Vec<*const u8> = sequence.slice(range.clone()).chunks().map(<[u8]>::as_ptr).collect();
            let slices: Vec<Slice> = sequence.to_slices(range).collect();
            assert_eq!(slices.iter().map(|slice| slice.as_ptr()).collect::<Vec<_>>(), places);
            buffer.clear();
            drop(buffer);
            assert!(slices.iter().all(|slice| !slice.is_empty()));
            assert_eq!(slices.concat(), bytes[start..end]);
        }
    }
}

#[test]
fn the_last_slice_frees_the_memory() {
    let owner = std::sync::Arc::new(vec![7_u8; 100]);
    struct Shared(std::sync::Arc<Vec<u8>>);
    impl AsRef<[u8]> for Shared {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    let mut buffer = SequenceBuf::new();
    buffer.push(Slice::from_owner(Shared(owner.clone())));
    let kept: Vec<Slice> = buffer.as_sequence().to_slices(buffer.start() + 1..buffer.end()).collect();
    buffer.clear();
    assert_eq!(std::sync::Arc::strong_count(&owner), 2);
    assert_eq!(kept[0], vec![7_u8; 99][..]);
    drop(kept);
    assert_eq!(std::sync::Arc::strong_count(&owner), 1);
}

#[test]
fn to_contiguous_shares_one_chunk_and_copies_more() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            let slice = sequence.to_contiguous(..);
            assert_eq!(slice, *bytes);
            if !bytes.is_empty() {
                assert_eq!(slice.as_ptr() == sequence.first_chunk().as_ptr(), sequence.chunks().count() == 1);
            }
        });
    }
}

#[cfg(feature = "bytes")]
#[test]
fn bytes_are_shared_one_for_each_chunk() {
    for bytes in TEXTS {
        for layout in layouts(bytes.len()) {
            let buffer = layout.build(bytes);
            let sequence = buffer.as_sequence();
            let places: Vec<*const u8> = sequence.chunks().map(<[u8]>::as_ptr).collect();
            let shared: Vec<bytes::Bytes> = sequence.to_bytes(..).collect();
            let one = sequence.to_contiguous_bytes(..);
            assert_eq!(shared.iter().map(|bytes| bytes.as_ptr()).collect::<Vec<_>>(), places);
            assert!(places.len() != 1 || one.as_ptr() == places[0]);
            drop(buffer);
            assert_eq!(shared.concat(), bytes);
            assert_eq!(one, *bytes);
        }
    }
}

#[cfg(feature = "bytes")]
#[test]
fn chains_and_slices_are_buf() {
    use bytes::Buf;

    for bytes in TEXTS {
        for layout in layouts(bytes.len()) {
            for cut in 0..=bytes.len() {
                let mut buffer = layout.build(bytes);
                assert_eq!(buffer.copy_to_bytes(cut), bytes[..cut]);
                assert_eq!(buffer.remaining(), bytes.len() - cut);
                let mut pieces = [std::io::IoSlice::new(&[]); 64];
                let filled = buffer.chunks_vectored(&mut pieces);
                assert_eq!(pieces[..filled].iter().map(|piece| piece.len()).sum::<usize>(), buffer.remaining());
                let mut rest = Vec::new();
                while buffer.has_remaining() {
                    let n = buffer.chunk().len().min(2);
                    rest.extend_from_slice(&buffer.chunk()[..n]);
                    buffer.advance(n);
                }
                assert_eq!(rest, bytes[cut..]);
            }
        }
        let mut slice = Slice::from(bytes.to_vec());
        Buf::advance(&mut slice, bytes.len() / 2);
        assert_eq!(slice.chunk(), &bytes[bytes.len() / 2..]);
        assert_eq!(slice.copy_to_bytes(slice.len()), bytes[bytes.len() / 2..]);
        assert!(!slice.has_remaining());
    }
}
