//! Commands about sets.

use super::super::{error::SYNTAX, value::Set};
use super::{Call, Outcome};

pub(super) fn sadd(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let set = database.obtain::<Set>(&key)?;
    // A member that is there is looked up where it lies.
    let added = (2..args.len()).filter(|at| !set.contains(&*args.bytes(*at)) && set.insert(args.slice(*at))).count();
    if added > 0 {
        database.changed(&key);
    }
    Ok(call.reply.count(added)?)
}

pub(super) fn srem(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let Some(set) = database.change::<Set>(&key)? else { return Ok(call.reply.integer(0)?) };
    let removed = (2..args.len()).filter(|at| set.swap_remove(&*args.bytes(*at))).count();
    if removed > 0 {
        database.changed(&key);
    }
    Ok(call.reply.count(removed)?)
}

pub(super) fn scard(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let len = call.database().read::<Set>(&key)?.map_or(0, Set::len);
    Ok(call.reply.count(len)?)
}

pub(super) fn sismember(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let set = call.database().read::<Set>(&args.bytes(1))?;
    let is_member = set.is_some_and(|set| set.contains(&*args.bytes(2)));
    Ok(call.reply.flag(is_member)?)
}

pub(super) fn smembers(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let Some(set) = store.at(client.database()).read::<Set>(&args.bytes(1))? else { return Ok(reply.set(0)?) };
    reply.set(set.len())?;
    Ok(set.iter().try_for_each(|member| reply.bulk(member))?)
}

/// `KEY [COUNT]`: one member or null, or a set of as many as there are.
pub(super) fn spop(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let count = match args.len() {
        2 => None,
        3 => Some(args.count(2)?),
        _ => return Err(SYNTAX),
    };
    let key = args.bytes(1);
    let database = store.at(client.database());
    let Some(set) = database.change::<Set>(&key)? else {
        return Ok(if count.is_some() { reply.set(0) } else { reply.null() }?);
    };
    let len = count.unwrap_or(1).min(set.len());
    if count.is_some() {
        reply.set(len)?;
    }
    for _ in 0..len {
        let any = fastrand::usize(..set.len());
        reply.optional(set.swap_remove_index(any))?;
    }
    if len > 0 {
        database.changed(&key);
    }
    Ok(())
}
