//! Replies, and how two of them are compared.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    os::unix::net::UnixStream,
};

use headpond_codec::{
    Decoded, Decoder,
    resp::{FrameDecoder, Value},
};
use headpond_pool::{SequenceBuf, Slice};

/// A reply, and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    value: Value,
    bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The elements of an array that is all the bytes there are, as text; those of arrays in it with spaces between them.
pub(crate) fn parse(bytes: &[u8]) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Bulk(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    let buffer = SequenceBuf::from(bytes.to_vec());
    let value = FrameDecoder::new().decode(&mut buffer.as_sequence().cursor()).unwrap().value().unwrap().to_value();
    let Value::Array(elements) = value else { panic!("{value:?}") };
    let element = |value: &Value| match value {
        Value::Array(elements) => elements.iter().map(text).collect::<Vec<_>>().join(" "),
        other => text(other),
    };
    elements.iter().map(element).collect()
}

/// A connection that commands are sent over.
pub(crate) trait Socket: Read + Write {
    /// Ends what is sent.
    fn end(&self);
}

impl Socket for TcpStream {
    fn end(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

impl Socket for UnixStream {
    fn end(&self) {
        self.shutdown(Shutdown::Write).unwrap();
    }
}

/// Sends the pieces one after the other, and waits for so many replies.
pub(crate) fn talk(socket: &mut dyn Socket, pieces: &[&[u8]], count: usize) -> Vec<Reply> {
    for piece in pieces {
        socket.write_all(piece).unwrap();
    }
    let (mut buffer, mut decoder, mut replies) = (SequenceBuf::new(), FrameDecoder::new(), Vec::new());
    let mut memory = vec![0; 64 * 1024];
    while replies.len() < count {
        let n = socket.read(&mut memory).unwrap();
        assert!(n > 0, "the connection was closed after {} replies", replies.len());
        buffer.push(Slice::copy_from_slice(&memory[..n]));
        let mut cursor = buffer.as_sequence().cursor();
        let mut start = cursor.position();
        while let Decoded::Value(frame) = decoder.decode(&mut cursor).unwrap() {
            let bytes = cursor.sequence().slice(start..cursor.position()).to_vec();
            replies.push(Reply { value: frame.to_value(), bytes });
            start = cursor.position();
        }
        let consumed = start - cursor.sequence().start();
        buffer.consume(consumed);
    }
    assert!(buffer.as_sequence().is_empty(), "more came than was asked for");
    assert_eq!(replies.len(), count);
    replies
}

/// Sends this and no more, and reads everything up to the end.
pub(crate) fn until_closed(socket: &mut dyn Socket, bytes: &[u8]) -> Vec<u8> {
    let mut replies = Vec::new();
    socket.write_all(bytes).unwrap();
    socket.end();
    socket.read_to_end(&mut replies).unwrap();
    replies
}

/// How replies are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Byte by byte.
    Exact,
    /// The same elements in any order, at every level.
    Unordered,
    /// The same types, whatever they hold.
    Shape,
}

impl Comparison {
    pub(crate) fn accepts(self, ours: &Reply, theirs: &Reply) -> bool {
        match self {
            Self::Exact => ours.bytes == theirs.bytes,
            Self::Unordered => sorted(&ours.value) == sorted(&theirs.value),
            Self::Shape => std::mem::discriminant(&ours.value) == std::mem::discriminant(&theirs.value),
        }
    }
}

/// The elements in an order of their own, at every level. The pairs of a map stay together in RESP3 only; in RESP2 a map is a list of
/// them.
fn sorted(value: &Value) -> String {
    let (kind, mut elements): (_, Vec<String>) = match value {
        Value::Array(elements) => ("array", elements.iter().map(sorted).collect()),
        Value::Set(elements) => ("set", elements.iter().map(sorted).collect()),
        Value::Map(pairs) => ("map", pairs.iter().map(|pair| format!("{pair:?}")).collect()),
        other => return format!("{other:?}"),
    };
    elements.sort();
    format!("{kind} {elements:?}")
}
