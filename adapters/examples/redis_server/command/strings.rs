//! Commands about strings.

use headpond_pool::Slice;

use super::super::{
    error::{NOT_AN_INTEGER, SYNTAX, invalid_expiry, refused, wrong_arity},
    number,
    store::Database,
    text::Text,
};
use super::{
    Args, Call, CommandError, Outcome,
    keys::{Moment, add},
};

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let value = call.database().read::<Text>(&key)?.map(Text::to_slice);
    Ok(call.reply.optional(value)?)
}

pub(super) fn getdel(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let database = call.database();
    let value = database.read::<Text>(&key)?.map(Text::to_slice);
    database.remove(&key);
    Ok(call.reply.optional(value)?)
}

pub(super) fn getset(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let old = database.read::<Text>(&key)?.map(Text::to_slice);
    database.put(&key, args.slice(2).into(), None);
    Ok(call.reply.optional(old)?)
}

/// What `SET` may be told behind key and value.
#[derive(Debug, Default)]
struct SetOptions {
    if_absent: bool,
    if_present: bool,
    keeps_expiry: bool,
    gives_old: bool,
    expiry: Option<(Moment, usize)>,
}

impl SetOptions {
    fn parse(args: &Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 3;
        while at < args.len() {
            let moment = match args.word(at).as_str() {
                "nx" if !options.if_present => {
                    options.if_absent = true;
                    None
                }
                "xx" if !options.if_absent => {
                    options.if_present = true;
                    None
                }
                "get" => {
                    options.gives_old = true;
                    None
                }
                "keepttl" if options.expiry.is_none() => {
                    options.keeps_expiry = true;
                    None
                }
                "ex" => Some(Moment::IN_SECONDS),
                "px" => Some(Moment::IN_MILLISECONDS),
                "exat" => Some(Moment::AT_SECOND),
                "pxat" => Some(Moment::AT_MILLISECOND),
                _ => return Err(SYNTAX),
            };
            if let Some(moment) = moment {
                at += 1;
                // Said twice in the same way, the last counts.
                let is_another = options.expiry.is_some_and(|(before, _)| before != moment);
                if at == args.len() || options.keeps_expiry || is_another {
                    return Err(SYNTAX);
                }
                options.expiry = Some((moment, at));
            }
            at += 1;
        }
        Ok(options)
    }
}

/// `SET KEY VALUE [NX | XX] [GET] [EX SECONDS | PX MILLISECONDS | EXAT SECOND | PXAT MILLISECOND | KEEPTTL]`
pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let options = SetOptions::parse(args)?;
    let key = args.bytes(1);
    let database = call.database();
    let mut expires = match options.expiry {
        None => None,
        Some((moment, at)) => Some(expiry(args, at, moment, database, "set")?),
    };
    let old = if options.gives_old { database.read::<Text>(&key)?.map(Text::to_slice) } else { None };
    let there = if options.if_absent || options.if_present || options.keeps_expiry {
        let there = database.expiry(&key);
        if options.keeps_expiry {
            expires = there.flatten();
        }
        there.is_some()
    } else {
        false
    };
    let is_set = !(options.if_absent && there || options.if_present && !there);
    if is_set {
        put(database, &key, args.slice(2), expires);
    }
    let reply = &mut call.reply;
    match (options.gives_old, is_set) {
        (true, _) => reply.optional(old)?,
        (false, true) => reply.ok()?,
        (false, false) => reply.null()?,
    }
    Ok(())
}

/// Sets a string; one that would be gone already is not there.
fn put(database: &mut Database, key: &[u8], value: Slice, expires: Option<i64>) {
    database.put(key, value.into(), expires);
    if expires.is_some() {
        database.expire(key, expires);
    }
}

/// When something expires, as an argument says.
fn expiry(args: &Args<'_>, at: usize, moment: Moment, database: &Database, command: &str) -> Result<i64, CommandError> {
    let number = args.integer(at)?;
    let expires = if number > 0 { moment.of(number, database.now()) } else { None };
    expires.ok_or_else(|| invalid_expiry(command))
}

pub(super) fn setex(call: &mut Call<'_>) -> Outcome {
    set_expiring(call, "setex", Moment::IN_SECONDS)
}

pub(super) fn psetex(call: &mut Call<'_>) -> Outcome {
    set_expiring(call, "psetex", Moment::IN_MILLISECONDS)
}

fn set_expiring(call: &mut Call<'_>, name: &str, moment: Moment) -> Outcome {
    let args = call.args;
    let database = call.database();
    let expires = expiry(args, 2, moment, database, name)?;
    put(database, &args.bytes(1), args.slice(3), Some(expires));
    Ok(call.reply.ok()?)
}

pub(super) fn setnx(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let is_set = database.get(&key).is_none();
    if is_set {
        database.put(&key, args.slice(2).into(), None);
    }
    Ok(call.reply.flag(is_set)?)
}

