//! Codecs: a stream of bytes decoded whole, in pieces and byte by byte, with one outcome, which is that of a naive reading.

pub mod base;
pub mod binary;
pub mod chunked;
pub mod cobs;
mod conversion;
pub mod dates;
pub mod delimited;
pub mod encoding;
pub mod json;
pub mod length_delimited;
pub mod line;
pub mod messagepack;
pub mod netstring;
pub mod number;
pub mod percent;
pub mod protobuf;
pub mod resp;
pub mod text;
pub mod varint;
pub mod websocket;

use std::fmt::Debug;

use arbitrary::Arbitrary;
use headpond_codec::{Decoded, Decoder, FinishError};
use headpond_pool::{Cursor, SequenceBuf, Slice};

/// What a stream is made of, and how it arrives. Numbers are taken modulo what there is.
#[derive(Debug, Clone, Arbitrary)]
pub enum Op<I> {
    /// Something that the codec would write.
    Item(I),
    /// Bytes that mean something to the codec.
    Word(u8),
    /// Any bytes.
    Raw(Vec<u8>),
    /// The same byte so many times.
    Run(u8, u8),
    /// Adds to the byte that stands there.
    Change(u16, u8),
    /// Leaves out the bytes from there on.
    Truncate(u16),
    /// Another piece begins there.
    Cut(u16),
    /// Which options the codec has, and how narrow its limit is, if it has one.
    Options(u8, Option<u8>),
}

/// Most bytes in a stream: longer ones find nothing more.
const MOST_BYTES: usize = 4096;

/// Up to so many bytes arrive one by one, too.
const MOST_SINGLES: usize = 600;

/// What the operations amount to.
struct Stream {
    bytes: Vec<u8>,
    cuts: Vec<usize>,
    variant: u8,
    limit: Option<usize>,
}

/// What became of a stream: its items, and how it ended.
type Outcome<T> = (Vec<T>, End);

#[derive(Debug, PartialEq, Clone)]
enum End {
    /// Between two items.
    Clean,
    /// Within an item.
    Truncated,
    /// With an error, which says so.
    Failed(String),
}

impl End {
    /// The same without what it says.
    fn kind(&self) -> Self {
        match self {
            Self::Failed(_) => Self::Failed(String::new()),
            other => other.clone(),
        }
    }
}

impl Stream {
    fn of<I>(ops: &[Op<I>], words: &[&[u8]], write: impl Fn(&I, &mut Vec<u8>)) -> Self {
        let (mut bytes, mut cuts, mut variant, mut limit) = (Vec::new(), Vec::new(), 0, None);
        for op in ops {
            match op {
                Op::Item(item) => write(item, &mut bytes),
                Op::Word(which) => bytes.extend_from_slice(words[usize::from(*which) % words.len()]),
                Op::Raw(raw) => bytes.extend_from_slice(raw),
                Op::Run(byte, count) => bytes.extend(std::iter::repeat_n(*byte, (*count).into())),
                Op::Change(at, by) if !bytes.is_empty() => {
                    let at = usize::from(*at) % bytes.len();
                    bytes[at] = bytes[at].wrapping_add(*by);
                }
                Op::Change(..) => {}
                Op::Truncate(at) => bytes.truncate(usize::from(*at) % (bytes.len() + 1)),
                Op::Cut(at) => cuts.push(usize::from(*at)),
                Op::Options(which, narrow) => (variant, limit) = (*which, narrow.map(usize::from)),
            }
            bytes.truncate(MOST_BYTES);
        }
        cuts.iter_mut().for_each(|cut| *cut %= bytes.len() + 1);
        cuts.sort_unstable();
        Self { bytes, cuts, variant, limit }
    }

    /// The bytes in the pieces that they come in.
    fn pieces(&self) -> Vec<&[u8]> {
        let bounds = [&[0], &self.cuts[..], &[self.bytes.len()]].concat();
        bounds.windows(2).map(|bound| &self.bytes[bound[0]..bound[1]]).collect()
    }

