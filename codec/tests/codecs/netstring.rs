//! Netstrings.

use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder,
    netstring::{Netstring, NetstringError},
};
use headpond_pool::SequenceBuf;

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

fn refused(bytes: &[u8]) -> (Vec<Vec<u8>>, String) {
    let (items, error) = outcome(bytes, || Netstring::new().max_len(99), |text| text.to_vec());
    (items, error.expect("an error"))
}

#[test]
fn strings_go_there_and_back() {
    // The first two are the examples of Bernstein's text.
    let stream = b"12:hello world!,0:,3:a,b,10:0123456789,";
    let texts = [&b"hello world!"[..], b"", b"a,b", b"0123456789"];
    assert_eq!(items(stream, Netstring::new, |text| text.to_vec()), texts);
    let mut out = SmallBlocks::of(3);
    texts.iter().for_each(|text| Netstring::new().encode(*text, &mut out).unwrap());
    assert_eq!(out.bytes(), stream);
}

#[test]
fn what_is_no_netstring_is_refused_where_it_stops_to_be_one() {
    for (bytes, offset) in [(&b"x"[..], 0), (b":,", 0), (b"01:a,", 1), (b"1x", 1), (b"-1:,", 0), (b" 1:a,", 0)] {
        let error = NetstringError::Length { offset }.to_string();
        assert_eq!(refused(bytes), (vec![], error), "{}", bytes.escape_ascii());
    }
    assert_eq!(refused(b"1:a,2:bcd"), (vec![b"a".to_vec()], NetstringError::Comma { offset: 8 }.to_string()));
    assert_eq!(refused(b"3:ab"), (vec![], "truncated".to_owned()));
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_anything_of_the_string_has_come() {
    let error = NetstringError::TooLong { offset: 0, limit: 99 }.to_string();
    assert_eq!(refused(b"100"), (vec![], error.clone()));
    assert_eq!(refused(&[b'9'; 1000]), (vec![], error));
    let mut out = Vec::new();
    assert!(matches!(Netstring::new().max_len(2).encode("abc", &mut out), Err(EncodeError::TooLong { .. })));
    assert!(out.is_empty());
}

#[test]
fn a_long_string_is_taken_in_parts() {
    let buffer = SequenceBuf::from(&b"5:abcde,"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    let codec = Netstring::new();
    let mut body = codec.decode_head(&mut cursor).unwrap().value().expect("a head");
    assert_eq!(body.remaining(), 5);
    assert_eq!(body.take(&mut cursor).to_vec(), b"abcde");
    assert_eq!(codec.decode_end(&mut cursor).unwrap(), Decoded::Value(()));
    assert!(cursor.is_empty());
}

#[test]
fn a_length_asks_for_all_that_is_missing() {
    let buffer = SequenceBuf::from(&b"10:abc"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(Netstring::new().decode(&mut cursor).unwrap(), Decoded::NeedMore(8));
}
