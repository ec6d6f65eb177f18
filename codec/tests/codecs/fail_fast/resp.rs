//! RESP: tokens, whole frames, commands.

use headpond_codec::resp::{CommandDecoder, FrameDecoder, Limits, TokenDecoder};

use super::{STREAMS, Streams};

/// What a token may go on with, what ends first: a line, an aggregate, a streamed string; then a value.
const ENDS: &[u8] = b"\r\n.;_0x:14tnfa-";

#[test]
fn tokens() {
    let limits = Limits::new().max_line(4).max_string(12).max_elements(11);
    let alphabet = b"+-:$#_,(!=*%~>|;.01\r\n?x";
    let streams = Streams { alphabet, len: 3, ends: ENDS, ..STREAMS };
    streams.check(|| TokenDecoder::with_limits(limits));
    for sign in [b":", b"$", b"!", b"=", b"*", b"%", b"~", b">", b"|"] {
        let streams = Streams { start: sign, alphabet: b"0125-+?\r\nx", len: 4, ..streams };
        streams.check(|| TokenDecoder::with_limits(limits));
        streams.check(|| TokenDecoder::with_limits(limits).split_above(1));
        streams.check(|| TokenDecoder::with_limits(limits.max_depth(0)));
    }
}

#[test]
fn texts_of_tokens() {
    let limits = Limits::new().max_string(12).max_elements(11);
    for (start, alphabet) in [
        (&b","[..], &b"01.e-\r\n"[..]),
        (b",", b"infaIN+-\r\nx"),
        (b",1", b".eE5+-\r\n"),
        (b"(", b"1-+\r\nx"),
        (b"#", b"tf\r\nx"),
        (b"_", b"\r\nx"),
        (b"+", b"\r\nx"),
        (b"$1\r\n", b"\r\nx"),
        (b"$3\r\n", b"\r\nx"),
        (b"=5\r\n", b":\r\nx"),
        (b"*?", b"\r\nx"),
        (b":922337203685477580", b"789\r\n"),
        (b":-922337203685477580", b"789\r\n"),
        (b":000000000000000000", b"01\r\n"),
        (b"=000000000000000000", b"014\r\n"),
    ] {
        for max_line in [4, 6, 40] {
            let streams = Streams { start, alphabet, len: 5, ends: ENDS, ..STREAMS };
            streams.check(|| TokenDecoder::with_limits(limits.max_line(max_line)));
        }
    }
}

#[test]
fn tokens_within_others() {
    let limits = Limits::new().max_string(12).max_elements(11).max_depth(2);
    for (before, alphabet) in [
        (&b"$?\r\n"[..], &b";01\r\nx$"[..]),
        (b"*?\r\n", b".:1\r\n;"),
        (b"%?\r\n:1\r\n", b".:1\r\n;"),
        (b"|0\r\n", b".:1\r\n;*|"),
        (b"*1\r\n*1\r\n", b"|*?01-\r\n$%"),
    ] {
        let streams = Streams { before, alphabet, len: 5, ends: ENDS, ..STREAMS };
        streams.check(|| TokenDecoder::with_limits(limits));
    }
}

/// The longest frame is known to be too short for what is announced as soon as it is.
#[test]
fn frames() {
    let limits = Limits::new().max_elements(9).max_string(9).max_depth(3);
    let alphabet = b"*$|_129?;.-\r\n";
    for start in [
        &b""[..],
        b"*",
        b"%",
        b"*1\r\n",
        b"*2\r\n_\r\n",
        b"|",
        b"|0\r\n",
        b"$?\r\n",
        b"*?\r\n",
        b"%?\r\n",
        b"%?\r\n_\r\n",
        b"*2\r\n|0\r\n",
        b"*2\r\n=",
    ] {
        for max_len in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 16, 100] {
            let streams = Streams { start, alphabet, len: 3, ends: ENDS, ..STREAMS };
            streams.check_if_live(|| FrameDecoder::with_limits(limits).max_len(max_len));
        }
    }
}

#[test]
fn commands() {
    let limits = Limits::new().max_elements(9).max_string(9).max_line(6);
    for start in [&b""[..], b"*", b"*1\r\n", b"*2\r\n", b"*2\r\n$0\r\n\r\n", b"*1\r\n$", b"*1\r\n$2\r\n"] {
        for max_len in [3, 4, 6, 9, 10, 11, 16, 17, 22, 100] {
            let streams = Streams { start, alphabet: b"*$0129-\r\nx", len: 4, ends: b"\r\n$0x", ..STREAMS };
            streams.check_if_live(|| CommandDecoder::with_limits(limits).max_len(max_len));
        }
    }
    for max_line in [0, 1, 2, 3, 4, 5, 100] {
        let streams = Streams { alphabet: b"a \"'\\\n\r", len: 4, ends: b"\n\"'x", ..STREAMS };
        streams.check(|| CommandDecoder::with_limits(limits.max_line(max_line)));
    }
}
