//! What is inflated: whole, cut, spoiled, without end, and cancelled.

use std::{
    io::{self, ErrorKind},
    pin::pin,
    sync::Arc,
};

use futures_lite::future::block_on;
use headpond_adapters::flate2::{Format, InflateError, InflateReader};
use headpond_pipe::{
    FixedReader, FlushError, Pipe, PipeOptions, PipeRead, PipeReadExt, ReadError, Reader, WriterDropped,
};
use headpond_pool::{PoolOptions, Slice};

use crate::{
    drain,
    gzip::in_pieces,
    options,
    polling::{Wakes, now, pends, poll_once},
};

/// What becomes of bytes that arrive on a stream which goes on: `None` while more is waited for.
fn on_an_open_stream(format: Format, pieces: &[&[u8]]) -> Option<InflateError> {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut reader = InflateReader::new(reader, format, &options);
    let mut fault_of = None;
    for piece in pieces {
        writer.write(piece).unwrap();
        let _ = poll_once(std::task::Waker::noop(), pin!(writer.flush()));
        loop {
            match poll_once(std::task::Waker::noop(), pin!(reader.read())) {
                std::task::Poll::Pending => break,
                std::task::Poll::Ready(Ok(view)) => view.advance_all(),
                std::task::Poll::Ready(Err(error)) => {
                    fault_of = Some(fault(Some(error)).0);
                    break;
                }
            }
        }
    }
    fault_of
}

/// Of a fixed block: `03 00` is the shortest, `01` begins a stored one.
const NOTHING_RAW: [u8; 2] = [3, 0];

const TEXT: &[u8] = b"The quick brown fox";

/// The text in one stored block, as RFC 1951 has it: last block and type 0, the length, its complement, and the bytes.
fn raw() -> Vec<u8> {
    [&[1, 19, 0, !19, !0][..], TEXT].concat()
}

/// As RFC 1950 has it: 15 bits of window, no dictionary; and Adler-32 of the text behind.
fn zlib() -> Vec<u8> {
    let (a, b) = TEXT.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    [&[0x78, 0x01][..], &raw(), &((b << 16) | a).to_be_bytes()].concat()
}

/// As RFC 1952 has it, without a name; CRC-32 of the text and its length behind.
fn gzip() -> Vec<u8> {
    let crc = crc32fast::hash(TEXT);
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &raw(), &crc.to_le_bytes(), &19_u32.to_le_bytes()].concat()
}

fn formats() -> [(Format, Vec<u8>); 3] {
    [(Format::Gzip, gzip()), (Format::Zlib, zlib()), (Format::Deflate, raw())]
}

/// The typed error, and the kind it was given.
fn fault(error: Option<ReadError>) -> (InflateError, ErrorKind) {
    let Some(ReadError::Aborted(error)) = error else { panic!("{error:?}") };
    let error = error.downcast_ref::<io::Error>().unwrap();
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<InflateError>());
    (fault.unwrap_or_else(|| panic!("{error:?}")).clone(), error.kind())
}

fn inflate(format: Format, bytes: &[u8], size: usize) -> (Vec<u8>, Option<ReadError>) {
    let (pool, options) = options();
    let outcome = drain(&mut InflateReader::new(in_pieces(bytes, size), format, &options));
    assert_eq!(pool.stats().rented, 0);
    outcome
}

#[test]
fn every_format_is_read_a_byte_at_a_time() {
    for (format, bytes) in formats() {
        for size in [1, bytes.len()] {
            let (seen, error) = inflate(format, &bytes, size);
            assert!(error.is_none(), "{format:?}: {error:?}");
            assert_eq!(seen, TEXT);
        }
    }
    assert!(matches!(inflate(Format::Deflate, &NOTHING_RAW, 1), (seen, None) if seen.is_empty()));
}

#[test]
fn what_ends_early_is_truncated_wherever_that_is() {
    for (format, bytes) in formats() {
        for len in 0..bytes.len() {
            let (seen, error) = inflate(format, &bytes[..len], 3);
            assert!(TEXT.starts_with(&seen));
            assert!(matches!(fault(error), (InflateError::Truncated, ErrorKind::UnexpectedEof)), "{format:?} at {len}");
        }
    }
}

