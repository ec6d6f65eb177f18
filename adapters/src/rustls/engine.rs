//! A session without its streams: records in, records and data out.
//!
//! rustls' unbuffered connection is asked, again and again, what it is at; what it wants sent is queued here, and its data is
//! handed on where it was decrypted.

use headpond_pipe::Writer;
use headpond_pool::WriteError;
use rustls::{
    CommonState, Error,
    client::UnbufferedClientConnection,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic},
};

use super::{
    error::TlsError,
    incoming::{self, Incoming},
};

/// What a cipher adds to a record, and what stands before it: rustls says if it is more.
pub(super) const OVERHEAD: usize = 32;

/// Either side of a session.
pub(super) enum Engine {
    Client(UnbufferedClientConnection),
    Server(UnbufferedServerConnection),
}

/// What a session has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Nothing, before the next record.
    Idle,
    /// There is data: [`Engine::deliver`] hands it on.
    Data,
    /// The peer has ended its direction.
    PeerClosed,
}

/// What became of data that was to be encrypted.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encrypted {
    /// It takes so many bytes.
    Record(usize),
    /// It would take so many.
    TooSmall(usize),
    /// What is queued goes first.
    NotYet,
}

/// What a connection that can send is to do.
enum Order<'a> {
    Nothing,
    Encrypt { data: &'a [u8], memory: &'a mut [u8] },
    Close,
}

/// What one look at a connection brought.
enum Look {
    /// Something was queued, or noted: there may be more to see.
    More,
    Event(Event),
    Encrypted(Encrypted),
}

impl Engine {
    /// Uses what has come in, up to the next event. What is to be sent is put behind `queued`: also after a failure, so that the
    /// peer is told of it.
    pub(super) fn process(&mut self, incoming: &mut Incoming, queued: &mut Vec<u8>) -> Result<Event, TlsError> {
        loop {
            match self.look(incoming, queued, Order::Nothing) {
                Ok(Look::More) => {}
                Ok(Look::Event(event)) => return Ok(event),
                Ok(Look::Encrypted(_)) => return Err(out_of_order()),
                Err(error) => {
                    self.queue_rest(incoming, queued);
                    return Err(error);
                }
            }
        }
    }

    /// Hands the data of the last record on: the memory it was decrypted in becomes part of the pipe. It is copied into the
    /// pipe's own block instead when little of that memory is used, and others wait to be read: a peer cannot pin a block by
    /// each byte it sends.
    pub(super) fn deliver(&mut self, incoming: &mut Incoming, writer: &mut Writer) -> Result<(), TlsError> {
        let capacity = incoming.capacity();
        let (record, unused) = incoming.split_mut();
        let alone = unused.is_empty();
        let (mut place, mut copied) = (None, None);
        let mut hand_on = |data: &[u8]| {
            // rustls has no word for it, but it decrypts in place: so it is looked for, and believed only if it is all there.
            place = if alone { incoming::find(data, record) } else { None };
            let pins = data.len() < capacity / 2 && writer.unconsumed() + writer.unflushed() > 0;
            if pins || place.is_none() {
                copied = Some(writer.write(data));
            }
        };
        match self {
            Self::Client(connection) => next_record(connection.process_tls_records(unused), &mut hand_on),
            Self::Server(connection) => next_record(connection.process_tls_records(unused), &mut hand_on),
        }?;
        match (copied, place) {
            (Some(Ok(())), _) => Ok(()),
            // Nobody is left to read it, which the next flush tells.
            (Some(Err(WriteError::Closed(_) | WriteError::Ended)), _) => Ok(()),
            (Some(Err(error)), None) => Err(TlsError::Room(error)),
            (_, Some(place)) => {
                if let Some(block) = incoming.take_block() {
                    // As above.
                    let _ = writer.append(block.into_slice(place));
                }
                Ok(())
            }
            (None, None) => Err(out_of_order()),
        }
    }

    /// Encrypts data into memory, as one record when it is not too much for one.
    pub(super) fn encrypt(
        &mut self,
        incoming: &mut Incoming,
        queued: &mut Vec<u8>,
        data: &[u8],
        memory: &mut [u8],
    ) -> Result<Encrypted, TlsError> {
        match self.look(incoming, queued, Order::Encrypt { data, memory })? {
            Look::Encrypted(encrypted) => Ok(encrypted),
            Look::More => Ok(Encrypted::NotYet),
            Look::Event(_) => Err(out_of_order()),
        }
    }

