//! Both pumps over one stream.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::SharedError;

use super::{
    connection::{Connection, ConnectionError, Peer, Pumps, Traffic},
    inbound::Inbound,
    outbound::{Outbound, Unsent},
    socket::Socket,
};
use crate::sync::Arc;

/// A stream, and the pumps at either side of it.
struct Pumping<S: Socket> {
    stream: S,
    inbound: Inbound,
    outbound: Outbound,
    /// What the pump that sends has met, and the one that receives would take for the peer's end.
    fault: Option<SharedError>,
    error: Option<ConnectionError>,
    /// The peer may take the stream's end for a clean one.
    in_order: bool,
}

/// What a reader or writer is told when the pumps are dropped before they are over.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was dropped before it was over")]
struct PumpsDropped;

/// A connection over a stream, and its pumps.
pub(crate) fn connect<S: Socket + Send + Unpin + 'static>(
    stream: S,
    peer: Peer,
    options: &PipeOptions,
) -> (Connection, Pumps) {
    let (inbound, reader) = Inbound::new(options);
    let sending = Pipe::new(options);
    let outbound = Outbound::new(sending.reader);
    let pumping = Pumping { stream, inbound, outbound, fault: None, error: None, in_order: false };
    (Connection::new(reader, sending.writer, peer), Pumps::new(pumping))
}

impl<S: Socket> Pumping<S> {
    fn poll_outbound(&mut self, cx: &mut Context<'_>) {
        match self.outbound.poll(cx, &mut self.stream) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => self.in_order = true,
            Poll::Ready(Err(Unsent::Aborted(error))) => {
                self.inbound.abort(error.clone());
                self.error = Some(ConnectionError::Aborted(error));
            }
            Poll::Ready(Err(Unsent::Failed(error))) => {
                // A peer that only does not want any more may have sent all it had before.
                if kind(&error) != Some(io::ErrorKind::BrokenPipe) {
                    self.fault = Some(error.clone());
                }
                self.error = Some(ConnectionError::Send(error));
            }
        }
    }

    fn poll_inbound(&mut self, cx: &mut Context<'_>) {
        if let Poll::Ready(Err(error)) = self.inbound.poll(cx, &mut self.stream, self.fault.as_ref()) {
            if !self.outbound.is_over() {
                self.outbound.close(error.clone());
            }
            self.error.get_or_insert(ConnectionError::Receive(error));
        }
    }
}

impl<S: Socket + Unpin> Future for Pumping<S> {
    type Output = Result<Traffic, ConnectionError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // Also when it is over: what it met may end the other at once.
        if !this.outbound.is_over() {
            this.poll_outbound(cx);
        }
        if !this.inbound.is_over() {
            this.poll_inbound(cx);
        }
        if !(this.inbound.is_over() && this.outbound.is_over()) {
            return Poll::Pending;
        }
        let traffic = Traffic::new(this.inbound.received(), this.outbound.sent());
        Poll::Ready(this.error.clone().map_or(Ok(traffic), Err))
    }
}

impl<S: Socket> Drop for Pumping<S> {
    fn drop(&mut self) {
        if !self.in_order {
            self.stream.reset();
        }
        let dropped = || -> SharedError { Arc::new(PumpsDropped) };
        if !self.inbound.is_over() {
            self.inbound.abort(dropped());
        }
        if !self.outbound.is_over() {
            self.outbound.close(dropped());
        }
    }
}

fn kind(error: &SharedError) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}
