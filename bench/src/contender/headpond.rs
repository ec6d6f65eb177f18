//! headpond's pipe, with blocks of one size or another.

use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::PoolOptions;

use super::{Contender, Counters, Measure, closed};

const LARGE: usize = 16 * 1024;

/// Lets go of what is done with as it goes.
#[derive(Debug)]
pub(crate) struct Headpond<const BLOCK: usize>;

/// Lets go of the whole view at once.
#[derive(Debug)]
pub(crate) struct HeadpondView;

loops! {
    Headpond<BLOCK> where [const BLOCK: usize];
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

loops! {
    HeadpondView;
    send(sender: Writer, n, payload) {
        let mut left = n;
        loop {
            let Ok(mut memory) = sender.reserve(left.min(LARGE)) else { closed() };
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
        view.buffer().chunks().for_each(|chunk| look.add(chunk));
        view.advance_all();
    }
}

impl<const BLOCK: usize> Contender for Headpond<BLOCK> {
    const NAME: &'static str = if BLOCK == 4096 { "headpond" } else { "headpond-16k" };

    fn open(measure: Measure) -> (Writer, Reader) {
        pipe(BLOCK, measure.window).split()
    }

    fn counters(writer: &Writer) -> Option<Counters> {
        Some(counted(writer))
    }
}

impl Contender for HeadpondView {
    const NAME: &'static str = "headpond-view";

    fn open(measure: Measure) -> (Writer, Reader) {
        pipe(LARGE, measure.window).split()
    }

    fn counters(writer: &Writer) -> Option<Counters> {
        Some(counted(writer))
    }
}

fn counted(writer: &Writer) -> Counters {
    let stats = writer.stats();
    Counters { pauses: stats.pauses, reader_wakes: stats.reader_wakes, writer_wakes: stats.writer_wakes }
}

/// A pipe over a pool of its own, held back at `window`, and let go once an eighth of that is free: the peers let go at the first
/// free byte.
pub(crate) fn pipe(block: usize, window: usize) -> Pipe {
    let pool = PoolOptions::new().block_size(block).build();
    let options = pool
        .map(|pool| PipeOptions::builder(&pool).pause_threshold(window).resume_threshold(window - window / 8).build());
    match options {
        Ok(Ok(options)) => Pipe::new(&options),
        _ => panic!("blocks of {block} bytes and a window of {window} are valid"),
    }
}
