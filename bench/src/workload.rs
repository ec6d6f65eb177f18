//! What is measured.

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod frame;
#[allow(unsafe_code)]
pub(crate) mod idle;
pub(crate) mod one_buffer;
pub(crate) mod relay;
pub(crate) mod rent;
pub(crate) mod round_trip;
pub(crate) mod seek;
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
    /// W4: lines, several a flush.
    Lines,
    /// W5: a large frame in small pieces.
    Frame,
    /// W6: lines cut in the middle, so that not all that is examined can be consumed.
    Remainder,
    /// W7: random positions in a large view.
    Seek,
    /// C1: two sockets, relayed both ways.
    Relay,
    /// P1: memory rented and returned.
    Rent,
    /// M1: bytes held by idle connections.
    Idle,
    /// E1: integers as text.
    EncodeIntegers,
    /// E2: floating-point numbers as text.
    EncodeFloats,
    /// E3: strings.
    EncodeText,
    /// E4: a document of JSON.
    EncodeJson,
    /// E5: replies of RESP.
    EncodeReplies,
    /// D1: lines found.
    DecodeLines,
    /// D2: commands of RESP read.
    DecodeCommands,
    /// D3: integers of variable width read.
    DecodeVarints,
}

impl Workload {
    pub(crate) const ALL: [Self; 18] = [
        Self::Bulk,
        Self::Message,
        Self::RoundTrip,
        Self::Lines,
        Self::Frame,
        Self::Remainder,
        Self::Seek,
        Self::Relay,
        Self::Rent,
        Self::Idle,
        Self::EncodeIntegers,
        Self::EncodeFloats,
        Self::EncodeText,
        Self::EncodeJson,
        Self::EncodeReplies,
        Self::DecodeLines,
        Self::DecodeCommands,
        Self::DecodeVarints,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bulk => "W1",
            Self::Message => "W2",
            Self::RoundTrip => "W3",
            Self::Lines => "W4",
            Self::Frame => "W5",
            Self::Remainder => "W6",
            Self::Seek => "W7",
            Self::Relay => "C1",
            Self::Rent => "P1",
            Self::Idle => "M1",
            Self::EncodeIntegers => "E1",
            Self::EncodeFloats => "E2",
            Self::EncodeText => "E3",
            Self::EncodeJson => "E4",
            Self::EncodeReplies => "E5",
            Self::DecodeLines => "D1",
            Self::DecodeCommands => "D2",
            Self::DecodeVarints => "D3",
        }
    }

    /// What a measure's size counts, one and many of it, where that is not bytes.
    pub(crate) const fn unit(self) -> Option<[&'static str; 2]> {
        match self {
            Self::EncodeIntegers => Some(["integer", "integers"]),
            Self::EncodeFloats => Some(["float", "floats"]),
            Self::EncodeJson => Some(["field", "fields"]),
            Self::EncodeReplies => Some(["reply", "replies"]),
            Self::DecodeLines => Some(["line", "lines"]),
            Self::DecodeCommands => Some(["command", "commands"]),
            Self::DecodeVarints => Some(["varint", "varints"]),
            _ => None,
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
