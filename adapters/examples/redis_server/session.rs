//! The server's conversation with one client.

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
    error::{CrossProtocol, protocol_error},
    reply::Reply,
    shared::Shared,
};

/// How many bytes of replies may gather before they are sent, though more commands have arrived.
const MAX_GATHERED: usize = 1 << 20;

/// How long the reply to one command, or to one transaction, may be, in bytes; beyond that the client is hung up on. A command is
/// short that asks for the same value over and over again, and its reply is written before any of it is sent.
const MAX_REPLY: usize = 1 << 30;

/// Why a batch of commands is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// So many bytes more are needed, at the least.
    NeedsMore(usize),
    /// Enough replies have gathered, or what comes next is to be read in another way.
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
    shared: &Shared,
    client: &mut Client,
) -> Result<(), AnyError> {
    let mut commands = client.decoder();
    let mut wanted = 1;
    loop {
        let view = input.read_at_least(wanted).await?;
        let (buffer, is_finished) = (view.buffer(), view.is_finished());
        let mut taken = commands.items(buffer, false);
        let batch = answer(&mut taken, buffer, output, shared, client)?;
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
                commands = client.decoder();
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
    shared: &Shared,
    client: &mut Client,
) -> Result<Batch, AnyError> {
    let mut args = Args::default();
    let store = &mut *shared.store.borrow_mut();
    store.look_at_the_clock();
    let mut begin = taken.consumed();
    while let Some(command) = taken.next() {
        let command = match command {
            Ok(command) => command,
            Err(FinishError::Invalid(error)) => {
                let text = protocol_error(&error, buffer, client.is_authenticated);
                Reply::new(output, RespVersion::V2).error(&text)?;
                return Ok(Batch::Over);
            }
            Err(error) => return Err(error.into()),
        };
        let raw = buffer.slice(begin..taken.consumed());
        begin = taken.consumed();
        if command.is_empty() {
            continue;
        }
        args.replace(command.arguments());
        if args.is(0, "POST") || args.is(0, "Host:") {
            return Err(CrossProtocol.into());
        }
        let (version, was_authenticated) = (client.version(), client.is_authenticated);
        let reply = Reply::new(output as &mut dyn BufferWriter, version).at_most(MAX_REPLY);
        Call { args: &args, raw, shared, store: &mut *store, client: &mut *client, reply }.run()?;
        client.publish();
        if client.quits {
            return Ok(Batch::Over);
        }
        if output.unwritten() >= MAX_GATHERED || client.is_authenticated != was_authenticated {
            return Ok(Batch::Full);
        }
    }
    Ok(Batch::NeedsMore(taken.needed()))
}
