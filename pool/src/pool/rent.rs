//! Waiting for a block.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    error::PoolError,
    memory::Block,
    pool::{Pool, source::Ticket},
};

/// The future of [`Pool::rent_async`]. It joins the queue when it is first polled.
///
/// # Cancel safety
///
/// Dropping it leaves the queue; a block that it was already granted goes to the next. Forgotten, as by
/// [`mem::forget`](std::mem::forget), it stays in the queue: nobody after it is ever served.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RentAsync<'a> {
    pool: &'a Pool,
    min: usize,
    ticket: Ticket,
    location: &'static Location<'static>,
}

impl<'a> RentAsync<'a> {
    #[track_caller]
    pub(crate) fn new(pool: &'a Pool, min: usize) -> Self {
        Self { pool, min, ticket: Ticket::new(), location: Location::caller() }
    }
}

impl Future for RentAsync<'_> {
    type Output = Result<Block, PoolError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.pool.poll_ticket(cx, this.min, &mut this.ticket, this.location)
    }
}
