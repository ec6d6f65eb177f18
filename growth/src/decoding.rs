//! Decoding the same bytes however they arrive.

use anyhow::{Result, anyhow, ensure};
use headpond_codec::{Decode, Decoded, Decoder, FinishError};
use headpond_pool::{Cursor, SequenceBuf, Slice};

use crate::{
    drive::ready,
    material::{cut, pipe},
    meter::Meter,
    operation::{Left, nothing},
};

/// What a decoder keeps that has taken everything: itself, and room for as many levels as may stand within each other, 255 of some
/// twenty bytes at the most.
pub(crate) const IDLE_DECODER: u64 = 6 << 10;

/// Two operations for each line: everything in chunks of one byte at once, and the decoder called again for each byte that comes, be
/// it in a chunk of its own or in one that grows. Each takes the decoder, and what makes the bytes for a size.
macro_rules! decoding {
    ($($name:literal $([$smallest:literal])?: $decoder:expr, $bytes:expr;)*) => {
        &[$(
            crate::decoding::with_smallest!(
                crate::operation::Operation::new(concat!($name, ", at once"), |n, meter| {
                    crate::decoding::at_once($decoder, &$bytes(n), meter)
                }).leaving(crate::decoding::IDLE_DECODER) $(, $smallest)?
            ),
            crate::decoding::with_smallest!(
                crate::operation::Operation::new(concat!($name, ", byte by byte"), |n, meter| {
                    crate::decoding::byte_by_byte($decoder, &$bytes(n), meter)
                }).leaving(crate::decoding::IDLE_DECODER) $(, $smallest)?
            ),
            crate::decoding::with_smallest!(
                crate::operation::Operation::new(concat!($name, ", byte by byte in one block"), |n, meter| {
                    crate::decoding::through_a_pipe($decoder, &$bytes(n), meter)
                }).leaving(crate::decoding::IDLE_DECODER) $(, $smallest)?
            ),
        )*]
    };
}

macro_rules! with_smallest {
    ($operation:expr) => {
        $operation.from(64)
    };
    ($operation:expr, $smallest:literal) => {
        $operation.from($smallest)
    };
}

pub(crate) use {decoding, with_smallest};

/// Everything is there, in chunks of one byte, and in one.
pub(crate) fn at_once<D: Decoder + 'static>(mut decoder: D, bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    for width in [1, bytes.len()] {
        let chain = cut(bytes, width);
        let mut cursor = chain.as_sequence().cursor();
        meter.count(|| {
            take(&mut decoder, &mut cursor)?;
            finish(&mut decoder, &mut cursor)
        })?;
        decoder.reset();
    }
    Ok(Box::new(decoder))
}

/// Each byte in a chunk of its own.
pub(crate) fn byte_by_byte<D: Decoder + 'static>(mut decoder: D, bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let pieces: Vec<Slice> = bytes.chunks(1).map(Slice::copy_from_slice).collect();
    let mut chain = SequenceBuf::new();
    meter.count(|| {
        for piece in pieces {
            chain.push(piece);
            let mut cursor = chain.as_sequence().cursor();
            take(&mut decoder, &mut cursor)?;
            let consumed = cursor.position() - chain.start();
            chain.consume(consumed);
        }
        finish(&mut decoder, &mut chain.as_sequence().cursor())
    })?;
    drop(chain);
    decoder.reset();
    Ok(Box::new(decoder))
}

/// Each byte written and flushed, what is taken consumed, and everything examined.
pub(crate) fn through_a_pipe<D: Decoder + 'static>(mut decoder: D, bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let mut pipe = pipe()?;
    meter.count(|| {
        for byte in bytes {
            pipe.writer.write(std::slice::from_ref(byte))?;
            ready(pipe.writer.flush())??;
            let view = ready(pipe.reader.read())??;
            let mut cursor = view.buffer().cursor();
            take(&mut decoder, &mut cursor)?;
            let consumed = cursor.position();
            view.need_more(consumed);
        }
        finish(&mut decoder, &mut pipe.reader.buffer().cursor())
    })?;
    drop(pipe);
    decoder.reset();
    Ok(Box::new(decoder))
}

/// Everything there is that is whole.
fn take<D: Decoder>(decoder: &mut D, cursor: &mut Cursor<'_>) -> Result<()> {
    loop {
        match decoder.decode(cursor) {
            Ok(Decoded::Value(_)) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(anyhow!("{error}")),
        }
    }
}

/// What the end makes whole, and nothing may be left.
fn finish<D: Decoder>(decoder: &mut D, cursor: &mut Cursor<'_>) -> Result<()> {
    let outcome = decoder.finish(cursor);
    let failed = outcome.err().map(|error: FinishError<D::Error>| anyhow!("{error}"));
    failed.map_or(Ok(()), Err)?;
    ensure!(cursor.is_empty(), "bytes are left");
    Ok(())
}

/// Everything by the iterator over what has arrived, which is all there is.
pub(crate) fn items<D: Decoder>(mut decoder: D, bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 3);
    let whole = meter.count(|| decoder.items(chain.as_sequence(), true).all(|item| item.is_ok()));
    ensure!(whole, "each is one");
    nothing()
}

/// Values one after the other, in chunks of three bytes.
pub(crate) fn values<T: for<'a> Decode<'a>>(bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 3);
    let mut cursor = chain.as_sequence().cursor();
    let done = meter.count(|| {
        while let Ok(Decoded::Value(_)) = T::decode(&mut cursor) {}
        cursor.is_empty()
    });
    ensure!(done, "bytes are left");
    nothing()
}

/// Encodes into a pipe of small blocks, and into a vector.
pub(crate) fn encode(
    meter: &mut Meter,
    mut work: impl FnMut(&mut dyn headpond_pool::BufferWriter) -> Result<()>,
) -> Result<Left> {
    let mut pipe = pipe()?;
    let mut out = Vec::new();
    meter.count(|| work(&mut pipe.writer))?;
    meter.count(|| work(&mut out))?;
    nothing()
}
