//! Peek, skip, take, rewind and exact reads.

use headpond_pool::{Cursor, Incomplete, Sequence};

use crate::cuts::{TEXTS, at, for_each_cut};

/// Calls `check` with a cursor at every offset, come there by a skip and by single steps.
fn for_each_offset(bytes: &[u8], mut check: impl FnMut(&mut Cursor<'_>, usize)) {
    for_each_cut(bytes, |sequence| {
        let mut stepped = sequence.cursor();
        for offset in 0..=bytes.len() {
            let mut skipped = Cursor::new(sequence);
            assert_eq!(skipped.skip(offset), Ok(()));
            for mut cursor in [skipped, stepped.clone()] {
                assert_eq!(cursor.position(), at(sequence, offset));
                check(&mut cursor, offset);
            }
            assert_eq!(stepped.u8().ok(), bytes.get(offset).copied());
        }
    });
}

#[test]
fn what_is_left_is_known_at_every_offset() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            let rest = &bytes[offset..];
            assert_eq!((cursor.len(), cursor.is_empty()), (rest.len(), rest.is_empty()));
            assert_eq!(cursor.remaining(), *rest);
            assert_eq!(cursor.remaining().start(), cursor.position());
            assert_eq!(cursor.remaining().chunks().collect::<Vec<_>>().concat(), rest);
            assert_eq!(cursor.sequence(), *bytes);
            assert_eq!(cursor.chunk().is_empty(), rest.is_empty());
            assert!(rest.starts_with(cursor.chunk()));
            for end in 0..=rest.len() {
                assert!(cursor.starts_with(&rest[..end]));
            }
            assert!(!cursor.starts_with(&[rest, b"z"].concat()));
        });
    }
}

#[test]
fn peeks_move_nothing() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            let before = cursor.position();
            assert_eq!(cursor.peek(), bytes.get(offset).copied().ok_or(Incomplete { needed: 1 }));
            for ahead in 0..bytes.len() + 2 {
                let missing = Incomplete { needed: (offset + ahead + 1).saturating_sub(bytes.len()) };
                assert_eq!(cursor.peek_at(ahead), bytes.get(offset + ahead).copied().ok_or(missing));
            }
            assert!(cursor.peek_at(usize::MAX).is_err());
            assert_eq!(cursor.position(), before);
        });
    }
}

#[test]
fn skip_take_and_rewind_agree_with_offsets() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            for n in 0..bytes.len() - offset + 3 {
                let mut other = cursor.clone();
                let missing = (offset + n).saturating_sub(bytes.len());
                if missing > 0 {
                    assert_eq!(other.skip(n), Err(Incomplete { needed: missing }));
                    assert_eq!(other.take_exact(n), Err(Incomplete { needed: missing }));
                    assert_eq!(other.position(), cursor.position());
                    assert_eq!(other.remaining(), bytes[offset..]);
                    continue;
                }
                let taken = other.take_exact(n).unwrap();
                assert_eq!(taken, bytes[offset..offset + n]);
                assert_eq!(taken.bytes().rev().count(), n);
                assert_eq!((taken.start(), taken.end()), (cursor.position(), other.position()));
                assert_eq!(other.remaining(), bytes[offset + n..]);
                let mut skipped = cursor.clone();
                assert_eq!(skipped.skip(n), Ok(()));
                assert_eq!(skipped.remaining(), other.remaining());
                other.rewind(n);
                assert_eq!(other.remaining(), bytes[offset..]);
                other.rewind_to(other.sequence().end());
                assert!(other.is_empty());
                other.rewind_to(cursor.position());
                assert_eq!(other.peek(), cursor.peek());
                other.rewind(offset);
                assert_eq!(other.remaining(), *bytes);
            }
            assert!(cursor.skip(usize::MAX).is_err() && cursor.take_exact(usize::MAX).is_err());
        });
    }
}

#[test]
#[should_panic(expected = "cannot rewind by 1 bytes: the cursor has passed 0")]
fn rewinding_before_the_start_panics() {
    Sequence::empty().cursor().rewind(1);
}

