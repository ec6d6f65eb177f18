//! Commands that give what is there some at a time.
//!
//! A cursor is how many places of a table are still to be looked at, from the last to the first; 0 is the end, and where a scan
//! begins. Whatever goes leaves its place to what has the last one, and whatever comes gets a new last place. So what has not been
//! looked at stays before the cursor, whatever happens between two calls, and is given. Something may be given twice.

use std::ops::Range;

use super::super::{
    error::{CommandError, NOT_AN_INTEGER, SYNTAX, refused},
    glob, number,
    reply::Reply,
    sorted_set::SortedSet,
    store::Database,
    value::{Hash, Kind, Set},
};
use super::{Args, Call, Outcome};

/// How many places are looked at, unless the client says otherwise.
const COUNT: usize = 10;

/// What a client may say behind the cursor.
#[derive(Debug)]
struct Options {
    cursor: u64,
    count: usize,
    pattern: Option<Vec<u8>>,
    type_name: Option<String>,
    without_values: bool,
}

impl Options {
    /// `[MATCH PATTERN] [COUNT NUMBER]`, and `[TYPE NAME]` of keys, or `[NOVALUES]` of fields.
    fn parse(args: &Args<'_>, cursor: u64, mut at: usize, of: &str) -> Result<Self, CommandError> {
        let (count, pattern, type_name) = (COUNT, None, None);
        let mut options = Self { cursor, count, pattern, type_name, without_values: false };
        while at < args.len() {
            let has_value = at + 1 < args.len();
            match args.word(at).as_str() {
                "count" if has_value => {
                    let count = number::integer(&args.bytes(at + 1)).ok_or(NOT_AN_INTEGER)?;
                    options.count = usize::try_from(count).ok().filter(|count| *count > 0).ok_or(SYNTAX)?;
                }
                "match" if has_value => options.pattern = Some(args.bytes(at + 1).into_owned()),
                "type" if has_value && of == "keys" => options.type_name = Some(args.word(at + 1)),
                "novalues" if of == "fields" => {
                    options.without_values = true;
                    at += 1;
                    continue;
                }
                _ => return Err(SYNTAX),
            }
            at += 2;
        }
        Ok(options)
    }

    /// Which of so many places are to be looked at now. Where they begin is the next cursor.
    fn places(&self, len: usize) -> Range<usize> {
        let end = usize::try_from(self.cursor).ok().filter(|end| (1..len).contains(end)).unwrap_or(len);
        end.saturating_sub(self.count)..end
    }

    fn accepts(&self, name: &[u8]) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| glob::matches(pattern, name))
    }
}

/// A cursor as `strtoul` reads it, which Redis leaves it to.
fn cursor(args: &Args<'_>, at: usize) -> Result<u64, CommandError> {
    let text = args.bytes(at);
    let text = std::str::from_utf8(&text).map_err(|_| INVALID_CURSOR)?;
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if text.is_empty() {
        return Ok(0);
    }
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number).ok_or(INVALID_CURSOR)?;
    Ok(if is_negative { number.wrapping_neg() } else { number })
}

const INVALID_CURSOR: CommandError = refused("ERR invalid cursor");

/// `SCAN CURSOR [MATCH PATTERN] [COUNT NUMBER] [TYPE NAME]`
pub(super) fn scan(call: &mut Call<'_>) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let options = Options::parse(args, cursor(args, 1)?, 2, "keys")?;
    let database: &Database = store.at(client.database());
    let places = options.places(database.len());
    let next = places.start;
    let is_of_type = |name| options.type_name.as_ref().is_none_or(|wanted| wanted == name);
    let keys = database.stretch(places).filter(|(key, value)| options.accepts(key) && is_of_type(value.type_name()));
    let keys: Vec<&[u8]> = keys.map(|(key, _)| key).collect();
    give(reply, next, keys.len())?;
    Ok(keys.into_iter().try_for_each(|key| reply.bulk(key))?)
}

/// `HSCAN KEY CURSOR [MATCH PATTERN] [COUNT NUMBER] [NOVALUES]`
pub(super) fn hscan(call: &mut Call<'_>) -> Outcome {
    scan_within(call, "fields", |reply, options, hash: &Hash| {
        let places = options.places(hash.len());
        let next = places.start;
        let fields = hash.get_range(places).into_iter().flatten();
        let fields: Vec<_> = fields.filter(|(field, _)| options.accepts(field)).collect();
        give(reply, next, if options.without_values { fields.len() } else { 2 * fields.len() })?;
        for (field, value) in fields {
            reply.bulk(field)?;
            if !options.without_values {
                reply.bulk(value)?;
            }
        }
        Ok(())
    })
}

/// `SSCAN KEY CURSOR [MATCH PATTERN] [COUNT NUMBER]`
pub(super) fn sscan(call: &mut Call<'_>) -> Outcome {
    scan_within(call, "members", |reply, options, set: &Set| {
        let places = options.places(set.len());
        let next = places.start;
        let members = set.get_range(places).into_iter().flatten();
        let members: Vec<_> = members.filter(|member| options.accepts(member)).collect();
        give(reply, next, members.len())?;
        Ok(members.into_iter().try_for_each(|member| reply.bulk(member))?)
    })
}

/// `ZSCAN KEY CURSOR [MATCH PATTERN] [COUNT NUMBER]`
pub(super) fn zscan(call: &mut Call<'_>) -> Outcome {
    scan_within(call, "members", |reply, options, set: &SortedSet| {
        let places = options.places(set.len());
        let next = places.start;
        let members: Vec<_> = set.stretch(places).filter(|(member, _)| options.accepts(member)).collect();
        give(reply, next, 2 * members.len())?;
        for (member, score) in members {
            reply.bulk(member)?;
            reply.double_as_text(score)?;
        }
        Ok(())
    })
}

/// Scans what a key holds. The options of one that is not there are not looked at.
fn scan_within<K: Kind>(
    call: &mut Call<'_>,
    of: &str,
    scan: impl FnOnce(&mut Reply<'_>, &Options, &K) -> Outcome,
) -> Outcome {
    let Call { args, store, client, reply, .. } = call;
    let cursor = cursor(args, 2)?;
    let Some(held) = store.at(client.database()).read::<K>(&args.bytes(1))? else {
        return give(reply, 0, 0);
    };
    scan(reply, &Options::parse(args, cursor, 3, of)?, held)
}

/// The next cursor, and how many strings follow.
fn give(reply: &mut Reply<'_>, next: usize, strings: usize) -> Outcome {
    reply.array(2)?;
    reply.bulk(next.to_string().as_bytes())?;
    Ok(reply.array(strings)?)
}
