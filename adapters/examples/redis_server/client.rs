//! What the server keeps for one connection.

use std::{cell::Cell, rc::Rc};

use headpond_codec::resp::{CommandDecoder, Limits, RespVersion};

use super::{
    clients::Profile,
    shared::Shared,
    store::Store,
    transaction::{Transaction, Watch},
};

/// What a client that has not logged in may send, as with Redis: names and passwords are no longer.
const BEFORE_LOGIN: Limits = Limits::new().max_elements(10).max_string(16 * 1024);

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    /// What the other clients may see of it.
    pub(crate) profile: Rc<Profile>,
    /// What it has queued since `MULTI`.
    pub(crate) transaction: Option<Transaction>,
    pub(crate) watch: Watch,
    /// It need not log in, or has done so.
    pub(crate) is_authenticated: bool,
    /// It is to be hung up on once it has its replies.
    pub(crate) quits: bool,
}

impl Client {
    pub(crate) fn new(profile: Rc<Profile>, shared: &Shared) -> Self {
        Self {
            watch: Watch::new(profile.id),
            profile,
            transaction: None,
            is_authenticated: !shared.asks_for_a_password(),
            quits: false,
        }
    }

    /// Which database it has selected.
    pub(crate) fn database(&self) -> usize {
        self.profile.database.get()
    }

    /// Which version of the protocol it is answered in.
    pub(crate) fn version(&self) -> RespVersion {
        self.profile.version.get()
    }

    /// What its commands are read with.
    pub(crate) fn decoder(&self) -> CommandDecoder {
        if self.is_authenticated { CommandDecoder::new() } else { CommandDecoder::with_limits(BEFORE_LOGIN) }
    }

    /// As if it had just connected.
    pub(crate) fn reset(&mut self, shared: &Shared, store: &mut Store) {
        self.discard(store);
        self.profile.reset();
        self.is_authenticated = !shared.asks_for_a_password();
    }

    /// Forgets the transaction, and what is watched for it.
    pub(crate) fn discard(&mut self, store: &mut Store) {
        self.transaction = None;
        self.watch.clear(store);
    }

    /// Tells the other clients how things stand.
    pub(crate) fn publish(&self) {
        let queued = self.transaction.as_ref().map(|transaction| (transaction.len(), transaction.bytes()));
        self.profile.queued.set(queued);
        self.profile.is_dirty.set(self.watch.is_broken());
    }
}

/// A flag that a client shares with the keys that it watches.
pub(crate) type Flag = Rc<Cell<bool>>;
