//! ASCII's case and white space in every layout, against the standard library on flat bytes.

use headpond_codec::{
    Encode,
    ascii::{Ascii, Lowercase, Uppercase},
};

use crate::{cuts, small_blocks::SmallBlocks};

const TEXTS: [&[u8]; 9] =
    [b"", b" ", b"a", b" a", b"a ", b" \t\r\na B\n \x0c", b"\t\t \t", b"\x0bGET /\xc3\x84 \xff", b"MiXeD 09 [`{@"];

#[test]
fn white_space_is_trimmed_as_of_a_slice() {
    for text in TEXTS {
        cuts::for_each_cut(text, |sequence| {
            assert_eq!(sequence.trim_ascii(), *text.trim_ascii(), "{sequence:?}");
            assert_eq!(sequence.trim_ascii_start(), *text.trim_ascii_start(), "{sequence:?}");
            assert_eq!(sequence.trim_ascii_end(), *text.trim_ascii_end(), "{sequence:?}");
            assert_eq!(sequence.trim_ascii_start().end(), sequence.end(), "a part keeps its place in the stream");
            assert_eq!(sequence.trim_ascii_end().start(), sequence.start(), "a part keeps its place in the stream");
            assert_eq!(sequence.is_ascii(), text.is_ascii());
        });
    }
    cuts::for_each_cut(b"--a-b--", |sequence| {
        assert_eq!(sequence.trim_bytes(|byte| byte == b'-'), "a-b");
        assert_eq!(sequence.trim_bytes(|_| true), "");
    });
}

#[test]
fn case_is_ignored_as_of_a_slice() {
    for text in TEXTS {
        cuts::for_each_cut(text, |sequence| {
            for other in TEXTS.into_iter().chain([&text.to_ascii_lowercase()[..], &text.to_ascii_uppercase()[..]]) {
                assert_eq!(
                    sequence.eq_ignore_ascii_case(other),
                    text.eq_ignore_ascii_case(other),
                    "{sequence:?} {other:?}"
                );
                let begins = text.len() >= other.len() && text[..other.len()].eq_ignore_ascii_case(other);
                assert_eq!(sequence.starts_with_ignore_ascii_case(other), begins, "{sequence:?} {other:?}");
            }
            assert!(sequence.eq_ignore_ascii_case(&sequence));
            assert!(sequence.eq_ignore_ascii_case(text));
        });
        let changed = text.to_ascii_uppercase();
        cuts::for_each_cut(text, |left| {
            cuts::for_each_cut(&changed, |right| assert!(left.eq_ignore_ascii_case(&right)))
        });
    }
}

#[test]
fn case_is_changed_where_the_bytes_are_written() {
    for text in TEXTS {
        cuts::for_each_cut(text, |sequence| {
            let (mut lower, mut upper) = (SmallBlocks::of(3), SmallBlocks::of(3));
            Lowercase(sequence).encode(&mut lower).unwrap();
            Uppercase(sequence).encode(&mut upper).unwrap();
            assert_eq!((lower.bytes(), upper.bytes()), (text.to_ascii_lowercase(), text.to_ascii_uppercase()));
        });
    }
}
