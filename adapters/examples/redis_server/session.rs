//! The server's conversation with one client.

use std::cell::RefCell;

use headpond_adapters::tokio::{SinkWriter, SourceReader};
use headpond_codec::{
    Decoder, FinishError, Items,
    resp::{CommandDecoder, RespVersion},
};
use headpond_pipe::{PipeReadExt, PipeWriteExt};
use headpond_pool::{BufferWriter, Sequence};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::{
    AnyError,
    client::Client,
    command::{Args, Call},
    error::protocol_error,
    reply::Reply,
    store::Store,
};

/// How many bytes of replies may gather before they are sent, though more commands have arrived.
const MAX_GATHERED: usize = 1 << 20;

/// Why a batch of commands is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// So many bytes more are needed, at the least.
    NeedsMore(usize),
    /// Enough replies have gathered.
    Full,
    /// The client asked for the end, or can no longer be understood.
    Over,
}

/// Answers commands until the client goes, or is hung up on.
///
/// All commands that have arrived are carried out where they lie, and their replies encoded where they will be sent from, with
/// one flush for all. A client that does not read its replies holds back the flush, and so itself.
pub(crate) async fn converse(
    input: &mut SourceReader<OwnedReadHalf>,
    output: &mut SinkWriter<OwnedWriteHalf>,
    store: &RefCell<Store>,
    client: &mut Client,
) -> Result<(), AnyError> {
    let mut commands = CommandDecoder::new();
    let mut wanted = 1;
    loop {
        let view = input.read_at_least(wanted).await?;
        let (buffer, is_finished) = (view.buffer(), view.is_finished());
        let mut taken = commands.items(buffer, false);
        let batch = answer(&mut taken, buffer, output, &mut store.borrow_mut(), client)?;
        let consumed = taken.consumed();
        let unconsumed = buffer.end() - consumed;
        match batch {
            Batch::NeedsMore(bytes) => {
                view.need_more(consumed);
                wanted = unconsumed + bytes;
            }
            Batch::Full | Batch::Over => {
                view.advance(consumed);
                wanted = 1;
            }
        }
        output.flush_release().await?;
        // Half a command at the end asks for no reply.
        if batch == Batch::Over || is_finished && batch != Batch::Full {
            return Ok(());
        }
    }
}

/// Carries out what has arrived.
fn answer<'a>(
    taken: &mut Items<'_, 'a, CommandDecoder>,
    buffer: Sequence<'a>,
    output: &mut SinkWriter<OwnedWriteHalf>,
    store: &mut Store,
    client: &mut Client,
) -> Result<Batch, AnyError> {
    let mut args = Args::default();
    store.look_at_the_clock();
    for command in taken.by_ref() {
        let command = match command {
            Ok(command) => command,
            Err(FinishError::Invalid(error)) => {
                let text = protocol_error(&error, buffer);
                Reply::new(output, RespVersion::V2).error(&text)?;
                return Ok(Batch::Over);
            }
            Err(error) => return Err(error.into()),
        };
        if command.is_empty() {
            continue;
        }
        args.replace(command.arguments());
        let reply = Reply::new(output as &mut dyn BufferWriter, client.version);
        Call { args: &args, store: &mut *store, client: &mut *client, reply }.run()?;
        if client.quits {
            return Ok(Batch::Over);
        }
        if output.unwritten() >= MAX_GATHERED {
            return Ok(Batch::Full);
        }
    }
    Ok(Batch::NeedsMore(taken.needed()))
}
