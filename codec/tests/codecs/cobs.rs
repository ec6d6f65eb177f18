//! Consistent overhead byte stuffing, against the crate `cobs`.

use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder,
    cobs::{Cobs, CobsError},
};

use headpond_pool::{SequenceBuf, Slice};

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

/// Frames of every kind of length, with zeros at different distances.
fn frames() -> Vec<Vec<u8>> {
    let lengths = [0, 1, 2, 3, 253, 254, 255, 256, 508, 509, 600];
    let with_zeros = |len, every: usize| (1..=len).map(|i| if i % every == 0 { 0 } else { i as u8 | 1 }).collect();
    lengths.iter().flat_map(|&len| [1, 2, 254, 255, 1000].map(|every| with_zeros(len, every))).collect()
}

/// The reference makes nothing of an empty frame, where the article has a code byte.
fn stuffed_by_reference(frame: &[u8]) -> Vec<u8> {
    if frame.is_empty() {
        return vec![1, 0];
    }
    let mut out = vec![0; cobs::max_encoding_length(frame.len()).max(1)];
    let len = cobs::encode(frame, &mut out);
    out.truncate(len);
    out.push(0);
    out
}

/// The table of the article by Cheshire and Baker, as it is commonly printed.
#[test]
fn the_printed_examples() {
    let run = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
    let examples: [(Vec<u8>, Vec<u8>); 7] = [
        (vec![0], vec![1, 1, 0]),
        (vec![0, 0], vec![1, 1, 1, 0]),
        (vec![0, 0x11, 0], vec![1, 2, 0x11, 1, 0]),
        (vec![0x11, 0x22, 0, 0x33], vec![3, 0x11, 0x22, 2, 0x33, 0]),
        (vec![0x11, 0, 0, 0], vec![2, 0x11, 1, 1, 1, 0]),
        (run(1, 254), [vec![0xff], run(1, 254), vec![0]].concat()),
        (run(1, 255), [vec![0xff], run(1, 254), vec![2, 255, 0]].concat()),
    ];
    for (frame, stuffed) in examples {
        let mut out = Vec::new();
        Cobs::new().encode(&frame[..], &mut out).unwrap();
        assert_eq!(out, stuffed);
        assert_eq!(items(&stuffed, Cobs::new, |frame| frame.to_vec()), [frame]);
    }
}

#[test]
fn the_reference_reads_what_is_written_here_and_the_other_way_round() {
    let mut stream = Vec::new();
    for frame in frames() {
        let mut out = SmallBlocks::of(256);
        Cobs::new().encode(&frame[..], &mut out).unwrap();
        let stuffed = out.bytes();
        assert!(stuffed.len() - 1 <= Cobs::stuffed_len(frame.len()));
        let mut back = vec![0; stuffed.len()];
        let len = cobs::decode(&stuffed[..stuffed.len() - 1], &mut back).expect("the reference reads it");
        assert_eq!(back[..len], frame[..], "{} bytes", frame.len());
        stream.extend_from_slice(&stuffed_by_reference(&frame));
    }
    let (mut decoder, mut taken) = (Cobs::new(), Vec::new());
    let buffer = SequenceBuf::from_iter(stream.chunks(7).map(Slice::copy_from_slice));
    let mut cursor = buffer.as_sequence().cursor();
    while let Decoded::Value(frame) = decoder.decode(&mut cursor).unwrap() {
        taken.push(frame.to_vec());
    }
    assert_eq!(taken, frames());
}

#[test]
fn a_run_beyond_its_frame_is_refused() {
    for (bytes, offset) in [(&b"\0"[..], 0), (b"\x03a\0", 0), (b"\x02a\x02\0", 2)] {
        let error = CobsError::Run { offset }.to_string();
        assert_eq!(outcome(bytes, Cobs::new, |frame| frame.to_vec()), (vec![], Some(error)));
    }
    assert_eq!(outcome(b"\x02a", Cobs::new, |frame| frame.to_vec()), (vec![], Some("truncated".to_owned())));
}

#[test]
fn a_frame_beyond_the_limit_is_refused() {
    let make = || Cobs::new().max_len(3);
    assert_eq!(items(b"\x03ab\0", make, |frame| frame.to_vec()), [b"ab"]);
    let error = CobsError::TooLong { offset: 0, limit: 3 }.to_string();
    assert_eq!(outcome(b"\x04abc\0", make, |frame| frame.to_vec()), (vec![], Some(error)));
    let mut out = Vec::new();
    assert!(matches!(make().encode("abcd", &mut out), Err(EncodeError::TooLong { .. })));
    assert!(out.is_empty());
}

/// What is written within a limit is read within it: the limit is of the stuffed frame, whatever that depends upon.
#[test]
fn a_frame_is_written_if_and_only_if_it_is_read_within_the_same_limit() {
    for frame in frames() {
        let stuffed = stuffed_by_reference(&frame).len() - 1;
        for limit in stuffed.saturating_sub(2)..=stuffed + 2 {
            let (mut codec, mut out) = (Cobs::new().max_len(limit), SmallBlocks::of(256));
            let pieces: SequenceBuf = frame.chunks(100).map(Slice::copy_from_slice).collect();
            let written = codec.encode(pieces.as_sequence(), &mut out);
            if stuffed <= limit {
                written.unwrap();
                let buffer = SequenceBuf::from(out.bytes());
                let read = codec.decode(&mut buffer.as_sequence().cursor()).unwrap().value();
                assert_eq!(read.map(|frame| frame.to_vec()), Some(frame.clone()), "{limit}");
            } else {
                assert!(matches!(written, Err(EncodeError::TooLong { .. })), "{} bytes within {limit}", frame.len());
                assert!(out.bytes().is_empty());
            }
        }
    }
}