    /// All the pieces.
    fn buffer(&self) -> SequenceBuf {
        self.pieces().into_iter().map(Slice::copy_from_slice).collect()
    }

    /// Decodes the bytes however they arrive, and returns the one outcome there is. `own` adds an item to those before, so that
    /// what comes in parts may be put together.
    fn decode<D: Decoder, T: PartialEq + Debug>(
        &self,
        make: impl Fn() -> D,
        own: impl Fn(&mut Vec<T>, D::Item<'_>),
    ) -> Outcome<T> {
        let whole = fed([&self.bytes[..]], make(), &own);
        assert_eq!(fed(self.pieces(), make(), &own), whole, "in pieces: {:?}", self.pieces());
        assert_eq!(feed(self.pieces(), make(), &own, grow), whole, "in a chunk that grows by: {:?}", self.pieces());
        if self.bytes.len() <= MOST_SINGLES {
            assert_eq!(fed(self.bytes.chunks(1), make(), &own), whole, "byte by byte: {}", self.bytes.escape_ascii());
        }
        let (buffer, mut items, mut decoder) = (self.buffer(), Vec::new(), make());
        let end = finish(&mut decoder, &mut buffer.as_sequence().cursor(), |item| own(&mut items, item));
        assert_eq!((&items, &end), (&whole.0, &whole.1), "all at once");
        whole
    }
}

/// Feeds a decoder piece by piece, consuming after each what it took.
fn fed<'b, D: Decoder, T>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
    decoder: D,
    own: &impl Fn(&mut Vec<T>, D::Item<'_>),
) -> Outcome<T> {
    feed(pieces, decoder, own, |buffer, piece| buffer.push(Slice::copy_from_slice(piece)))
}

/// Puts a piece into the chunk before it, as what is written to a pipe goes on in the block that was begun.
fn grow(buffer: &mut SequenceBuf, piece: &[u8]) {
    let start = buffer.start().offset() as usize;
    let chunk = [&buffer.as_sequence().to_vec(), piece].concat();
    *buffer = SequenceBuf::from_iter([Slice::from(vec![0; start]), Slice::from(chunk)]);
    buffer.consume(start);
}

/// As [`fed`], by what puts a piece behind a buffer.
fn feed<'b, D: Decoder, T>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
    mut decoder: D,
    own: &impl Fn(&mut Vec<T>, D::Item<'_>),
    put: impl Fn(&mut SequenceBuf, &[u8]),
) -> Outcome<T> {
    let (mut items, mut buffer) = (Vec::new(), SequenceBuf::new());
    // What the decoder said it needs at least.
    let mut promised = buffer.start();
    for piece in pieces {
        put(&mut buffer, piece);
        let mut cursor = buffer.as_sequence().cursor();
        loop {
            let start = cursor.position();
            match decoder.decode(&mut cursor) {
                Ok(Decoded::Value(item)) => {
                    assert!(promised <= buffer.end(), "more was asked for than was needed");
                    assert!(cursor.position() > start, "an item that takes nothing comes for ever");
                    own(&mut items, item);
                }
                Ok(Decoded::NeedMore(at_least)) => {
                    assert_eq!(cursor.position(), start, "the cursor moved without a value");
                    assert!(at_least > 0, "nothing more is needed, and yet there is no value");
                    promised = promised.max(buffer.end() + at_least.min(1 << 40));
                    break;
                }
                Err(error) => {
                    assert_eq!(cursor.position(), start, "the cursor moved on an error");
                    assert!(promised <= buffer.end(), "it failed before what was asked for has come");
                    let again = decoder.decode(&mut cursor).err().map(|error| error.to_string());
                    assert_eq!(again.as_deref(), Some(&*error.to_string()), "the error does not come again");
                    return (items, End::Failed(error.to_string()));
                }
            }
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    let mut cursor = buffer.as_sequence().cursor();
    let end = finish(&mut decoder, &mut cursor, |item| own(&mut items, item));
    (items, end)
}

/// Takes everything that a stream which has ended has left.
fn finish<D: Decoder>(decoder: &mut D, cursor: &mut Cursor<'_>, mut take: impl FnMut(D::Item<'_>)) -> End {
    loop {
        let start = cursor.position();
        match decoder.finish(cursor) {
            Ok(Some(item)) => {
                assert!(cursor.position() > start, "an item that takes nothing comes for ever");
                take(item);
            }
            Ok(None) => return End::Clean,
            Err(FinishError::Truncated { .. }) => return End::Truncated,
            Err(error) => return End::Failed(error.to_string()),
        }
    }
}

/// A value that is decoded without a memory of what came before, as a decoder.
struct Values<V, E>(fn(&mut Cursor<'_>) -> Result<Decoded<V>, E>);

impl<V, E: std::error::Error> Decoder for Values<V, E> {
    type Item<'a> = V;
    type Error = E;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<V>, E> {
        (self.0)(cursor)
    }

    fn reset(&mut self) {}
}

/// A naive reading, whose end is settled by what a decoder knows: one that fails where the bytes end says that nothing more comes, whatever
/// follows them, and so nothing may with any of `ends` behind them.
fn settled<T>(
    naive: Outcome<T>,
    end: &End,
    stream: &[u8],
    ends: &[Vec<u8>],
    read: impl Fn(&[u8]) -> Outcome<T>,
) -> Outcome<T> {
    if naive.1 != End::Truncated || !matches!(end, End::Failed(_)) {
        return naive;
    }
    for more in ends {
        let whole = [stream, more].concat();
        assert_eq!(read(&whole).0.len(), naive.0.len(), "it was refused too early: {}", whole.escape_ascii());
    }
    (naive.0, Stop::Failed.end())
}

/// What may follow a part of a length.
fn prefix_ends() -> Vec<Vec<u8>> {
    let lens = (0..8).flat_map(|zeros| [0, 1, 2, 3, 10, 0x7f, 0x80].map(|last| [vec![0; zeros], vec![last]].concat()));
    lens.flat_map(|len| [0, 3, 200].map(|body| [&len[..], &vec![0; body]].concat())).collect()
}

/// Why a naive reading stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The bytes end.
    Truncated,
    /// They are wrong.
    Failed,
}

impl Stop {
    /// How a stream ends that is read no further for it.
    fn end(self) -> End {
        match self {
            Self::Truncated => End::Truncated,
            Self::Failed => End::Failed(String::new()),
        }
    }
}

/// Bytes, read one by one: what naive readings are made of.
#[derive(Clone)]
struct Bytes<'b> {
    all: &'b [u8],
    at: usize,
}

impl<'b> Bytes<'b> {
    fn of(all: &'b [u8]) -> Self {
        Self { all, at: 0 }
    }

    fn is_empty(&self) -> bool {
        self.at == self.all.len()
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.all.get(self.at).copied().ok_or(Stop::Truncated)
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, len: u64) -> Result<&'b [u8], Stop> {
        let rest = &self.all[self.at..];
        let taken = usize::try_from(len).ok().and_then(|len| rest.get(..len)).ok_or(Stop::Truncated)?;
        self.at += taken.len();
        Ok(taken)
    }

    /// A number of so many bytes, the high one first.
    fn number(&mut self, len: u64) -> Result<u64, Stop> {
        Ok(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Everything that `next` reads, and how it ends.
    fn values<T>(mut self, mut next: impl FnMut(&mut Self) -> Result<T, Stop>) -> Outcome<T> {
        let mut values = Vec::new();
        while !self.is_empty() {
            match next(&mut self) {
                Ok(value) => values.push(value),
                Err(stop) => return (values, stop.end()),
            }
        }
        (values, End::Clean)
    }

    /// LEB128 of 32 bits, padded or not, in at most five bytes: what stands before a body.
    fn padded_varint(&mut self) -> Result<u64, Stop> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.next()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if number >> 32 == 0 { Ok(number) } else { Err(Stop::Failed) };
            }
        }
        Err(Stop::Failed)
    }

    /// This byte, and no other.
    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.next()? == byte { Ok(()) } else { Err(Stop::Failed) }
    }
}