#[test]
#[should_panic(expected = "position 1 is outside of the sequence 0..0")]
fn rewinding_past_the_end_panics() {
    let empty = Sequence::empty();
    empty.cursor().rewind_to(empty.end() + 1);
}

#[test]
fn take_while_sees_each_byte_once_in_order() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            for stop in *b"ab\n\"z" {
                let mut seen = Vec::new();
                let mut other = cursor.clone();
                let taken = other.take_while(|byte| {
                    seen.push(byte);
                    byte != stop
                });
                let rest = &bytes[offset..];
                let end = rest.iter().position(|&byte| byte == stop).unwrap_or(rest.len());
                assert_eq!(taken, rest[..end]);
                assert_eq!(seen, rest[..rest.len().min(end + 1)]);
                assert_eq!(other.remaining(), rest[end..]);
                assert_eq!(cursor.clone().skip_while(|byte| byte != stop), end);
            }
        });
    }
}

#[test]
fn exact_reads_copy_all_or_nothing() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            let rest = &bytes[offset..];
            for n in 0..rest.len() + 3 {
                let mut other = cursor.clone();
                let mut out = vec![b'~'; n];
                let read = other.read_exact_into(&mut out);
                if n <= rest.len() {
                    assert_eq!((read, &out[..]), (Ok(()), &rest[..n]));
                    assert_eq!(other.remaining(), rest[n..]);
                } else {
                    assert_eq!(read, Err(Incomplete { needed: n - rest.len() }));
                    assert!(out.iter().all(|&byte| byte == b'~'));
                    assert_eq!(other.position(), cursor.position());
                }
            }
        });
    }
}

#[test]
fn contiguous_reads_borrow_when_they_can() {
    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            let rest = &bytes[offset..];
            for n in 0..rest.len() + 3 {
                let mut other = cursor.clone();
                let mut scratch = vec![b'~'; n + 1];
                let place = scratch.as_ptr();
                let chunk = cursor.chunk();
                match other.read_contiguous(n, &mut scratch) {
                    Ok(read) => {
                        assert_eq!(read, &rest[..n]);
                        let expected = if n <= chunk.len() { chunk.as_ptr() } else { place };
                        assert!(n == 0 || read.as_ptr() == expected);
                        assert_eq!(other.remaining(), rest[n..]);
                    }
                    Err(incomplete) => {
                        assert_eq!(incomplete, Incomplete { needed: n - rest.len() });
                        assert_eq!(other.position(), cursor.position());
                    }
                }
            }
        });
    }
}

#[test]
#[should_panic(expected = "2 bytes do not fit a scratch of 1")]
fn a_scratch_that_could_be_too_short_panics_even_when_not_needed() {
    let buffer = headpond_pool::SequenceBuf::from("ab");
    let _ = buffer.as_sequence().cursor().read_contiguous(2, &mut [0]);
}

#[cfg(feature = "bytes")]
#[test]
fn a_cursor_is_a_buf() {
    use bytes::Buf;

    for bytes in TEXTS {
        for_each_offset(bytes, |cursor, offset| {
            let rest = &bytes[offset..];
            assert_eq!(Buf::remaining(cursor), rest.len());
            for n in 0..=rest.len() {
                let mut other = cursor.clone();
                assert_eq!(other.copy_to_bytes(n), rest[..n]);
                let mut pieces = [std::io::IoSlice::new(&[]); 64];
                let filled = other.chunks_vectored(&mut pieces);
                assert_eq!(pieces[..filled].iter().map(|piece| piece.len()).sum::<usize>(), rest.len() - n);
                let mut out = vec![0; rest.len() - n];
                other.copy_to_slice(&mut out);
                assert_eq!(out, rest[n..]);
                let mut other = cursor.clone();
                other.advance(n);
                assert_eq!(Buf::chunk(&other).first(), rest.get(n));
            }
        });
    }
}

#[cfg(feature = "bytes")]
#[test]
#[should_panic(expected = "cannot advance by 1 bytes: 0 are left")]
fn a_buf_panics_past_the_end() {
    bytes::Buf::advance(&mut Sequence::empty().cursor(), 1);
}
