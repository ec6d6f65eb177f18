//! What fails or panics midway leaves nothing behind, whatever it is written to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::BytesMut;
use headpond_codec::{
    Encode, EncodeError, encode_whole,
    prefix::{LengthPrefix, write_prefixed},
};
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{BufferWriter, Pool};

use crate::small_blocks::SmallBlocks;

const REFUSED: EncodeError = EncodeError::Unrepresentable { reason: "half" };

fn body<W: BufferWriter + ?Sized>(out: &mut W) -> Result<(), EncodeError> {
    Ok(out.write(&[7; 256])?)
}

/// Frames of several kinds, of which every second one fails or panics.
fn exercise<W: BufferWriter + ?Sized>(out: &mut W) {
    for round in 0..4 {
        encode_whole(out, |out| "one,".encode(out)).unwrap();
        let failed = encode_whole(out, |out| {
            out.write(&vec![7; round * 100])?;
            Err::<(), _>(REFUSED)
        });
        assert_eq!(failed.unwrap_err().to_string(), "half");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            encode_whole(out, |out| -> Result<(), EncodeError> {
                // A failure within, and one around it.
                let _ = encode_whole(out, |out| "two".encode(out).and(Err::<(), _>(REFUSED)));
                "three".encode(out)?;
                panic!("half")
            })
        }));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"half"));
        let prefixed = write_prefixed(out, LengthPrefix::U8, body);
        assert!(matches!(prefixed, Err(EncodeError::TooLong { len: 256, limit: 255 })));
        assert!(write_prefixed(out, LengthPrefix::U32Be, |out| body(out).and(Err(REFUSED))).is_err());
        write_prefixed(out, LengthPrefix::U8, |out| "!".encode(out)).unwrap();
    }
}

#[test]
fn half_a_frame_is_taken_back_wherever_it_was_written() {
    let expected = b"one,\x01!".repeat(4);
    let mut vec = Vec::new();
    exercise(&mut vec);
    assert_eq!(vec, expected);
    let mut bytes = BytesMut::new();
    exercise(&mut bytes);
    assert_eq!(bytes, expected);
    for size in [1, 7, 64] {
        let mut blocks = SmallBlocks::of(size);
        exercise(&mut blocks);
        assert_eq!(blocks.bytes(), expected);
    }
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    exercise(&mut writer);
    writer.finish().unwrap();
    assert_eq!(reader.peek(), expected[..]);
    assert_eq!(pool.stats().rented, 1);
}
