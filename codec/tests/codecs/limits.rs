//! A limit means the same in both directions: what an encoder accepts, the decoder with the same options reads back.

use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder,
    chunked::{ChunkedDecoder, write_chunk, write_end},
    cobs::Cobs,
    delimited::Delimited,
    length_delimited::LengthDelimited,
    netstring::Netstring,
    prefix::{LengthPrefix, Prefixed},
    websocket::{Frame, FrameEncoder, MessageDecoder, Role},
};
use headpond_pool::SequenceBuf;

/// The one item that `bytes` are.
fn read<D: Decoder>(mut decoder: D, bytes: &[u8], own: impl Fn(D::Item<'_>) -> Vec<u8>) -> Result<Vec<u8>, String> {
    let buffer = SequenceBuf::from(bytes.to_vec());
    let mut cursor = buffer.as_sequence().cursor();
    let item = match decoder.decode(&mut cursor) {
        Ok(Decoded::Value(item)) => own(item),
        Ok(Decoded::NeedMore(needed)) => return Err(format!("{needed} more bytes are needed")),
        Err(error) => return Err(error.to_string()),
    };
    if cursor.is_empty() { Ok(item) } else { Err(format!("{} bytes are left", cursor.len())) }
}

/// Every combination of options around the limit, and numbers that nothing can be added to.
#[test]
fn what_a_length_delimited_encoder_accepts_is_read_back() {
    const HUGE: isize = isize::MAX;
    let (mut accepted, mut refused) = (0, 0);
    for width in 1..=8 {
        for adjustment in [0, 1, 2, 4, 5, 100, 251, 300, -1, -2, -4, -5, -100, -251, -300, HUGE, -HUGE, isize::MIN] {
            for max_len in [0, 1, 2, 3, 4, 5, 9, 10, 11, 250, 255, 256, 300, usize::MAX] {
                for (offset, skip) in
                    [(0, None), (0, Some(0)), (0, Some(1)), (0, Some(width)), (0, Some(width + 3)), (3, None)]
                {
                    let options = LengthDelimited::new()
                        .field_len(width)
                        .adjustment(adjustment)
                        .max_len(max_len)
                        .field_offset(offset);
                    let options = skip.map_or(options, |skip| options.skip(skip));
                    for mut codec in [options.big_endian(), options.little_endian()] {
                        for len in [0, 1, 2, 3, 4, 5, 9, 10, 11, 249, 250, 251, 255, 256, 300, 301] {
                            let (frame, mut out) = (vec![b'x'; len], Vec::new());
                            match codec.encode(&frame[..], &mut out) {
                                Ok(()) => {
                                    let back = read(codec, &out, |frame| frame.to_vec());
                                    assert_eq!(back.as_ref(), Ok(&frame), "{codec:?} wrote {}", out.escape_ascii());
                                    accepted += 1;
                                }
                                Err(EncodeError::TooLong { .. } | EncodeError::Unrepresentable { .. }) => {
                                    assert!(out.is_empty(), "{codec:?} wrote a part");
                                    refused += 1;
                                }
                                Err(other) => panic!("{other}"),
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(accepted > 1000 && refused > 1000, "{accepted} accepted, {refused} refused");
}

/// The longest frame is as long as the limit says, whatever the field counts.
#[test]
fn the_limit_is_that_of_the_frame() {
    for adjustment in [-4, -1, 0, 1, 4] {
        let mut codec = LengthDelimited::new().adjustment(adjustment).max_len(10);
        for len in [4, 9, 10] {
            let (frame, mut out) = (vec![b'x'; len], Vec::new());
            codec.encode(&frame[..], &mut out).unwrap();
            assert_eq!(read(codec, &out, |frame| frame.to_vec()), Ok(frame), "{adjustment}");
        }
        assert!(matches!(
            codec.encode(&[b'x'; 11][..], &mut Vec::new()),
            Err(EncodeError::TooLong { len: 11, limit: 10 })
        ));
        let field = (11 - adjustment) as u32;
        let error = read(codec, &field.to_be_bytes(), |frame| frame.to_vec()).unwrap_err();
        assert!(error.contains("10 is the most"), "{error}");
    }
}

/// Payloads of lengths around limits of the others, with bytes that they have to work for.
#[test]
fn what_the_other_encoders_accept_is_read_back() {
    let own = |bytes: headpond_pool::Sequence<'_>| bytes.to_vec();
    let mut counts = [0; 2];
    let mut check = |written: Result<(), EncodeError>, back: &dyn Fn() -> Result<Vec<u8>, String>, item: &[u8]| {
        counts[usize::from(written.is_ok())] += 1;
        if written.is_ok() {
            assert_eq!(back().as_deref(), Ok(item), "{}", item.escape_ascii());
        }
    };
    for max_len in [0, 1, 2, 3, 10, 127, 128, 253, 254, 255, 256, 257, 300, usize::MAX] {
        for len in [0, 1, 2, 3, 9, 10, 11, 126, 127, 128, 252, 253, 254, 255, 256, 300, 301, 508, 509] {
            for fill in [&b"x"[..], b"\0", b"x\0", b"ab-", b"a-", b"\r", b"\r\n", b"--"] {
                let item: Vec<u8> = fill.iter().copied().cycle().take(len).collect();
                for prefix in [
                    LengthPrefix::U8,
                    LengthPrefix::U16Be,
                    LengthPrefix::U16Le,
                    LengthPrefix::U32Be,
                    LengthPrefix::U32Le,
                    LengthPrefix::Varint,
                ] {
                    let (mut codec, mut out) = (Prefixed::new(prefix).max_len(max_len), Vec::new());
                    check(codec.encode(&item[..], &mut out), &|| read(codec, &out, own), &item);
                }
                for delimiter in [&b"-"[..], b"--", b"\r\n", b"a-a"] {
                    let (codec, mut out) = (Delimited::by(delimiter).max_len(max_len), Vec::new());
                    check(codec.clone().encode(&item[..], &mut out), &|| read(codec.clone(), &out, own), &item);
                    let (codec, mut out) = (Delimited::by_any_of(delimiter).max_len(max_len), Vec::new());
                    check(codec.clone().encode(&item[..], &mut out), &|| read(codec.clone(), &out, own), &item);
                }
                let (mut codec, mut out) = (Netstring::new().max_len(max_len), Vec::new());
                check(codec.encode(&item[..], &mut out), &|| read(codec, &out, own), &item);
                let (codec, mut out) = (Cobs::new().max_len(max_len), Vec::new());
                check(codec.clone().encode(&item[..], &mut out), &|| read(codec.clone(), &out, |f| f.to_vec()), &item);
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 1000), "{counts:?}");
}

/// Those whose encoders have no limit of their own write what a decoder takes that has none.
#[test]
fn what_has_a_limit_on_one_side_only() {
    for len in [1, 125, 126, 65_535, 65_536, 70_000] {
        let item = "x".repeat(len);
        let mut out = Vec::new();
        FrameEncoder::server().encode(Frame::text(&item[..]), &mut out).unwrap();
        let own = |message| match message {
            headpond_codec::websocket::Message::Text(text) => text.into_bytes(),
            other => panic!("{other:?}"),
        };
        assert_eq!(read(MessageDecoder::new(Role::Client), &out, own).as_deref(), Ok(item.as_bytes()));
        let mut out = Vec::new();
        write_chunk(&mut out, &item[..]).unwrap();
        write_end::<&str, &str>(&mut out, []).unwrap();
        let buffer = SequenceBuf::from(out);
        let (mut decoder, mut cursor) = (ChunkedDecoder::new(), buffer.as_sequence().cursor());
        while decoder.decode(&mut cursor).unwrap().value().is_some() {}
        assert!(decoder.is_done() && cursor.is_empty());
    }
}
