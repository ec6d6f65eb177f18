//! What moves a session's bytes.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pipe::{FlushError, PipeOptions, PipeRead, PipeWrite, PollBudget, ReadError, Reader, Writer};
use headpond_pool::SharedError;

use super::{
    channel::{Channel, RECORD, Received},
    error::TlsError,
};
use crate::sync::Arc;

/// How many bytes are encrypted before they are published.
const MOST_UNSENT: usize = PipeOptions::DEFAULT_PAUSE_THRESHOLD;

/// What moves a session's bytes between its plaintext and its ciphertext: a future to be spawned, or polled beside the task that
/// speaks over the session. It is over when both directions are.
///
/// - **Receiving** stops while the plaintext's reader is behind: then the ciphertext's writer pauses, too. Each record is copied
///   once, from the blocks it came in into memory of its own, decrypted there, and handed on by reference.
/// - **Sending** encrypts straight from the plaintext's blocks into the ciphertext's, while the ciphertext's reader is not
///   behind, or the plaintext has ended.
/// - **The plaintext's end** is told to the peer (`close_notify`), and ends the ciphertext; receiving goes on. The peer's word is
///   the end of the plaintext; sending goes on.
/// - **An abort** of the plaintext's writer, or dropping it unfinished, aborts the ciphertext without that word, so that the peer
///   does not take it for an end.
/// - **A plaintext reader that is closed** or dropped has what comes decrypted for nobody, until the peer is done.
/// - **A ciphertext that nobody reads** any more fails sending, also while there is nothing to be sent; receiving goes on.
/// - **While nobody speaks**, no block is held.
/// - **Between ends that are always ready** it gives way to other tasks, each direction by a [`PollBudget`] for each poll.
///
/// # Errors
///
/// See [`TlsError`]. The plaintext ends that it concerns are told the same.
///
/// # Cancel safety
///
/// Dropped before it is over, it aborts both the ciphertext and the plaintext, if it owns the ciphertext's ends.
#[must_use = "nothing is received or sent unless the pump is polled"]
pub struct TlsPump<R: PipeRead = Reader, W: PipeWrite = Writer> {
    channel: Channel<R, W>,
    /// What is to be sent.
    reader: Reader,
    /// What was received.
    writer: Writer,
    inbound: Inbound,
    outbound: Outbound,
    error: Option<TlsError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inbound {
    Receive,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outbound {
    Send,
    /// Everything is encrypted, and so is the word that ends it.
    Finish,
    /// The session has failed: the peer is to be told.
    GiveUp,
    Over,
}

impl<R: PipeRead, W: PipeWrite> TlsPump<R, W> {
    pub(super) fn new(channel: Channel<R, W>, reader: Reader, writer: Writer) -> Self {
        Self { channel, reader, writer, inbound: Inbound::Receive, outbound: Outbound::Send, error: None }
    }

    /// Waits until the plaintext has ended, and all of it, and the word of its end, is with the ciphertext's writer: the peer may
    /// have more to say, but need not be listened to.
    ///
    /// # Errors
    ///
    /// As the pump's own.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn sent(&mut self) -> Result<(), TlsError> {
        poll_fn(|cx| {
            let over = self.poll_both(cx).is_ready();
            if !over && self.outbound != Outbound::Over {
                return Poll::Pending;
            }
            Poll::Ready(self.error.clone().map_or(Ok(()), Err))
        })
        .await
    }

    /// Moves what there is either way. Ready when both directions are over.
    fn poll_both(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.inbound != Inbound::Over {
            if let Poll::Ready(Err(error)) = self.poll_inbound(cx) {
                self.fail_inbound(error);
            }
        }
        // Behind the other: it sends what that has to say.
        while let Poll::Ready(Err(error)) = self.poll_outbound(cx) {
            self.fail_outbound(error);
        }
        let over = self.inbound == Inbound::Over && self.outbound == Outbound::Over;
        if over { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_inbound(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            let wanted = match ready!(self.writer.poll_flush(cx)) {
                Err(FlushError::Closed(_)) => false,
                // Nobody has a canceller of this writer, nor ends it before this direction is over.
                _ => true,
            };
            let Poll::Ready(received) = self.channel.poll_receive(cx) else {
                self.writer.release();
                if wanted {
                    // When both ends are dropped that is to be noticed, even while nothing can be sent.
                    let _ = self.writer.poll_closed(cx);
                }
                return Poll::Pending;
            };
            budget.spend(RECORD);
            match received? {
                Received::Nothing => {}
                Received::Data => self.channel.deliver(&mut self.writer)?,
                Received::PeerClosed => {
                    // A reader that has closed needs no end.
                    let _ = self.writer.finish();
                    self.channel.stop_receiving();
                    self.inbound = Inbound::Over;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    fn poll_outbound(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            match self.outbound {
                Outbound::Send => ready!(self.poll_send(cx, &mut budget))?,
                Outbound::Finish => {
                    ready!(self.channel.poll_finish(cx))?;
                    self.reader.close();
                    self.outbound = Outbound::Over;
                }
                Outbound::GiveUp => {
                    if let Some(error) = &self.error {
                        ready!(self.channel.poll_give_up(cx, error));
                    }
                    self.outbound = Outbound::Over;
                }
                Outbound::Over => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Sends once.
    fn poll_send(&mut self, cx: &mut Context<'_>, budget: &mut PollBudget) -> Poll<Result<(), TlsError>> {
        if self.reader.is_aborted() {
            // What is unsent is worth nothing without its end.
            let end = self.reader.peek().end();
            self.reader.advance_to(end, end);
        } else {
            ready!(self.channel.poll_write_queued(cx))?;
            let ended = matches!(PipeRead::try_read(&mut self.reader), Ok(Some(status)) if status.is_finished());
            match self.channel.poll_flush(cx) {
                Poll::Ready(sent) => sent?,
                // What is there moves on, and nothing follows.
                Poll::Pending if ended => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        let status = match self.reader.poll_read(cx, 0) {
            Poll::Ready(Ok(status)) => status,
            Poll::Ready(Err(ReadError::Aborted(error))) => return Poll::Ready(Err(TlsError::Aborted(error))),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(TlsError::Aborted(Arc::new(error)))),
            Poll::Pending => {
                self.channel.release();
                return self.channel.poll_gone(cx).map(Err);
            }
        };
        ready!(self.poll_encrypt(cx, budget))?;
        if status.is_finished() && self.reader.buffer().is_empty() {
            self.channel.close()?;
            self.outbound = Outbound::Finish;
        }
        Poll::Ready(Ok(()))
    }

    /// Encrypts what there is, up to as much as is published at once.
    fn poll_encrypt(&mut self, cx: &mut Context<'_>, budget: &mut PollBudget) -> Poll<Result<(), TlsError>> {
        let mut unsent = 0;
        while unsent < MOST_UNSENT && budget.left() > 0 {
            let buffer = self.reader.buffer();
            if buffer.is_empty() {
                break;
            }
            let data = buffer.first_chunk();
            let encrypted = match self.channel.poll_encrypt(cx, &data[..data.len().min(budget.left())]) {
                Poll::Ready(encrypted) => encrypted?,
                // The memory may come back of what is published.
                Poll::Pending if unsent > 0 => break,
                Poll::Pending => return Poll::Pending,
            };
            if encrypted == 0 {
                break;
            }
            unsent += encrypted;
            budget.spend(encrypted);
            let consumed = buffer.start() + encrypted;
            self.reader.advance_to(consumed, consumed);
        }
        Poll::Ready(Ok(()))
    }

    /// Ends receiving with an error, and sending too unless the peer may still be listening.
    fn fail_inbound(&mut self, error: TlsError) {
        let shared: SharedError = Arc::new(error.clone());
        PipeWrite::abort(&mut self.writer, shared.clone());
        self.inbound = Inbound::Over;
        if matches!(error, TlsError::Truncated) {
            self.channel.stop_receiving();
        } else {
            self.give_up(shared);
        }
        // A peer that has given up may not listen any more, but has said why.
        if self.error.is_none() || matches!(error, TlsError::Alert(_)) {
            self.error = Some(error);
        }
    }

    /// Ends sending with an error, and receiving too unless the peer may still be speaking.
    fn fail_outbound(&mut self, error: TlsError) {
        let shared: SharedError = Arc::new(error.clone());
        if matches!(error, TlsError::Send(_) | TlsError::Room(_)) {
            self.channel.stop_sending(&error);
            PipeRead::close(&mut self.reader, Some(shared));
            self.outbound = Outbound::Over;
        } else {
            PipeWrite::abort(&mut self.writer, shared.clone());
            self.inbound = Inbound::Over;
            self.give_up(shared);
        }
        self.error.get_or_insert(error);
    }

    /// Sends nothing more but what the peer is to be told.
    fn give_up(&mut self, error: SharedError) {
        PipeRead::close(&mut self.reader, Some(error));
        if self.outbound != Outbound::Over {
            self.outbound = Outbound::GiveUp;
        }
    }
}

impl<R: PipeRead + Unpin, W: PipeWrite + Unpin> Future for TlsPump<R, W> {
    type Output = Result<(), TlsError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        ready!(this.poll_both(cx));
        Poll::Ready(this.error.clone().map_or(Ok(()), Err))
    }
}

impl<R: PipeRead, W: PipeWrite> fmt::Debug for TlsPump<R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsPump")
            .field("inbound", &self.inbound)
            .field("outbound", &self.outbound)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