    /// Queues the word that ends this direction.
    pub(super) fn close(&mut self, incoming: &mut Incoming, queued: &mut Vec<u8>) -> Result<(), TlsError> {
        loop {
            match self.look(incoming, queued, Order::Close)? {
                Look::Encrypted(_) => return Ok(()),
                Look::More => {}
                Look::Event(_) => return Err(out_of_order()),
            }
        }
    }

    pub(super) fn state(&self) -> &CommonState {
        match self {
            Self::Client(connection) => connection,
            Self::Server(connection) => connection,
        }
    }

    fn look(&mut self, incoming: &mut Incoming, queued: &mut Vec<u8>, order: Order<'_>) -> Result<Look, TlsError> {
        let unused = incoming.unused_mut();
        let (used, look) = match self {
            Self::Client(connection) => act(connection.process_tls_records(unused), queued, order),
            Self::Server(connection) => act(connection.process_tls_records(unused), queued, order),
        };
        incoming.discard(used);
        look
    }

    /// Queues what a failed connection has left to say: no more of its input is looked at.
    fn queue_rest(&mut self, incoming: &mut Incoming, queued: &mut Vec<u8>) {
        while self.state().wants_write() {
            match self.look(incoming, queued, Order::Nothing) {
                Ok(Look::More) => {}
                _ => return,
            }
        }
    }
}

fn act<Side>(
    status: UnbufferedStatus<'_, '_, Side>,
    queued: &mut Vec<u8>,
    order: Order<'_>,
) -> (usize, Result<Look, TlsError>) {
    let state = status.state.map_err(TlsError::from);
    let look = state.and_then(|state| match state {
        ConnectionState::EncodeTlsData(message) => encode(message, queued).map(|()| Look::More),
        ConnectionState::TransmitTlsData(transmitted) => {
            transmitted.done();
            Ok(Look::More)
        }
        ConnectionState::ReadTraffic(_) => Ok(Look::Event(Event::Data)),
        ConnectionState::PeerClosed => Ok(Look::Event(Event::PeerClosed)),
        ConnectionState::WriteTraffic(mut traffic) => match order {
            Order::Nothing => Ok(Look::Event(Event::Idle)),
            Order::Encrypt { data, memory } => encrypt(&mut traffic, data, memory).map(Look::Encrypted),
            Order::Close => close(&mut traffic, queued).map(Look::Encrypted),
        },
        ConnectionState::BlockedHandshake | ConnectionState::Closed => Ok(Look::Event(Event::Idle)),
        // No early data is asked for.
        _ => Err(out_of_order()),
    });
    (status.discard, look)
}

fn encode<Side>(mut message: EncodeTlsData<'_, Side>, queued: &mut Vec<u8>) -> Result<(), TlsError> {
    let start = queued.len();
    loop {
        match message.encode(&mut queued[start..]) {
            Ok(len) => {
                queued.truncate(start + len);
                return Ok(());
            }
            Err(EncodeError::InsufficientSize(needed)) => queued.resize(start + needed.required_size, 0),
            Err(EncodeError::AlreadyEncoded) => return Err(out_of_order()),
        }
    }
}

fn encrypt<Side>(traffic: &mut WriteTraffic<'_, Side>, data: &[u8], memory: &mut [u8]) -> Result<Encrypted, TlsError> {
    match traffic.encrypt(data, memory) {
        Ok(len) => Ok(Encrypted::Record(len)),
        Err(EncryptError::InsufficientSize(needed)) => Ok(Encrypted::TooSmall(needed.required_size)),
        Err(EncryptError::EncryptExhausted) => Err(TlsError::Protocol(Error::EncryptError)),
    }
}

fn close<Side>(traffic: &mut WriteTraffic<'_, Side>, queued: &mut Vec<u8>) -> Result<Encrypted, TlsError> {
    let start = queued.len();
    loop {
        match traffic.queue_close_notify(&mut queued[start..]) {
            Ok(len) => {
                queued.truncate(start + len);
                return Ok(Encrypted::Record(len));
            }
            Err(EncryptError::InsufficientSize(needed)) => queued.resize(start + needed.required_size, 0),
            Err(EncryptError::EncryptExhausted) => return Err(TlsError::Protocol(Error::EncryptError)),
        }
    }
}

fn next_record<Side>(status: UnbufferedStatus<'_, '_, Side>, hand_on: &mut dyn FnMut(&[u8])) -> Result<(), TlsError> {
    let ConnectionState::ReadTraffic(mut traffic) = status.state? else { return Err(out_of_order()) };
    if let Some(record) = traffic.next_record() {
        hand_on(record?.payload);
    }
    Ok(())
}

/// A connection came to something that what it was asked for does not lead to.
fn out_of_order() -> TlsError {
    TlsError::Protocol(Error::General("the TLS session is out of order".to_owned()))
}
