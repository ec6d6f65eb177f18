//! Commands about the connection itself.

use headpond_codec::resp::RespVersion;

use super::super::error::{CommandError, refused, refused_as, wrong_arity};
use super::{Args, Call, Outcome, unknown_subcommand};

pub(super) fn ping(call: &mut Call<'_>) -> Outcome {
    match call.args.len() {
        1 => Ok(call.reply.simple("PONG")?),
        2 => Ok(call.reply.bulk(&*call.args.bytes(1))?),
        _ => Err(wrong_arity("ping")),
    }
}

pub(super) fn echo(call: &mut Call<'_>) -> Outcome {
    Ok(call.reply.bulk(&*call.args.bytes(1))?)
}

pub(super) fn select(call: &mut Call<'_>) -> Outcome {
    let index = usize::try_from(call.args.integer(1)?).ok().filter(|index| *index < call.store.databases.len());
    call.client.database = index.ok_or(refused("ERR DB index is out of range"))?;
    Ok(call.reply.ok()?)
}

pub(super) fn quit(call: &mut Call<'_>) -> Outcome {
    call.client.quits = true;
    Ok(call.reply.ok()?)
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    call.client.reset();
    call.reply.switch(call.client.version);
    Ok(call.reply.simple("RESET")?)
}

/// `HELLO [VERSION [AUTH USER PASSWORD] [SETNAME NAME]]`. There is one user, `default`, of whom no password is asked.
pub(super) fn hello(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let version = match args.len() {
        1 => None,
        _ => match args.integer(1) {
            Ok(2) => Some(RespVersion::V2),
            Ok(3) => Some(RespVersion::V3),
            Ok(_) => return Err(refused("NOPROTO unsupported protocol version")),
            Err(_) => return Err(refused("ERR Protocol version is not an integer or out of range")),
        },
    };
    let (mut at, mut name) = (2, None);
    while at < args.len() {
        let more = args.len() - 1 - at;
        if more >= 2 && args.is(at, "AUTH") {
            if *args.bytes(at + 1) != *b"default" {
                return Err(refused("WRONGPASS invalid username-password pair or user is disabled."));
            }
            at += 3;
        } else if more >= 1 && args.is(at, "SETNAME") {
            name = Some(valid_name(args, at + 1)?);
            at += 2;
        } else {
            let option = String::from_utf8_lossy(&args.bytes(at)).into_owned();
            return Err(refused_as(format_args!("ERR Syntax error in HELLO option '{option}'")));
        }
    }
    if let Some(name) = name {
        call.client.name = name;
    }
    if let Some(version) = version {
        call.client.version = version;
        call.reply.switch(version);
    }
    greet(call)
}

/// What the server is.
fn greet(call: &mut Call<'_>) -> Outcome {
    let reply = &mut call.reply;
    let version = if reply.version() == RespVersion::V2 { 2 } else { 3 };
    reply.map(7)?;
    for (key, value) in [("server", "headpond"), ("version", env!("CARGO_PKG_VERSION"))] {
        reply.bulk(key)?;
        reply.bulk(value)?;
    }
    reply.bulk("proto")?;
    reply.integer(version)?;
    reply.bulk("id")?;
    reply.integer(call.client.id as i64)?;
    for (key, value) in [("mode", "standalone"), ("role", "master")] {
        reply.bulk(key)?;
        reply.bulk(value)?;
    }
    reply.bulk("modules")?;
    Ok(reply.array(0)?)
}

/// `CLIENT ID | GETNAME | SETNAME NAME`
pub(super) fn client(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let subcommand = args.word(1);
    let arity = match subcommand.as_str() {
        "id" | "getname" => 2,
        "setname" => 3,
        _ => return Err(unknown_subcommand(args)),
    };
    if args.len() != arity {
        return Err(wrong_arity(&format!("client|{subcommand}")));
    }
    match subcommand.as_str() {
        "id" => Ok(call.reply.integer(call.client.id as i64)?),
        "getname" => {
            let name = &call.client.name[..];
            Ok(call.reply.optional((!name.is_empty()).then_some(name))?)
        }
        _ => {
            call.client.name = valid_name(args, 2)?;
            Ok(call.reply.ok()?)
        }
    }
}

fn valid_name(args: &Args<'_>, at: usize) -> Result<Vec<u8>, CommandError> {
    let name = args.bytes(at);
    if name.iter().all(u8::is_ascii_graphic) {
        return Ok(name.into_owned());
    }
    Err(refused("ERR Client names cannot contain spaces, newlines or special characters."))
}
