//! Reading over many chunks.

use anyhow::{Result, ensure};

use crate::{
    material::chain,
    meter::Meter,
    operation::{Left, Operation, nothing},
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("cursor/u8", bytes),
    Operation::new("cursor/numbers across chunks", numbers),
    Operation::new("cursor/peek and skip", peek),
    Operation::new("cursor/peek_at further and further", peek_at),
    Operation::new("cursor/read_exact_into, pieces and whole", read_exact),
    Operation::new("cursor/read_contiguous", read_contiguous),
    Operation::new("cursor/take_exact", take_exact),
    Operation::new("cursor/take_while", take_while),
    Operation::new("cursor/take_until, each", take_until),
    Operation::new("cursor/peek_until and skip_to_end, each", peek_until),
    Operation::new("cursor/take_until_any, each", take_until_any),
    Operation::new("cursor/take_until_bytes, each", take_until_bytes),
    Operation::new("cursor/take_until_unescaped, each", take_until_unescaped),
    Operation::new("cursor/take_until_unescaped, all escapes", all_escapes),
    Operation::new("cursor/rewind to and fro", rewind),
    Operation::new("cursor/clone, remaining, starts_with", clones),
];

fn bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let mut cursor = chain.as_sequence().cursor();
    ensure!(meter.count(|| std::iter::from_fn(|| cursor.u8().ok()).count()) == n, "each");
    nothing()
}

fn numbers(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 14, 1, b"a");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        (0..n).try_for_each(|_| {
            cursor.u16_be()?;
            cursor.u32_le()?;
            cursor.u64_be().map(drop)
        })
    })?;
    nothing()
}

fn peek(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 2, b"a");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        while cursor.peek().is_ok() {
            std::hint::black_box(cursor.chunk());
            _ = cursor.skip(1);
        }
    });
    nothing()
}

fn peek_at(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let cursor = chain.as_sequence().cursor();
    ensure!(meter.count(|| (0..n).all(|at| cursor.peek_at(at).is_ok())), "each");
    nothing()
}

fn read_exact(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, mut out) = (chain(n, 1, b"a"), vec![0; n]);
    meter.count(|| chain.as_sequence().cursor().read_exact_into(&mut out))?;
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| out.chunks_mut(2).try_for_each(|out| cursor.read_exact_into(out)))?;
    nothing()
}

fn read_contiguous(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, mut scratch) = (chain(n, 3, b"a"), vec![0; n]);
    let mut cursor = chain.as_sequence().cursor();
    // As large as it may become, the scratch is used as far as it must.
    meter.count(|| (0..n).try_for_each(|_| cursor.read_contiguous(2, &mut scratch).map(drop)))?;
    meter.count(|| cursor.read_contiguous(n, &mut scratch).map(drop))?;
    nothing()
}

fn take_exact(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 2, b"a");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| (0..n / 2).try_for_each(|_| cursor.take_exact(3).map(drop)))?;
    nothing()
}

fn take_while(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"aab");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        while !cursor.is_empty() {
            cursor.take_while(|byte| byte == b'a');
            cursor.skip_while(|byte| byte == b'b');
        }
    });
    nothing()
}

fn take_until(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 3, 1, b"ab\n");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| (0..n).try_for_each(|_| cursor.take_until(b'\n').map(drop)))?;
    nothing()
}

fn peek_until(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 3, 1, b"ab\n");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        (0..n).try_for_each(|_| -> Result<()> {
            let line = cursor.peek_until(b'\n')?.len();
            cursor.clone().skip_to_end();
            Ok(cursor.skip(line + 1)?)
        })
    })?;
    nothing()
}

fn take_until_any(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 3, 1, b"ab\n");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| (0..n).try_for_each(|_| cursor.take_until_any(b"\n\r\0\t").map(drop)))?;
    nothing()
}

fn take_until_bytes(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 3, 1, b"a\r\n");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| (0..n).try_for_each(|_| cursor.take_until_bytes(b"\r\n").map(drop)))?;
    nothing()
}

fn take_until_unescaped(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n * 3, 1, b"\\\"\"");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| (0..n).try_for_each(|_| cursor.take_until_unescaped(b'"', b'\\').map(drop)))?;
    nothing()
}

fn all_escapes(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"\\");
    let mut cursor = chain.as_sequence().cursor();
    ensure!(meter.count(|| cursor.take_until_unescaped(b'"', b'\\')).is_err(), "no end");
    nothing()
}

fn rewind(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        (0..n).try_for_each(|at| -> Result<()> {
            let start = cursor.position();
            cursor.skip(at)?;
            cursor.rewind(at / 2);
            cursor.rewind_to(start);
            Ok(())
        })
    })?;
    nothing()
}

fn clones(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        while cursor.clone().starts_with(b"aa") {
            std::hint::black_box(cursor.remaining());
            _ = cursor.u8();
        }
    });
    nothing()
}
