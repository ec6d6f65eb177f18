//! Bytes turned into other bytes however they arrive and wherever they go, with one outcome.

#[path = "../../../codec/tests/codecs/small_blocks.rs"]
mod small_blocks;

use headpond_pool::{Cursor, SequenceBuf, Slice};

use super::Stream;

pub(super) use small_blocks::SmallBlocks;

/// What turns bytes into others, straight into a writer's memory.
pub(super) trait Converter {
    type Error: std::error::Error;

    /// Converts from the cursor on, everything there is or a part of it.
    fn convert(&mut self, input: &mut Cursor<'_>, out: &mut SmallBlocks, is_last: bool) -> Result<(), Self::Error>;

    /// Whether it is only that there was no memory.
    fn is_exhausted(error: &Self::Error) -> bool;
}

/// What came out, and the error at its end.
pub(super) type Converted = (Vec<u8>, Option<String>);

/// So large that everything fits one block.
const WHOLE: usize = 1 << 16;

impl Stream {
    /// Converts the bytes however they arrive, into blocks that run out, and returns the one outcome there is.
    pub(super) fn convert<C: Converter>(&self, make: impl Fn() -> C) -> Converted {
        let whole = converted([], &self.bytes, make(), WHOLE);
        let (last, before) = self.pieces().split_last().map(|(last, before)| (*last, before.to_vec())).expect("one");
        for block_size in [WHOLE, 9] {
            let pieces = converted(before.clone(), last, make(), block_size);
            assert_eq!(pieces, whole, "in pieces, to blocks of {block_size}: {:?}", self.pieces());
        }
        if self.bytes.len() <= super::MOST_SINGLES {
            let singles = converted(self.bytes.chunks(1), b"", make(), 1);
            assert_eq!(singles, whole, "byte by byte: {}", self.bytes.escape_ascii());
        }
        let (buffer, mut out) = (self.buffer(), Vec::new());
        let error = convert_on(&mut make(), &mut buffer.as_sequence().cursor(), &mut out, 5, true);
        assert_eq!((out, error), whole, "all at once");
        whole
    }
}

/// Converts piece by piece, consuming after each what was taken.
fn converted<'b, C: Converter>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
    last: &'b [u8],
    mut converter: C,
    block_size: usize,
) -> Converted {
    let (mut out, mut buffer) = (Vec::new(), SequenceBuf::new());
    let pieces = pieces.into_iter().map(|piece| (piece, false)).chain([(last, true)]);
    for (piece, is_last) in pieces {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        let error = convert_on(&mut converter, &mut cursor, &mut out, block_size, is_last);
        if error.is_some() {
            return (out, error);
        }
        assert!(!is_last || cursor.is_empty(), "something is left at the end");
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    (out, None)
}

/// Converts a piece into two blocks, and whenever these are full into two others.
fn convert_on<C: Converter>(
    converter: &mut C,
    cursor: &mut Cursor<'_>,
    out: &mut Vec<u8>,
    block_size: usize,
    is_last: bool,
) -> Option<String> {
    let most = 8 * (cursor.len() + 2);
    for _ in 0..most {
        let mut blocks = SmallBlocks::of(block_size).at_most(2);
        let result = converter.convert(cursor, &mut blocks, is_last);
        out.extend(blocks.bytes());
        match result {
            Ok(()) => return None,
            Err(error) if C::is_exhausted(&error) => {}
            Err(error) => {
                let mut blocks = SmallBlocks::of(block_size);
                let again = converter.convert(cursor, &mut blocks, is_last).err().map(|error| error.to_string());
                assert_eq!(again.as_deref(), Some(&*error.to_string()), "the error does not come again");
                assert!(blocks.bytes().is_empty(), "something comes behind the error");
                return again;
            }
        }
    }
    panic!("it does not come to an end after {most} times new memory");
}
