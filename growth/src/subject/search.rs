//! Looking for bytes in views of many chunks.

use anyhow::{Result, ensure};

use crate::{
    material::{chain, cut},
    meter::Meter,
    operation::{Left, Operation, nothing},
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("search/position_of, not there", position_of),
    Operation::new("search/find_any, not there", find_any),
    Operation::new("search/find, hostile needle as long as the text", find_hostile),
    Operation::new("search/find, many near matches", find_near),
    Operation::new("search/find, in one chunk", find_contiguous),
    Operation::new("search/find each of many", find_each),
];

fn position_of(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    ensure!(meter.count(|| chain.as_sequence().position_of(b'z')).is_none(), "not there");
    nothing()
}

fn find_any(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let whole = chain.as_sequence();
    let sets: [&[u8]; 4] = [b"z", b"yz", b"xyz", b"wxyz"];
    ensure!(meter.count(|| sets.iter().all(|set| whole.find_any(set).is_none())), "not there");
    nothing()
}

fn find_hostile(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let needle = [vec![b'a'; n / 2], b"b".to_vec()].concat();
    ensure!(meter.count(|| chain.as_sequence().find(&needle)).is_none(), "not there");
    nothing()
}

fn find_near(n: usize, meter: &mut Meter) -> Result<Left> {
    let near = [vec![b'a'; n / 16], b"c".to_vec()].concat().repeat(16);
    let needle = [vec![b'a'; n / 16], b"b".to_vec()].concat();
    let chain = cut(&near, 3);
    ensure!(meter.count(|| chain.as_sequence().find(&needle)).is_none(), "not there");
    nothing()
}

fn find_contiguous(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(1, 4 * n, b"a");
    let needle = [vec![b'a'; n], b"b".to_vec()].concat();
    ensure!(meter.count(|| chain.as_sequence().find(&needle)).is_none(), "not there");
    nothing()
}

fn find_each(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(4 * n, 1, b"ab\r\n");
    let found = meter.count(|| {
        let (mut rest, mut found) = (chain.as_sequence(), 0);
        while let Some(at) = rest.find(b"\r\n") {
            rest = rest.slice(at + 2..);
            found += 1;
        }
        found
    });
    ensure!(found == n, "each");
    nothing()
}
