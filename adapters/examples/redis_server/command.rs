//! Commands: what they are given, and how one is found and carried out.

mod connection;
mod hashes;
mod keys;
mod lists;
mod server;
mod sets;
mod sorted_sets;
mod strings;
mod table;

use std::{borrow::Cow, fmt::Write};

use headpond_codec::{EncodeError, resp::Argument};
use headpond_pool::Slice;

use super::{
    client::Client,
    error::{CommandError, NOT_A_FLOAT, NOT_AN_INTEGER, NOT_POSITIVE, refused_as, wrong_arity},
    number,
    reply::Reply,
    store::{Database, Store},
};

/// How much of an unknown command is repeated to its client, in bytes.
const MOST_REPEATED: usize = 128;

/// A command under way.
pub(crate) struct Call<'c> {
    pub(crate) args: &'c Args<'c>,
    pub(crate) store: &'c mut Store,
    pub(crate) client: &'c mut Client,
    pub(crate) reply: Reply<'c>,
}

/// Whether the command was refused; then nothing of its reply is written.
type Outcome = Result<(), CommandError>;

impl<'c> Call<'c> {
    /// Carries the command out, and writes its reply, or why it was refused.
    pub(crate) fn run(mut self) -> Result<(), EncodeError> {
        let name = self.args.bytes(0);
        let outcome = match table::find(&name) {
            Some(spec) if spec.takes(self.args.len()) => (spec.handler)(&mut self),
            Some(spec) => Err(wrong_arity(spec.name)),
            None => Err(unknown(self.args)),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(CommandError::Refused(text)) => self.reply.error(&text),
            Err(CommandError::Reply(error)) => Err(error),
        }
    }

    /// The database that the client has selected.
    pub(crate) fn database(&mut self) -> &mut Database {
        self.store.at(self.client.database)
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

/// A subcommand that there is not.
fn unknown_subcommand(args: &Args<'_>) -> CommandError {
    let (name, subcommand) = (args.word(0).to_ascii_uppercase(), args.bytes(1));
    let subcommand = String::from_utf8_lossy(&subcommand[..subcommand.len().min(MOST_REPEATED)]);
    refused_as(format_args!("ERR unknown subcommand '{subcommand}'. Try {name} HELP."))
}
