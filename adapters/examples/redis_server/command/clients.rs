//! `CLIENT`: what clients say of themselves, and see and do of each other.

use std::rc::Rc;

use super::super::{
    clients::Profile,
    error::{CommandError, SYNTAX, refused, refused_as},
    number,
};
use super::{Args, Call, Outcome, subcommands};

/// `CLIENT GETNAME | ID | INFO | KILL ... | LIST ... | SETINFO NAME VALUE | SETNAME NAME`
pub(super) fn client(call: &mut Call<'_>) -> Outcome {
    match call.args.word(1).as_str() {
        "getname" => {
            let name = &call.client.profile.name.borrow()[..];
            Ok(call.reply.optional((!name.is_empty()).then_some(name))?)
        }
        "setname" => {
            let name = call.args.bytes(2);
            check_label("Client names", &name)?;
            call.client.profile.name.replace(name.into_owned());
            Ok(call.reply.ok()?)
        }
        "id" => Ok(call.reply.integer(call.client.profile.id as i64)?),
        "info" => {
            let line = call.client.profile.line(call.store.now());
            Ok(call.reply.lines(&line)?)
        }
        "setinfo" => set_info(call),
        "list" => list(call),
        "kill" => kill(call),
        _ => Err(subcommands::unknown(call.args)),
    }
}

/// `LIB-NAME NAME | LIB-VER VERSION`, which libraries send of themselves.
fn set_info(call: &mut Call<'_>) -> Outcome {
    let Call { args, client, reply, .. } = call;
    let (name, value) = (args.word(2), args.bytes(3));
    let field = match name.as_str() {
        "lib-name" => &client.profile.library,
        "lib-ver" => &client.profile.library_version,
        _ => {
            let option = String::from_utf8_lossy(&args.bytes(2)).into_owned();
            return Err(refused_as(format_args!("ERR Unrecognized option '{option}'")));
        }
    };
    check_label(&name, &value)?;
    field.replace(value.into_owned());
    Ok(reply.ok()?)
}

/// How long what a client says of itself may be, in bytes: it is kept as long as the client is connected.
const MAX_LABEL: usize = 4096;

/// Fails unless this can stand in a line of `CLIENT LIST`.
pub(super) fn check_label(name: &str, value: &[u8]) -> Result<(), CommandError> {
    if value.len() > MAX_LABEL {
        return Err(refused_as(format_args!("ERR {name} cannot be longer than {MAX_LABEL} bytes.")));
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err(refused_as(format_args!("ERR {name} cannot contain spaces, newlines or special characters.")));
    }
    Ok(())
}

/// Whether a client is of the type that an argument names. All are normal: nobody subscribes, and nothing is replicated.
fn is_normal(args: &Args<'_>, at: usize) -> Result<bool, CommandError> {
    match args.word(at).as_str() {
        "normal" => Ok(true),
        "master" | "pubsub" | "replica" | "slave" => Ok(false),
        _ => {
            let name = String::from_utf8_lossy(&args.bytes(at)).into_owned();
            Err(refused_as(format_args!("ERR Unknown client type '{name}'")))
        }
    }
}

/// `LIST [TYPE NAME | ID ID ...]`
fn list(call: &mut Call<'_>) -> Outcome {
    let Call { args, shared, store, reply, .. } = call;
    let clients = match args.len() {
        2 => shared.clients.all(),
        4 if args.is(2, "TYPE") => {
            if is_normal(args, 3)? {
                shared.clients.all()
            } else {
                Vec::new()
            }
        }
        4.. if args.is(2, "ID") => {
            let ids: Option<Vec<i64>> = (3..args.len()).map(|at| number::integer(&args.bytes(at))).collect();
            let ids = ids.ok_or(refused("ERR Invalid client ID"))?;
            ids.into_iter().filter_map(|id| shared.clients.get(u64::try_from(id).ok()?)).collect()
        }
        _ => return Err(SYNTAX),
    };
    let now = store.now();
    let lines: Vec<Vec<u8>> = clients.iter().map(|client| client.line(now)).collect();
    Ok(reply.lines(&lines.concat())?)
}

/// Which clients are to be hung up on.
#[derive(Debug, Default)]
struct Filter {
    id: Option<u64>,
    peer: Option<Vec<u8>>,
    local: Option<Vec<u8>>,
    /// Nobody is like that.
    is_nobody: bool,
    spares_none: bool,
}

impl Filter {
    /// `ID ID | ADDR ADDRESS | LADDR ADDRESS | TYPE NAME | USER NAME | SKIPME YES-OR-NO`, any number of them.
    fn parse(args: &Args<'_>) -> Result<Self, CommandError> {
        let mut filter = Self::default();
        for at in (2..args.len()).step_by(2) {
            if at + 1 == args.len() {
                return Err(SYNTAX);
            }
            let value = args.bytes(at + 1);
            match args.word(at).as_str() {
                "id" => {
                    let id = number::integer(&value).and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0);
                    filter.id = Some(id.ok_or(refused("ERR client-id should be greater than 0"))?);
                }
                "addr" => filter.peer = Some(value.into_owned()),
                "laddr" => filter.local = Some(value.into_owned()),
                "type" => filter.is_nobody |= !is_normal(args, at + 1)?,
                "user" if *value == *b"default" => {}
                "user" => {
                    let name = String::from_utf8_lossy(&value);
                    return Err(refused_as(format_args!("ERR No such user '{name}'")));
                }
                "skipme" if args.is(at + 1, "yes") => filter.spares_none = false,
                "skipme" if args.is(at + 1, "no") => filter.spares_none = true,
                _ => return Err(SYNTAX),
            }
        }
        Ok(filter)
    }

    fn accepts(&self, client: &Profile) -> bool {
        let is_at = |wanted: &Option<Vec<u8>>, address: std::net::SocketAddr| {
            wanted.as_ref().is_none_or(|wanted| *wanted == address.to_string().into_bytes())
        };
        let is_this = self.id.is_none_or(|id| id == client.id);
        !self.is_nobody && is_this && is_at(&self.peer, client.ends.peer) && is_at(&self.local, client.ends.local)
    }
}

/// `KILL ADDRESS`, or `KILL` with filters, which is answered with how many there were.
fn kill(call: &mut Call<'_>) -> Outcome {
    let by_address = call.args.len() == 3;
    let filter = if by_address {
        Filter { peer: Some(call.args.bytes(2).into_owned()), spares_none: true, ..Filter::default() }
    } else {
        Filter::parse(call.args)?
    };
    let Call { shared, client, reply, .. } = call;
    let mut found: Vec<Rc<Profile>> = shared.clients.all();
    found.retain(|other| filter.accepts(other) && (filter.spares_none || other.id != client.profile.id));
    for other in &found {
        if other.id == client.profile.id {
            // Which is to have its reply.
            client.quits = true;
        } else {
            shared.clients.kill(other.id);
        }
    }
    match (by_address, found.len()) {
        (false, count) => Ok(reply.count(count)?),
        (true, 0) => Err(refused("ERR No such client")),
        (true, _) => Ok(reply.ok()?),
    }
}