/// What is no string is null.
pub(super) fn mget(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let Call { store, client, reply, .. } = call;
    let database = store.at(client.database());
    reply.array(args.len() - 1)?;
    for at in 1..args.len() {
        reply.optional(database.read::<Text>(&args.bytes(at)).unwrap_or_default().map(Text::to_slice))?;
    }
    Ok(())
}

pub(super) fn mset(call: &mut Call<'_>) -> Outcome {
    set_pairs(call, "mset")?;
    Ok(call.reply.ok()?)
}

pub(super) fn msetnx(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let database = call.database();
    let is_pairs = args.len() % 2 == 1;
    if is_pairs && (1..args.len()).step_by(2).any(|at| database.get(&args.bytes(at)).is_some()) {
        return Ok(call.reply.flag(false)?);
    }
    set_pairs(call, "msetnx")?;
    Ok(call.reply.flag(true)?)
}

fn set_pairs(call: &mut Call<'_>, name: &str) -> Outcome {
    let args = call.args;
    if args.len() % 2 == 0 {
        return Err(wrong_arity(name));
    }
    let database = call.database();
    for at in (1..args.len()).step_by(2) {
        database.put(&args.bytes(at), args.slice(at + 1).into(), None);
    }
    Ok(())
}

pub(super) fn incr(call: &mut Call<'_>) -> Outcome {
    increase(call, 1)
}

pub(super) fn decr(call: &mut Call<'_>) -> Outcome {
    increase(call, -1)
}

pub(super) fn incrby(call: &mut Call<'_>) -> Outcome {
    let increment = call.args.integer(2)?;
    increase(call, increment)
}

pub(super) fn decrby(call: &mut Call<'_>) -> Outcome {
    let decrement = call.args.integer(2)?;
    let increment = decrement.checked_neg().ok_or(refused("ERR decrement would overflow"))?;
    increase(call, increment)
}

/// Adds to a number, which is 0 where there is none. It expires when it would have.
fn increase(call: &mut Call<'_>, increment: i64) -> Outcome {
    let key = call.args.bytes(1);
    let database = call.database();
    let sum = match database.change::<Text>(&key)? {
        Some(text) => {
            let sum = add(number::integer(text).ok_or(NOT_AN_INTEGER)?, increment)?;
            *text = Slice::from(sum.to_string()).into();
            database.changed(&key);
            sum
        }
        None => {
            database.put(&key, Slice::from(increment.to_string()).into(), None);
            increment
        }
    };
    Ok(call.reply.integer(sum)?)
}

pub(super) fn append(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let (key, more) = (args.bytes(1), args.bytes(2));
    let database = call.database();
    let text = database.obtain::<Text>(&key)?;
    let len = checked_len(text.len(), more.len())?;
    text.edit(|bytes| bytes.extend_from_slice(&more));
    database.changed(&key);
    Ok(call.reply.count(len)?)
}

pub(super) fn strlen(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let len = call.database().read::<Text>(&key)?.map_or(0, |text| text.len());
    Ok(call.reply.count(len)?)
}

/// How long a string may be, in bytes.
const MAX_LEN: usize = 512 << 20;

/// How long a string is that has `len` bytes and then as many `more`, if it may be so long.
fn checked_len(len: usize, more: usize) -> Result<usize, CommandError> {
    let sum = len.checked_add(more).filter(|sum| *sum <= MAX_LEN);
    sum.ok_or(refused("ERR string exceeds maximum allowed size (proto-max-bulk-len)"))
}

/// `KEY OFFSET BYTES`: what is missing before the offset is zeros. No bytes are no change.
pub(super) fn setrange(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let (key, new) = (args.bytes(1), args.bytes(3));
    let offset = usize::try_from(args.integer(2)?).map_err(|_| refused("ERR offset is out of range"))?;
    let database = call.database();
    let len = database.read::<Text>(&key)?.map_or(0, |text| text.len());
    if new.is_empty() {
        return Ok(call.reply.count(len)?);
    }
    let end = checked_len(offset, new.len())?;
    database.obtain::<Text>(&key)?.edit(|bytes| {
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset..end].copy_from_slice(&new);
    });
    database.changed(&key);
    Ok(call.reply.count(len.max(end))?)
}

/// `KEY FIRST LAST`, both of which count from the end when they are negative.
pub(super) fn getrange(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let (first, last) = (args.integer(2)?, args.integer(3)?);
    let text = call.database().read::<Text>(&args.bytes(1))?;
    let part = text.map(|text| {
        let len = text.len() as i64;
        // Before the beginning is at the beginning, unless both are, the wrong way round.
        let place = |index: i64| if index < 0 { index.saturating_add(len).max(0) } else { index.min(len) };
        let (from, to) = (place(first), place(last).saturating_add(1).min(len));
        let is_backwards = first < 0 && last < 0 && first > last;
        let is_empty = is_backwards || from >= to;
        text.part(if is_empty { 0..0 } else { from as usize..to as usize })
    });
    Ok(call.reply.bulk(part.unwrap_or_default())?)
}
