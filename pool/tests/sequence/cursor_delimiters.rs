//! Taking until a delimiter: a byte, one of a set, a string, with an escape.

use headpond_pool::{Cursor, Incomplete};

use crate::cuts::{TEXTS, at, for_each_cut, naive_find};

/// Calls `check` with a cursor at every offset, and the bytes left there.
fn for_each_rest(bytes: &[u8], mut check: impl FnMut(Cursor<'_>, &[u8])) {
    for_each_cut(bytes, |sequence| {
        for offset in 0..=bytes.len() {
            let mut cursor = sequence.cursor();
            cursor.rewind_to(at(sequence, offset));
            check(cursor, &bytes[offset..]);
        }
    });
}

#[test]
fn until_a_byte() {
    for bytes in TEXTS {
        for_each_rest(bytes, |cursor, rest| {
            for delimiter in *b"ab\r\n\"\\z\x00" {
                let mut other = cursor.clone();
                let peeked = cursor.peek_until(delimiter).map(|before| (before.to_vec(), before.start()));
                match rest.iter().position(|&byte| byte == delimiter) {
                    Some(end) => {
                        assert_eq!(peeked, Ok((rest[..end].to_vec(), cursor.position())));
                        assert_eq!(other.take_until(delimiter).unwrap(), rest[..end]);
                        assert_eq!(other.remaining(), rest[end + 1..]);
                    }
                    None => {
                        assert_eq!(peeked, Err(Incomplete { needed: 1 }));
                        assert_eq!(other.take_until(delimiter).unwrap_err().needed, 1);
                        assert_eq!(other.position(), cursor.position());
                    }
                }
            }
        });
    }
}

#[test]
fn to_the_end() {
    for bytes in TEXTS {
        for_each_rest(bytes, |mut cursor, rest| {
            let start = cursor.position();
            assert_eq!(cursor.skip_to_end(), rest.len());
            assert_eq!((cursor.position(), cursor.len()), (start + rest.len(), 0));
            assert!(cursor.is_empty() && cursor.peek().is_err() && cursor.remaining().is_empty());
            assert_eq!(cursor.skip_to_end(), 0);
            cursor.rewind_to(start);
            assert_eq!(cursor.remaining(), *rest);
            cursor.skip_to_end();
            cursor.rewind(rest.len());
            assert_eq!(cursor.take_exact(rest.len()).unwrap(), *rest);
        });
    }
}

#[test]
fn until_any_of_a_set() {
    let sets: [&[u8]; 6] = [b"", b"b", b"\r\n", b"\" \r", b"bcd\n", b"zyxwv"];
    for bytes in TEXTS {
        for_each_rest(bytes, |cursor, rest| {
            for set in sets {
                let mut other = cursor.clone();
                match rest.iter().position(|byte| set.contains(byte)) {
                    Some(end) => {
                        let (taken, delimiter) = other.take_until_any(set).unwrap();
                        assert_eq!((taken.to_vec(), delimiter), (rest[..end].to_vec(), rest[end]));
                        assert_eq!(other.remaining(), rest[end + 1..]);
                    }
                    None => {
                        assert_eq!(other.take_until_any(set).unwrap_err().needed, 1);
                        assert_eq!(other.position(), cursor.position());
                    }
                }
            }
        });
    }
}

#[test]
fn until_a_string() {
    let strings: [&[u8]; 10] =
        [b"", b"a", b"\r\n", b"\r\n\r\n", b"aab", b"aaab", b"aba", b"abad", b"\\\"", b"a string that is not there"];
    for bytes in TEXTS {
        for_each_rest(bytes, |cursor, rest| {
            for delimiter in strings {
                let mut other = cursor.clone();
                match naive_find(rest, delimiter) {
                    Some(end) => {
                        assert_eq!(other.take_until_bytes(delimiter).unwrap(), rest[..end]);
                        assert_eq!(other.remaining(), rest[end + delimiter.len()..]);
                    }
                    None => {
                        let needed = delimiter.len().saturating_sub(rest.len()).max(1);
                        assert_eq!(other.take_until_bytes(delimiter).unwrap_err().needed, needed);
                        assert_eq!(other.position(), cursor.position());
                    }
                }
            }
        });
    }
}

/// The naive way; the error is how many bytes more are needed.
fn naive_unescaped(bytes: &[u8], delimiter: u8, escape: u8) -> Result<usize, usize> {
    let mut offset = 0;
    while offset < bytes.len() {
        match bytes[offset] {
            byte if byte == delimiter => return Ok(offset),
            byte if byte == escape && offset + 1 == bytes.len() => return Err(2),
            byte if byte == escape => offset += 2,
            _ => offset += 1,
        }
    }
    Err(1)
}

#[test]
fn until_a_byte_that_is_not_escaped() {
    let more: [&[u8]; 5] = [b"\\", b"\\\\", b"a\\\"b\\\\\\\"c\"d", b"\"\"", b"aa\\aab"];
    for bytes in TEXTS.into_iter().chain(more) {
        for_each_rest(bytes, |cursor, rest| {
            for (delimiter, escape) in [(b'"', b'\\'), (b'\n', b'\r'), (b'b', b'a'), (b'"', b'"'), (b'z', b'\\')] {
                let mut other = cursor.clone();
                let taken = other.take_until_unescaped(delimiter, escape);
                match naive_unescaped(rest, delimiter, escape) {
                    Ok(end) => {
                        assert_eq!(taken.unwrap(), rest[..end]);
                        assert_eq!(other.remaining(), rest[end + 1..]);
                    }
                    Err(needed) => {
                        assert_eq!(taken.unwrap_err().needed, needed, "{rest:?} {delimiter} {escape}");
                        assert_eq!(other.position(), cursor.position());
                    }
                }
            }
        });
    }
}
