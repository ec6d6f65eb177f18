//! Commands about sorted sets.

use headpond_codec::resp::RespVersion;
use headpond_pool::Slice;

use super::super::{
    error::{SYNTAX, refused},
    reply::Reply,
    sorted_set::SortedSet,
};
use super::{Args, Call, CommandError, Outcome};

/// What `ZADD` may be told before the scores.
#[derive(Debug, Default)]
struct AddOptions {
    if_absent: bool,
    if_present: bool,
    if_greater: bool,
    if_less: bool,
    counts_changes: bool,
    adds: bool,
}

impl AddOptions {
    /// The options, and where the scores begin.
    fn parse(args: &Args<'_>) -> Result<(Self, usize), CommandError> {
        let (mut options, mut at) = (Self::default(), 2);
        while at < args.len() {
            match args.word(at).as_str() {
                "nx" => options.if_absent = true,
                "xx" => options.if_present = true,
                "gt" => options.if_greater = true,
                "lt" => options.if_less = true,
                "ch" => options.counts_changes = true,
                "incr" => options.adds = true,
                _ => break,
            }
            at += 1;
        }
        let rest = args.len() - at;
        if rest == 0 || rest % 2 == 1 {
            return Err(SYNTAX);
        }
        let Self { if_absent, if_greater, if_less, .. } = options;
        if if_absent && options.if_present {
            return Err(refused("ERR XX and NX options at the same time are not compatible"));
        }
        if if_absent && (if_greater || if_less) || if_greater && if_less {
            return Err(refused("ERR GT, LT, and/or NX options at the same time are not compatible"));
        }
        if options.adds && rest > 2 {
            return Err(refused("ERR INCR option supports a single increment-element pair"));
        }
        Ok((options, at))
    }

    /// The score that a member is to have, if it is to be changed.
    fn score(&self, old: Option<f64>, given: f64) -> Result<Option<f64>, CommandError> {
        let Some(old) = old else { return Ok((!self.if_present).then_some(given)) };
        if self.if_absent {
            return Ok(None);
        }
        let score = if self.adds { old + given } else { given };
        if score.is_nan() {
            return Err(refused("ERR resulting score is not a number (NaN)"));
        }
        let is_held_back = self.if_greater && score <= old || self.if_less && score >= old;
        Ok((!is_held_back).then_some(score))
    }
}

/// `ZADD KEY [NX | XX] [GT | LT] [CH] [INCR] SCORE MEMBER [SCORE MEMBER ...]`
pub(super) fn zadd(call: &mut Call<'_>) -> Outcome {
    let (options, first) = AddOptions::parse(call.args)?;
    add(call, &options, first)
}

pub(super) fn zincrby(call: &mut Call<'_>) -> Outcome {
    add(call, &AddOptions { adds: true, ..AddOptions::default() }, 2)
}

fn add(call: &mut Call<'_>, options: &AddOptions, first: usize) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let scores: Vec<f64> = (first..args.len()).step_by(2).map(|at| args.float(at)).collect::<Result<_, _>>()?;
    let key = args.bytes(1);
    let database = store.at(client.database());
    let set = database.obtain::<SortedSet>(&key)?;
    let (mut added, mut changed, mut last) = (0, 0, None);
    for (given, at) in scores.into_iter().zip((first + 1..).step_by(2)) {
        let member = args.bytes(at);
        let old = set.score(&member);
        last = options.score(old, given)?;
        if let Some(score) = last {
            set.insert(&member, score);
            added += usize::from(old.is_none());
            changed += usize::from(old.is_some_and(|old| old != score));
        }
    }
    if added + changed > 0 {
        database.changed(&key);
    } else {
        database.tidy(&key);
    }
    match (options.adds, last) {
        (true, Some(score)) => reply.double(score)?,
        (true, None) => reply.null()?,
        _ => reply.count(if options.counts_changes { added + changed } else { added })?,
    }
    Ok(())
}

