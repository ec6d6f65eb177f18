//! What is written and not flushed is discarded from a prefix on; and blocks that are filled before they are linked.

use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Block, PatchError, Prefix, Slice, WriteError};

use crate::harness::{CountingPool, Task, never_paused, panic_message, ready, send, take};

fn is_flushed(result: Result<impl Sized, PatchError>) -> bool {
    matches!(result, Err(PatchError::Flushed { .. }))
}

fn is_discarded(result: Result<impl Sized, PatchError>) -> bool {
    matches!(result, Err(PatchError::Discarded { .. }))
}

#[test]
fn a_rewind_within_a_block_goes_on_where_the_mark_is() {
    let (pool, mut writer, mut reader) = never_paused(64);
    writer.write(b"whole,").expect("room");
    let mark = writer.reserve_prefix(0).expect("open");
    let start = writer.reserve(1).expect("room").as_ptr();
    writer.write(b"ha").expect("room");
    assert_eq!(writer.written_since(&mark), Ok(2));
    writer.rewind(&mark).expect("unflushed");
    assert_eq!((writer.unflushed(), writer.written_since(&mark)), (6, Ok(0)));
    assert_eq!(writer.reserve(1).expect("room").as_ptr(), start);
    send(&mut writer, b"next");
    assert_eq!((take(&mut reader).as_slice(), pool.rents()), (&b"whole,next"[..], 1));
}

#[test]
fn a_rewind_over_blocks_gives_them_back_and_goes_on_in_the_first() {
    let (pool, mut writer, mut reader) = never_paused(16);
    writer.write(b"whole,").expect("room");
    let length = writer.reserve_prefix(4).expect("room");
    let start = writer.reserve(1).expect("room").as_ptr();
    writer.write(&[7; 100]).expect("room");
    writer.append(Slice::from_static(b"linked")).expect("open");
    assert_eq!((pool.rented(), writer.written_since(&length)), (7, Ok(106)));
    writer.rewind(&length).expect("unflushed");
    assert_eq!((pool.rented(), writer.unflushed()), (1, 6));
    assert_eq!(writer.reserve(10).expect("room").as_ptr(), start.wrapping_sub(4));
    send(&mut writer, &[8; 30]);
    assert_eq!(pool.rented(), 3);
    assert_eq!(take(&mut reader), [&b"whole,"[..], &[8; 30]].concat());
}

#[test]
fn a_rewind_to_where_a_slice_begins_keeps_the_rest_of_the_block() {
    let (pool, mut writer, mut reader) = never_paused(16);
    writer.write(b"abc").expect("room");
    let mark = writer.reserve_prefix(0).expect("open");
    for _ in 0..3 {
        writer.append(Slice::from_static(b"linked")).expect("open");
        writer.append(Slice::from_static(b"too")).expect("open");
        writer.rewind(&mark).expect("unflushed");
    }
    assert_eq!(writer.reserve(1).expect("room").len(), 13);
    send(&mut writer, b"d");
    assert_eq!((take(&mut reader).as_slice(), pool.rents()), (&b"abcd"[..], 1));
}

#[test]
fn a_prefix_is_void_once_something_is_flushed_or_it_is_discarded() {
    let (_pool, mut writer, _reader) = never_paused(16);
    let first = writer.reserve_prefix(0).expect("open");
    let second = writer.reserve_prefix(2).expect("room");
    writer.write(&[1; 40]).expect("room");
    let third = writer.reserve_prefix(0).expect("open");
    writer.rewind(&second).expect("unflushed");
    for prefix in [&second, &third] {
        assert!(is_discarded(writer.rewind(prefix)) && is_discarded(writer.written_since(prefix)));
        assert!(is_discarded(writer.patch(prefix, &[])));
    }
    writer.write(&[2; 50]).expect("room");
    // Where the third was, and not the third.
    assert!(is_discarded(writer.rewind(&third)) && is_discarded(writer.patch(&second, &[0; 2])));
    writer.rewind(&first).expect("a mark stays");
    writer.write(b"kept").expect("room");
    writer.rewind(&first).expect("a mark stays");
    assert_eq!(writer.unflushed(), 0);
    send(&mut writer, b"x");
    assert!(is_flushed(writer.rewind(&first)) && is_flushed(writer.written_since(&first)));
    assert!(is_flushed(writer.rewind(&third)));
}

