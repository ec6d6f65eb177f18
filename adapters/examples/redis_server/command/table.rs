//! The table of commands.

use super::{
    Call, Outcome, clients, connection, hashes, info, keys, lists, scan, server, sets, sorted_sets, strings,
    transactions,
};

/// A command.
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// How many arguments it takes, its name among them; at least so many when negative.
    pub(super) arity: i32,
    /// Which of them are keys: the first, the last (counted from the end when negative), and the step from one to the next.
    pub(super) keys: [i32; 3],
    pub(super) group: &'static str,
    pub(super) summary: &'static str,
    pub(super) handler: fn(&mut Call<'_>) -> Outcome,
}

impl Spec {
    pub(super) fn takes(&self, len: usize) -> bool {
        let arity = self.arity.unsigned_abs() as usize;
        if self.arity < 0 { len >= arity } else { len == arity }
    }

    /// Whether it is carried out though the client has not logged in.
    pub(super) fn is_for_anyone(&self) -> bool {
        matches!(self.name, "auth" | "hello" | "quit" | "reset")
    }

    /// Whether it is carried out at once in the middle of a transaction.
    pub(super) fn is_never_queued(&self) -> bool {
        matches!(self.name, "discard" | "exec" | "multi" | "quit" | "reset" | "watch")
    }
}

/// The command of this name, in either case.
pub(super) fn find(name: &[u8]) -> Option<&'static Spec> {
    let mut lower = [0; 16];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    SPECS.binary_search_by(|spec| spec.name.as_bytes().cmp(lower)).ok().map(|at| &SPECS[at])
}

const NO_KEY: [i32; 3] = [0, 0, 0];
const ONE_KEY: [i32; 3] = [1, 1, 1];
const ALL_KEYS: [i32; 3] = [1, -1, 1];
const PAIRS: [i32; 3] = [1, -1, 2];

macro_rules! specs {
    ($($module:ident::$handler:ident $name:literal $arity:literal $keys:ident $group:literal $summary:literal;)*) => {
        &[$(Spec {
            name: $name,
            arity: $arity,
            keys: $keys,
            group: $group,
            summary: $summary,
            handler: $module::$handler,
        }),*]
    };
}

