//! What a client holds between `MULTI` and `EXEC`, and what it watches for them.

use std::{collections::HashSet, rc::Rc};

use headpond_pool::{Sequence, SequenceBuf, Slice};

use super::{
    client::Flag,
    error::{CommandError, refused},
    store::Store,
};

/// How much a client may have the server hold from one command to the next, in bytes: as long as one command may be.
pub(crate) const MOST_HELD: usize = 64 << 20;

/// What it takes to watch a key, beside its name: entries in two tables, roughly.
const WATCHED_KEY: usize = 256;

/// Commands, queued as they arrived. They are decoded once more when they are carried out.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    commands: Vec<u8>,
    len: usize,
    is_refused: bool,
}

impl Transaction {
    /// How many commands there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How much memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.commands.capacity()
    }

    /// Whether one of the commands made no sense, so that none is to be carried out.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// None of it will be carried out, and none of it is kept.
    pub(crate) fn refuse(&mut self) {
        *self = Self { is_refused: true, ..Self::default() };
    }

    pub(crate) fn queue(&mut self, command: Sequence<'_>) -> Result<(), CommandError> {
        if self.is_refused {
            return Ok(());
        }
        if command.len() > MOST_HELD - self.commands.len() {
            return Err(refused("ERR the transaction is too long"));
        }
        command.chunks().for_each(|chunk| self.commands.extend_from_slice(chunk));
        self.len += 1;
        Ok(())
    }

    /// The commands, one behind the other.
    pub(crate) fn into_commands(self) -> SequenceBuf {
        SequenceBuf::from_iter([Slice::from(self.commands)])
    }
}

/// The keys that a client watches.
#[derive(Debug)]
pub(crate) struct Watch {
    client: u64,
    keys: HashSet<(usize, Rc<[u8]>)>,
    held: usize,
    /// One of the keys was changed. Each of them can tell.
    is_broken: Flag,
}

impl Watch {
    pub(crate) fn new(client: u64) -> Self {
        Self { client, keys: HashSet::new(), held: 0, is_broken: Flag::default() }
    }

    /// Watches a key of this database from now on.
    pub(crate) fn add(&mut self, store: &mut Store, database: usize, key: &[u8]) -> Result<(), CommandError> {
        let key: Rc<[u8]> = key.into();
        if self.is_broken() || self.keys.contains(&(database, Rc::clone(&key))) {
            return Ok(());
        }
        let cost = key.len() + WATCHED_KEY;
        if cost > MOST_HELD - self.held {
            return Err(refused("ERR too many keys are watched"));
        }
        self.held += cost;
        store.at(database).watch(Rc::clone(&key), self.client, &self.is_broken);
        self.keys.insert((database, key));
        Ok(())
    }

    /// Whether one of the keys was changed.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.get()
    }

    /// Has a key that has expired count as changed, though nobody asked for it.
    pub(crate) fn look_for_expired(&self, store: &mut Store) {
        for (database, key) in &self.keys {
            store.at(*database).get(key);
        }
    }

    /// Watches nothing any more.
    pub(crate) fn clear(&mut self, store: &mut Store) {
        for (database, key) in std::mem::take(&mut self.keys) {
            store.at(database).unwatch(&key, self.client);
        }
        self.held = 0;
        self.is_broken.set(false);
    }
}
