//! Search for bytes, sets and needles, across any joins.

use crate::cuts::{Layout, TEXTS, for_each_cut, naive_find};

#[test]
fn every_byte_of_the_alphabet_is_found_where_it_first_stands() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for byte in 0..=u8::MAX {
                let found = sequence.position_of(byte).map(|position| position - sequence.start());
                assert_eq!(found, bytes.iter().position(|&other| other == byte));
            }
        });
    }
}

#[test]
fn sets_of_every_size_are_found() {
    let sets: [&[u8]; 8] = [b"", b"a", b"\r\n", b"zb", b"ba\"", b"abcd", b"\\\"\r\n /", b"zyxwvu"];
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for set in sets {
                let found = sequence.find_any(set).map(|position| position - sequence.start());
                assert_eq!(found, bytes.iter().position(|byte| set.contains(byte)), "{set:?} in {bytes:?}");
            }
        });
    }
}

#[test]
fn every_part_is_found_where_it_first_occurs() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| {
            for start in 0..=bytes.len() {
                for end in start..=bytes.len() {
                    let needle = &bytes[start..end];
                    let found = sequence.find(needle).map(|position| position - sequence.start());
                    assert_eq!(found, naive_find(bytes, needle), "{needle:?} in {sequence:?}");
                    // One byte off, it may still be there, elsewhere.
                    let mut needle = needle.to_vec();
                    if let Some(last) = needle.last_mut() {
                        *last ^= 3;
                        let found = sequence.find(&needle).map(|position| position - sequence.start());
                        assert_eq!(found, naive_find(bytes, &needle), "{needle:?} in {sequence:?}");
                    }
                }
            }
        });
    }
}

#[test]
fn the_empty_needle_is_found_at_the_start() {
    for bytes in TEXTS {
        for_each_cut(bytes, |sequence| assert_eq!(sequence.find(b""), Some(sequence.start())));
    }
}

#[test]
fn long_needles_over_many_chunks() {
    // Longer than what is kept on the stack, with a period that breaks late.
    let needle = [b"ab".repeat(40), b"c".to_vec()].concat();
    let text = [b"ab".repeat(100), b"c".to_vec(), b"ab".repeat(40)].concat();
    for width in [1, 2, 3, 7, 40, 79, 80, 81, 82, 150] {
        let buffer = Layout::at((width..text.len()).step_by(width).collect::<Vec<_>>()).build(&text);
        let sequence = buffer.as_sequence();
        let found = sequence.find(&needle).map(|position| position - sequence.start());
        assert_eq!(found, Some(120), "in chunks of {width}");
        assert_eq!(sequence.find(&[needle.clone(), b"x".to_vec()].concat()), None);
    }
}