pub(super) fn zrem(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let key = args.bytes(1);
    let database = call.database();
    let Some(set) = database.change::<SortedSet>(&key)? else { return Ok(call.reply.integer(0)?) };
    let removed = (2..args.len()).filter(|at| set.remove(&args.bytes(*at))).count();
    if removed > 0 {
        database.changed(&key);
    }
    Ok(call.reply.count(removed)?)
}

pub(super) fn zcard(call: &mut Call<'_>) -> Outcome {
    let key = call.args.bytes(1);
    let len = call.database().read::<SortedSet>(&key)?.map_or(0, SortedSet::len);
    Ok(call.reply.count(len)?)
}

pub(super) fn zscore(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let set = call.database().read::<SortedSet>(&args.bytes(1))?;
    match set.and_then(|set| set.score(&args.bytes(2))) {
        Some(score) => Ok(call.reply.double(score)?),
        None => Ok(call.reply.null()?),
    }
}

pub(super) fn zrank(call: &mut Call<'_>) -> Outcome {
    let args = call.args;
    let set = call.database().read::<SortedSet>(&args.bytes(1))?;
    match set.and_then(|set| set.rank(&args.bytes(2))) {
        Some(rank) => Ok(call.reply.count(rank)?),
        None => Ok(call.reply.null()?),
    }
}

/// `ZRANGE KEY FIRST LAST [REV] [WITHSCORES]`
pub(super) fn zrange(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let (mut reversed, mut with_scores) = (false, false);
    for at in 4..args.len() {
        match args.word(at).as_str() {
            "rev" => reversed = true,
            "withscores" => with_scores = true,
            _ => return Err(SYNTAX),
        }
    }
    args.range(2, 3, 0)?;
    let Some(set) = store.at(client.database()).read::<SortedSet>(&args.bytes(1))? else {
        return Ok(reply.array(0)?);
    };
    let (skipped, taken) = args.range(2, 3, set.len())?;
    let members: Vec<_> = if reversed {
        set.iter().rev().skip(skipped).take(taken).collect()
    } else {
        set.iter().skip(skipped).take(taken).collect()
    };
    if with_scores {
        let is_nested = reply.version() == RespVersion::V3;
        return pairs(reply, members.into_iter(), is_nested);
    }
    reply.array(members.len())?;
    Ok(members.into_iter().try_for_each(|(member, _)| reply.bulk(member))?)
}

pub(super) fn zpopmin(call: &mut Call<'_>) -> Outcome {
    pop(call, false)
}

pub(super) fn zpopmax(call: &mut Call<'_>) -> Outcome {
    pop(call, true)
}

/// `KEY [COUNT]`
fn pop(call: &mut Call<'_>, highest: bool) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let count = match args.len() {
        2 => None,
        3 => Some(args.count(2)?),
        _ => return Err(SYNTAX),
    };
    let key = args.bytes(1);
    let database = store.at(client.database());
    let Some(set) = database.change::<SortedSet>(&key)? else { return Ok(reply.array(0)?) };
    let taken: Vec<(Slice, f64)> = (0..count.unwrap_or(1).min(set.len())).filter_map(|_| set.pop(highest)).collect();
    if !taken.is_empty() {
        database.changed(&key);
    }
    let is_nested = count.is_some() && reply.version() == RespVersion::V3;
    pairs(reply, taken.iter().map(|(member, score)| (member, *score)), is_nested)
}

/// Members with their scores: each pair for itself, or all in one array.
fn pairs<'a>(
    reply: &mut Reply<'_>,
    members: impl ExactSizeIterator<Item = (&'a Slice, f64)>,
    is_nested: bool,
) -> Outcome {
    reply.array(if is_nested { members.len() } else { members.len() * 2 })?;
    for (member, score) in members {
        if is_nested {
            reply.array(2)?;
        }
        reply.bulk(member)?;
        reply.double(score)?;
    }
    Ok(())
}