#[test]
fn what_begins_no_member_is_an_error_as_soon_as_it_is_there() {
    let member = gzip();
    for (behind, decided) in [(&b"Z"[..], 1), (b"\0", 1), (b"\x1fZ", 2), (b"\x1f\x8bZ", 3), (b"\x1f\x8b\x08\xe0", 4)] {
        for at_once in [true, false] {
            let split = if at_once { behind.len() } else { 1 };
            let pieces: Vec<&[u8]> = std::iter::once(&member[..]).chain(behind.chunks(split)).collect();
            let fault = on_an_open_stream(Format::Gzip, &pieces);
            let Some(fault) = fault else { panic!("{} stalls", behind.escape_ascii()) };
            assert_eq!(matches!(fault, InflateError::TrailingData), decided < 3, "{}", behind.escape_ascii());
            assert_eq!(matches!(fault, InflateError::Corrupt(_)), decided >= 3, "{}", behind.escape_ascii());
            // In one piece with the member, too.
            assert!(on_an_open_stream(Format::Gzip, &[&[&member[..], behind].concat()]).is_some());
            // What is the start of a member is not judged before its time.
            let pieces = &pieces[..pieces.len() - 1];
            assert!(on_an_open_stream(Format::Gzip, pieces).is_none(), "{}", behind.escape_ascii());
        }
    }
    for (format, bytes) in [(Format::Zlib, zlib()), (Format::Deflate, raw())] {
        let fault = on_an_open_stream(format, &[&bytes, b"Z"]);
        assert!(matches!(fault, Some(InflateError::TrailingData)), "{format:?}: {fault:?}");
    }
}

#[test]
fn what_begins_no_stream_is_an_error_as_soon_as_it_is_there() {
    for (format, start) in [
        (Format::Gzip, &b"Z"[..]),
        (Format::Gzip, b"\x1fZ"),
        (Format::Gzip, b"\x1f\x8bZ"),
        (Format::Gzip, b"\x1f\x8b\x08\xe0"),
        (Format::Zlib, b"Z"),
        // A window of more than 32 KiB.
        (Format::Zlib, b"\x88"),
        (Format::Zlib, b"\x78\x02"),
        // A dictionary.
        (Format::Zlib, b"\x78\x20"),
        // No type of a block.
        (Format::Deflate, b"\x07"),
    ] {
        for split in [1, start.len()] {
            let pieces: Vec<&[u8]> = start.chunks(split).collect();
            let fault = on_an_open_stream(format, &pieces);
            assert!(matches!(fault, Some(InflateError::Corrupt(_))), "{format:?} {}: {fault:?}", start.escape_ascii());
            assert!(on_an_open_stream(format, &pieces[..pieces.len() - 1]).is_none());
        }
    }
}

#[test]
fn what_is_spoiled_is_never_taken_for_the_text() {
    for (format, bytes) in formats() {
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut spoiled = bytes.clone();
                spoiled[at] ^= 1 << bit;
                let (seen, error) = inflate(format, &spoiled, 5);
                let is_checked = format != Format::Deflate;
                match error {
                    // A time, a system, a hint: fields that say nothing of the text.
                    None => assert!(seen == TEXT || !is_checked, "{format:?}: bit {bit} of {at}"),
                    error => assert!(!matches!(fault(error).0, InflateError::TooLong { .. })),
                }
            }
        }
    }
    // The checksum, and the length behind it.
    for at in 34..42 {
        let mut spoiled = gzip();
        spoiled[at] ^= 1;
        let (seen, error) = inflate(Format::Gzip, &spoiled, 100);
        assert_eq!(seen, TEXT, "what stands before the fault is read");
        assert!(matches!(fault(error), (InflateError::Corrupt(_), ErrorKind::InvalidData)));
    }
}