#[test]
fn a_rewind_is_refused_with_nothing_changed() {
    let (_pool, mut writer, reader) = never_paused(16);
    let (_pool, mut other, _reader) = never_paused(16);
    let mark = writer.reserve_prefix(0).expect("open");
    writer.write(b"stays").expect("room");
    let _ = other.reserve_prefix(0).expect("open");
    assert_eq!((other.rewind(&mark), other.written_since(&mark)), (Err(PatchError::Foreign), Err(PatchError::Foreign)));
    let forged = Prefix::new(mark.owner(), 0, 0);
    assert_eq!(
        (writer.rewind(&forged), writer.written_since(&forged)),
        (Err(PatchError::Foreign), Err(PatchError::Foreign))
    );
    assert_eq!(writer.unflushed(), 5);
    drop(reader);
    assert!(is_flushed(writer.rewind(&mark)) && is_flushed(writer.written_since(&mark)));
    let mark = other.reserve_prefix(0).expect("open");
    other.finish().expect("open");
    assert!(is_flushed(other.rewind(&mark)));
}

/// The reader waits, and does not come for a block in which it has nothing left to read.
#[test]
fn an_idle_pipe_that_was_rewound_holds_no_block() {
    for flushed in [&b""[..], b"abc"] {
        let (pool, mut writer, mut reader) = never_paused(16);
        if !flushed.is_empty() {
            send(&mut writer, flushed);
            assert_eq!(take(&mut reader), flushed);
        }
        let mut read = Task::pending(reader.read());
        let mark = writer.reserve_prefix(0).expect("open");
        writer.write(&[1; 100]).expect("room");
        writer.rewind(&mark).expect("unflushed");
        assert_eq!(pool.rented(), 1);
        writer.release();
        assert_eq!((pool.rented(), read.wakes()), (0, 0));
        send(&mut writer, b"d");
        assert!(read.poll().is_ready());
    }
}

#[test]
fn a_rewind_while_the_block_is_read_keeps_it() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"abc");
    let kept = reader.peek().to_slices(..).collect::<Vec<_>>();
    let mark = writer.reserve_prefix(0).expect("open");
    writer.write(&[1; 100]).expect("room");
    writer.rewind(&mark).expect("unflushed");
    assert_eq!(take(&mut reader), b"abc");
    assert_eq!(pool.rented(), 1);
    send(&mut writer, b"def");
    assert_eq!(take(&mut reader), b"def");
    assert_eq!((pool.rents(), &kept[0][..]), (7, &b"abc"[..]));
    drop((writer, reader, kept));
    assert_eq!(pool.rented(), 0);
}

#[test]
fn frames_are_kept_or_rewound_however_many_are_unflushed() {
    let (pool, mut writer, mut reader) = never_paused(64);
    let mut kept = Vec::new();
    let outer = writer.reserve_prefix(0).expect("open");
    for frame in 0..20_000_u32 {
        let mark = writer.reserve_prefix(0).expect("open");
        let length = writer.reserve_prefix(2).expect("room");
        writer.write(&vec![frame as u8; frame as usize % 150]).expect("room");
        if frame % 3 == 0 {
            writer.rewind(&mark).expect("unflushed");
            assert!(is_discarded(writer.patch(&length, &[1])));
        } else {
            let body = writer.written_since(&length).expect("unflushed") as u16;
            writer.patch(&length, &body.to_be_bytes()).expect("unflushed");
            kept.extend(body.to_be_bytes());
            kept.extend(vec![frame as u8; body.into()]);
        }
    }
    assert_eq!(writer.written_since(&outer), Ok(kept.len()));
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), kept);
    drop((writer, reader));
    assert_eq!(pool.rented(), 0);
}

#[test]
fn writing_goes_on_in_an_appended_block() {
    let (pool, mut writer, mut reader) = never_paused(16);
    writer.write(b"one ").expect("room");
    let mark = writer.reserve_prefix(0).expect("open");
    writer.append_block(Block::from_owner(*b"two ........"), 4).expect("open");
    assert_eq!(writer.reserve(1).expect("room").len(), 8);
    writer.write(b"three").expect("room");
    assert_eq!((pool.rents(), writer.unflushed()), (1, 13));
    writer.append_block(Block::from_owner(*b"unused"), 0).expect("open");
    assert_eq!(writer.reserve(1).expect("room").len(), 3);
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), b"one two three");
    assert!(is_flushed(writer.rewind(&mark)));
    let message = panic_message(|| writer.append_block(Block::from_owner([0; 4]), 5).expect("open"));
    assert!(message.contains('5') && message.contains('4'), "{message}");
    drop(reader);
    assert!(matches!(writer.append_block(Block::from_owner([0; 4]), 0), Err(WriteError::Closed(None))));
    assert!(writer.finish().is_err());
    assert!(matches!(writer.append_block(Block::from_owner([0; 4]), 1), Err(WriteError::Ended)));
}

