//! One message of a given size at a time, produced in place where the contender permits it, flushed alone, and summed.

use std::{future::poll_fn, hint::black_box, task::Poll};

use anyhow::Result;
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::PoolOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{executor::run, ring::ByteRing, rotation::Contender};

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
pub(crate) struct Ring {
    ring: ByteRing,
    size: usize,
}

impl Ring {
    pub(crate) fn new(capacity: usize, size: usize) -> Self {
        Self { ring: ByteRing::new(capacity), size }
    }
}

impl Contender for Ring {
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

/// The limit behind futures: the same ring, where a flush and a read are awaited as those of a pipe are.
pub(crate) struct AwaitedRing {
    ring: ByteRing,
    size: usize,
}

impl AwaitedRing {
    pub(crate) fn new(capacity: usize, size: usize) -> Self {
        Self { ring: ByteRing::new(capacity), size }
    }
}

impl Contender for AwaitedRing {
    fn carry(&mut self, messages: usize) -> u64 {
        let Self { ring, size } = self;
        let size = *size;
        run(async {
            let mut total = 0;
            for number in 0..messages {
                poll_fn(|_| match ring.produce(size, |message| produce(black_box(message), number)) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                })
                .await;
                total += poll_fn(|_| {
                    let mut sum_of_message = 0;
                    match ring.consume(size, |message| sum_of_message = sum(black_box(message))) {
                        true => Poll::Ready(sum_of_message),
                        false => Poll::Pending,
                    }
                })
                .await;
            }
            total
        })
    }

    fn expected(&self, messages: usize) -> u64 {
        expected(messages, self.size)
    }
}
