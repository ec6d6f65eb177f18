//! Commands about hashes.

use headpond_pool::Slice;

use super::super::{
    error::{refused, wrong_arity},
    number,
    value::Hash,
};
use super::{Call, CommandError, Outcome, keys::add};

pub(super) fn hset(call: &mut Call<'_>) -> Outcome {
    let added = set_fields(call, "hset")?;
    Ok(call.reply.count(added)?)
}

pub(super) fn hmset(call: &mut Call<'_>) -> Outcome {
    set_fields(call, "hmset")?;
    Ok(call.reply.ok()?)
}

/// Sets fields, and returns how many of them are new.
fn set_fields(call: &mut Call<'_>, name: &str) -> Result<usize, CommandError> {
    let args = call.args;
    if args.len() % 2 == 1 {
        return Err(wrong_arity(name));
    }
    let key = args.bytes(1);
    let database = call.database();
    let hash = database.obtain::<Hash>(&key)?;
    let mut added = 0;
    for at in (2..args.len()).step_by(2) {
        match hash.get_mut(&*args.bytes(at)) {
            Some(value) => *value = args.slice(at + 1),
            None => {
                hash.insert(args.slice(at), args.slice(at + 1));
                added += 1;
            }
        }
    }
    database.changed(&key);
    Ok(added)
}

/// Sets a field, unless it is there.
pub(super) fn hsetnx(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let hash = database.obtain::<Hash>(&key)?;
    let is_set = !hash.contains_key(&*args.bytes(2));
    if is_set {
        hash.insert(args.slice(2), args.slice(3));
        database.changed(&key);
    }
    Ok(call.reply.flag(is_set)?)
}

pub(super) fn hget(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let hash = call.database().read::<Hash>(&args.bytes(1))?;
    let value = hash.and_then(|hash| hash.get(&*args.bytes(2))).cloned();
    Ok(call.reply.optional(value)?)
}

pub(super) fn hmget(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let hash = store.at(client.database()).read::<Hash>(&args.bytes(1))?;
    reply.array(args.len() - 2)?;
    for at in 2..args.len() {
        reply.optional(hash.and_then(|hash| hash.get(&*args.bytes(at))))?;
    }
    Ok(())
}

pub(super) fn hdel(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let Some(hash) = database.change::<Hash>(&key)? else { return Ok(call.reply.integer(0)?) };
    let removed = (2..args.len()).filter(|at| hash.swap_remove(&*args.bytes(*at)).is_some()).count();
    if removed > 0 {
        database.changed(&key);
    }
    Ok(call.reply.count(removed)?)
}

pub(super) fn hexists(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let hash = call.database().read::<Hash>(&args.bytes(1))?;
    let is_there = hash.is_some_and(|hash| hash.contains_key(&*args.bytes(2)));
    Ok(call.reply.flag(is_there)?)
}

pub(super) fn hlen(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let len = call.database().read::<Hash>(&key)?.map_or(0, Hash::len);
    Ok(call.reply.count(len)?)
}

pub(super) fn hgetall(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let Some(hash) = store.at(client.database()).read::<Hash>(&args.bytes(1))? else { return Ok(reply.map(0)?) };
    reply.map(hash.len())?;
    for (field, value) in hash {
        reply.bulk(field)?;
        reply.bulk(value)?;
    }
    Ok(())
}

pub(super) fn hkeys(call: &mut Call<'_>) -> Outcome {
    list(call, |(field, _)| field)
}

pub(super) fn hvals(call: &mut Call<'_>) -> Outcome {
    list(call, |(_, value)| value)
}

fn list(call: &mut Call<'_>, part: for<'a> fn((&'a Slice, &'a Slice)) -> &'a Slice) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let Some(hash) = store.at(client.database()).read::<Hash>(&args.bytes(1))? else { return Ok(reply.array(0)?) };
    reply.array(hash.len())?;
    Ok(hash.iter().map(part).try_for_each(|part| reply.bulk(part))?)
}

pub(super) fn hincrby(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let (key, increment) = (args.bytes(1), args.integer(3)?);
    let database = call.database();
    let old = match database.read::<Hash>(&key)?.and_then(|hash| hash.get(&*args.bytes(2))) {
        Some(text) => number::integer(text).ok_or(refused("ERR hash value is not an integer"))?,
        None => 0,
    };
    let sum = add(old, increment)?;
    database.obtain::<Hash>(&key)?.insert(args.slice(2), Slice::from(sum.to_string()));
    database.changed(&key);
    Ok(call.reply.integer(sum)?)
}
