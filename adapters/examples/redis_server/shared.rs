//! What all connections share.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    time::Instant,
};

use super::{clients::Clients, store::Store};

/// The keys, the clients, and what is counted.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: RefCell<Store>,
    pub(crate) clients: Clients,
    pub(crate) address: SocketAddr,
    /// Since when it has served, in milliseconds since 1970.
    pub(crate) since: i64,
    /// How many commands were carried out.
    pub(crate) commands: Cell<u64>,
    /// When it last told of an attack.
    pub(crate) told: Cell<Option<Instant>>,
    password: Option<Vec<u8>>,
}

impl Shared {
    pub(crate) fn new(address: SocketAddr, password: Option<Vec<u8>>) -> Self {
        let mut store = Store::new();
        store.look_at_the_clock();
        Self {
            since: store.now(),
            store: RefCell::new(store),
            clients: Clients::default(),
            address,
            commands: Cell::new(0),
            told: Cell::new(None),
            password,
        }
    }

    pub(crate) fn asks_for_a_password(&self) -> bool {
        self.password.is_some()
    }

    /// Whether this is how one logs in. Where no password is asked for, any is right. How long it takes does not tell how much of
    /// it was right.
    pub(crate) fn accepts(&self, user: &[u8], password: &[u8]) -> bool {
        let is_right = self.password.as_ref().is_none_or(|right| {
            let differences = right.iter().zip(password).fold(0, |all, (right, given)| all | (right ^ given));
            right.len() == password.len() && differences == 0
        });
        user == b"default" && is_right
    }
}
