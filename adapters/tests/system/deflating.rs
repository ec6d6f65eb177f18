//! What is deflated: at once, in turn, against back-pressure, and up to a failure.

use std::{
    io::{self, ErrorKind},
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
};

use headpond_adapters::flate2::{Compression, DeflateWriter, Format, InflateReader};
use headpond_pipe::{
    FlushCanceller, FlushError, Pipe, PipeOptions, PipeRead, PipeReadExt, PipeWrite, PipeWriteExt, ReadError, Reader,
    Writer, WriterDropped,
};
use headpond_pool::{BufferWriter, Pool, PoolOptions, Slice, WriteError};

use crate::{
    drain, noise, options,
    polling::{Wakes, now, pattern, pends, poll_once},
};

const FORMATS: [Format; 3] = [Format::Gzip, Format::Zlib, Format::Deflate];

/// Blocks of a size for the compressed bytes, which never pause their writer unless told to.
fn over_blocks_of(size: usize, pause: usize, format: Format) -> (Pool, DeflateWriter<Writer>, Reader) {
    let pool = PoolOptions::new().block_size(size).slab_blocks(4).build().unwrap();
    let below = PipeOptions::builder(&pool).pause_threshold(pause).build().unwrap();
    let Pipe { writer, reader } = Pipe::new(&below);
    let own = PipeOptions::new(&pool);
    (pool, DeflateWriter::new(writer, format, Compression::default(), &own), reader)
}

#[test]
fn a_flush_is_all_that_the_peer_needs_and_ends_up_in_blocks_of_any_size() {
    for format in FORMATS {
        for size in [1, 2, 5, 16, 4096] {
            let (pool, mut writer, reader) = over_blocks_of(size, 0, format);
            let mut reader = InflateReader::new(reader, format, &PipeOptions::new(Pool::new()));
            for text in [&b"a"[..], &pattern(3000), &noise(3000), b"the last"] {
                writer.write(text).unwrap();
                pends(reader.read());
                now(writer.flush()).unwrap();
                assert_eq!(now(reader.read_at_least(text.len())).unwrap().buffer(), text[..]);
                let end = reader.buffer().end();
                reader.advance_to(end, end);
            }
            now(writer.finish_async()).unwrap();
            assert!(now(reader.read()).unwrap().is_finished());
            drop((writer, reader));
            assert_eq!(pool.stats().rented, 0);
        }
    }
}

/// Behind the first flush, another of nothing is nothing; a flush before the end costs nothing that the end does not.
#[test]
fn a_flush_of_nothing_writes_nothing() {
    let (_, mut writer, mut reader) = over_blocks_of(4096, 0, Format::Gzip);
    now(writer.flush()).unwrap();
    assert_eq!(reader.peek().len(), 0);
    writer.write(b"something").unwrap();
    now(writer.flush()).unwrap();
    let len = reader.peek().len();
    assert!(reader.peek().to_vec().ends_with(&[0, 0, 255, 255]), "a sync flush ends so");
    now(writer.flush()).unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(reader.peek().len(), len);
}

#[test]
fn nothing_but_an_end_is_the_shortest_stream() {
    for (format, bytes) in [
        (Format::Deflate, &[3, 0][..]),
        (Format::Zlib, &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]),
        (Format::Gzip, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let (_, mut writer, mut reader) = over_blocks_of(4096, 0, format);
        now(writer.finish_async()).unwrap();
        now(writer.finish_async()).unwrap();
        assert_eq!(drain(&mut reader).0, bytes, "{format:?}");
    }
}

/// Of a text that was not flushed before, the end leaves no sync flush behind: the last block is the only one.
#[test]
fn an_end_needs_no_flush() {
    let (_, mut writer, mut reader) = over_blocks_of(4096, 0, Format::Deflate);
    writer.write(b"short").unwrap();
    now(writer.finish_async()).unwrap();
    let (bytes, _) = drain(&mut reader);
    assert_eq!(bytes[0] & 1, 1, "the first block is the last");
}

#[test]
fn back_pressure_below_holds_a_flush_back_and_bounds_what_is_there() {
    let text = noise(100_000);
    let (pool, mut writer, reader) = over_blocks_of(64, 256, Format::Gzip);
    let mut reader = InflateReader::new(reader, Format::Gzip, &PipeOptions::new(Pool::new()));
    // Lies outside of the pool, so that its blocks are those below.
    writer.append(Slice::from(text.clone())).unwrap();
    let (mut seen, mut flushes) = (Vec::new(), 0);
    loop {
        let flushed = poll_once(Waker::noop(), pin!(writer.flush()));
        flushes += 1;
        assert!(pool.stats().rented <= 6, "{:?}", pool.stats());
        while let Poll::Ready(view) = poll_once(Waker::noop(), pin!(reader.read())) {
            let view = view.unwrap();
            seen.extend(view.buffer().to_vec());
            view.advance_all();
        }
        if let Poll::Ready(flushed) = flushed {
            flushed.unwrap();
            break;
        }
    }
    assert!(seen == text);
    assert!(flushes > 100, "{flushes}");
}

#[test]
fn a_flush_that_waits_is_woken_by_the_reader_below() {
    let (_, mut writer, mut reader) = over_blocks_of(64, 256, Format::Deflate);
    writer.write(&noise(1000)).unwrap();
    let (wakes, waker) = Wakes::new();
    {
        let mut flush = pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        let end = reader.peek().end();
        reader.advance_to(end, end);
        assert_eq!(wakes.count(), 1);
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1, "a dropped flush has taken its waker back");
}

