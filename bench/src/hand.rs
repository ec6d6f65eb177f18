//! Temporary: the hand-written loop.
use std::hint::black_box;
use std::time::Instant;
use headpond_pipe::Pipe;
use crate::contender::{Measure,headpond::pipe};
use crate::form::{Form,Stage,Waits,st::drive};
use crate::workload::{Round,Runner};

pub(crate) struct Hand { pipe: Pipe, size: usize }
impl Hand { pub(crate) fn open(m: Measure) -> Self { Self { pipe: pipe(4096, m.window), size: m.size } } }
#[inline(always)]
fn produce(message: &mut [u8], number: usize) {
    for (index, word) in message.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&((number + index) as u64).to_le_bytes());
    }
}
#[inline(always)]
fn sum(message: &[u8]) -> u64 {
    message.chunks_exact(8).fold(0, |sum, word| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        sum + u64::from_le_bytes(bytes)
    })
}
impl Runner for Hand {
    fn name(&self) -> &'static str { "hand" }
    fn bytes(&self) -> u64 { self.size as u64 }
    fn run(&mut self, _: &Stage, _: Form, times: u64) -> Round {
        let messages = times as usize;
        let start = Instant::now();
        let Self { pipe: Pipe { writer, reader }, size } = self;
        let size = *size;
        let carried: anyhow::Result<u64> = drive(async {
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
        let right = carried.is_ok();
        Round { elapsed: start.elapsed(), right, waits: Waits::default() }
    }
}
