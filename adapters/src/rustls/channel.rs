//! A session and its ciphertext.

use std::{
    future::poll_fn,
    task::{Context, Poll, ready},
};

use headpond_pipe::{FlushError, PipeRead, PipeWrite, PollBudget, Writer};
use headpond_pool::{BlockSource, WriteError};
use rustls::{Error, InvalidMessage};

use super::{
    engine::{Encrypted, Engine, Event, OVERHEAD},
    error::TlsError,
    incoming::{HEADER, Incoming, record_len},
};
use crate::sync::Arc;

/// The most data that goes into one record.
const MOST_DATA: usize = 16 * 1024;

/// A record that would have less room than this in the rest of a block goes into the next one, unless it is all there is.
const LEAST_ROOM: usize = 1024;

/// What a record received counts for, in bytes: as much as the longest, since the shortest may take as long.
pub(super) const RECORD: usize = 16 * 1024;

/// A session, between the ends of its ciphertext.
pub(super) struct Channel<R: PipeRead, W: PipeWrite> {
    engine: Engine,
    incoming: Incoming,
    /// Handshake messages, alerts and the like, encoded and not yet written.
    queued: Vec<u8>,
    reader: R,
    writer: W,
    /// The ciphertext's writer has been ended: nothing is sent any more.
    mute: bool,
}

/// What came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// Something of the session's own.
    Nothing,
    /// Data, to be delivered.
    Data,
    /// The peer has ended its direction.
    PeerClosed,
}

impl<R: PipeRead, W: PipeWrite> Channel<R, W> {
    pub(super) fn new(engine: Engine, source: Arc<dyn BlockSource>, reader: R, writer: W) -> Self {
        Self { engine, incoming: Incoming::new(source), queued: Vec::new(), reader, writer, mute: false }
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Comes to terms with the peer. When that fails, the peer is told why.
    pub(super) async fn handshake(&mut self) -> Result<(), TlsError> {
        let outcome = poll_fn(|cx| self.poll_handshake(cx)).await;
        if let Err(error) = &outcome {
            poll_fn(|cx| self.poll_give_up(cx, error)).await;
        }
        outcome
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        // The client speaks first.
        self.engine.process(&mut self.incoming, &mut self.queued)?;
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            let sent = self.poll_say(cx);
            if let Poll::Ready(Err(error)) = sent {
                return Poll::Ready(Err(self.reason_for(error, cx)));
            }
            if self.queued.is_empty() && !self.engine.state().is_handshaking() {
                // Whether the peer has read the last of it is of no concern to the data.
                return Poll::Ready(Ok(()));
            }
            ready!(sent)?;
            let Poll::Ready(received) = self.poll_receive(cx) else {
                let unsent = ready!(self.poll_gone(cx));
                return Poll::Ready(Err(self.reason_for(unsent, cx)));
            };
            if received? == Received::PeerClosed {
                return Poll::Ready(Err(TlsError::Truncated));
            }
            budget.spend(RECORD);
        }
    }

    /// Why nothing can be sent: a peer that has given up does not listen any more, but may have said why.
    fn reason_for(&mut self, unsent: TlsError, cx: &mut Context<'_>) -> TlsError {
        let mut budget = PollBudget::new();
        while budget.left() > 0 {
            match self.poll_receive(cx) {
                Poll::Ready(Ok(Received::Nothing)) => budget.spend(RECORD),
                Poll::Ready(Err(error @ TlsError::Alert(_))) => return error,
                _ => break,
            }
        }
        unsent
    }

