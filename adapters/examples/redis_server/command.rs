//! Commands: what they are given, and how one is found and carried out.

mod clients;
mod connection;
mod hashes;
mod info;
mod keys;
mod lists;
mod scan;
mod server;
mod sets;
mod sorted_sets;
mod strings;
mod subcommands;
mod table;
mod transactions;

use std::{borrow::Cow, fmt::Write};

use headpond_codec::{EncodeError, resp::Argument};
use headpond_pool::{Sequence, Slice};

use self::table::Spec;
use super::{
    client::Client,
    error::{CommandError, NOT_A_FLOAT, NOT_AN_INTEGER, NOT_POSITIVE, refused, refused_as, wrong_arity},
    number,
    reply::Reply,
    shared::Shared,
    store::{Database, Store},
};

/// How much of an unknown command is repeated to its client, in bytes.
const MOST_REPEATED: usize = 128;

/// A command under way.
pub(crate) struct Call<'c> {
    pub(crate) args: &'c Args<'c>,
    /// As it arrived.
    pub(crate) raw: Sequence<'c>,
    pub(crate) shared: &'c Shared,
    pub(crate) store: &'c mut Store,
    pub(crate) client: &'c mut Client,
    pub(crate) reply: Reply<'c>,
}

/// Whether the command was refused; then nothing of its reply is written.
type Outcome = Result<(), CommandError>;

impl<'c> Call<'c> {
    /// Carries the command out, or queues it, and writes its reply, or why it was refused.
    pub(crate) fn run(&mut self) -> Result<(), EncodeError> {
        let found = self.find().map_err(|error| self.refuse(error));
        match found.and_then(|spec| self.queue_or_carry_out(spec)) {
            Ok(()) => Ok(()),
            Err(CommandError::Refused(text)) => self.reply.error(&text),
            Err(CommandError::Reply(error)) => Err(error),
        }
    }

    /// Finds the command, if it makes sense and may come.
    fn find(&mut self) -> Result<&'static Spec, CommandError> {
        let spec = table::find(&self.args.bytes(0)).ok_or_else(|| unknown(self.args))?;
        if !spec.takes(self.args.len()) {
            return Err(wrong_arity(spec.name));
        }
        let name = subcommands::check(spec, self.args)?;
        self.client.profile.note(name, self.store.now());
        let may_come = self.client.is_authenticated || spec.is_for_anyone();
        if may_come { Ok(spec) } else { Err(refused("NOAUTH Authentication required.")) }
    }

    /// What a client is told whose command made no sense, or may not come. The transaction that it is in fails with it: at once if
    /// it is `EXEC`, and otherwise then.
    fn refuse(&mut self, error: CommandError) -> CommandError {
        if let Some(transaction) = &mut self.client.transaction {
            transaction.refuse();
        }
        match error {
            CommandError::Refused(text) if self.args.is(0, "EXEC") => {
                self.client.discard(self.store);
                let reason = text.strip_prefix("ERR ").unwrap_or(&text);
                refused_as(format_args!("EXECABORT Transaction discarded because of: {reason}"))
            }
            other => other,
        }
    }

    fn queue_or_carry_out(&mut self, spec: &Spec) -> Outcome {
        let is_broken = self.client.watch.is_broken();
        match &mut self.client.transaction {
            Some(transaction) if !spec.is_never_queued() => {
                // What will not be carried out is not kept.
                if !is_broken {
                    transaction.queue(self.raw).inspect_err(|_| transaction.refuse())?;
                }
                Ok(self.reply.simple("QUEUED")?)
            }
            _ => {
                self.shared.commands.set(self.shared.commands.get() + 1);
                (spec.handler)(self)
            }
        }
    }

    /// The database that the client has selected.
    pub(crate) fn database(&mut self) -> &mut Database {
        self.store.at(self.client.database())
    }
}

/// The arguments of a command, its name first. Those that the command's arity promises are there.
#[derive(Debug, Default)]
pub(crate) struct Args<'a>(Vec<Argument<'a>>);

impl<'a> Args<'a> {
    /// Takes others, in the same memory.
    pub(crate) fn replace(&mut self, arguments: impl Iterator<Item = Argument<'a>>) {
        self.0.clear();
        self.0.extend(arguments);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn bytes(&self, at: usize) -> Cow<'_, [u8]> {
        match &self.0[at] {
            Argument::Shared(bytes) => bytes.to_cow(),
            Argument::Unquoted(bytes) => Cow::Borrowed(bytes),
        }
    }

    /// An argument to be kept.
    pub(crate) fn slice(&self, at: usize) -> Slice {
        self.0[at].clone().to_slice()
    }

    /// Whether an argument is this word, in either case.
    pub(crate) fn is(&self, at: usize, word: &str) -> bool {
        self.0[at].len() == word.len() && self.bytes(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// An argument in lower case.
    pub(crate) fn word(&self, at: usize) -> String {
        String::from_utf8_lossy(&self.bytes(at)).to_ascii_lowercase()
    }

    pub(crate) fn integer(&self, at: usize) -> Result<i64, CommandError> {
        number::integer(&self.bytes(at)).ok_or(NOT_AN_INTEGER)
    }

    pub(crate) fn float(&self, at: usize) -> Result<f64, CommandError> {
        number::float(&self.bytes(at)).ok_or(NOT_A_FLOAT)
    }

    /// How many elements are asked for.
    pub(crate) fn count(&self, at: usize) -> Result<usize, CommandError> {
        let count = number::integer(&self.bytes(at)).and_then(|count| usize::try_from(count).ok());
        count.ok_or(NOT_POSITIVE)
    }

    /// The elements from one index to another, both of which count from the end when they are negative: how many to skip, and
    /// how many to take of `len`.
    pub(crate) fn range(&self, from: usize, to: usize, len: usize) -> Result<(usize, usize), CommandError> {
        let len = len as i64;
        let place = |index: i64| if index < 0 { index.saturating_add(len) } else { index };
        let (first, last) = (place(self.integer(from)?).clamp(0, len), place(self.integer(to)?).clamp(-1, len - 1));
        Ok((first as usize, (last - first + 1).max(0) as usize))
    }
}

fn unknown(args: &Args<'_>) -> CommandError {
    let mut rest = String::new();
    for at in 1..args.len() {
        let Some(left) = MOST_REPEATED.checked_sub(rest.len()).filter(|left| *left > 0) else { break };
        let bytes = args.bytes(at);
        let _ = write!(rest, "'{}' ", String::from_utf8_lossy(&bytes[..bytes.len().min(left)]));
    }
    let name = args.bytes(0);
    let name = String::from_utf8_lossy(&name[..name.len().min(MOST_REPEATED)]);
    refused_as(format_args!("ERR unknown command '{name}', with args beginning with: {rest}"))
}
