//! Looking through, comparing and taking bytes out of views of many chunks.

use std::io::IoSlice;

use anyhow::{Result, ensure};
use headpond_pool::Position;

use crate::{
    material::chain,
    meter::Meter,
    operation::{Left, Operation, nothing},
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("sequence/slice", slice),
    Operation::new("sequence/split_at", split_at),
    Operation::new("sequence/byte_at", byte_at),
    Operation::new("sequence/chunks, both ways", chunks),
    Operation::new("sequence/bytes, both ways", bytes),
    Operation::new("sequence/io_slices", io_slices),
    Operation::new("sequence/copy_to", copy_to),
    Operation::new("sequence/to_vec and to_cow", to_vec),
    Operation::new("sequence/to_slices", to_slices),
    Operation::new("sequence/to_bytes", to_bytes),
    Operation::new("sequence/to_contiguous", to_contiguous),
    Operation::new("sequence/compare with bytes", compare_bytes),
    Operation::new("sequence/compare with another", compare),
    Operation::new("sequence/starts_with and ends_with", affixes),
    Operation::new("sequence/split", split),
    Operation::new("sequence/Debug and Display", debug),
];

fn slice(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| {
        let mut rest = chain.as_sequence();
        while !rest.is_empty() {
            rest = rest.slice(rest.start() + 1..);
        }
    });
    nothing()
}

fn split_at(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    meter.count(|| (0..n).map(|at| whole.split_at(whole.start() + at).1.len()).sum::<usize>());
    nothing()
}

fn byte_at(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    meter.count(|| (0..n).filter_map(|at| whole.byte_at(Position::new(at as u64))).count());
    nothing()
}

fn chunks(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    ensure!(meter.count(|| whole.chunks().count() + whole.chunks().rev().count()) == 2 * n, "each chunk twice");
    nothing()
}

fn bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 2, b"a");
    let whole = chain.as_sequence();
    meter.count(|| {
        whole.bytes().fold(0_u8, u8::wrapping_add);
        let mut bytes = whole.bytes();
        while bytes.next().is_some() && bytes.next_back().is_some() {}
    });
    nothing()
}

fn io_slices(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| {
        let mut rest = chain.as_sequence();
        while !rest.is_empty() {
            let mut out = [IoSlice::new(&[]); 16];
            let filled = rest.io_slices(&mut out);
            rest = rest.slice(rest.start() + filled..);
        }
    });
    nothing()
}

fn copy_to(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, mut out) = (chain(n, 1, b"a"), vec![0; n]);
    ensure!(meter.count(|| chain.as_sequence().copy_to(&mut out)) == n, "all are copied");
    nothing()
}

fn to_vec(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    meter.count(|| whole.to_vec().len() + whole.to_cow().len());
    nothing()
}

fn to_slices(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| drop(chain.as_sequence().to_slices(..).collect::<Vec<_>>()));
    nothing()
}

fn to_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    meter.count(|| drop(chain.as_sequence().to_bytes(..).collect::<Vec<_>>()));
    nothing()
}

fn to_contiguous(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    meter.count(|| whole.to_contiguous(..).len() + whole.to_contiguous_bytes(..).len());
    nothing()
}

fn compare_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, same) = (chain(n, 1, b"a"), vec![b'a'; n]);
    ensure!(meter.count(|| chain.as_sequence() == same[..]), "the same");
    nothing()
}

/// Chunks of the one end within chunks of the other.
fn compare(n: usize, meter: &mut Meter) -> Result<Left> {
    let (one, other) = (chain(n, 2, b"a"), chain(n * 2 / 4, 4, b"a"));
    ensure!(meter.count(|| one.as_sequence() == other.as_sequence()), "the same");
    nothing()
}

fn affixes(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, same) = (chain(n, 1, b"a"), vec![b'a'; n]);
    let whole = chain.as_sequence();
    ensure!(meter.count(|| whole.starts_with(&same) && whole.ends_with(&same)), "both");
    nothing()
}

fn split(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, whole) = (chain(2 * n, 1, b"a,"), chain(n, 1, b"a"));
    ensure!(meter.count(|| chain.as_sequence().split(b',').count()) == n + 1, "each");
    ensure!(meter.count(|| whole.as_sequence().split(b',').count()) == 1, "one");
    nothing()
}

fn debug(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, bad) = (chain(n, 1, "\u{20ac}".as_bytes()), chain(n, 1, b"\xff"));
    meter.count(|| (0..4).map(|_| format!("{:?}{0}{1}", chain.as_sequence(), bad.as_sequence()).len()).sum::<usize>());
    nothing()
}
