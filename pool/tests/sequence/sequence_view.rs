//! Length, parts, iteration, comparison.

use std::io::IoSlice;

use headpond_pool::{Sequence, SequenceBuf, Slice};

use crate::cuts::{Layout, TEXTS, at, for_each_cut};

#[test]
fn chunks_are_never_empty_and_join_to_the_bytes() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            assert_eq!((sequence.len(), sequence.is_empty()), (bytes.len(), bytes.is_empty()));
            assert_eq!(sequence.end(), at(sequence, bytes.len()));
            let chunks: Vec<&[u8]> = sequence.chunks().collect();
            assert!(chunks.iter().all(|chunk| !chunk.is_empty()));
            assert_eq!(chunks.concat(), bytes);
            let mut backwards: Vec<&[u8]> = sequence.chunks().rev().collect();
            backwards.reverse();
            assert_eq!(backwards, chunks);
            assert_eq!(sequence.first_chunk(), chunks.first().copied().unwrap_or_default());
            let single = (chunks.len() < 2).then_some(bytes);
            assert_eq!(sequence.as_single_chunk(), single);
        });
    }
}

#[test]
fn bytes_come_from_both_ends() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            assert_eq!(sequence.bytes().len(), bytes.len());
            assert!(sequence.bytes().eq(bytes.iter().copied()));
            assert!(sequence.bytes().rev().eq(bytes.iter().rev().copied()));
            assert_eq!(
                sequence.bytes().fold(Vec::new(), |mut out, byte| {
                    out.push(byte);
                    out
                }),
                bytes
            );
            let (mut ours, mut theirs) = (sequence.bytes(), bytes.iter().copied());
            for step in 0..bytes.len() + 2 {
                let (our, their) =
                    if step % 3 == 0 { (ours.next_back(), theirs.next_back()) } else { (ours.next(), theirs.next()) };
                assert_eq!(our, their);
                assert_eq!(ours.len(), theirs.len());
            }
        });
    }
}

#[test]
fn every_byte_is_found_at_its_position() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for offset in 0..bytes.len() + 2 {
                assert_eq!(sequence.byte_at(at(sequence, offset)), bytes.get(offset).copied());
            }
            let before = sequence.start().offset().checked_sub(1).map(headpond_pool::Position::new);
            assert_eq!(before.and_then(|before| sequence.byte_at(before)), None);
        });
    }
}

#[test]
fn every_slice_has_its_bytes_and_keeps_positions() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for start in 0..=bytes.len() {
                for end in start..=bytes.len() {
                    let part = sequence.slice(at(sequence, start)..at(sequence, end));
                    assert_eq!(part, bytes[start..end]);
                    assert_eq!((part.start(), part.end()), (at(sequence, start), at(sequence, end)));
                    assert_eq!(part.chunks().collect::<Vec<_>>().concat(), bytes[start..end]);
                    assert_eq!(part.bytes().rev().count(), end - start);
                    if let Some(&byte) = bytes[start..end].last() {
                        assert_eq!(
                            sequence.slice(part.start()..=at(sequence, end - 1)).bytes().next_back(),
                            Some(byte)
                        );
                    }
                    // A part of a part.
                    let inner = start + (end - start) / 3;
                    assert_eq!(part.slice(at(sequence, inner)..), bytes[inner..end]);
                    assert_eq!(part.slice(..at(sequence, inner)), bytes[start..inner]);
                }
                let (head, tail) = sequence.split_at(at(sequence, start));
                assert_eq!((head.to_vec(), tail.to_vec()), (bytes[..start].to_vec(), bytes[start..].to_vec()));
            }
        });
    }
}

#[test]
#[should_panic(expected = "range 3..6 is outside of the sequence 3..5")]
fn a_slice_past_the_end_panics_with_both() {
    let mut buffer = SequenceBuf::from("abcde");
    buffer.consume(3);
    let sequence = buffer.as_sequence();
    let _ = sequence.slice(..sequence.end() + 1);
}

#[test]
#[should_panic(expected = "range 2..5 is outside of the sequence 3..5")]
fn a_slice_before_the_start_panics_with_both() {
    let mut buffer = SequenceBuf::from("abcde");
    let before = buffer.start() + 2;
    buffer.consume(3);
    let _ = buffer.as_sequence().slice(before..);
}

#[test]
#[should_panic(expected = "range 2..1 is outside of the sequence 0..5")]
fn a_slice_that_ends_before_it_starts_panics() {
    let buffer = SequenceBuf::from("abcde");
    let sequence = buffer.as_sequence();
    let _ = sequence.slice(at(sequence, 2)..at(sequence, 1));
}