/// In order of their names.
pub(super) static SPECS: &[Spec] = specs! {
    strings::append "append" 3 ONE_KEY "string" "Puts bytes behind a string.";
    connection::auth "auth" -2 NO_KEY "connection" "Logs in.";
    clients::client "client" -2 NO_KEY "connection" "Says or changes something of this connection.";
    server::command "command" -1 NO_KEY "server" "Lists the commands.";
    server::config "config" -2 NO_KEY "server" "Shows the configuration.";
    server::dbsize "dbsize" 1 NO_KEY "server" "Counts the keys.";
    strings::decr "decr" 2 ONE_KEY "string" "Subtracts one from a number.";
    strings::decrby "decrby" 3 ONE_KEY "string" "Subtracts from a number.";
    keys::del "del" -2 ALL_KEYS "generic" "Removes keys.";
    transactions::discard "discard" 1 NO_KEY "transactions" "Forgets what was queued.";
    connection::echo "echo" 2 NO_KEY "connection" "Gives its argument back.";
    transactions::exec "exec" 1 NO_KEY "transactions" "Carries out what was queued.";
    keys::exists "exists" -2 ALL_KEYS "generic" "Counts those of the keys that are there.";
    keys::expire "expire" -3 ONE_KEY "generic" "Has a key expire in so many seconds.";
    keys::expireat "expireat" -3 ONE_KEY "generic" "Has a key expire at a second since 1970.";
    server::flushall "flushall" -1 NO_KEY "server" "Removes all keys of all databases.";
    server::flushdb "flushdb" -1 NO_KEY "server" "Removes all keys of the database.";
    strings::get "get" 2 ONE_KEY "string" "Gives a string.";
    strings::getdel "getdel" 2 ONE_KEY "string" "Gives a string, and removes it.";
    strings::getrange "getrange" 4 ONE_KEY "string" "Gives a part of a string.";
    strings::getset "getset" 3 ONE_KEY "string" "Sets a string, and gives the old one.";
    hashes::hdel "hdel" -3 ONE_KEY "hash" "Removes fields.";
    connection::hello "hello" -1 NO_KEY "connection" "Agrees on the version of the protocol.";
    hashes::hexists "hexists" 3 ONE_KEY "hash" "Says whether a field is there.";
    hashes::hget "hget" 3 ONE_KEY "hash" "Gives a field's value.";
    hashes::hgetall "hgetall" 2 ONE_KEY "hash" "Gives all fields and their values.";
    hashes::hincrby "hincrby" 4 ONE_KEY "hash" "Adds to a field's number.";
    hashes::hkeys "hkeys" 2 ONE_KEY "hash" "Gives all fields.";
    hashes::hlen "hlen" 2 ONE_KEY "hash" "Counts the fields.";
    hashes::hmget "hmget" -3 ONE_KEY "hash" "Gives the values of fields.";
    hashes::hmset "hmset" -4 ONE_KEY "hash" "Sets the values of fields.";
    scan::hscan "hscan" -3 ONE_KEY "hash" "Gives fields and their values, some at a time.";
    hashes::hset "hset" -4 ONE_KEY "hash" "Sets the values of fields.";
    hashes::hsetnx "hsetnx" 4 ONE_KEY "hash" "Sets a field, unless it is there.";
    hashes::hvals "hvals" 2 ONE_KEY "hash" "Gives all values.";
    strings::incr "incr" 2 ONE_KEY "string" "Adds one to a number.";
    strings::incrby "incrby" 3 ONE_KEY "string" "Adds to a number.";
    info::info "info" -1 NO_KEY "server" "Says how the server is.";
    keys::keys "keys" 2 NO_KEY "generic" "Gives the keys that are as a pattern says.";
    lists::lindex "lindex" 3 ONE_KEY "list" "Gives an element by its index.";
    lists::llen "llen" 2 ONE_KEY "list" "Counts the elements.";
    lists::lpop "lpop" -2 ONE_KEY "list" "Takes elements off the front.";
    lists::lpush "lpush" -3 ONE_KEY "list" "Puts elements to the front.";
    lists::lpushx "lpushx" -3 ONE_KEY "list" "Puts elements to the front of a list that is there.";
    lists::lrange "lrange" 4 ONE_KEY "list" "Gives elements from one index to another.";
    strings::mget "mget" -2 ALL_KEYS "string" "Gives strings.";
    strings::mset "mset" -3 PAIRS "string" "Sets strings.";
    strings::msetnx "msetnx" -3 PAIRS "string" "Sets strings, unless one of them is there.";
    transactions::multi "multi" 1 NO_KEY "transactions" "Begins to queue commands.";
    keys::persist "persist" 2 ONE_KEY "generic" "Has a key never expire.";
    keys::pexpire "pexpire" -3 ONE_KEY "generic" "Has a key expire in so many milliseconds.";
    keys::pexpireat "pexpireat" -3 ONE_KEY "generic" "Has a key expire at a millisecond since 1970.";
    connection::ping "ping" -1 NO_KEY "connection" "Is answered.";
    strings::psetex "psetex" 4 ONE_KEY "string" "Sets a string that expires in so many milliseconds.";
    keys::pttl "pttl" 2 ONE_KEY "generic" "Says in how many milliseconds a key expires.";
    connection::quit "quit" -1 NO_KEY "connection" "Ends the connection.";
    connection::reset "reset" 1 NO_KEY "connection" "Makes the connection as new.";
    lists::rpop "rpop" -2 ONE_KEY "list" "Takes elements off the back.";
    lists::rpush "rpush" -3 ONE_KEY "list" "Puts elements to the back.";
    lists::rpushx "rpushx" -3 ONE_KEY "list" "Puts elements to the back of a list that is there.";
    sets::sadd "sadd" -3 ONE_KEY "set" "Adds members.";
    scan::scan "scan" -2 NO_KEY "generic" "Gives the keys, some at a time.";
    sets::scard "scard" 2 ONE_KEY "set" "Counts the members.";
    connection::select "select" 2 NO_KEY "connection" "Selects a database.";
    strings::set "set" -3 ONE_KEY "string" "Sets a string.";
    strings::setex "setex" 4 ONE_KEY "string" "Sets a string that expires in so many seconds.";
    strings::setnx "setnx" 3 ONE_KEY "string" "Sets a string, unless it is there.";
    strings::setrange "setrange" 4 ONE_KEY "string" "Puts bytes into a string.";
    sets::sismember "sismember" 3 ONE_KEY "set" "Says whether a member is there.";
    sets::smembers "smembers" 2 ONE_KEY "set" "Gives all members.";
    sets::spop "spop" -2 ONE_KEY "set" "Takes members out, any.";
    sets::srem "srem" -3 ONE_KEY "set" "Removes members.";
    scan::sscan "sscan" -3 ONE_KEY "set" "Gives members, some at a time.";
    strings::strlen "strlen" 2 ONE_KEY "string" "Says how long a string is.";
    strings::getrange "substr" 4 ONE_KEY "string" "Gives a part of a string.";
    keys::exists "touch" -2 ALL_KEYS "generic" "Counts those of the keys that are there.";
    keys::ttl "ttl" 2 ONE_KEY "generic" "Says in how many seconds a key expires.";
    keys::type_name "type" 2 ONE_KEY "generic" "Says what a key holds.";
    keys::del "unlink" -2 ALL_KEYS "generic" "Removes keys.";
    transactions::unwatch "unwatch" 1 NO_KEY "transactions" "Watches no key any more.";
    transactions::watch "watch" -2 ALL_KEYS "transactions" "Has the next transaction fail should a key change.";
    sorted_sets::zadd "zadd" -4 ONE_KEY "sorted-set" "Gives members their scores.";
    sorted_sets::zcard "zcard" 2 ONE_KEY "sorted-set" "Counts the members.";
    sorted_sets::zincrby "zincrby" 4 ONE_KEY "sorted-set" "Adds to a member's score.";
    sorted_sets::zpopmax "zpopmax" -2 ONE_KEY "sorted-set" "Takes out the members of the highest scores.";
    sorted_sets::zpopmin "zpopmin" -2 ONE_KEY "sorted-set" "Takes out the members of the lowest scores.";
    sorted_sets::zrange "zrange" -4 ONE_KEY "sorted-set" "Gives members from one index to another.";
    sorted_sets::zrank "zrank" 3 ONE_KEY "sorted-set" "Says how many members stand before one.";
    sorted_sets::zrem "zrem" -3 ONE_KEY "sorted-set" "Removes members.";
    scan::zscan "zscan" -3 ONE_KEY "sorted-set" "Gives members and their scores, some at a time.";
    sorted_sets::zscore "zscore" 3 ONE_KEY "sorted-set" "Gives a member's score.";
};
