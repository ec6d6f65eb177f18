//! The chunked coding: every split, the crate `chunked_transfer` on the same bytes, and the tricks that smuggle requests.

use std::io::{Read, Write};

use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder, FinishError,
    chunked::{ChunkedDecoder, ChunkedEncoder, Limits, Piece, write_chunk, write_chunk_with, write_end},
};
use headpond_pool::{BufferWriter, Sequence, SequenceBuf, Slice};

use crate::{
    cuts,
    small_blocks::SmallBlocks,
    splits::{fed, for_each_arrival},
};

/// A piece as text that is the same however the data before it was split.
fn told(piece: Piece<Sequence<'_>>) -> String {
    let text = |bytes: Sequence<'_>| String::from_utf8_lossy(&bytes.to_vec()).into_owned();
    match piece {
        Piece::Chunk { size, extensions } => format!("[{size}{}]", text(extensions)),
        Piece::Data(data) => text(data),
        Piece::Trailer { name, value } => format!("<{}={}>", text(name), text(value)),
        Piece::End => "$".to_owned(),
        _ => unreachable!(),
    }
}

/// What a body holds, and what is wrong with it, over every split of its bytes.
fn read_within(limits: Limits, bytes: &[u8]) -> (String, Option<String>) {
    let read = |pieces: &[&[u8]]| {
        let (items, error) = fed(pieces, ChunkedDecoder::with_limits(limits), &told);
        (items.concat(), error)
    };
    let expected = read(&[bytes]);
    for_each_arrival(bytes, |pieces| assert_eq!(read(pieces), expected, "{pieces:?}"));
    cuts::for_each_cut(bytes, |sequence| {
        let (mut decoder, mut cursor, mut all) =
            (ChunkedDecoder::with_limits(limits), sequence.cursor(), String::new());
        let error = loop {
            match decoder.finish(&mut cursor) {
                Ok(Some(piece)) => all.push_str(&told(piece)),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert_eq!((&all, error), (&expected.0, expected.1.is_some()));
    });
    expected
}

fn read(text: &str) -> (String, Option<String>) {
    read_within(Limits::new(), text.as_bytes())
}

#[test]
fn chunks_extensions_and_trailers() {
    for (body, expected) in [
        ("0\r\n\r\n", "[0]$"),
        ("4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n", "[4]Wiki[7]pedia i[11]n \r\nchunks.[0]$"),
        ("00A\r\n0123456789\r\n000\r\n\r\n", "[10]0123456789[0]$"),
        ("1;a\r\nx\r\n0;b=c\r\n\r\n", "[1;a]x[0;b=c]$"),
        ("1 ; a = b\t;c\r\nx\r\n0\r\n\r\n", "[1 ; a = b\t;c]x[0]$"),
        ("1;a=\"b;\\\"c\\\\\t\"\r\nx\r\n0\r\n\r\n", "[1;a=\"b;\\\"c\\\\\t\"]x[0]$"),
        ("0\r\nA: b\r\nc:\td e \t\r\nf:\r\n\r\n", "[0]<A=b><c=d e><f=>$"),
        ("0\r\na: \u{e4}:\r\n\r\nGET / HTTP/1.1\r\n", "[0]<a=\u{e4}:>$"),
    ] {
        assert_eq!(read(body), (expected.to_owned(), None), "{body:?}");
    }
}

/// Each of these is read in two ways by pairs of known implementations.
#[test]
fn what_smuggles_requests_is_refused_where_it_stands() {
    for (body, offset) in [
        // Bare line feeds and carriage returns, wherever a line may end.
        ("1\nx\r\n", 1),
        ("1\rx\r\n", 2),
        ("1\r\nx\n0\r\n\r\n", 4),
        ("1\r\nx\r0\r\n\r\n", 5),
        ("0\n\r\n", 1),
        ("0\r\n\n", 3),
        ("0\r\n\r\r\n", 4),
        ("0\r\na: b\n\r\n", 7),
        ("0\r\na: b\rc: d\r\n\r\n", 8),
        // A line feed hidden in an extension, in a quoted string, behind a backslash.
        ("1;\nx\r\n", 2),
        ("1;a\nx\r\n", 3),
        ("1;a=\"\r\n\"\r\nx\r\n", 5),
        ("1;a=\"\\\nx\"\r\n", 6),
        ("1;a=b\r;\r\n", 6),
        // White space before, within and behind a size.
        (" 1\r\nx\r\n", 0),
        ("\t1\r\nx\r\n", 0),
        ("\r\n1\r\nx\r\n", 0),
        ("1 \r\nx\r\n", 2),
        ("1 0\r\n", 2),
        ("1\u{b};a\r\n", 1),
        // Sizes that some parsers take for numbers.
        ("\r\n", 0),
        (";a\r\n", 0),
        ("0x1\r\nx\r\n", 1),
        ("+1\r\nx\r\n", 0),
        ("-1\r\nx\r\n", 0),
        ("1_0\r\n", 1),
        ("1,0\r\n", 1),
        ("1h\r\n", 1),
        ("1\0\r\n", 1),
        ("\u{ff11}\r\n", 0),
        // Data longer or shorter than its size says.
        ("1\r\nxy\r\n0\r\n\r\n", 4),
        ("2\r\nx\r\n0\r\n\r\n", 5),
        ("1\r\nx0\r\n\r\n", 4),
        ("1\r\nx\r\n\r\n0\r\n\r\n", 6),
        // Extensions without a name or a value, and what no token holds.
        ("1;\r\nx\r\n", 2),
        ("1;;\r\nx\r\n", 2),
        ("1;a=\r\nx\r\n", 4),
        ("1;a=b=c\r\nx\r\n", 5),
        ("1;a b\r\nx\r\n", 4),
        ("1;a \r\nx\r\n", 4),
        ("1;a=b \r\nx\r\n", 6),
        ("1;a=\"b\"c\r\nx\r\n", 7),
        ("1;a=\"\u{1}\"\r\nx\r\n", 5),
        ("1;a/b\r\nx\r\n", 3),
        // Trailers folded, without a name, with a space before the colon, with control characters.
        ("0\r\n a: b\r\n\r\n", 3),
        ("0\r\na: b\r\n c\r\n\r\n", 9),
        ("0\r\n: b\r\n\r\n", 3),
        ("0\r\na : b\r\n\r\n", 4),
        ("0\r\na\r\n\r\n", 4),
        ("0\r\na: b\0c\r\n\r\n", 7),
        ("0\r\na: b\u{7f}\r\n\r\n", 7),
        ("0\r\n\u{e4}: b\r\n\r\n", 3),
    ] {
        let (_, error) = read(body);
        let error = error.expect(body);
        assert!(error.starts_with(&format!("at offset {offset}: ")), "{body:?}: {error}");
    }
}

#[test]
fn a_body_that_is_cut_off_is_truncated() {
    let whole = "3;a\r\nabc\r\n0\r\na: b\r\n\r\n";
    for len in 0..whole.len() {
        let (_, error) = read(&whole[..len]);
        assert_eq!(error.as_deref(), Some("truncated"), "{len}");
    }
    assert_eq!(read(whole).1, None);
}

#[test]
fn every_limit_is_kept_and_named() {
    let limits = Limits::new().max_line(6).max_chunk(10).max_body(12).max_extensions(6).max_trailers(9);
    let within = "a;b=c\r\n0123456789\r\n2;d\r\nab\r\n0\r\nab: cd\r\ne:f\r\n\r\n";
    assert_eq!(read_within(limits, within.as_bytes()).0, "[10;b=c]0123456789[2;d]ab[0]<ab=cd><e=f>$".to_owned());
    for (body, message) in [
        ("b", "with what begins at offset 0 there are more than 10 bytes in the chunk"),
        ("1\r\nx\r\n00b", "with what begins at offset 6 there are more than 10 bytes in the chunk"),
        ("1\r\nx\r\nfffffffffffffffff", "with what begins at offset 6 there are more than 10 bytes in the chunk"),
        ("8\r\n01234567\r\n5\r\n", "with what begins at offset 13 there are more than 12 bytes of data in the body"),
        ("0000001\r\n", "with what begins at offset 0 there are more than 6 bytes in lines"),
        // As soon as there is one byte too many, and not when the line end should have come.
        ("0000001", "with what begins at offset 0 there are more than 6 bytes in lines"),
        ("0\r\nabc:123456", "with what begins at offset 3 there are more than 9 bytes in lines"),
        ("1\r\nx\r\n000000000", "with what begins at offset 6 there are more than 6 bytes in lines"),
        (
            "1;ab\r\nx\r\n1;cd\r\nx\r\n1;e\r\n",
            "with what begins at offset 18 there are more than 6 bytes of extensions in the body",
        ),
        ("0\r\nabc:1234567890", "with what begins at offset 3 there are more than 9 bytes in lines"),
        ("0\r\nab: cd\r\ne: fg\r\n", "with what begins at offset 11 there are more than 9 bytes in lines"),
    ] {
        assert_eq!(read_within(limits, body.as_bytes()).1.as_deref(), Some(message), "{body:?}");
    }
    let unlimited = Limits::new().max_chunk(u64::MAX);
    assert_eq!(read_within(unlimited, b"ffffffffffffffff\r\n").0, format!("[{}]", u64::MAX));
    let error = read_within(unlimited, b"10000000000000000\r\n").1.unwrap();
    assert!(error.contains("bytes in the chunk"), "{error}");
}

#[test]
fn an_error_comes_again_and_a_reset_decoder_reads_another_body() {
    let mut decoder = ChunkedDecoder::new();
    let buffer = SequenceBuf::from("1;a\nx");
    let mut cursor = buffer.as_sequence().cursor();
    let first = decoder.decode(&mut cursor).unwrap_err();
    assert_eq!(decoder.decode(&mut cursor), Err(first));
    decoder.reset();
    let buffer = SequenceBuf::from("0\r\n\r\n0\r\n\r\n");
    let mut cursor = buffer.as_sequence().cursor();
    for _ in 0..2 {
        decoder.reset();
        while !decoder.is_done() {
            assert!(decoder.decode(&mut cursor).unwrap().value().is_some());
        }
    }
    assert!(cursor.is_empty());
}

#[test]
fn what_follows_the_end_is_left_alone() {
    let mut decoder = ChunkedDecoder::new();
    let buffer = SequenceBuf::from("0\r\n\r\n1\r\nx");
    let mut cursor = buffer.as_sequence().cursor();
    while !decoder.is_done() {
        assert!(decoder.decode(&mut cursor).unwrap().value().is_some());
    }
    assert_eq!(decoder.decode(&mut cursor), Ok(Decoded::NeedMore(1)));
    assert_eq!(decoder.finish(&mut cursor), Ok(None));
    assert_eq!(cursor.remaining(), "1\r\nx");
    let mut cursor = SequenceBuf::new();
    cursor.push(Slice::from("5\r\nab"));
    let mut decoder = ChunkedDecoder::new();
    let mut cursor = cursor.as_sequence().cursor();
    assert!(matches!(decoder.finish(&mut cursor), Ok(Some(Piece::Chunk { size: 5, .. }))));
    assert!(matches!(decoder.finish(&mut cursor), Ok(Some(Piece::Data(_)))));
    assert!(matches!(decoder.finish(&mut cursor), Err(FinishError::Truncated { needed: 1, .. })));
}

/// Data as long as a chunk of each length between.
fn bodies() -> Vec<Vec<u8>> {
    [0, 1, 15, 16, 17, 255, 256, 4096, 70_000].map(|len: usize| (0..len).map(|i| (i * 7) as u8).collect()).into()
}

#[test]
fn the_reference_reads_what_is_written_here() {
    for data in bodies() {
        let mut out = SmallBlocks::of(64);
        for part in data.chunks(5000) {
            write_chunk(&mut out, part).unwrap();
        }
        if !data.is_empty() {
            write_chunk_with(&mut out, |out| Ok(out.write(&data)?)).unwrap();
        }
        write_end::<&str, &str>(&mut out, []).unwrap();
        let (bytes, mut back) = (out.bytes(), Vec::new());
        chunked_transfer::Decoder::new(&bytes[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, [&data[..], &data[..]].concat());
    }
}

#[test]
fn what_the_reference_writes_is_read_here() {
    for data in bodies() {
        let mut bytes = Vec::new();
        let mut encoder = chunked_transfer::Encoder::with_chunks_size(&mut bytes, 1000);
        encoder.write_all(&data).unwrap();
        drop(encoder);
        let mut back = Vec::new();
        let take = |piece: Piece<Sequence<'_>>| match piece {
            Piece::Data(data) => data.to_vec(),
            _ => Vec::new(),
        };
        for width in [1, 7, 4096, usize::MAX] {
            let pieces: Vec<&[u8]> = bytes.chunks(width).collect();
            let (items, error) = fed(&pieces, ChunkedDecoder::new(), &take);
            assert_eq!(error, None);
            back = items.concat();
        }
        assert_eq!(back, data);
    }
}

#[test]
fn a_chunk_of_unknown_size_has_it_patched_in() {
    for block in [10, 11, 64] {
        let mut out = SmallBlocks::of(block);
        write_chunk_with(&mut out, |out| Ok(out.write(&[b'x'; 0x1f])?)).unwrap();
        assert_eq!(out.bytes(), [&b"0000001f\r\n"[..], &[b'x'; 0x1f], b"\r\n"].concat());
    }
    let nothing = write_chunk_with(&mut Vec::new(), |_| Ok(()));
    assert!(matches!(nothing, Err(EncodeError::Unrepresentable { .. })));
    // No data is no chunk, where it would be the last one.
    let mut out = Vec::new();
    write_chunk(&mut out, "").unwrap();
    assert!(out.is_empty());
}

#[test]
fn trailers_that_would_split_the_message_are_not_written() {
    for (name, value) in
        [("a", "b\r\nc: d"), ("a", "b\nc"), ("a", "\0"), ("a b", "c"), ("", "c"), ("a:", "c"), ("\r", "")]
    {
        let mut out = Vec::new();
        let refused = write_end(&mut out, [("fine", "fine"), (name, value)]);
        assert!(matches!(refused, Err(EncodeError::Unrepresentable { .. })), "{name:?} {value:?}");
        assert!(out.is_empty());
    }
}

#[test]
fn pieces_are_written_as_they_were_read() {
    let body = b"a;b=\"c\"\r\n0123456789\r\n0;d\r\nE: f\r\n\r\n";
    let buffer: SequenceBuf = body.chunks(3).map(Slice::copy_from_slice).collect();
    let (mut cursor, mut out) = (buffer.as_sequence().cursor(), SmallBlocks::of(4));
    let (mut decoder, mut encoder) = (ChunkedDecoder::new(), ChunkedEncoder::new());
    while let Decoded::Value(piece) = decoder.decode(&mut cursor).unwrap() {
        // Kept slices outlive the stream's view.
        encoder.encode(piece.to_slices(), &mut out).unwrap();
    }
    assert!(encoder.is_done());
    assert_eq!(out.bytes(), body);
}

#[test]
fn pieces_out_of_order_are_not_written() {
    let chunk = |size, extensions| Piece::Chunk { size, extensions };
    for (before, piece) in [
        (vec![], Piece::Data("x")),
        (vec![], Piece::End),
        (vec![], Piece::Trailer { name: "a", value: "b" }),
        (vec![], chunk(1, "a")),
        (vec![], chunk(1, " ")),
        (vec![], chunk(1, ";a\r\n")),
        (vec![], chunk(1, ";a=\"")),
        (vec![chunk(2, "")], chunk(1, "")),
        (vec![chunk(2, ""), Piece::Data("x")], Piece::End),
        (vec![chunk(2, ""), Piece::Data("x")], Piece::Data("yz")),
        (vec![chunk(0, "")], Piece::Data("x")),
        (vec![chunk(0, ""), Piece::End], Piece::End),
        (vec![chunk(0, "")], Piece::Trailer { name: "a", value: "b\n" }),
    ] {
        let (mut encoder, mut out) = (ChunkedEncoder::new(), Vec::new());
        before.iter().for_each(|piece| encoder.encode(*piece, &mut out).unwrap());
        let len = out.len();
        assert!(encoder.encode(piece, &mut out).is_err(), "{before:?} {piece:?}");
        assert_eq!(out.len(), len);
    }
}
