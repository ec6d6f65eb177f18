//! What is measured.

pub(crate) mod round_trip;
pub(crate) mod stream;

use std::{fmt, str::FromStr, time::Duration};

use anyhow::{Result, bail};

use crate::{
    contender::Counters,
    form::{Form, Stage, Waits},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Workload {
    /// W1: chunks of a bulk stream.
    Bulk,
    /// W2: messages, each flushed.
    Message,
    /// W3: there and back over two channels.
    RoundTrip,
}

impl Workload {
    pub(crate) const ALL: [Self; 3] = [Self::Bulk, Self::Message, Self::RoundTrip];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bulk => "W1",
            Self::Message => "W2",
            Self::RoundTrip => "W3",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|workload| workload.name() == name) {
            Some(workload) => Ok(workload),
            None => bail!("no workload `{name}`"),
        }
    }
}

/// What came of one round.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) elapsed: Duration,
    /// Whether every byte arrived as it was sent.
    pub(crate) right: bool,
    pub(crate) waits: Waits,
}

/// One contender at one workload. It is called once a round; what it does within a round is compiled for it alone.
pub(crate) trait Runner {
    fn name(&self) -> &'static str;

    /// Does the work `times` times.
    fn run(&mut self, stage: &Stage, form: Form, times: u64) -> Round;

    /// Bytes carried each time.
    fn bytes(&self) -> u64;

    fn counters(&self) -> Option<Counters> {
        None
    }
}