#[test]
fn what_stands_behind_is_an_error_or_left_alone() {
    for (format, bytes) in formats() {
        for behind in [&b"\0"[..], b"\x1f", b"\x1f\x8c", b"\x1fgarbage", b"\0\0\0\0", b"more"] {
            let all = [&bytes[..], behind].concat();
            for size in [1, 1000] {
                let (seen, error) = inflate(format, &all, size);
                assert_eq!(seen, TEXT);
                assert!(matches!(fault(error), (InflateError::TrailingData, ErrorKind::InvalidData)));

                let (_, options) = options();
                let mut reader = InflateReader::new(in_pieces(&all, size), format, &options).single();
                assert!(matches!(drain(&mut reader), (seen, None) if seen == TEXT));
                let (rest, _) = reader.into_parts();
                assert_eq!(rest.buffer(), behind[..]);
            }
        }
        // A second stream is a member of gzip's alone.
        let (seen, error) = inflate(format, &[&bytes[..], &bytes].concat(), 1);
        if format == Format::Gzip {
            assert!(seen == [TEXT, TEXT].concat() && error.is_none());
        } else {
            assert!(matches!(fault(error).0, InflateError::TrailingData));
        }
    }
}

#[test]
fn the_most_that_may_be_inflated_is_exact() {
    for (format, bytes) in formats() {
        for most in 0..25_u64 {
            let (_, options) = options();
            let mut reader = InflateReader::new(in_pieces(&bytes, 4), format, &options).max_output(most);
            let (seen, error) = drain(&mut reader);
            assert_eq!(seen, TEXT[..TEXT.len().min(most as usize)]);
            match error {
                None => assert!(most >= 19),
                error => {
                    let (fault, kind) = fault(error);
                    assert!(matches!(fault, InflateError::TooLong { limit } if limit == most && most < 19));
                    assert_eq!(kind, ErrorKind::QuotaExceeded);
                }
            }
        }
    }
}

/// Some 8 MiB of zeros in 53 KB: one block of the fixed code of RFC 1951, a zero and as many copies of it as a match can have.
fn bomb() -> Vec<u8> {
    const MATCH: [u8; 13] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]; // 258 bytes, from one before
    let last_block_of_type_1 = [1, 1, 0];
    let zero = [0, 0, 1, 1, 0, 0, 0, 0];
    let end_of_block = [0; 7];
    let bits = last_block_of_type_1.into_iter().chain(zero).chain(MATCH.repeat(32_768)).chain(end_of_block);
    let mut bytes = Vec::new();
    for (at, bit) in bits.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        bytes[at / 8] |= bit << (at % 8);
    }
    bytes
}

#[test]
fn a_bomb_without_a_limit_is_what_it_is() {
    let (seen, error) = inflate(Format::Deflate, &bomb(), 1000);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(seen.len(), 1 + 32_768 * 258);
}

