//! headpond's pipe, with blocks of one size or another.

use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::PoolOptions;

use super::{Contender, Counters, Measure, closed};

/// How often an end looks again before it parks, where it does: for longer than a sleeping thread takes to wake.
pub(crate) const LOOKS: u32 = 20_000;

/// Blocks of so many bytes, and so many looks before parking; lets go of what is done with as it goes.
#[derive(Debug)]
pub(crate) struct Headpond<const BLOCK: usize, const LOOKS: u32 = 0>;

loops! {
    Headpond<BLOCK, LOOKS> where [const BLOCK: usize, const LOOKS: u32];
    send(sender: Writer, n, payload) {
        let mut left = n;
        loop {
            let Ok(mut memory) = sender.reserve(left.min(BLOCK)) else { closed() };
            let part = left.min(memory.len());
            payload.fill(&mut memory[..part]);
            memory.advance(part);
            left -= part;
            if left == 0 {
                break;
            }
        }
        if sender.flush().await.is_err() {
            closed();
        }
    }
    receive(receiver: Reader, look) {
        let Ok(view) = receiver.read().await else { closed() };
        let (done, seen) = look.view(view.buffer());
        view.advance_to(done, seen);
    }
}

impl<const BLOCK: usize, const LOOKS: u32> Contender for Headpond<BLOCK, LOOKS> {
    const NAME: &'static str = match (BLOCK, LOOKS) {
        (4096, 0) => "headpond",
        (_, 0) => "headpond-16k",
        _ => "headpond-looking",
    };

    fn open(measure: Measure) -> (Writer, Reader) {
        pipe(BLOCK, measure.window, LOOKS).split()
    }

    fn counters(writer: &Writer) -> Option<Counters> {
        let stats = writer.stats();
        Some(Counters { pauses: stats.pauses, reader_wakes: stats.reader_wakes, writer_wakes: stats.writer_wakes })
    }
}

/// A pipe over a pool of its own, held back at `window`, and let go once an eighth of that is free: the peers let go at the first
/// free byte.
pub(crate) fn pipe(block: usize, window: usize, looks: u32) -> Pipe {
    let pool = PoolOptions::new().block_size(block).build();
    let options = pool.map(|pool| {
        let options = PipeOptions::builder(&pool).pause_threshold(window).resume_threshold(window - window / 8);
        options.looks_before_parking(looks).build()
    });
    match options {
        Ok(Ok(options)) => Pipe::new(&options),
        _ => panic!("blocks of {block} bytes and a window of {window} are valid"),
    }
}
