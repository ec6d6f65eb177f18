//! What the server knows of a client.

use headpond_codec::resp::RespVersion;

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) name: Vec<u8>,
    /// Which database it has selected.
    pub(crate) database: usize,
    /// Which version of the protocol it is answered in.
    pub(crate) version: RespVersion,
    /// It is to be hung up on once it has its replies.
    pub(crate) quits: bool,
}

impl Client {
    pub(crate) fn new(id: u64) -> Self {
        Self { id, name: Vec::new(), database: 0, version: RespVersion::V2, quits: false }
    }

    /// As if it had just connected.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.id);
    }
}
