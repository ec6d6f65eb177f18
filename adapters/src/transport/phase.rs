//! How far a server is with its life, and how many connections it has.

use event_listener::Event;

use crate::sync::{Arc, Mutex};

/// Goes from one to the next, and never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Phase {
    #[default]
    Serving,
    /// Nobody new is accepted; who is there may come to an end.
    Stopping,
    /// Who is there is dropped.
    Aborting,
    /// Nobody is there, and nobody will be.
    Over,
}

/// The state of a server, shared with its connections and with those who stop it.
#[derive(Debug, Clone, Default)]
pub(super) struct Phases(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// The phase has changed.
    entered: Event,
    /// A connection has ended.
    ended: Event,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    phase: Phase,
    active: usize,
}

/// One connection, as long as it is served.
#[derive(Debug)]
pub(super) struct Active(Phases);

impl Phases {
    pub(super) fn phase(&self) -> Phase {
        self.0.state.lock().phase
    }

    pub(super) fn active(&self) -> usize {
        self.0.state.lock().active
    }

    /// Enters a phase, unless it was left behind already.
    pub(super) fn enter(&self, phase: Phase) {
        {
            let mut state = self.0.state.lock();
            state.phase = state.phase.max(phase);
        }
        self.0.entered.notify(usize::MAX);
    }

    /// Counts a connection.
    pub(super) fn begin(&self) -> Active {
        self.0.state.lock().active += 1;
        Active(self.clone())
    }

    pub(super) async fn until_stopping(&self) {
        until(&self.0.entered, || self.phase() >= Phase::Stopping).await;
    }

    pub(super) async fn until_aborting(&self) {
        until(&self.0.entered, || self.phase() >= Phase::Aborting).await;
    }

    pub(super) async fn until_over(&self) {
        until(&self.0.entered, || self.phase() == Phase::Over).await;
    }

    pub(super) async fn until_fewer_than(&self, connections: usize) {
        until(&self.0.ended, || self.active() < connections).await;
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.0.state.lock().active -= 1;
        self.0.0.ended.notify(usize::MAX);
    }
}

/// Waits for a condition, which `event` tells of.
async fn until(event: &Event, condition: impl Fn() -> bool) {
    while !condition() {
        let listener = event.listen();
        // It may have come about before there was a listener.
        if condition() {
            return;
        }
        listener.await;
    }
}
