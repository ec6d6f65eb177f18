//! Numbers of fixed width, records, and bodies behind their length, against arithmetic on their bytes.

use std::convert::Infallible;

use headpond_codec::{
    Decode, Decoded, Decoder, Encode, Encoder, MaxSize,
    binary::{Be, Le},
    body::Body,
    encode_each,
    prefix::{LengthPrefix, PrefixError, Prefixed, write_prefixed},
    record::{InvalidRecord, Record, RecordRef, Records},
};
use headpond_pool::{Cursor, Sequence, SequenceBuf};
use zerocopy::{
    Immutable, IntoBytes, KnownLayout, TryFromBytes,
    byteorder::{BE, LE, U16, U32},
};

use super::{Bytes, End, Stop, Stream, Values, conversion::SmallBlocks};

/// What a stream is made of: items are bodies, behind the prefix of that number.
pub type Op = super::Op<(u8, Vec<u8>)>;

/// The prefixes, how many bytes they have, and whether the high one comes first.
const PREFIXES: [(LengthPrefix, usize, bool); 6] = [
    (LengthPrefix::U8, 1, true),
    (LengthPrefix::U16Be, 2, true),
    (LengthPrefix::U16Le, 2, false),
    (LengthPrefix::U32Be, 4, true),
    (LengthPrefix::U32Le, 4, false),
    (LengthPrefix::Varint, 5, false),
];

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] =
        &[b"\0", b"\x03abc", b"\0\x03abc", b"\x03\0abc", b"\0\0\0\x03", b"\x83\x80\x80\x80\0", b"\xff\xff"];
    let stream = Stream::of(ops, words, |(which, body), out| {
        let (prefix, ..) = PREFIXES[usize::from(*which) % PREFIXES.len()];
        // Too long for a prefix of one byte, it is refused, and nothing is written.
        let before = out.len();
        let is_written = Prefixed::new(prefix).encode(&body[..], out).is_ok();
        assert_eq!(is_written, body.len() <= prefix.max_len() as usize);
        assert_eq!(out.len() > before, is_written);
    });
    numbers(&stream);
    records(&stream);
    bodies(&stream, PREFIXES[usize::from(stream.variant) % PREFIXES.len()]);
}

/// The stream as numbers of one type.
fn numbers(stream: &Stream) {
    macro_rules! both {
        ($number:ty, $bits:expr) => {{
            fixed::<Be<$number>>(stream, true, |value| $bits(value.0));
            fixed::<Le<$number>>(stream, false, |value| $bits(value.0));
        }};
    }
    match stream.variant % 12 {
        0 => both!(u8, u128::from),
        1 => both!(i8, |number| u128::from(number as u8)),
        2 => both!(u16, u128::from),
        3 => both!(i16, |number| u128::from(number as u16)),
        4 => both!(u32, u128::from),
        5 => both!(i32, |number| u128::from(number as u32)),
        6 => both!(u64, u128::from),
        7 => both!(i64, |number| u128::from(number as u64)),
        8 => both!(u128, u128::from),
        9 => both!(i128, |number| number as u128),
        10 => both!(f32, |number| u128::from(f32::to_bits(number))),
        _ => both!(f64, |number| u128::from(f64::to_bits(number))),
    }
}

/// The numbers are those of their bits, and are written as the same bytes.
fn fixed<V>(stream: &Stream, is_high_first: bool, bits: fn(V) -> u128)
where
    V: for<'a> Decode<'a, Error = Infallible> + MaxSize + Copy,
{
    let own = |numbers: &mut Vec<u128>, value| {
        let mut out = Vec::new();
        encode_each([value, value], &mut out).expect("a Vec has memory");
        let number = bits(value);
        let read = Bytes::of(&out).values(|bytes| number_of(bytes, V::MAX_SIZE, is_high_first));
        assert_eq!(read, (vec![number, number], End::Clean), "it is written as other bytes");
        numbers.push(number);
    };
    let (numbers, end) = stream.decode(|| Values(|cursor| V::decode(cursor)), own);
    let naive = Bytes::of(&stream.bytes).values(|bytes| number_of(bytes, V::MAX_SIZE, is_high_first));
    assert_eq!((numbers, end.kind()), naive);
}

/// A number of so many bytes.
fn number_of(bytes: &mut Bytes<'_>, len: usize, is_high_first: bool) -> Result<u128, Stop> {
    let mut digits = bytes.take(len as u64)?.to_vec();
    if !is_high_first {
        digits.reverse();
    }
    Ok(digits.into_iter().fold(0, |number, digit| number << 8 | u128::from(digit)))
}

/// A record that is borrowed wherever it lies in one chunk; one of its bytes may be two values only.
#[derive(Debug, Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
struct Header {
    kind: u8,
    is_last: bool,
    len: U16<BE>,
    id: U32<LE>,
}

/// A record that is copied where it is not aligned.
#[derive(Debug, Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
struct Aligned {
    is_last: bool,
    rest: [u8; 3],
    id: u32,
}

/// The stream as records of either type.
fn records(stream: &Stream) {
    records_of::<Header>(stream, 1);
    records_of::<Aligned>(stream, 0);
}

