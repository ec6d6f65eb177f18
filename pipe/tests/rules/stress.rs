//! Two threads, random sizes, the same bytes in the same order.

use std::thread;

use futures_lite::future::block_on;
use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Pool, PoolOptions, Slice};

/// A generator of sizes: xorshift, after Marsaglia (2003).
struct Sizes(u64);

impl Sizes {
    fn up_to(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % most + 1
    }
}

const BYTES: usize = 400_000;

/// The byte that stands at a place in the stream.
fn byte_at(place: usize) -> u8 {
    (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()[7]
}

async fn produce(mut writer: Writer, mut sizes: Sizes) {
    let mut written = 0;
    while written < BYTES {
        let n = sizes.up_to(150).min(BYTES - written);
        let bytes: Vec<u8> = (written..written + n).map(byte_at).collect();
        match sizes.up_to(4) {
            1 => writer.append(Slice::from(bytes)).expect("open"),
            2 => writer.write(&bytes).expect("no budget"),
            _ => {
                let mut room = writer.reserve_async(n).await.expect("no budget");
                room[..n].copy_from_slice(&bytes);
                room.advance(n);
            }
        }
        written += n;
        match sizes.up_to(5) {
            1 => {}
            2 => writer.flush_release().await.expect("open"),
            _ => writer.flush().await.expect("open"),
        }
    }
    writer.finish().expect("open");
}

async fn consume(mut reader: Reader, mut sizes: Sizes) -> usize {
    let mut consumed = 0;
    loop {
        let view = match sizes.up_to(4) {
            1 => reader.read_at_least(sizes.up_to(600)).await.expect("no abort"),
            _ => reader.read().await.expect("no abort"),
        };
        let (buffer, finished) = (view.buffer(), view.is_finished());
        assert!(buffer.bytes().enumerate().all(|(i, byte)| byte == byte_at(consumed + i)), "behind {consumed}");
        let (start, len) = (buffer.start(), buffer.len());
        if finished {
            view.advance_all();
            return consumed + len;
        }
        let n = sizes.up_to(len.max(1)).min(len);
        consumed += n;
        if sizes.up_to(8) == 1 {
            view.need_more(start + n);
        } else {
            view.advance(start + n);
        }
    }
}

fn run(pool: &Pool, options: &PipeOptions, seed: u64) {
    let Pipe { writer, reader } = Pipe::new(options);
    let producer = thread::spawn(move || block_on(produce(writer, Sizes(seed))));
    assert_eq!(block_on(consume(reader, Sizes(seed ^ 0x5555))), BYTES, "seed {seed}");
    producer.join().expect("no panic");
    assert_eq!(pool.stats().rented, 0, "seed {seed}");
}

#[test]
fn bytes_arrive_in_order_between_threads_that_pause_and_resume() {
    let pool = PoolOptions::new().block_size(64).build().expect("valid");
    let options = PipeOptions::builder(&pool).pause_threshold(256).resume_threshold(128).build().expect("valid");
    (1..=4).for_each(|seed| run(&pool, &options, seed));
}

#[test]
fn bytes_arrive_in_order_between_threads_that_never_pause() {
    let pool = PoolOptions::new().block_size(48).build().expect("valid");
    let options = PipeOptions::builder(&pool).pause_threshold(0).build().expect("valid");
    (11..=13).for_each(|seed| run(&pool, &options, seed));
}

#[test]
fn bytes_arrive_in_order_between_threads_that_look_again_before_they_park() {
    let pool = PoolOptions::new().block_size(64).build().expect("valid");
    let options = PipeOptions::builder(&pool).pause_threshold(256).looks_before_parking(100).build().expect("valid");
    (21..=23).for_each(|seed| run(&pool, &options, seed));
}

#[test]
fn bytes_arrive_in_order_through_a_chain_of_pipes() {
    let pool = PoolOptions::new().block_size(64).build().expect("valid");
    let options = PipeOptions::builder(&pool).pause_threshold(512).resume_threshold(256).build().expect("valid");
    let (first_writer, mut first_reader) = Pipe::new(&options).split();
    let (mut second_writer, second_reader) = Pipe::new(&options).split();
    let producer = thread::spawn(move || block_on(produce(first_writer, Sizes(7))));
    let relay = thread::spawn(move || {
        let copied = block_on(first_reader.copy_to(&mut second_writer)).expect("both open");
        second_writer.finish().expect("open");
        copied
    });
    assert_eq!(block_on(consume(second_reader, Sizes(8))), BYTES);
    assert_eq!(relay.join().expect("no panic"), BYTES as u64);
    producer.join().expect("no panic");
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn ends_dropped_in_mid_stream_leave_no_block_out() {
    let pool = PoolOptions::new().block_size(64).build().expect("valid");
    let options = PipeOptions::builder(&pool).pause_threshold(256).resume_threshold(128).build().expect("valid");
    for round in 1..=200_u64 {
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        let producer = thread::spawn(move || {
            let mut sizes = Sizes(round);
            for _ in 0..sizes.up_to(40) {
                let n = sizes.up_to(150);
                if writer.write(&vec![1; n]).is_err() || block_on(writer.flush()).is_err() {
                    return;
                }
            }
        });
        let mut sizes = Sizes(round ^ 0x77);
        for _ in 0..sizes.up_to(40) {
            match block_on(reader.read()) {
                Ok(view) => view.advance_all(),
                Err(_) => break,
            }
        }
        drop(reader);
        producer.join().expect("no panic");
        assert_eq!(pool.stats().rented, 0, "round {round}");
    }
}
