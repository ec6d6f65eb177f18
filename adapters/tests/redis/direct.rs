//! The server without sockets: commands in, replies out, on the test's own thread, where allocations are counted.

use std::net::{Ipv4Addr, SocketAddr};

use headpond_codec::{Decoder, EncodeError, resp::CommandDecoder};
use headpond_pool::SequenceBuf;

use crate::redis_server::{
    client::Client,
    clients::Ends,
    command::{Args, Call},
    reply::Reply,
    shared::Shared,
};

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 6379);

/// What the connections share.
pub(crate) struct Direct {
    shared: Shared,
}

impl Direct {
    pub(crate) fn new() -> Self {
        Self { shared: Shared::new(ADDRESS, None) }
    }

    pub(crate) fn client(&self) -> Caller<'_> {
        let ends = Ends { peer: ADDRESS, local: ADDRESS, descriptor: 3 };
        Caller { client: Client::new(self.shared.clients.add(ends, 0), &self.shared), shared: &self.shared }
    }

    pub(crate) fn set_now(&self, now: i64) {
        self.shared.store.borrow_mut().set_now(now);
    }
}

/// A client of a [`Direct`] server.
pub(crate) struct Caller<'s> {
    client: Client,
    shared: &'s Shared,
}

impl Caller<'_> {
    /// Says this line, or these, and returns the replies.
    pub(crate) fn say(&mut self, line: &str) -> Vec<u8> {
        self.send(format!("{line}\r\n").as_bytes())
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.send_for_at_most(bytes, usize::MAX).unwrap()
    }

    /// As [`send`](Self::send), where no reply may be longer than so many bytes.
    pub(crate) fn send_for_at_most(&mut self, bytes: &[u8], most: usize) -> Result<Vec<u8>, EncodeError> {
        let buffer = SequenceBuf::from(bytes.to_vec());
        let (mut decoder, mut args, mut out) = (CommandDecoder::new(), Args::default(), Vec::new());
        let mut commands = decoder.items(buffer.as_sequence(), false);
        let mut begin = commands.consumed();
        while let Some(command) = commands.next() {
            args.replace(command.unwrap().arguments());
            let raw = buffer.as_sequence().slice(begin..commands.consumed());
            begin = commands.consumed();
            let (store, shared) = (&mut *self.shared.store.borrow_mut(), self.shared);
            let reply = Reply::new(&mut out, self.client.version()).at_most(most);
            Call { args: &args, raw, shared, store, client: &mut self.client, reply }.run()?;
        }
        assert_eq!(begin, buffer.end(), "half a command");
        Ok(out)
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        self.shared.clients.remove(self.client.profile.id);
        self.client.discard(&mut self.shared.store.borrow_mut());
    }
}
