//! Models of the pipe, over the shipped modules: each explores every interleaving of two threads, up to the bound of
//! preemptions, and is headed by the one it hunts.
//!
//! What every model asserts, by its [`Memory`](memory::Memory): the bytes received are the bytes sent, each read happens after
//! its write and before its block goes back, each block goes back once, and all of them have when both ends are gone.
//! By its [`Probe`](probe::Probe)s: who waits is woken, and nobody keeps a waker of an end that is gone.

mod cancelling;
mod closing;
mod copying;
mod ending;
#[allow(unsafe_code)]
mod memory;
mod pausing;
mod probe;
mod reading;
mod releasing;
mod rewinding;
#[allow(unsafe_code)]
mod waker_cell;

use crate::sync::{
    PlainArc,
    modelled::{Builder, make_loads_change},
};

/// Explores a model: at the bound asked for by the environment, otherwise at two preemptions; with loads of words that may be stale, and
/// then in the orders that loom leaves out for them.
fn explore(body: impl Fn() + Send + Sync + 'static) {
    let body = PlainArc::new(body);
    for change in [false, true] {
        make_loads_change(change);
        let mut builder = Builder::new();
        builder.preemption_bound.get_or_insert(2);
        let body = PlainArc::clone(&body);
        builder.check(move || body());
    }
}