/// The pipe, and what it holds by a vector's account.
struct Both {
    pool: CountingPool,
    writer: Writer,
    reader: Reader,
    /// Everything kept so far.
    stream: Vec<u8>,
    flushed: usize,
    consumed: usize,
    /// Each with its position, and how much was flushed when it was made; the discarded ones with none.
    prefixes: Vec<(Prefix, usize, Option<usize>)>,
    state: u64,
}

impl Both {
    fn new(seed: u64) -> Self {
        let pool = CountingPool::new(seed as usize % 64 + 1);
        let options = PipeOptions::builder(&pool).pause_threshold(0).max_unconsumed(None).build().expect("valid");
        let Pipe { writer, reader } = Pipe::new(&options);
        let (stream, prefixes) = (Vec::new(), Vec::new());
        Self { pool, writer, reader, stream, flushed: 0, consumed: 0, prefixes, state: seed }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % limit
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let len = self.below(most);
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    fn step(&mut self) {
        let kind = self.below(12);
        let bytes = self.bytes(90);
        match kind {
            0 | 1 => self.writer.write(&bytes).expect("room"),
            2 => {
                let mut memory = self.writer.reserve(bytes.len()).expect("room");
                memory[..bytes.len()].copy_from_slice(&bytes);
                memory.advance(bytes.len());
            }
            3 => self.writer.append(Slice::from(bytes.clone())).expect("open"),
            4 => {
                let block = Block::from_owner([&bytes[..], &[0; 20]].concat());
                self.writer.append_block(block, bytes.len()).expect("open");
            }
            _ => return self.other_step(kind),
        }
        self.stream.extend(bytes);
    }

    fn other_step(&mut self, kind: usize) {
        match kind {
            5 | 6 => {
                let len = self.below(2) * 3;
                let prefix = self.writer.reserve_prefix(len).expect("room");
                self.prefixes.push((prefix, self.stream.len(), Some(self.flushed)));
                self.stream.extend(vec![0; len]);
            }
            7 | 8 => self.rewind(),
            9 => {
                ready(self.writer.flush()).expect("open");
                self.flushed = self.stream.len();
            }
            10 => self.writer.release(),
            _ => {
                let there = self.reader.peek();
                assert_eq!(there.to_vec(), self.stream[self.consumed..self.flushed]);
                let (start, len) = (there.start(), there.len());
                let n = self.below(len + 1).max(self.below(2) * len);
                self.reader.advance_to(start + n, start + n);
                self.consumed += n;
                let _ = self.reader.try_read();
            }
        }
    }

    fn rewind(&mut self) {
        if self.prefixes.is_empty() {
            return;
        }
        let which = self.below(self.prefixes.len().min(6)) + self.prefixes.len().saturating_sub(6);
        let (prefix, position, made) = self.prefixes[which].clone();
        let since = self.writer.written_since(&prefix);
        let rewound = self.writer.rewind(&prefix);
        match made {
            Some(flushed) if flushed == self.flushed => {
                assert_eq!((since, rewound), (Ok(self.stream.len() - position - prefix.len()), Ok(())));
                self.stream.truncate(position);
                let behind = self.prefixes.iter_mut().filter(|(prefix, at, _)| at + prefix.len() > position);
                behind.for_each(|(_, _, made)| *made = None);
            }
            Some(_) => assert!(is_flushed(since) && is_flushed(rewound)),
            // Which of both it is, is not said.
            None => assert!(since.is_err() && rewound.is_err()),
        }
    }
}

#[test]
fn random_operations_agree_with_a_vector() {
    for seed in 0..1500 {
        let mut both = Both::new(seed);
        for _ in 0..120 {
            both.step();
            assert_eq!(both.writer.unflushed(), both.stream.len() - both.flushed, "seed {seed}");
        }
        both.writer.finish().expect("open");
        assert_eq!(both.reader.peek().to_vec(), both.stream[both.consumed..], "seed {seed}");
        drop((both.writer, both.reader));
        assert_eq!(both.pool.rented(), 0, "seed {seed}");
    }
}
