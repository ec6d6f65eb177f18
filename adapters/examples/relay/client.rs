//! The client: sends the text, and gathers what the answers amount to, at the same time.

use std::{fs::File, io::Read};

use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_pipe::{PipeOptions, PipeReadExt, PipeWrite, PipeWriteExt};
use headpond_pool::BufferWriter;
use tokio::{
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    try_join,
};

use super::{
    AnyError,
    echo::Echo,
    text::{Part, Text},
};

/// How much is sent with one flush.
const FLUSH_BYTES: usize = 256 * 1024;

/// Sends the text to a server, and returns what came back. `progress` is told how many bytes are sent.
pub(crate) async fn relay(
    server: TcpStream,
    text: &Text,
    options: &PipeOptions,
    progress: impl Fn(u64),
) -> Result<Echo, AnyError> {
    let (source, sink) = server.into_split();
    let send = send(SinkWriter::new(sink, options), text, progress);
    let receive = receive(SourceReader::new(source, options));
    let ((), echo) = try_join!(send, receive)?;
    Ok(echo)
}

/// Links what is in memory into the stream, and reads files straight into blocks: nothing is copied here.
async fn send(mut output: SinkWriter<OwnedWriteHalf>, text: &Text, progress: impl Fn(u64)) -> Result<(), AnyError> {
    let mut sent = 0;
    for (part, len) in text.parts() {
        match part {
            Part::Loaded(slice) => output.append(slice.slice(..len as usize))?,
            Part::OnDisk(path) => copy_in(&mut output, File::open(path)?.take(len)).await?,
        }
        if output.unwritten() >= FLUSH_BYTES {
            output.flush().await?;
        }
        sent += len;
        progress(sent);
    }
    Ok(output.finish_async().await?)
}

/// Reads a file into the blocks it is sent from. The reads block, as those of a local file do for a moment.
async fn copy_in(output: &mut (impl PipeWrite + ?Sized), mut file: impl Read) -> Result<(), AnyError> {
    loop {
        let mut memory = output.reserve(1)?;
        let n = file.read(&mut memory)?;
        memory.advance(n);
        if n == 0 {
            return Ok(());
        }
        output.flush().await?;
    }
}

async fn receive(mut input: SourceReader<OwnedReadHalf>) -> Result<Echo, AnyError> {
    let mut echo = Echo::default();
    loop {
        let view = input.read().await?;
        view.buffer().chunks().for_each(|chunk| echo.add(chunk));
        let finished = view.is_finished();
        view.advance_all();
        if finished {
            return Ok(echo);
        }
    }
}