/// The records are those of their bytes, however they are read, and are written as the same.
fn records_of<T>(stream: &Stream, flag: usize)
where
    T: TryFromBytes + IntoBytes + KnownLayout + Immutable + Copy + 'static,
{
    fn decode<T: TryFromBytes + KnownLayout + Immutable + Copy + 'static>(
        cursor: &mut Cursor<'_>,
    ) -> Result<Decoded<T>, InvalidRecord> {
        let (copied, again) = (Record::<T>::decode(&mut cursor.clone()), RecordRef::<T>::decode(cursor));
        assert_eq!(copied.is_ok(), again.is_ok());
        again.map(|decoded| decoded.map(|record| *record))
    }
    let own = |records: &mut Vec<Vec<u8>>, record: T| {
        let mut out = Vec::new();
        Record(record).encode(&mut out).expect("a Vec has memory");
        records.push(out);
    };
    let (found, end) = stream.decode(|| Values(decode::<T>), own);
    let naive = Bytes::of(&stream.bytes).values(|bytes| {
        let record = bytes.take(size_of::<T>() as u64)?;
        if record[flag] > 1 { Err(Stop::Failed) } else { Ok(record.to_vec()) }
    });
    assert_eq!((&found, end.kind()), (&naive.0, naive.1));

    let (buffer, count) = (stream.buffer(), stream.bytes.len() / size_of::<T>());
    let Decoded::Value(all) = Records::<T>::decode(&mut buffer.as_sequence().cursor(), count) else {
        panic!("{count} records were not there")
    };
    if let Some(slice) = all.as_slice() {
        assert_eq!(slice.as_bytes(), found.concat());
    }
    let taken = all.map_while(Result::ok).map(|record| record.as_bytes().to_vec());
    assert!(taken.eq(found.iter().cloned()), "records in a row are others");
}

/// The stream as bodies behind their length.
fn bodies(stream: &Stream, (prefix, size, is_high_first): (LengthPrefix, usize, bool)) {
    let limit = stream.limit.unwrap_or(1 << 16);
    let read = |bytes: &mut Bytes<'_>| {
        let len = match prefix {
            LengthPrefix::Varint => bytes.padded_varint()?,
            _ => number_of(bytes, size, is_high_first)? as u64,
        };
        if len > limit as u64 { Err(Stop::Failed) } else { Ok(bytes.take(len)?.to_vec()) }
    };
    let make = || Prefixed::new(prefix).max_len(limit);
    let (bodies, end) = stream.decode(make, |bodies: &mut Vec<Vec<u8>>, body| bodies.push(body.to_vec()));
    let naive = Bytes::of(&stream.bytes).values(read);
    let (naive, naive_end) =
        super::settled(naive, &end, &stream.bytes, &super::prefix_ends(), |bytes| Bytes::of(bytes).values(read));
    assert_eq!((&bodies, end.kind()), (&naive, naive_end.clone()));
    in_parts(stream, make(), naive, naive_end);
    let (mut known, mut unknown) = (Vec::new(), SmallBlocks::of(7));
    for body in &bodies {
        make().encode(&body[..], &mut known).expect("it was read");
        let write = |out: &mut SmallBlocks| body.chunks(3).try_for_each(|part| part.encode(out));
        write_prefixed(&mut unknown, prefix, write).expect("there are blocks");
        is_limited(prefix, body);
    }
    let expected = (bodies, End::Clean);
    assert_eq!(Bytes::of(&known).values(read), expected);
    assert_eq!(Bytes::of(&unknown.bytes()).values(read), expected);
}

/// A body as long as it may be is written and read, and one a byte longer is not.
fn is_limited(prefix: LengthPrefix, body: &[u8]) {
    let mut out = Vec::new();
    Prefixed::new(prefix).max_len(body.len()).encode(body, &mut out).expect("it is not too long");
    let buffer = SequenceBuf::from(out);
    let taken = Prefixed::new(prefix).max_len(body.len()).decode(&mut buffer.as_sequence().cursor());
    assert!(taken.is_ok_and(|decoded| decoded.value().is_some_and(|taken| taken == *body)));
    if let Some(less) = body.len().checked_sub(1) {
        let mut narrow = Prefixed::new(prefix).max_len(less);
        assert!(narrow.decode(&mut buffer.as_sequence().cursor()).is_err(), "{} bytes", body.len());
        assert!(narrow.encode(body, &mut Vec::new()).is_err(), "{} bytes", body.len());
    }
}

/// The bodies taken in parts are the same, and one that has not ended is what there is of it.
fn in_parts(stream: &Stream, prefixed: Prefixed, whole: Vec<Vec<u8>>, whole_end: End) {
    let make = || InParts { prefixed, body: Body::of(0) };
    let (mut bodies, end) = stream.decode(make, |bodies: &mut Vec<Vec<u8>>, part| match part {
        Part::Head => bodies.push(Vec::new()),
        Part::Body(part) => bodies.last_mut().expect("a head comes first").extend(part.to_vec()),
    });
    assert_eq!(end.kind(), whole_end);
    if bodies.len() > whole.len() {
        assert_eq!(end, End::Truncated);
        let open = bodies.pop().expect("there is one more");
        assert!(stream.bytes.ends_with(&open));
    }
    assert_eq!(bodies, whole);
}

struct InParts {
    prefixed: Prefixed,
    body: Body,
}

enum Part<'a> {
    Head,
    Body(Sequence<'a>),
}

impl Decoder for InParts {
    type Item<'a> = Part<'a>;
    type Error = PrefixError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Part<'a>>, PrefixError> {
        if self.body.is_done() {
            return Ok(self.prefixed.decode_head(cursor)?.map(|body| {
                self.body = body;
                Part::Head
            }));
        }
        let Ok(part) = self.body.decode(cursor);
        Ok(part.map(Part::Body))
    }

    fn is_inside(&self) -> bool {
        self.body.is_inside()
    }

    fn reset(&mut self) {
        self.body.reset();
    }
}
