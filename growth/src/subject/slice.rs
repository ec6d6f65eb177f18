//! Shared slices, foreign owners, and chains of them.

use std::hash::BuildHasher;

use anyhow::{Result, ensure};
use bytes::{Buf, Bytes};
use headpond_pool::{BufferWriter, Sequence, SequenceBuf, Slice};

use crate::{
    material::{chain, pool},
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// What a slice keeps that went to `Bytes` and back: the bytes, and their owner.
const ONE_SLICE: u64 = 512;

/// What a chain keeps that never had more than a chunk: room for a few.
const IDLE_CHAIN: u64 = 1 << 10;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("slice/clone and drop", clones),
    Operation::new("slice/split_to", split_to),
    Operation::new("slice/of slices", nested_slices),
    Operation::new("slice/Slice to Bytes and back, laps", laps).leaving(ONE_SLICE),
    Operation::new("slice/Bytes to Slice and back, laps", bytes_laps),
    Operation::new("slice/from many blocks", blocks),
    Operation::new("slice/compact, compare and hash", compact),
    Operation::new("slice/copy_to_bytes", copy_to_bytes),
    Operation::new("chain/push", push),
    Operation::new("chain/push and consume", push_and_consume).leaving(IDLE_CHAIN),
    Operation::new("chain/push behind many", push_behind_many),
    Operation::new("chain/consume byte by byte", consume),
    Operation::new("chain/clear", clear),
    Operation::new("chain/as_sequence of many chunks", as_sequence),
    Operation::new("chain/Buf: advance", buf_advance),
    Operation::new("chain/Buf: copy_to_bytes", buf_copy_to_bytes),
    Operation::new("chain/drop", drop_chain).from(1024),
    Operation::new("growable/Vec: write", vec_write),
    Operation::new("growable/Vec: reserve_prefix and patch", vec_patch),
    Operation::new("growable/BytesMut: write and append", bytes_mut),
];

fn clones(n: usize, meter: &mut Meter) -> Result<Left> {
    let slice = Slice::from(vec![1; 64]);
    meter.count(|| drop(vec![slice; n]));
    nothing()
}

fn split_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut slice = Slice::from(vec![1; n]);
    let parts = meter.count(|| (0..n).map(|_| slice.split_to(1)).collect::<Vec<_>>());
    meter.count(|| drop(parts));
    nothing()
}

fn nested_slices(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut slice = Slice::from(vec![1; n + 1]);
    meter.count(|| (0..n).for_each(|_| slice = slice.slice(1..)));
    nothing()
}

fn laps(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut slice = Slice::from(vec![1; 64]);
    meter.count(|| {
        (0..n).for_each(|_| slice = Slice::from(Bytes::from(std::mem::take(&mut slice))));
    });
    ensure!(slice.len() == 64, "nothing is lost");
    Ok(Box::new(slice))
}

fn bytes_laps(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut bytes = Bytes::from(vec![1; n + 1]);
    meter.count(|| {
        (0..n).for_each(|_| bytes = Bytes::from(Slice::from(bytes.slice(1..)).slice(..)));
    });
    ensure!(bytes.len() == 1, "a byte is left");
    drop(bytes);
    nothing()
}

fn blocks(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = pool()?;
    let slices = meter.count(|| (0..n).map(|_| Ok(pool.rent()?.into_slice(..8))).collect::<Result<Vec<_>>>())?;
    meter.count(|| drop(slices));
    nothing()
}

fn compact(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut slice = Slice::from(vec![1; 4 * n]);
    let part = slice.split_to(n);
    let hash = std::hash::RandomState::new();
    let same = meter.count(|| {
        let whole = part.clone().compact();
        whole == part && whole.cmp(&part).is_eq() && hash.hash_one(&whole) == hash.hash_one(&part)
    });
    ensure!(same, "the same");
    nothing()
}

fn copy_to_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut slice = Slice::from(vec![1; n]);
    meter.count(|| (0..n).for_each(|_| drop(slice.copy_to_bytes(1))));
    nothing()
}

fn pieces(n: usize) -> Vec<Slice> {
    vec![Slice::from(vec![1; 8]); n]
}

fn push(n: usize, meter: &mut Meter) -> Result<Left> {
    let pieces = pieces(n);
    let chain = meter.count(|| pieces.into_iter().collect::<SequenceBuf>());
    meter.count(|| drop(chain));
    nothing()
}

fn push_and_consume(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pieces, mut chain) = (pieces(n), SequenceBuf::new());
    meter.count(|| {
        pieces.into_iter().for_each(|piece| {
            chain.push(piece);
            chain.consume(8);
        });
    });
    Ok(Box::new(chain))
}

/// As many as there are from the start come, and as many go, at once a chunk.
fn push_behind_many(n: usize, meter: &mut Meter) -> Result<Left> {
    let (more, mut chain) = (pieces(4 * n), pieces(n).into_iter().collect::<SequenceBuf>());
    meter.count(|| {
        more.into_iter().for_each(|piece| {
            chain.push(piece);
            chain.consume(8);
        });
    });
    nothing()
}

fn consume(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut chain = chain(n / 4, 4, b"a");
    meter.count(|| (0..chain.len()).for_each(|_| chain.consume(1)));
    nothing()
}

fn clear(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut chain = chain(n, 1, b"a");
    meter.count(|| chain.clear());
    nothing()
}

fn as_sequence(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| (0..n).map(|_| chain.as_sequence().len()).sum::<usize>());
    nothing()
}

fn buf_advance(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut chain = chain(n, 2, b"a");
    meter.count(|| {
        while chain.has_remaining() {
            std::hint::black_box(chain.chunk());
            chain.advance(1);
        }
    });
    nothing()
}

fn buf_copy_to_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut chain = chain(n, 2, b"a");
    meter.count(|| {
        drop(chain.copy_to_bytes(n));
        (0..n).for_each(|_| drop(chain.copy_to_bytes(1)));
    });
    nothing()
}

fn drop_chain(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| drop(chain));
    nothing()
}

fn vec_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut out = Vec::new();
    meter.count(|| (0..n).try_for_each(|_| BufferWriter::write(&mut out, b"four")))?;
    meter.count(|| (0..n).try_for_each(|_| BufferWriter::append(&mut out, Slice::from_static(b"four"))))?;
    nothing()
}

fn vec_patch(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut out = Vec::new();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            let prefix = out.reserve_prefix(4)?;
            out.write(b"body")?;
            Ok(out.patch(&prefix, &[0; 4])?)
        })
    })?;
    nothing()
}

fn bytes_mut(n: usize, meter: &mut Meter) -> Result<Left> {
    let mut out = bytes::BytesMut::new();
    let empty = Sequence::empty();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            let prefix = BufferWriter::reserve_prefix(&mut out, 4)?;
            BufferWriter::write(&mut out, b"body")?;
            empty.to_slices(..).try_for_each(|slice| BufferWriter::append(&mut out, slice))?;
            BufferWriter::append(&mut out, Slice::from_static(b"more"))?;
            Ok(BufferWriter::patch(&mut out, &prefix, &[0; 4])?)
        })
    })?;
    nothing()
}
