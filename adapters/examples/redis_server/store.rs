//! Keys, their values, and when they expire.

use std::{
    ops::Range,
    rc::Rc,
    time::{SystemTime, UNIX_EPOCH},
};

use indexmap::IndexMap;

use super::{
    client::Flag,
    error::{CommandError, WRONG_TYPE},
    value::{Kind, Value},
    watchers::Watchers,
};

/// How many databases a client may select from.
const DATABASES: usize = 16;

/// All databases.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) databases: Vec<Database>,
    /// The time, in milliseconds since 1970. It stands still while a batch of commands is carried out.
    now: i64,
}

/// The keys of one database. One that has expired is found out, and removed, when it is next asked for.
#[derive(Debug, Default)]
pub(crate) struct Database {
    entries: IndexMap<Box<[u8]>, Entry>,
    /// How many of them are to expire.
    expiring: usize,
    watchers: Watchers,
    now: i64,
}

#[derive(Debug)]
struct Entry {
    value: Value,
    /// The first millisecond at which it is gone.
    expires: Option<i64>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { databases: (0..DATABASES).map(|_| Database::default()).collect(), now: 0 }
    }

    /// Has the time be what the system's clock says.
    pub(crate) fn look_at_the_clock(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.set_now(now.as_millis() as i64);
    }

    pub(crate) fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// What the clock said when it was last looked at.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// One of the databases, of which there are as many as `databases` has.
    pub(crate) fn at(&mut self, index: usize) -> &mut Database {
        let database = &mut self.databases[index];
        database.now = self.now;
        database
    }
}

impl Database {
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// What a key holds.
    pub(crate) fn get(&mut self, key: &[u8]) -> Option<&Value> {
        self.live(key).map(|entry| &entry.value)
    }

    /// What a key holds, if it is of this kind.
    pub(crate) fn read<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&K>, CommandError> {
        self.get(key).map(|value| K::of(value).ok_or(WRONG_TYPE)).transpose()
    }

    /// What a key holds, if it is of this kind, to be changed. To be followed by [`changed`](Self::changed) where it is.
    pub(crate) fn change<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&mut K>, CommandError> {
        self.live(key).map(|entry| K::of_mut(&mut entry.value).ok_or(WRONG_TYPE)).transpose()
    }

    /// As [`change`](Self::change), and a new one where there is none. To be followed by [`tidy`](Self::tidy) where it may stay
    /// without elements.
    pub(crate) fn obtain<K: Kind>(&mut self, key: &[u8]) -> Result<&mut K, CommandError> {
        if self.live(key).is_none() {
            self.entries.insert(key.into(), Entry { value: K::default().into(), expires: None });
        }
        self.change(key)?.ok_or(WRONG_TYPE)
    }

    /// Sets what a key holds, and when it expires.
    pub(crate) fn put(&mut self, key: &[u8], value: Value, expires: Option<i64>) {
        let entry = Entry { value, expires };
        self.expiring += usize::from(expires.is_some());
        match self.entries.get_mut(key) {
            Some(old) => self.expiring -= usize::from(std::mem::replace(old, entry).expires.is_some()),
            None => {
                self.entries.insert(key.into(), entry);
            }
        }
        self.watchers.tell(key);
    }

    /// What a key holds was changed. A key whose aggregate has no elements left is removed.
    pub(crate) fn changed(&mut self, key: &[u8]) {
        self.tidy(key);
        self.watchers.tell(key);
    }

    /// Removes a key whose aggregate has no elements, which has not changed.
    pub(crate) fn tidy(&mut self, key: &[u8]) {
        if self.entries.get(key).is_some_and(|entry| entry.value.is_bare()) {
            self.take(key);
        }
    }

    /// Removes a key, and returns what it held.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Option<Value> {
        self.live(key)?;
        self.watchers.tell(key);
        self.take(key).map(|entry| entry.value)
    }

    /// When a key expires; the outer `None` when there is no such key.
    pub(crate) fn expiry(&mut self, key: &[u8]) -> Option<Option<i64>> {
        self.live(key).map(|entry| entry.expires)
    }

    /// Has a key that is there expire then. A moment that has passed removes it at once.
    pub(crate) fn expire(&mut self, key: &[u8], at: Option<i64>) {
        if let Some(entry) = self.live(key) {
            let before = std::mem::replace(&mut entry.expires, at);
            self.expiring = self.expiring + usize::from(at.is_some()) - usize::from(before.is_some());
            self.watchers.tell(key);
            self.live(key);
        }
    }

    /// How many keys there are, those among them that have expired and were not asked for.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn clear(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        self.expiring = 0;
        self.watchers.tell_all(|key| entries.contains_key(key));
    }

    /// The keys in a stretch of the table, but for those that have expired. A key that goes leaves its place to the last one.
    pub(crate) fn stretch(&self, places: Range<usize>) -> impl Iterator<Item = (&[u8], &Value)> {
        let entries = self.entries.get_range(places).into_iter().flatten();
        let live = entries.filter(|(_, entry)| !entry.has_expired(self.now));
        live.map(|(key, entry)| (&key[..], &entry.value))
    }

    /// Has a client be told when a key changes.
    pub(crate) fn watch(&mut self, key: Rc<[u8]>, client: u64, flag: &Flag) {
        self.get(&key);
        self.watchers.add(key, client, flag);
    }

    /// How many keys are watched.
    pub(crate) fn watched(&self) -> usize {
        self.watchers.len()
    }

    pub(crate) fn unwatch(&mut self, key: &[u8], client: u64) {
        self.watchers.remove(key, client);
    }

    /// All keys that have not expired, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let live = self.entries.iter().filter(|(_, entry)| !entry.has_expired(self.now));
        live.map(|(key, _)| &key[..])
    }

    /// How many keys are to expire.
    pub(crate) fn expiring(&self) -> usize {
        self.expiring
    }

    /// The entry of a key, which is removed here once it has expired.
    fn live(&mut self, key: &[u8]) -> Option<&mut Entry> {
        if self.entries.get(key)?.has_expired(self.now) {
            self.watchers.tell(key);
            self.take(key);
            return None;
        }
        self.entries.get_mut(key)
    }

    fn take(&mut self, key: &[u8]) -> Option<Entry> {
        let entry = self.entries.swap_remove(key)?;
        self.expiring -= usize::from(entry.expires.is_some());
        Some(entry)
    }
}

impl Entry {
    fn has_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }
}
