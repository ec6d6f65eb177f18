//! Bodies behind their length: every form, known before or not.

use bytes::{Bytes, BytesMut};
use headpond_codec::{
    Decoder, Encode, EncodeError, Encoder,
    prefix::{LengthPrefix, Prefixed, write_prefixed},
};
use headpond_pool::{BufferWriter, PatchError, Sequence, SequenceBuf};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec};

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

const FORMS: [LengthPrefix; 6] = [
    LengthPrefix::U8,
    LengthPrefix::U16Be,
    LengthPrefix::U16Le,
    LengthPrefix::U32Be,
    LengthPrefix::U32Le,
    LengthPrefix::Varint,
];

fn text(body: Sequence<'_>) -> Vec<u8> {
    body.to_vec()
}

/// By hand.
fn prefixed(form: LengthPrefix, body: &[u8]) -> Vec<u8> {
    let len = body.len();
    let prefix = match form {
        LengthPrefix::U8 => vec![len as u8],
        LengthPrefix::U16Be => (len as u16).to_be_bytes().to_vec(),
        LengthPrefix::U16Le => (len as u16).to_le_bytes().to_vec(),
        LengthPrefix::U32Be => (len as u32).to_be_bytes().to_vec(),
        LengthPrefix::U32Le => (len as u32).to_le_bytes().to_vec(),
        _ if len < 128 => vec![len as u8],
        _ => vec![len as u8 | 0x80, (len >> 7) as u8],
    };
    [&prefix, body].concat()
}

#[test]
fn every_form_goes_there_and_back() {
    let bodies = [b"".as_slice(), b"a", b"\x00\x05hello", &[b'x'; 200]];
    for form in FORMS {
        let mut codec = Prefixed::new(form);
        let mut stream = Vec::new();
        bodies.iter().for_each(|body| codec.encode(*body, &mut stream).unwrap());
        assert_eq!(stream, bodies.iter().flat_map(|body| prefixed(form, body)).collect::<Vec<_>>(), "{form:?}");
        assert_eq!(items(&stream, || codec, text), bodies);
    }
}

/// `tokio_util`'s for the fixed widths, `unsigned-varint` for the other: each reads what the other writes.
#[test]
fn the_references_have_the_same_bytes() {
    let bodies = [b"".as_slice(), b"a", b"\x00\x05hello", &[b'x'; 200]];
    for form in FORMS {
        let (mut ours, mut theirs) = (Vec::new(), BytesMut::new());
        for body in bodies {
            Prefixed::new(form).encode(body, &mut ours).unwrap();
            match reference(form) {
                Some(mut codec) => codec.encode(Bytes::copy_from_slice(body), &mut theirs).unwrap(),
                None => {
                    let mut buffer = unsigned_varint::encode::usize_buffer();
                    theirs.extend_from_slice(unsigned_varint::encode::usize(body.len(), &mut buffer));
                    theirs.extend_from_slice(body);
                }
            }
        }
        assert_eq!(ours, theirs, "{form:?}");
        assert_eq!(items(&theirs, || Prefixed::new(form), text), bodies);
        // With the length put there afterwards it is the same where it has a fixed width.
        if let Some(mut codec) = reference(form) {
            let mut later = Vec::new();
            bodies.iter().for_each(|body| write_prefixed(&mut later, form, |out| body.encode(out)).unwrap());
            assert_eq!(later, ours, "{form:?}");
            let mut later = BytesMut::from(&later[..]);
            let read = std::iter::from_fn(|| codec.decode(&mut later).unwrap());
            assert_eq!(read.map(|body| body.to_vec()).collect::<Vec<_>>(), bodies);
        }
    }
}

fn reference(form: LengthPrefix) -> Option<LengthDelimitedCodec> {
    let mut builder = LengthDelimitedCodec::builder();
    match form {
        LengthPrefix::U8 => builder.length_field_length(1),
        LengthPrefix::U16Be => builder.length_field_length(2),
        LengthPrefix::U16Le => builder.length_field_length(2).little_endian(),
        LengthPrefix::U32Be => builder.length_field_length(4),
        LengthPrefix::U32Le => builder.length_field_length(4).little_endian(),
        _ => return None,
    };
    Some(builder.new_codec())
}