#[test]
fn io_slices_fill_what_there_is_room_for() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            let chunks: Vec<&[u8]> = sequence.chunks().collect();
            for room in 0..4 {
                let mut pieces = vec![IoSlice::new(b"untouched"); room];
                let filled = sequence.io_slices(&mut pieces);
                assert_eq!(filled, room.min(chunks.len()));
                assert!(pieces[..filled].iter().zip(&chunks).all(|(piece, chunk)| **piece == **chunk));
                assert!(pieces[filled..].iter().all(|piece| **piece == *b"untouched"));
            }
        });
    }
}

#[test]
fn starts_ends_and_equality_do_not_see_the_cuts() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for cut in 0..=bytes.len() {
                assert!(sequence.starts_with(&bytes[..cut]));
                assert!(sequence.ends_with(&bytes[cut..]));
                let mut other = bytes.to_vec();
                other.push(b'z');
                assert!(!sequence.starts_with(&other) && !sequence.ends_with(&other) && sequence != other);
                if cut < bytes.len() {
                    let mut other = bytes.to_vec();
                    other[cut] ^= 0x20;
                    assert_ne!(sequence, other);
                    assert_ne!(other, sequence);
                    assert!(!sequence.starts_with(&other[..=cut]));
                    assert!(!sequence.ends_with(&other[cut..]));
                    assert_ne!(sequence, bytes[..cut]);
                    let other = Layout::at([cut]).build(&other);
                    assert_ne!(sequence, other.as_sequence());
                }
            }
            for_each_cut(bytes, |other| assert_eq!(sequence, other));
            let longer = [bytes, b"z"].concat();
            for_each_cut(&longer, |longer| {
                assert_ne!(sequence, longer);
                assert_ne!(longer, sequence);
            });
        });
    }
}

#[test]
fn equality_with_every_kind_of_bytes() {
    let buffer = SequenceBuf::from_iter([Slice::from("he"), Slice::from("llo")]);
    let sequence = buffer.as_sequence();
    assert_eq!(sequence, "hello");
    assert_eq!("hello", sequence);
    assert_eq!(sequence, *"hello");
    assert_eq!(sequence, String::from("hello"));
    assert_eq!(sequence, b"hello");
    assert_eq!(sequence, *b"hello");
    assert_eq!(*b"hello", sequence);
    assert_eq!(sequence, &b"hello"[..]);
    assert_eq!(b"hello"[..], sequence);
    assert_eq!(sequence, b"hello".to_vec());
    assert_eq!(sequence, Slice::from("hello"));
    #[cfg(feature = "bytes")]
    assert_eq!(sequence, bytes::Bytes::from_static(b"hello"));
}

#[test]
fn a_slice_is_compared_with_what_a_sequence_is() {
    let slice = Slice::from("hello");
    assert_eq!(slice, "hello");
    assert_eq!("hello", slice);
    assert_eq!(slice, *"hello");
    assert_eq!(slice, String::from("hello"));
    assert_eq!(slice, b"hello");
    assert_eq!(slice, *b"hello");
    assert_eq!(*b"hello", slice);
    assert_eq!(slice, &b"hello"[..]);
    assert_eq!(b"hello"[..], slice);
    assert_eq!(slice, b"hello".to_vec());
    #[cfg(feature = "bytes")]
    assert_eq!(slice, bytes::Bytes::from_static(b"hello"));
    assert_ne!(slice, "hell");
    assert_ne!(slice, "Hello");
    assert_ne!("hello!", slice);
}

#[test]
fn debug_shows_escaped_bytes_and_stops() {
    let buffer = SequenceBuf::from_iter([Slice::from("a\r"), Slice::from("\n\"\x01")]);
    assert_eq!(format!("{:?}", buffer.as_sequence()), r#"Sequence(@0..@5, b"a\r\n\"\x01")"#);
    let long = SequenceBuf::from("x".repeat(1000));
    assert_eq!(format!("{:?}", long.as_sequence()), format!("Sequence(@0..@1000, b\"{}\"...)", "x".repeat(64)));
    assert_eq!(format!("{:?}", Sequence::empty()), r#"Sequence(@0..@0, b"")"#);
}

#[test]
fn a_sequence_is_copy_send_and_sync() {
    fn holds<T: Copy + Send + Sync + Default>(_: T) {}
    holds(Sequence::empty());
}
