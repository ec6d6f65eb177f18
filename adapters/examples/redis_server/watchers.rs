//! Who is to be told when a key of a database changes.

use std::{collections::HashMap, rc::Rc};

use super::client::Flag;

/// Clients by the keys that they watch, each with the flag that it is told by. A client is told once, and then forgotten, so that a
/// watched key costs one change a little more, whoever watches it.
#[derive(Debug, Default)]
pub(crate) struct Watchers(HashMap<Rc<[u8]>, HashMap<u64, Flag>>);

impl Watchers {
    pub(crate) fn add(&mut self, key: Rc<[u8]>, client: u64, flag: &Flag) {
        self.0.entry(key).or_default().insert(client, Rc::clone(flag));
    }

    pub(crate) fn remove(&mut self, key: &[u8], client: u64) {
        let Some(clients) = self.0.get_mut(key) else { return };
        clients.remove(&client);
        if clients.is_empty() {
            self.0.remove(key);
            self.give_back();
        }
    }

    /// How many keys are watched.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whoever watches this key.
    #[inline]
    pub(crate) fn tell(&mut self, key: &[u8]) {
        if self.0.is_empty() {
            return;
        }
        if let Some(clients) = self.0.remove(key) {
            clients.values().for_each(|flag| flag.set(true));
            self.give_back();
        }
    }

    /// Tells whoever watches one of the keys that are there.
    pub(crate) fn tell_all(&mut self, is_there: impl Fn(&[u8]) -> bool) {
        self.0.retain(|key, clients| {
            let changes = is_there(key);
            if changes {
                clients.values().for_each(|flag| flag.set(true));
            }
            !changes
        });
        self.give_back();
    }

    /// Holds no memory when nothing is watched.
    fn give_back(&mut self) {
        if self.0.is_empty() {
            self.0 = HashMap::new();
        }
    }
}
