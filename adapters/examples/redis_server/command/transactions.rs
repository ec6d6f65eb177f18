//! Transactions: commands that are carried out together, or not at all.

use headpond_codec::{Decoder, EncodeError, resp::CommandDecoder};
use headpond_pool::Sequence;

use super::super::{
    error::{CommandError, refused},
    transaction::Transaction,
};
use super::{Args, Call, Outcome};

/// From here on commands are queued.
pub(super) fn multi(call: &mut Call<'_>) -> Outcome {
    if call.client.transaction.is_some() {
        return Err(refused("ERR MULTI calls can not be nested"));
    }
    call.client.transaction = Some(Transaction::default());
    Ok(call.reply.ok()?)
}

/// Has `EXEC` fail should one of the keys change.
pub(super) fn watch(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    if client.transaction.is_some() {
        return Err(refused("ERR WATCH inside MULTI is not allowed"));
    }
    let database = client.database();
    (1..args.len()).try_for_each(|at| client.watch.add(store, database, &args.bytes(at)))?;
    Ok(reply.ok()?)
}

pub(super) fn unwatch(call: &mut Call<'_>) -> Outcome {
    call.client.watch.clear(call.store);
    Ok(call.reply.ok()?)
}

pub(super) fn discard(call: &mut Call<'_>) -> Outcome {
    if call.client.transaction.is_none() {
        return Err(refused("ERR DISCARD without MULTI"));
    }
    call.client.discard(call.store);
    Ok(call.reply.ok()?)
}

/// Carries out what was queued: an array of replies, or null when a key was changed that is watched.
pub(super) fn exec(call: &mut Call<'_>) -> Outcome {
    let Some(transaction) = call.client.transaction.take() else {
        return Err(refused("ERR EXEC without MULTI"));
    };
    call.client.watch.look_for_expired(call.store);
    let is_broken = call.client.watch.is_broken();
    call.client.watch.clear(call.store);
    if transaction.is_refused() {
        return Err(refused("EXECABORT Transaction discarded because of previous errors."));
    }
    if is_broken {
        return Ok(call.reply.null_array()?);
    }
    call.reply.array(transaction.len())?;
    carry_out(call, transaction)
}

/// What was decoded before is decoded again, so that this never is; were it, the client would wait for replies.
const UNREADABLE: CommandError =
    CommandError::Reply(EncodeError::Unrepresentable { reason: "the transaction cannot be read any more" });

/// No other client has its turn in between.
fn carry_out(call: &mut Call<'_>, transaction: Transaction) -> Outcome {
    let Call { shared, store, client, reply, .. } = call;
    let commands = transaction.into_commands();
    let (mut decoder, mut args) = (CommandDecoder::new(), Args::default());
    for command in decoder.items(commands.as_sequence(), false) {
        let Ok(command) = command else { return Err(UNREADABLE) };
        args.replace(command.arguments());
        let raw = Sequence::default();
        let mut inner = Call { args: &args, raw, shared, store, client, reply: reply.part() };
        inner.run()?;
        let len = inner.reply.len();
        reply.go_on(client.version(), len);
    }
    Ok(())
}