    /// Waits until nobody reads the ciphertext any more, while there is nothing to be sent.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<TlsError> {
        if self.mute {
            return Poll::Pending;
        }
        ready!(self.writer.poll_closed(cx));
        // A flush knows why.
        Poll::Ready(TlsError::Send(match self.writer.poll_flush(cx) {
            Poll::Ready(Err(error)) => error,
            _ => FlushError::Closed(None),
        }))
    }

    /// Writes and publishes what the session has to say itself.
    fn poll_say(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        ready!(self.poll_write_queued(cx))?;
        self.poll_flush(cx)
    }

    /// Receives and uses one record.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received, TlsError>> {
        let len = match self.poll_record(cx) {
            Poll::Ready(len) => len?,
            Poll::Pending => {
                self.incoming.release();
                return Poll::Pending;
            }
        };
        ready!(self.incoming.poll_room(cx, len)).map_err(TlsError::Memory)?;
        let buffer = self.reader.buffer();
        let end = buffer.start() + len;
        self.incoming.gather(&buffer.slice(..end));
        self.reader.advance_to(end, end);
        let event = self.engine.process(&mut self.incoming, &mut self.queued)?;
        if self.mute {
            self.queued.clear();
        }
        if self.incoming.is_too_long() {
            return Poll::Ready(Err(Error::from(InvalidMessage::HandshakePayloadTooLarge).into()));
        }
        Poll::Ready(Ok(match event {
            Event::Idle => Received::Nothing,
            Event::Data => Received::Data,
            Event::PeerClosed => Received::PeerClosed,
        }))
    }

    /// Hands on the data that was received.
    pub(super) fn deliver(&mut self, writer: &mut Writer) -> Result<(), TlsError> {
        self.engine.deliver(&mut self.incoming, writer)
    }

    /// Waits for a whole record, which stays where it is, and tells its length. So a slow peer holds no memory but what its
    /// bytes came in.
    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, TlsError>> {
        loop {
            let buffer = self.reader.buffer();
            let len = record_len(&buffer);
            let needed = len.unwrap_or(HEADER);
            if len.is_some() && buffer.len() >= needed {
                return Poll::Ready(Ok(needed));
            }
            let status = ready!(self.reader.poll_read(cx, needed)).map_err(TlsError::Receive)?;
            if status.is_cancelled() {
                return Poll::Ready(Err(TlsError::Cancelled));
            }
            let there = self.reader.buffer().len();
            status.checked(there, needed).map_err(TlsError::Receive)?;
            if there < needed {
                return Poll::Ready(Err(TlsError::Truncated));
            }
        }
    }

    /// Publishes what is written, and waits while the ciphertext's reader is behind.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        self.writer.poll_flush(cx).map_err(TlsError::Send)
    }

    /// Encrypts data from the front of `data`, straight into the ciphertext's memory. Says how much of it: nothing, when what
    /// is queued is to go first.
    pub(super) fn poll_encrypt(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize, TlsError>> {
        let mut data = &data[..data.len().min(MOST_DATA)];
        let mut room = (data.len() + OVERHEAD).min(LEAST_ROOM);
        // The smallest record there can be takes no less.
        let mut is_least = false;
        loop {
            let reserved = ready!(self.writer.poll_reserve(cx, room));
            let memory = reserved.and_then(|()| self.writer.reserve(room)?.at_least(room));
            let mut memory = match memory {
                Ok(memory) => memory,
                // Blocks are small, and may not be exceeded: so are the records, then.
                Err(WriteError::Oversize { block_size, .. }) if block_size < room && !is_least => {
                    room = block_size;
                    continue;
                }
                Err(error) => return Poll::Ready(Err(TlsError::Room(error))),
            };
            data = &data[..data.len().min(memory.len().saturating_sub(OVERHEAD).max(1))];
            match self.engine.encrypt(&mut self.incoming, &mut self.queued, data, &mut memory)? {
                Encrypted::Record(len) => {
                    memory.advance(len);
                    return Poll::Ready(Ok(data.len()));
                }
                Encrypted::NotYet => return Poll::Ready(Ok(0)),
                Encrypted::TooSmall(needed) => {
                    let excess = needed.saturating_sub(memory.len());
                    if data.len() > excess {
                        data = &data[..data.len() - excess];
                    } else {
                        (room, is_least) = (needed, true);
                    }
                }
            }
        }
    }

    /// Lets go of the ciphertext's block, as long as there is nothing to be sent.
    pub(super) fn release(&mut self) {
        self.writer.release();
    }

    /// Queues the word that ends this direction.
    pub(super) fn close(&mut self) -> Result<(), TlsError> {
        self.engine.close(&mut self.incoming, &mut self.queued)
    }

    /// Writes what is queued, and ends the ciphertext.
    pub(super) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        ready!(self.poll_write_queued(cx))?;
        ready!(self.writer.poll_finish(cx)).map_err(TlsError::Send)?;
        self.mute = true;
        Poll::Ready(Ok(()))
    }

    /// Ends the ciphertext after a failure: with the alert that tells the peer, if the peer can take it.
    pub(super) fn poll_give_up(&mut self, cx: &mut Context<'_>, error: &TlsError) -> Poll<()> {
        if !self.mute {
            if let TlsError::Protocol(_) | TlsError::Alert(_) = error {
                // What keeps the alert from being sent adds nothing to the error.
                let _ = ready!(self.poll_finish(cx));
            }
            self.stop_sending(error);
        }
        self.stop_receiving();
        Poll::Ready(())
    }

    /// Nothing more of the ciphertext is wanted.
    pub(super) fn stop_receiving(&mut self) {
        self.reader.close(None);
        self.incoming.release();
    }

    /// Ends the ciphertext, unless it has ended, so that the peer notices that something is amiss.
    pub(super) fn stop_sending(&mut self, error: &TlsError) {
        self.mute = true;
        self.queued = Vec::new();
        self.writer.abort(Arc::new(error.clone()));
    }

    /// Writes what the session has to say itself, which goes before any more data.
    pub(super) fn poll_write_queued(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        while !self.queued.is_empty() {
            let mut reserved = self.writer.poll_reserve(cx, 1);
            if reserved.is_pending() {
                // What was written may lie in the memory that is waited for.
                if let Poll::Ready(sent) = self.poll_flush(cx) {
                    sent?;
                }
                reserved = self.writer.poll_reserve(cx, 1);
            }
            let memory = ready!(reserved).and_then(|()| self.writer.reserve(1)?.at_least(1));
            let mut memory = memory.map_err(TlsError::Room)?;
            let n = self.queued.len().min(memory.len());
            memory[..n].copy_from_slice(&self.queued[..n]);
            memory.advance(n);
            self.queued.drain(..n);
        }
        // It is seldom needed, and an idle session is to be small.
        self.queued = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl<R: PipeRead, W: PipeWrite> Drop for Channel<R, W> {
    /// The ends may be borrowed, and go on elsewhere.
    fn drop(&mut self) {
        self.reader.withdraw();
        self.writer.withdraw();
    }
}
