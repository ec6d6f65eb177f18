//! Commands about the connection itself.

use headpond_codec::resp::RespVersion;

use super::super::error::{CommandError, SYNTAX, refused, refused_as, wrong_arity};
use super::{Call, Outcome, clients::check_label};

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
    call.client.profile.database.set(index.ok_or(refused("ERR DB index is out of range"))?);
    Ok(call.reply.ok()?)
}

pub(super) fn quit(call: &mut Call<'_>) -> Outcome {
    call.client.quits = true;
    Ok(call.reply.ok()?)
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    call.client.reset(call.shared, call.store);
    call.reply.switch(call.client.version());
    Ok(call.reply.simple("RESET")?)
}

const WRONG_PASSWORD: CommandError = refused("WRONGPASS invalid username-password pair or user is disabled.");

/// `AUTH [USER] PASSWORD`. There is one user, `default`.
pub(super) fn auth(call: &mut Call<'_>) -> Outcome {
    let Call { args, shared, client, reply, .. } = call;
    let (user, password) = match args.len() {
        2 if !shared.asks_for_a_password() => {
            return Err(refused(
                "ERR AUTH <password> called without any password configured for the default user. \
                 Are you sure your configuration is correct?",
            ));
        }
        2 => ("default".as_bytes().into(), args.bytes(1)),
        3 => (args.bytes(1), args.bytes(2)),
        _ => return Err(SYNTAX),
    };
    if !shared.accepts(&user, &password) {
        return Err(WRONG_PASSWORD);
    }
    client.is_authenticated = true;
    Ok(reply.ok()?)
}

/// `HELLO [VERSION [AUTH USER PASSWORD] [SETNAME NAME]]`
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
            if !call.shared.accepts(&args.bytes(at + 1), &args.bytes(at + 2)) {
                return Err(WRONG_PASSWORD);
            }
            call.client.is_authenticated = true;
            at += 3;
        } else if more >= 1 && args.is(at, "SETNAME") {
            let label = args.bytes(at + 1);
            check_label("Client names", &label)?;
            name = Some(label.into_owned());
            at += 2;
        } else {
            let option = String::from_utf8_lossy(&args.bytes(at)).into_owned();
            return Err(refused_as(format_args!("ERR Syntax error in HELLO option '{option}'")));
        }
    }
    if !call.client.is_authenticated {
        return Err(refused(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can \
             be used to authenticate the client and select the RESP protocol version at the same time",
        ));
    }
    if let Some(name) = name {
        call.client.profile.name.replace(name);
    }
    if let Some(version) = version {
        call.client.profile.version.set(version);
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
    reply.integer(call.client.profile.id as i64)?;
    for (key, value) in [("mode", "standalone"), ("role", "master")] {
        reply.bulk(key)?;
        reply.bulk(value)?;
    }
    reply.bulk("modules")?;
    Ok(reply.array(0)?)
}