#[test]
fn a_bomb_meets_the_hard_limit_with_little_memory() {
    let pool = PoolOptions::new().block_size(4096).build().unwrap();
    let options = PipeOptions::builder(&pool).max_unconsumed(100_000).build().unwrap();
    let mut reader = InflateReader::new(in_pieces(&bomb(), 1000), Format::Deflate, &options);
    let error = loop {
        match now(reader.read()) {
            Ok(view) => {
                let start = view.buffer().start();
                view.need_more(start);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ReadError::LimitExceeded { limit: 100_000 }));
    assert!(matches!(now(reader.read_at_least(104_097)), Err(ReadError::LimitExceeded { .. })));
    // What is there is still there, and no more than a block above the limit.
    assert!((100_000..104_096).contains(&reader.buffer().len()));
    assert!(pool.stats().peak_rented <= 26, "{:?}", pool.stats());
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_bomb_meets_the_most_that_may_be_inflated() {
    let (pool, options) = options();
    let reader = InflateReader::new(in_pieces(&bomb(), 1000), Format::Deflate, &options);
    let (seen, error) = drain(&mut reader.max_output(1_000_000));
    assert!(seen == vec![0; 1_000_000]);
    assert!(matches!(fault(error).0, InflateError::TooLong { limit: 1_000_000 }));
    assert!(pool.stats().peak_rented <= 2, "{:?}", pool.stats());
}

#[test]
fn input_that_makes_nothing_does_not_hold_up_its_executor() {
    // Empty stored blocks, none the last.
    let bytes = [0, 0, 0, 255, 255].repeat(1000);
    let (_, options) = options();
    let mut reader = InflateReader::new(in_pieces(&bytes, 5), Format::Deflate, &options);
    let (wakes, waker) = Wakes::new();
    let mut polls = 0;
    let error = loop {
        match poll_once(&waker, pin!(reader.read())) {
            std::task::Poll::Pending => polls += 1,
            std::task::Poll::Ready(outcome) => break outcome.err(),
        }
        assert_eq!(wakes.count(), polls);
    };
    assert!(polls >= 1000 / 32, "{polls}");
    assert!(matches!(fault(error).0, InflateError::Truncated));
}

/// A pipe that ends in an inflating reader.
fn piped() -> (headpond_pool::Pool, headpond_pipe::Writer, InflateReader<Reader>) {
    let (pool, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    (pool, writer, InflateReader::new(reader, Format::Gzip, &options))
}

#[test]
fn a_reader_waits_for_its_source_and_holds_no_block_meanwhile() {
    let (pool, mut writer, mut reader) = piped();
    let (wakes, waker) = Wakes::new();
    {
        let mut read = pin!(reader.read_at_least(TEXT.len()));
        for (at, byte) in gzip().into_iter().enumerate() {
            assert!(poll_once(&waker, read.as_mut()).is_pending() || at >= 34, "at {at}");
            if at == 34 {
                break;
            }
            writer.write(&[byte]).unwrap();
            now(writer.flush_release()).unwrap();
            assert_eq!(wakes.count(), at + 1);
        }
    }
    assert_eq!(reader.buffer(), TEXT[..]);
    writer.write(&gzip()[34..]).unwrap();
    writer.finish().unwrap();
    let view = now(reader.read()).unwrap();
    view.advance_all();
    assert!(now(reader.read()).unwrap().is_finished());
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_dropped_read_takes_its_waker_back_and_loses_nothing() {
    let (_, mut writer, mut reader) = piped();
    writer.write(&gzip()[..20]).unwrap();
    now(writer.flush()).unwrap();
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(reader.read_at_least(19))).is_pending());
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1);
    writer.write(&gzip()[20..]).unwrap();
    writer.finish().unwrap();
    assert_eq!(wakes.count(), 0);
    assert!(matches!(drain(&mut reader), (seen, None) if seen == TEXT));
}

#[test]
fn a_cancellation_at_either_end_is_a_cancelled_read() {
    let (_, mut writer, mut reader) = piped();
    for canceller in [reader.canceller(), reader.get_ref().canceller()] {
        let (wakes, waker) = Wakes::new();
        {
            let mut read = pin!(reader.read());
            assert!(poll_once(&waker, read.as_mut()).is_pending());
            canceller.cancel();
            assert_eq!(wakes.count(), 1);
            assert!(matches!(poll_once(&waker, read), std::task::Poll::Ready(Ok(view)) if view.is_cancelled()));
        }
        drop(waker);
        assert_eq!(Arc::strong_count(&wakes), 1, "nothing waits below");
        pends(reader.read());
    }
    writer.write(&gzip()).unwrap();
    writer.finish().unwrap();
    assert!(matches!(drain(&mut reader), (seen, None) if seen == TEXT));
}

#[test]
fn the_end_below_learns_that_its_reader_is_gone_and_tells_of_its_own() {
    let (_, mut writer, mut reader) = piped();
    PipeRead::close(&mut reader, Some(Arc::new(InflateError::TrailingData)));
    assert!(matches!(now(writer.flush()), Err(FlushError::Closed(Some(error))) if error.is::<InflateError>()));

    let (pool, mut writer, mut reader) = piped();
    writer.write(&gzip()[..20]).unwrap();
    now(writer.flush()).unwrap();
    drop(writer);
    let (seen, error) = drain(&mut reader);
    assert_eq!(seen, TEXT[..5]);
    let Some(ReadError::Aborted(error)) = error else { panic!("{error:?}") };
    let error = error.downcast_ref::<io::Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ReadError>());
    assert!(matches!(inner, Some(ReadError::Aborted(error)) if error.is::<WriterDropped>()));
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_pool_that_is_spent_is_waited_for() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    let options = PipeOptions::new(&pool);
    let source = FixedReader::new(Slice::from(gzip()));
    let mut reader = InflateReader::new(source, Format::Gzip, &options);
    let taken = pool.rent().unwrap();
    pends(reader.read());
    drop(taken);
    assert!(matches!(block_on(async { drain(&mut reader) }), (seen, None) if seen == TEXT));
}