#[test]
fn a_huge_write_lets_others_have_a_turn() {
    let (_, mut writer, mut reader) = over_blocks_of(4096, 0, Format::Deflate);
    writer.append(Slice::from(vec![0; 5 << 20])).unwrap();
    let (wakes, waker) = Wakes::new();
    let mut flush = pin!(writer.finish_async());
    for turn in 1..=4 {
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        assert_eq!(wakes.count(), turn);
    }
    assert!(matches!(poll_once(&waker, flush), Poll::Ready(Ok(()))));
    let mut inflated = InflateReader::new(&mut reader, Format::Deflate, &PipeOptions::new(Pool::new()));
    assert_eq!(drain(&mut inflated).0.len(), 5 << 20);
}

#[test]
fn an_idle_stream_holds_no_block() {
    let (pool, mut writer, mut reader) = over_blocks_of(64, 0, Format::Zlib);
    writer.write(b"once").unwrap();
    now(writer.flush_release()).unwrap();
    let end = now(reader.read()).unwrap().buffer().end();
    reader.advance_to(end, end);
    pends(reader.read());
    assert_eq!(pool.stats().rented, 0);
    writer.write(b"again").unwrap();
    now(writer.flush()).unwrap();
    assert!(!now(reader.read()).unwrap().buffer().is_empty());
}

#[test]
fn a_stream_cut_off_never_looks_whole() {
    let (pool, mut writer, mut reader) = over_blocks_of(64, 0, Format::Gzip);
    writer.write(b"half").unwrap();
    now(writer.flush()).unwrap();
    drop(writer);
    assert!(matches!(drain(&mut reader).1, Some(ReadError::Aborted(error)) if error.is::<WriterDropped>()));
    drop(reader);
    assert_eq!(pool.stats().rented, 0);

    let (pool, mut writer, mut reader) = over_blocks_of(64, 0, Format::Gzip);
    writer.write(b"half").unwrap();
    PipeWrite::abort(&mut writer, Arc::new(io::Error::from(ErrorKind::NetworkDown)));
    assert!(matches!(now(writer.flush()), Err(FlushError::Aborted)));
    assert!(matches!(drain(&mut reader).1, Some(ReadError::Aborted(error)) if error.is::<io::Error>()));
    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_reader_that_is_gone_is_told_to_who_waits_and_who_flushes() {
    let (pool, mut writer, mut reader) = over_blocks_of(64, 0, Format::Gzip);
    let (wakes, waker) = Wakes::new();
    {
        let mut closed = pin!(writer.closed());
        assert!(poll_once(&waker, closed.as_mut()).is_pending());
        PipeRead::close(&mut reader, Some(Arc::new(io::Error::from(ErrorKind::ConnectionReset))));
        assert_eq!(wakes.count(), 1);
        assert!(poll_once(&waker, closed).is_ready());
    }
    writer.write(b"for nobody").unwrap();
    for outcome in [now(writer.flush()), now(writer.finish_async())] {
        let Err(FlushError::Sink(error)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), ErrorKind::ConnectionReset);
    }
    assert!(matches!(writer.write(b"more"), Err(WriteError::Ended)));
    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_cancelled_flush_goes_on_with_the_next() {
    let cancellers: [fn(&DeflateWriter) -> FlushCanceller; 2] =
        [|writer| writer.get_ref().canceller(), DeflateWriter::canceller];
    cancellers.into_iter().for_each(cancelled_by);
}

fn cancelled_by(canceller: fn(&DeflateWriter) -> FlushCanceller) {
    let (_, mut writer, reader) = over_blocks_of(64, 256, Format::Gzip);
    let mut reader = InflateReader::new(reader, Format::Gzip, &PipeOptions::new(Pool::new()));
    let text = noise(1000);
    writer.write(&text).unwrap();
    let canceller = canceller(&writer);
    let (wakes, waker) = Wakes::new();
    {
        let mut flush = pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(FlushError::Cancelled))));
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1, "nothing waits any more");
    let mut seen = Vec::new();
    while seen.len() < text.len() {
        let _ = poll_once(Waker::noop(), pin!(writer.flush()));
        seen.extend(now(reader.read()).unwrap().buffer().to_vec());
        let end = reader.buffer().end();
        reader.advance_to(end, end);
    }
    assert!(seen == text);
}

#[test]
fn what_was_not_deflated_comes_back() {
    let (_, mut writer, mut reader) = over_blocks_of(64, 0, Format::Deflate);
    writer.write(b"deflated").unwrap();
    now(writer.flush()).unwrap();
    writer.write(b"not").unwrap();
    assert_eq!(writer.unwritten(), 3);
    let (mut below, mut rest) = writer.into_parts();
    assert_eq!(rest.peek(), b"not"[..]);
    assert!(now(rest.read()).unwrap().is_finished());
    below.finish().unwrap();
    assert!(drain(&mut reader).1.is_none());
}

#[test]
fn a_stream_takes_the_memory_it_is_said_to_take() {
    let (_, options) = options();
    let deflating = allocation_counter::measure(|| {
        let Pipe { writer, .. } = Pipe::new(&options);
        drop(DeflateWriter::new(writer, Format::Gzip, Compression::best(), &options));
    });
    let inflating = allocation_counter::measure(|| {
        let Pipe { reader, .. } = Pipe::new(&options);
        drop(InflateReader::new(reader, Format::Gzip, &options));
    });
    assert!(deflating.bytes_max < 380 << 10, "{deflating:?}");
    assert!(inflating.bytes_max < 52 << 10, "{inflating:?}");
}
