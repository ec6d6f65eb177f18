//! Commands about keys, whatever they hold.

use super::super::{
    error::{OVERFLOW, invalid_expiry, refused, refused_as},
    glob,
};
use super::{Call, Outcome};

pub(super) fn del(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let database = call.database();
    let removed = (1..args.len()).filter(|at| database.remove(&args.bytes(*at)).is_some()).count();
    Ok(call.reply.count(removed)?)
}

pub(super) fn exists(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let database = call.database();
    let there = (1..args.len()).filter(|at| database.get(&args.bytes(*at)).is_some()).count();
    Ok(call.reply.count(there)?)
}

pub(super) fn type_name(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let name = call.database().get(&key).map_or("none", |value| value.type_name());
    Ok(call.reply.simple(name)?)
}

pub(super) fn keys(call: &mut Call<'_>) -> Outcome {
    let pattern = call.args.bytes(1);
    let Call { store, client, reply, .. } = call;
    let database = store.at(client.database());
    let keys: Vec<&[u8]> = database.keys().filter(|key| glob::matches(&pattern, key)).collect();
    reply.array(keys.len())?;
    Ok(keys.into_iter().try_for_each(|key| reply.bulk(key))?)
}

/// What a time given to a command counts: milliseconds, how many it has, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) unit: i64,
    pub(super) is_absolute: bool,
}

impl Moment {
    pub(super) const IN_SECONDS: Self = Self { unit: 1000, is_absolute: false };
    pub(super) const IN_MILLISECONDS: Self = Self { unit: 1, is_absolute: false };
    pub(super) const AT_SECOND: Self = Self { unit: 1000, is_absolute: true };
    pub(super) const AT_MILLISECOND: Self = Self { unit: 1, is_absolute: true };

    /// In milliseconds since 1970, if there is such a time.
    pub(super) fn of(self, number: i64, now: i64) -> Option<i64> {
        let milliseconds = number.checked_mul(self.unit)?;
        if self.is_absolute { Some(milliseconds) } else { milliseconds.checked_add(now) }
    }
}

pub(super) fn expire(call: &mut Call<'_>) -> Outcome {
    set_expiry(call, "expire", Moment::IN_SECONDS)
}

pub(super) fn pexpire(call: &mut Call<'_>) -> Outcome {
    set_expiry(call, "pexpire", Moment::IN_MILLISECONDS)
}

pub(super) fn expireat(call: &mut Call<'_>) -> Outcome {
    set_expiry(call, "expireat", Moment::AT_SECOND)
}

pub(super) fn pexpireat(call: &mut Call<'_>) -> Outcome {
    set_expiry(call, "pexpireat", Moment::AT_MILLISECOND)
}

/// `KEY TIME [NX | XX | GT | LT]`
fn set_expiry(call: &mut Call<'_>, name: &str, moment: Moment) -> Outcome {
    let args = call.args;
    let [mut nx, mut xx, mut gt, mut lt] = [false; 4];
    for at in 3..args.len() {
        match args.word(at).as_str() {
            "nx" => nx = true,
            "xx" => xx = true,
            "gt" => gt = true,
            "lt" => lt = true,
            _ => {
                let option = String::from_utf8_lossy(&args.bytes(at)).into_owned();
                return Err(refused_as(format_args!("ERR Unsupported option {option}")));
            }
        }
    }
    if nx && (xx || gt || lt) {
        return Err(refused("ERR NX and XX, GT or LT options at the same time are not compatible"));
    }
    if gt && lt {
        return Err(refused("ERR GT and LT options at the same time are not compatible"));
    }
    let (key, number) = (args.bytes(1), args.integer(2)?);
    let database = call.database();
    let at = moment.of(number, database.now()).ok_or_else(|| invalid_expiry(name))?;
    let is_set = match database.expiry(&key) {
        None => false,
        Some(None) => !xx && !gt,
        Some(Some(old)) => !(nx || gt && at <= old || lt && at >= old),
    };
    if is_set {
        database.expire(&key, Some(at));
    }
    Ok(call.reply.flag(is_set)?)
}

pub(super) fn persist(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let database = call.database();
    let expires = matches!(database.expiry(&key), Some(Some(_)));
    if expires {
        database.expire(&key, None);
    }
    Ok(call.reply.flag(expires)?)
}

pub(super) fn ttl(call: &mut Call<'_>) -> Outcome {
    let left = time_left(call);
    // To the nearest second; what is below zero says that there is no time.
    Ok(call.reply.integer(if left < 0 { left } else { (left + 500) / 1000 })?)
}

pub(super) fn pttl(call: &mut Call<'_>) -> Outcome {
    let left = time_left(call);
    Ok(call.reply.integer(left)?)
}

/// In milliseconds; -1 for a key that does not expire, -2 for none.
fn time_left(call: &mut Call<'_>) -> i64 {
    let key = call.args.bytes(1);
    let database = call.database();
    match database.expiry(&key) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => at - database.now(),
    }
}

/// Adds to a number, both of which are any.
pub(super) fn add(number: i64, increment: i64) -> Result<i64, super::CommandError> {
    number.checked_add(increment).ok_or(OVERFLOW)
}
