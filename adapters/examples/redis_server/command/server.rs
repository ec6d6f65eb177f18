//! Commands about the server, and about all keys at once.

use super::super::{
    error::{SYNTAX, refused_as},
    glob,
    reply::Reply,
};
use super::{
    Args, Call, Outcome, subcommands,
    table::{self, SPECS, Spec},
};

/// What there is to be configured, none of which can be changed.
const CONFIGURATION: [(&str, &str); 5] =
    [("appendonly", "no"), ("databases", "16"), ("maxmemory", "0"), ("port", "0"), ("save", "")];

pub(super) fn dbsize(call: &mut Call<'_>) -> Outcome {
    let len = call.database().len();
    Ok(call.reply.count(len)?)
}

pub(super) fn flushdb(call: &mut Call<'_>) -> Outcome {
    check_flush(call.args)?;
    call.database().clear();
    Ok(call.reply.ok()?)
}

pub(super) fn flushall(call: &mut Call<'_>) -> Outcome {
    check_flush(call.args)?;
    call.store.databases.iter_mut().for_each(|database| database.clear());
    Ok(call.reply.ok()?)
}

/// `[ASYNC | SYNC]`, which is all the same here.
fn check_flush(args: &Args<'_>) -> Outcome {
    let is_right = match args.len() {
        1 => true,
        2 => args.is(1, "ASYNC") || args.is(1, "SYNC"),
        _ => false,
    };
    if is_right { Ok(()) } else { Err(SYNTAX) }
}

/// `CONFIG GET PATTERN ... | SET NAME VALUE ... | RESETSTAT`
pub(super) fn config(call: &mut Call<'_>) -> Outcome {
    let Call { args, reply, .. } = call;
    match (args.word(1).as_str(), args.len()) {
        ("get", 3..) => {
            let patterns: Vec<_> = (2..args.len()).map(|at| args.word(at)).collect();
            let is_asked =
                |name: &str| patterns.iter().any(|pattern| glob::matches(pattern.as_bytes(), name.as_bytes()));
            let found: Vec<_> = CONFIGURATION.into_iter().filter(|(name, _)| is_asked(name)).collect();
            reply.map(found.len())?;
            for (name, value) in found {
                reply.bulk(name)?;
                reply.bulk(value)?;
            }
            Ok(())
        }
        ("set", 4..) if args.len() % 2 == 0 => {
            let name = args.word(2);
            Err(if CONFIGURATION.iter().any(|(known, _)| *known == name) {
                refused_as(format_args!(
                    "ERR CONFIG SET failed (possibly related to argument '{name}') - can't set immutable config"
                ))
            } else {
                let name = String::from_utf8_lossy(&args.bytes(2)).into_owned();
                refused_as(format_args!("ERR Unknown option or number of arguments for CONFIG SET - '{name}'"))
            })
        }
        ("set", 4..) => Err(SYNTAX),
        ("resetstat", 2) => Ok(reply.ok()?),
        _ => Err(subcommands::unknown(args)),
    }
}

/// `COMMAND [COUNT | LIST | INFO [NAME ...] | DOCS [NAME ...]]`
pub(super) fn command(call: &mut Call<'_>) -> Outcome {
    let Call { args, reply, .. } = call;
    let subcommand = if args.len() > 1 { args.word(1) } else { "info".into() };
    let named = |at: usize| (at < args.len()).then(|| (at..args.len()).map(|at| table::find(&args.bytes(at))));
    match (subcommand.as_str(), args.len()) {
        ("count", 2) => Ok(reply.count(SPECS.len())?),
        ("list", 2) => {
            reply.array(SPECS.len())?;
            Ok(SPECS.iter().try_for_each(|spec| reply.bulk(spec.name))?)
        }
        ("info", _) => {
            let specs: Vec<_> = named(2).map_or_else(|| SPECS.iter().map(Some).collect(), Iterator::collect);
            reply.array(specs.len())?;
            specs.into_iter().try_for_each(|spec| describe(reply, spec))
        }
        ("docs", _) => {
            let specs: Vec<_> = named(2).map_or_else(|| SPECS.iter().collect(), |named| named.flatten().collect());
            reply.map(specs.len())?;
            specs.into_iter().try_for_each(|spec| document(reply, spec))
        }
        ("list", _) => Err(SYNTAX),
        _ => Err(subcommands::unknown(args)),
    }
}

/// Name, arity and keys; flags, categories, hints, key specifications and subcommands are none.
fn describe(reply: &mut Reply<'_>, spec: Option<&Spec>) -> Outcome {
    let Some(spec) = spec else { return Ok(reply.null()?) };
    reply.array(10)?;
    reply.bulk(spec.name)?;
    reply.integer(spec.arity.into())?;
    reply.set(0)?;
    spec.keys.into_iter().try_for_each(|key| reply.integer(key.into()))?;
    reply.set(0)?;
    (0..3).try_for_each(|_| reply.array(0))?;
    Ok(())
}

fn document(reply: &mut Reply<'_>, spec: &Spec) -> Outcome {
    reply.bulk(spec.name)?;
    reply.map(2)?;
    for (key, value) in [("summary", spec.summary), ("group", spec.group)] {
        reply.bulk(key)?;
        reply.bulk(value)?;
    }
    Ok(())
}
