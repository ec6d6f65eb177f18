//! One message of a given size at a time, produced in place where the contender permits it, flushed alone, and summed.

use std::{hint::black_box, sync::atomic::Ordering};

use anyhow::Result;
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::PoolOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{
    executor::run,
    ring::{AtomicRing, PlainRing, Publishing},
    rotation::Contender,
};

/// Fills a message with words that depend on its number.
#[inline(always)]
fn produce(message: &mut [u8], number: usize) {
    for (index, word) in message.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&((number + index) as u64).to_le_bytes());
    }
}

/// Sums the words of a message.
#[inline(always)]
fn sum(message: &[u8]) -> u64 {
    message.chunks_exact(8).fold(0, |sum, word| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        sum + u64::from_le_bytes(bytes)
    })
}

/// What `messages` messages of `size` bytes sum up to, worked out without producing them.
fn expected(messages: usize, size: usize) -> u64 {
    let (n, words) = (messages as u64, size as u64 / 8);
    words * (n * (n - 1) / 2) + n * (words * (words - 1) / 2)
}

/// headpond's pipe.
pub(crate) struct HeadpondPipe {
    pipe: Pipe,
    size: usize,
}

impl HeadpondPipe {
    pub(crate) fn new(block_size: usize, size: usize) -> Result<Self> {
        let pool = PoolOptions::new().block_size(block_size).build()?;
        Ok(Self { pipe: Pipe::new(&PipeOptions::new(&pool)), size })
    }
}

impl Contender for HeadpondPipe {
    fn carry(&mut self, messages: usize) -> u64 {
        let Self { pipe: Pipe { writer, reader }, size } = self;
        let size = *size;
        let carried: Result<u64> = run(async {
            let mut total = 0;
            for number in 0..messages {
                let mut memory = writer.reserve(size)?;
                produce(black_box(&mut memory[..size]), number);
                memory.advance(size);
                writer.flush().await?;
                let view = reader.read().await?;
                let buffer = view.buffer();
                total += sum(black_box(buffer.first_chunk()));
                let end = buffer.end();
                view.advance(end);
            }
            Ok(total)
        });
        carried.unwrap_or(0)
    }

    fn expected(&self, messages: usize) -> u64 {
        expected(messages, self.size)
    }
}

/// tokio's in-memory stream.
pub(crate) struct DuplexPipe {
    writer: DuplexStream,
    reader: DuplexStream,
    size: usize,
}

impl DuplexPipe {
    pub(crate) fn new(window: usize, size: usize) -> Self {
        let (writer, reader) = tokio::io::duplex(window);
        Self { writer, reader, size }
    }
}

impl Contender for DuplexPipe {
    fn carry(&mut self, messages: usize) -> u64 {
        let Self { writer, reader, size } = self;
        let carried: Result<u64> = run(async {
            let (mut outgoing, mut incoming) = (vec![0; *size], vec![0; *size]);
            let mut total = 0;
            for number in 0..messages {
                produce(black_box(&mut outgoing), number);
                writer.write_all(&outgoing).await?;
                reader.read_exact(&mut incoming).await?;
                total += sum(black_box(&incoming));
            }
            Ok(total)
        });
        carried.unwrap_or(0)
    }

    fn expected(&self, messages: usize) -> u64 {
        expected(messages, self.size)
    }
}

/// The limit: shared memory and two positions.
pub(crate) struct SharedRing {
    ring: AtomicRing,
    size: usize,
}

impl SharedRing {
    pub(crate) fn new(capacity: usize, publishing: Publishing, size: usize) -> Self {
        Self { ring: AtomicRing::new(capacity, publishing), size }
    }
}

impl Contender for SharedRing {
    fn carry(&mut self, messages: usize) -> u64 {
        let words = self.size / 8;
        let mut total = 0;
        for number in 0..messages {
            let produced = self.ring.produce(words, |message| {
                for (index, word) in black_box(message).iter().enumerate() {
                    // Ordering: Relaxed: the ring's position publishes the words.
                    word.store((number + index) as u64, Ordering::Relaxed);
                }
            });
            let consumed = self.ring.consume(words, |message| {
                total += black_box(message).iter().map(|word| word.load(Ordering::Relaxed)).sum::<u64>();
            });
            if !(produced && consumed) {
                return 0;
            }
        }
        total
    }

    fn expected(&self, messages: usize) -> u64 {
        expected(messages, self.size)
    }
}

/// Below the limit: plain memory, which only one thread can use so.
pub(crate) struct OwnRing {
    ring: PlainRing,
    size: usize,
}

impl OwnRing {
    pub(crate) fn new(capacity: usize, size: usize) -> Self {
        Self { ring: PlainRing::new(capacity), size }
    }
}

impl Contender for OwnRing {
    fn carry(&mut self, messages: usize) -> u64 {
        let mut total = 0;
        for number in 0..messages {
            let produced = self.ring.produce(self.size, |message| produce(black_box(message), number));
            let consumed = self.ring.consume(self.size, |message| total += sum(black_box(message)));
            if !(produced && consumed) {
                return 0;
            }
        }
        total
    }

    fn expected(&self, messages: usize) -> u64 {
        expected(messages, self.size)
    }
}
