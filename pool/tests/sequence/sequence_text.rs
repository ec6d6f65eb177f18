//! Sequences as text, and in parts, cut in every way.

use std::fmt::Write;

use headpond_pool::{Position, Sequence, SequenceBuf, Slice};

use crate::cuts::{TEXTS, for_each_cut};

/// Every length of character, whole and cut off, what may not be in UTF-8, and what comes near it.
const UTF8: [&[u8]; 14] = [
    "aé€🦀".as_bytes(),
    "🦀🦀".as_bytes(),
    b"\xff\xfe",
    b"\x80\xbf",
    b"a\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\xa6",
    b"\xf0\x9f\xa6a",
    b"\xe2\x82\xe2\x82\xac",
    b"\xc3\xc3\xa9",
    b"\xed\xa0\x80\xed",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf\xe0\x80\xaf",
    b"\xf0\x9f\xc3\xa9\xf1",
];

#[test]
fn text_is_that_of_the_joined_bytes() {
    for bytes in UTF8.into_iter().chain(TEXTS) {
        let expected = String::from_utf8_lossy(bytes);
        for_each_cut(bytes, |sequence| {
            assert_eq!(sequence.to_string(), expected);
            assert_eq!(format!("{sequence:5}|{sequence:>9.3}|{sequence:-^30}"), {
                format!("{expected:5}|{expected:>9.3}|{expected:-^30}")
            });
        });
    }
}

#[test]
fn every_two_bytes_behind_a_character_cut_anywhere_are_the_same_text() {
    for first in [0x41, 0x80, 0xa0, 0xbf, 0xc1, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5] {
        for second in 0..=u8::MAX {
            let bytes = [first, second, 0x9f, 0x80, 0xe2];
            let expected = String::from_utf8_lossy(&bytes);
            for cut in 0..=5 {
                let (head, tail) = bytes.split_at(cut);
                let buffer = SequenceBuf::from_iter([head, tail].map(Slice::copy_from_slice));
                assert_eq!(buffer.as_sequence().to_string(), expected, "{bytes:x?} at {cut}");
            }
        }
    }
}

/// A writer that is full fails, and is not asked again.
#[test]
fn text_ends_with_the_first_error() {
    struct Full(usize);

    impl Write for Full {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(std::fmt::Error)?;
            Ok(())
        }
    }

    let buffer = SequenceBuf::from_iter(["ab", "cd", "ef"].map(Slice::from));
    assert!(write!(Full(6), "{}", buffer.as_sequence()).is_ok());
    assert!(write!(Full(5), "{}", buffer.as_sequence()).is_err());
}

#[test]
fn text_without_a_width_allocates_nothing() {
    struct Count(usize);

    impl Write for Count {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }

    let text = "é€🦀".repeat(1000);
    let buffer: SequenceBuf = text.as_bytes().chunks(1).map(Slice::copy_from_slice).collect();
    let mut count = Count(0);
    let counts = allocation_counter::measure(|| write!(count, "{}", buffer.as_sequence()).unwrap());
    assert_eq!((counts.count_total, count.0), (0, text.len()));
}

/// The bytes of parts, and where each begins.
fn parts<'a>(parts: impl Iterator<Item = Sequence<'a>>) -> Vec<(Vec<u8>, Position)> {
    parts.map(|part| (part.to_vec(), part.start())).collect()
}

#[test]
fn parts_are_those_of_a_slice() {
    for text in TEXTS {
        for delimiter in *b"ab\r\n\\x\x00\xff" {
            let expected: Vec<&[u8]> = text.split(|byte| *byte == delimiter).collect();
            for_each_cut(text, |sequence| {
                let found = parts(sequence.split(delimiter));
                assert_eq!(found.iter().map(|(part, _)| &part[..]).collect::<Vec<_>>(), expected);
                // Each stands where it stands in the whole, one delimiter behind the one before.
                let mut start = sequence.start();
                for (part, at) in &found {
                    assert_eq!(*at, start);
                    start = *at + part.len() + 1;
                }
                assert_eq!(start, sequence.end() + 1);
                let mut backwards = parts(sequence.split(delimiter).rev());
                backwards.reverse();
                assert_eq!(backwards, found);
            });
        }
    }
}

#[test]
fn parts_are_taken_from_both_ends() {
    for_each_cut(b"a,bc,,d", |sequence| {
        let mut split = sequence.split(b',');
        assert_eq!(split.size_hint(), (1, Some(8)));
        assert_eq!(split.next().unwrap(), "a");
        assert_eq!(split.next_back().unwrap(), "d");
        assert_eq!(split.next_back().unwrap(), "");
        assert_eq!(split.clone().next_back().unwrap(), "bc");
        assert_eq!(split.next().unwrap(), "bc");
        assert_eq!((split.next(), split.next_back(), split.size_hint()), (None, None, (0, Some(0))));
    });
    assert_eq!(Sequence::empty().split(b',').count(), 1);
}

#[test]
fn parts_allocate_nothing() {
    let buffer: SequenceBuf = std::iter::repeat_n(Slice::from("ab,c"), 1000).collect();
    let counts = allocation_counter::measure(|| {
        assert_eq!(buffer.as_sequence().split(b',').filter(|part| *part == "cab").count(), 999);
        assert_eq!(buffer.as_sequence().split(b',').rev().filter(|part| *part == "cab").count(), 999);
    });
    assert_eq!(counts.count_total, 0);
}

#[test]
fn positions_go_back() {
    let mut position = Position::new(10);
    assert_eq!((position - 3, position - 10), (Position::new(7), Position::ZERO));
    assert_eq!((position + 5) - 5_usize, position);
    position -= 4;
    assert_eq!(position.offset(), 6);
    assert_eq!((position.checked_sub(6), position.checked_sub(7)), (Some(Position::ZERO), None));
    assert_eq!(
        Position::new(u64::MAX).checked_sub(usize::MAX).map(Position::offset),
        Some(u64::MAX - usize::MAX as u64)
    );
}

#[test]
#[should_panic(expected = "no byte of a stream stands 11 bytes before position 10")]
fn no_position_is_before_the_stream() {
    let _ = Position::new(10) - 11;
}
