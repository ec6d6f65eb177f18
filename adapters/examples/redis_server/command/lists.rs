//! Commands about lists.

use super::super::{error::wrong_arity, value::List};
use super::{Call, Outcome};

pub(super) fn lpush(call: &mut Call<'_>) -> Outcome {
    push(call, true, false)
}

pub(super) fn rpush(call: &mut Call<'_>) -> Outcome {
    push(call, false, false)
}

pub(super) fn lpushx(call: &mut Call<'_>) -> Outcome {
    push(call, true, true)
}

pub(super) fn rpushx(call: &mut Call<'_>) -> Outcome {
    push(call, false, true)
}

fn push(call: &mut Call<'_>, to_front: bool, if_present: bool) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    if if_present && database.read::<List>(&key)?.is_none() {
        return Ok(call.reply.integer(0)?);
    }
    let list = database.obtain::<List>(&key)?;
    for element in (2..args.len()).map(|at| args.slice(at)) {
        if to_front {
            list.push_front(element);
        } else {
            list.push_back(element);
        }
    }
    let len = list.len();
    database.changed(&key);
    Ok(call.reply.count(len)?)
}

pub(super) fn lpop(call: &mut Call<'_>) -> Outcome {
    pop(call, "lpop", true)
}

pub(super) fn rpop(call: &mut Call<'_>) -> Outcome {
    pop(call, "rpop", false)
}

/// `KEY [COUNT]`: one element or null, or an array of as many as there are or null.
fn pop(call: &mut Call<'_>, name: &str, from_front: bool) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let count = match args.len() {
        2 => None,
        3 => Some(args.count(2)?),
        _ => return Err(wrong_arity(name)),
    };
    let key = args.bytes(1);
    let database = store.at(client.database());
    let Some(list) = database.change::<List>(&key)? else {
        return Ok(if count.is_some() { reply.null_array() } else { reply.null() }?);
    };
    let count = count.map(|count| count.min(list.len()));
    let mut take = || if from_front { list.pop_front() } else { list.pop_back() };
    match count {
        None => reply.optional(take())?,
        Some(count) => {
            reply.array(count)?;
            (0..count).filter_map(|_| take()).try_for_each(|element| reply.bulk(element))?;
        }
    }
    if count != Some(0) {
        database.changed(&key);
    }
    Ok(())
}

pub(super) fn llen(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let len = call.database().read::<List>(&key)?.map_or(0, List::len);
    Ok(call.reply.count(len)?)
}

pub(super) fn lrange(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let (_, _) = args.range(2, 3, 0)?;
    let Some(list) = store.at(client.database()).read::<List>(&args.bytes(1))? else {
        return Ok(reply.array(0)?);
    };
    let (skipped, taken) = args.range(2, 3, list.len())?;
    reply.array(taken)?;
    Ok(list.range(skipped.min(list.len())..).take(taken).try_for_each(|element| reply.bulk(element))?)
}

pub(super) fn lindex(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let list = store.at(client.database()).read::<List>(&args.bytes(1))?;
    let Some(list) = list else { return Ok(reply.null()?) };
    let index = args.integer(2)?;
    let index = if index < 0 { index.saturating_add(list.len() as i64) } else { index };
    Ok(reply.optional(usize::try_from(index).ok().and_then(|index| list.get(index)))?)
}