/// At every distance from the end of a block.
#[test]
fn the_length_is_put_before_the_body_afterwards() {
    for form in FORMS {
        for before in 0..8 {
            let mut out = SmallBlocks::of(8);
            out.write(&vec![b'-'; before]).unwrap();
            write_prefixed(&mut out, form, |out| format_args!("{:>20}", "over three blocks").encode(out)).unwrap();
            write_prefixed(&mut out, form, |_| Ok(())).unwrap();
            let stream = out.bytes()[before..].to_vec();
            assert_eq!(items(&stream, || Prefixed::new(form), text), [&b"   over three blocks"[..], b""], "{form:?}");
        }
    }
}

#[test]
fn a_padded_varint_is_read() {
    let mut out = Vec::new();
    write_prefixed(&mut out, LengthPrefix::Varint, |out| "abc".encode(out)).unwrap();
    assert_eq!(out, b"\x83\x80\x80\x80\x00abc");
    assert_eq!(items(&out, || Prefixed::new(LengthPrefix::Varint), text), [b"abc"]);
}

#[test]
fn a_prefix_inside_a_body() {
    let mut out = Vec::new();
    write_prefixed(&mut out, LengthPrefix::U16Be, |out| {
        write_prefixed(out, LengthPrefix::U8, |out| "in".encode(out))?;
        "out".encode(out)
    })
    .unwrap();
    assert_eq!(out, b"\0\x06\x02inout");
}

#[test]
fn too_long_is_refused_by_what_is_announced() {
    let tight = || Prefixed::new(LengthPrefix::U32Be).max_len(3);
    let (items, error) = outcome(b"\0\0\0\x03abc\xff\xff\xff\xff", tight, text);
    assert_eq!(items, [b"abc"]);
    assert_eq!(error.unwrap(), "the prefix at offset 7 announces at least 4278190080 bytes, where 3 is the most");
    let (_, error) = outcome(b"\xff\xff\xff\xff\x10", || Prefixed::new(LengthPrefix::Varint).max_len(usize::MAX), text);
    assert_eq!(error.unwrap(), "the number at offset 0 has more than 32 bits");
    let (_, error) = outcome(b"\x05abc", || Prefixed::new(LengthPrefix::U8), text);
    assert_eq!(error.unwrap(), "truncated");
}

#[test]
fn what_has_no_place_is_not_written() {
    let mut out = Vec::new();
    let error = tight_encode(&mut out, &[0; 256]).unwrap_err();
    assert!(matches!(error, EncodeError::TooLong { len: 256, limit: 255 }));
    assert!(out.is_empty());
    let error = write_prefixed(&mut out, LengthPrefix::U8, |out| [0_u8; 256][..].encode(out)).unwrap_err();
    assert!(matches!(error, EncodeError::TooLong { len: 256, limit: 255 }));
}

fn tight_encode(out: &mut Vec<u8>, body: &[u8]) -> Result<(), EncodeError> {
    Prefixed::new(LengthPrefix::U8).encode(body, out)
}

/// A body that publishes its own prefix, here by taking the bytes away.
#[test]
fn a_body_that_flushes_is_an_error() {
    let mut out = Vec::new();
    let error = write_prefixed(&mut out, LengthPrefix::U16Le, |out: &mut Vec<u8>| {
        out.clear();
        Ok(())
    });
    assert!(matches!(error, Err(EncodeError::Patch(PatchError::Flushed { position: 0 }))));
}

#[test]
fn a_body_larger_than_memory_is_taken_in_parts() {
    let codec = Prefixed::new(LengthPrefix::U32Le).max_len(usize::MAX);
    let buffer = SequenceBuf::from(b"\xff\xff\xff\xffbegin".to_vec());
    let mut cursor = buffer.as_sequence().cursor();
    let mut body = codec.decode_head(&mut cursor).unwrap().value().unwrap();
    assert_eq!(body.take(&mut cursor), "begin");
    assert_eq!(body.remaining(), u64::from(u32::MAX) - 5);
    assert!(body.finish(&mut cursor).is_err());
}
