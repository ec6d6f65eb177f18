//! Frames behind a length field, against `tokio_util`'s codec with the same options.

use bytes::BytesMut;
use headpond_codec::{Encoder, length_delimited::LengthDelimited};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use super::{Bytes, End, Outcome, Stop, Stream};

/// What a stream is made of: items are frames behind lengths of so many bytes.
pub type Op = super::Op<(u8, Vec<u8>)>;

/// The options of both.
#[derive(Debug)]
struct Options {
    field_offset: usize,
    field_len: usize,
    adjustment: isize,
    skip: Option<usize>,
    is_little: bool,
    max_len: usize,
}

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[&[0], &[0, 1], &[1, 0, 0, 0], &[0xff; 8]], |(width, frame), out| {
        let width = usize::from(*width) % 8 + 1;
        out.extend_from_slice(&(frame.len() as u64).to_be_bytes()[8 - width..]);
        out.extend_from_slice(frame);
    });
    let bits = usize::from(stream.variant);
    let (field_offset, field_len) = (bits & 1, [1, 2, 4, 8][bits >> 1 & 3]);
    let options = Options {
        field_offset,
        field_len,
        adjustment: [0, 0, 2, -2][bits >> 3 & 3],
        skip: [None, None, Some(0), Some(field_offset)][bits >> 5 & 3],
        is_little: bits >> 7 == 1,
        max_len: stream.limit.unwrap_or(1 << 16),
    };
    let make = || options.make();
    let (frames, end) = stream.decode(make, |frames, frame| frames.push(frame.to_vec()));
    let naive = options.read(&stream.bytes);
    // Less than nothing added, the reference refuses fields that tell of frames within the limit.
    if options.adjustment >= 0 && options.adjustment <= options.max_len as isize {
        assert_eq!(options.read_by_reference(&stream.bytes), naive, "{options:?} {}", stream.bytes.escape_ascii());
    }
    let naive = super::settled(naive, &end, &stream.bytes, &super::prefix_ends(), |bytes| options.read(bytes));
    assert_eq!((&frames, end.kind()), (&naive.0, naive.1));
    for frame in frames {
        let mut out = Vec::new();
        if make().encode(&frame[..], &mut out).is_ok() {
            assert_eq!(options.read(&out), (vec![frame], End::Clean));
        }
    }
}

impl Options {
    fn make(&self) -> LengthDelimited {
        let codec = LengthDelimited::new().field_offset(self.field_offset).field_len(self.field_len);
        let codec = codec.adjustment(self.adjustment).max_len(self.max_len);
        let codec = if self.is_little { codec.little_endian() } else { codec };
        self.skip.map_or(codec, |skip| codec.skip(skip))
    }

    fn read(&self, bytes: &[u8]) -> Outcome<Vec<u8>> {
        Bytes::of(bytes).values(|bytes| {
            let (start, head) = (bytes.at, self.field_offset + self.field_len);
            let field = &bytes.clone().take(head as u64)?[self.field_offset..];
            let in_order: Vec<u8> = if self.is_little { field.iter().rev().copied().collect() } else { field.to_vec() };
            let number = in_order.iter().fold(0_i128, |number, byte| number << 8 | i128::from(*byte));
            let (len, skip) = (number + self.adjustment as i128, self.skip.unwrap_or(head));
            let is_fit = (0..=self.max_len as i128).contains(&len) && (skip > 0 || len > 0);
            let len = u64::try_from(len).ok().filter(|_| is_fit).ok_or(Stop::Failed)?;
            bytes.take(skip as u64)?;
            let frame = bytes.take(len).map(<[u8]>::to_vec);
            frame.inspect_err(|_| bytes.at = start)
        })
    }

    fn read_by_reference(&self, bytes: &[u8]) -> Outcome<Vec<u8>> {
        // Its limit is one on what the field holds.
        let max_field = self.max_len.saturating_add_signed(-self.adjustment);
        let mut builder = LengthDelimitedCodec::builder();
        builder.length_field_offset(self.field_offset).length_field_length(self.field_len);
        builder.length_adjustment(self.adjustment).max_frame_length(max_field);
        if self.is_little {
            builder.little_endian();
        }
        if let Some(skip) = self.skip {
            builder.num_skip(skip);
        }
        let (mut codec, mut buffer, mut frames) = (builder.new_codec(), BytesMut::from(bytes), Vec::new());
        loop {
            let left = buffer.len();
            match codec.decode(&mut buffer) {
                // The reference would go on with this one for ever.
                Ok(Some(_)) if buffer.len() == left => return (frames, End::Failed(String::new())),
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                // Behind a head that was taken there is something missing, though nothing be left.
                Ok(None) if left == 0 => return (frames, End::Clean),
                Ok(None) => return (frames, End::Truncated),
                Err(_) => return (frames, End::Failed(String::new())),
            }
        }
    }
}
