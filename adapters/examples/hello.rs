//! The story of a pipe: `cargo run --example hello`.

use std::{error::Error, io::Write};

use allocation_counter::{AllocationInfo, measure};
use futures_lite::future::block_on;
use headpond_codec::text::write_fmt;
use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::Pool;

const NAME: &str = "world";

/// How many bytes one way of writing copied from one place in memory to another.
type Copied = Result<usize, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    // Where all the memory comes from, for any number of pipes.
    let pool = Pool::new();

    // How pipes are made: from that pool. They too serve any number of pipes.
    let options = PipeOptions::new(&pool);

    // A pipe has a direction: a writer at one end, a reader at the other. For two directions, take two pipes.
    let Pipe { mut writer, mut reader } = Pipe::new(&options);

    // The first bytes rent the first block. From then on, blocks go round.
    block_on(three_bytes(&mut writer))?;
    block_on(read(&mut reader))?;

    let (direct, copied) = count(|| block_on(straight_into_the_pool(&mut writer)));
    block_on(read(&mut reader))?;
    report("straight into the pool", &direct, copied?);

    let (encoder, copied) = count(|| block_on(with_an_encoder(&mut writer)));
    block_on(read(&mut reader))?;
    report("with an encoder", &encoder, copied?);

    let (lazy, copied) = count(|| block_on(the_lazy_way(&mut writer)));
    block_on(read(&mut reader))?;
    report("the lazy way", &lazy, copied?);

    assert_eq!((direct.count_total, encoder.count_total), (0, 0), "the good ways allocate nothing");
    drop((writer, reader));
    println!("blocks rented: {}", pool.stats().rented);
    Ok(())
}

/// Ask for memory, put three bytes there, say that three count, and publish them.
async fn three_bytes(writer: &mut Writer) -> Result<(), Box<dyn Error>> {
    let mut memory = writer.reserve(3)?;
    memory[..3].copy_from_slice(&[1, 2, 3]);
    memory.advance(3);
    writer.flush().await?;
    Ok(())
}

/// Ask for memory, encode the text **there**, and say how far it went.
async fn straight_into_the_pool(writer: &mut Writer) -> Copied {
    let mut memory = writer.reserve(32)?;
    let mut rest = &mut memory[..];
    writeln!(rest, "Hello, {NAME}!")?;
    let unused = rest.len();
    let written = memory.len() - unused;
    memory.advance(written);
    writer.flush().await?;
    Ok(0)
}

/// The same, when nobody knows how long the text will be: an encoder goes over as many blocks as it takes.
async fn with_an_encoder(writer: &mut Writer) -> Copied {
    write_fmt(writer, format_args!("Hello, {NAME}!\n"))?;
    writer.flush().await?;
    Ok(0)
}

/// Not great; don't do this: a `String` to encode the text into, a `Vec` of its bytes, and then the copy into the pool.
async fn the_lazy_way(writer: &mut Writer) -> Copied {
    let text = format!("Hello, {NAME}!\n");
    let bytes = text.as_bytes().to_vec();
    let mut copied = bytes.len();
    writer.write(&bytes)?;
    copied += bytes.len();
    writer.flush().await?;
    Ok(copied)
}

/// See everything there is, where it was written, and let go of it.
async fn read(reader: &mut Reader) -> Result<(), Box<dyn Error>> {
    let view = reader.read().await?;
    println!("the reader sees \"{}\"", view.buffer().to_cow().escape_ascii());
    view.advance_all();
    Ok(())
}

/// What `way` did, and what it allocated meanwhile.
fn count(way: impl FnOnce() -> Copied) -> (AllocationInfo, Copied) {
    let mut copied = Ok(0);
    let allocated = measure(|| copied = way());
    (allocated, copied)
}

fn report(way: &str, allocated: &AllocationInfo, copied: usize) {
    println!("{way}: {} allocations, {copied} bytes copied", allocated.count_total);
}
