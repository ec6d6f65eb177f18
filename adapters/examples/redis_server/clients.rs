//! Who is connected.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
};

use headpond_codec::resp::RespVersion;
use tokio::sync::Notify;

/// Where a connection goes from and to, and its descriptor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) descriptor: i32,
}

/// What clients may see of each other.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) id: u64,
    pub(crate) ends: Ends,
    pub(crate) name: RefCell<Vec<u8>>,
    pub(crate) library: RefCell<Vec<u8>>,
    pub(crate) library_version: RefCell<Vec<u8>>,
    pub(crate) database: Cell<usize>,
    pub(crate) version: Cell<RespVersion>,
    /// How many commands it has queued, and in how many bytes, if it has begun a transaction.
    pub(crate) queued: Cell<Option<(usize, usize)>>,
    /// A key that it watches was changed.
    pub(crate) is_dirty: Cell<bool>,
    /// Its last command, and when that came, in milliseconds since 1970.
    last: Cell<(&'static str, i64)>,
    since: i64,
    kill: Notify,
}

impl Profile {
    fn new(id: u64, ends: Ends, now: i64) -> Self {
        Self {
            id,
            ends,
            name: RefCell::default(),
            library: RefCell::default(),
            library_version: RefCell::default(),
            database: Cell::default(),
            version: Cell::default(),
            queued: Cell::default(),
            is_dirty: Cell::default(),
            last: Cell::new(("NULL", now)),
            since: now,
            kill: Notify::new(),
        }
    }

    /// What a client can change of its own accord is as it was at first, but for what library it uses.
    pub(crate) fn reset(&self) {
        self.name.take();
        self.database.take();
        self.version.take();
    }

    /// A command of this name has come.
    #[inline]
    pub(crate) fn note(&self, command: &'static str, now: i64) {
        self.last.set((command, now));
    }

    /// Resolves once the client is to be hung up on.
    pub(crate) async fn killed(&self) {
        self.kill.notified().await;
    }

    /// A line of `CLIENT LIST`, with the fields of Redis in its order. What nothing here corresponds to is 0.
    pub(crate) fn line(&self, now: i64) -> Vec<u8> {
        let Ends { peer, local, descriptor } = self.ends;
        let (command, seen) = self.last.get();
        let (multi, multi_mem) = self.queued.get().map_or((-1, 0), |(len, bytes)| (len as i64, bytes));
        let flags = match (self.queued.get().is_some(), self.is_dirty.get()) {
            (false, false) => "N",
            (true, false) => "x",
            (false, true) => "d",
            (true, true) => "xd",
        };
        let seconds = |moment: i64| (now - moment).max(0) / 1000;
        let (id, age, idle, db) = (self.id, seconds(self.since), seconds(seen), self.database.get());
        let resp = if self.version.get() == RespVersion::V2 { 2 } else { 3 };
        let mut line = format!("id={id} addr={peer} laddr={local} fd={descriptor} name=").into_bytes();
        line.extend_from_slice(&self.name.borrow());
        let state = format!(
            " age={age} idle={idle} flags={flags} db={db} sub=0 psub=0 ssub=0 multi={multi} qbuf=0 qbuf-free=0 argv-mem=0 \
             multi-mem={multi_mem} rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd={command} user=default redir=-1 \
             resp={resp}"
        );
        line.extend_from_slice(state.as_bytes());
        for (name, value) in [(" lib-name=", &self.library), (" lib-ver=", &self.library_version)] {
            line.extend_from_slice(name.as_bytes());
            line.extend_from_slice(&value.borrow());
        }
        line.push(b'\n');
        line
    }
}

/// All clients that are connected, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    connected: RefCell<BTreeMap<u64, Rc<Profile>>>,
    /// How many there were.
    count: Cell<u64>,
}

impl Clients {
    pub(crate) fn add(&self, ends: Ends, now: i64) -> Rc<Profile> {
        let id = self.count.get() + 1;
        self.count.set(id);
        let profile = Rc::new(Profile::new(id, ends, now));
        self.connected.borrow_mut().insert(id, Rc::clone(&profile));
        profile
    }

    pub(crate) fn remove(&self, id: u64) {
        self.connected.borrow_mut().remove(&id);
    }

    /// Has a client be hung up on, whatever it is about. To the others it is gone.
    pub(crate) fn kill(&self, id: u64) {
        if let Some(profile) = self.connected.borrow_mut().remove(&id) {
            profile.kill.notify_one();
        }
    }

    /// How many are connected.
    pub(crate) fn len(&self) -> usize {
        self.connected.borrow().len()
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.count.get()
    }

    /// The one of this number.
    pub(crate) fn get(&self, id: u64) -> Option<Rc<Profile>> {
        self.connected.borrow().get(&id).cloned()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Rc<Profile>> {
        self.connected.borrow().values().cloned().collect()
    }
}
