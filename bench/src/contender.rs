//! What a contender must be able to do, and who they are.
//!
//! Each end is used as its best user would use it: who lets bytes be produced in place produces them there, who lets them be
//! looked at in place is not made to copy them.

#[macro_use]
mod loops;

#[allow(unsafe_code)]
pub(crate) mod async_ringbuf;
pub(crate) mod bbqueue;
pub(crate) mod channels;
mod copying;
pub(crate) mod duplex;
pub(crate) mod futures_io;
pub(crate) mod headpond;
pub(crate) mod kernel;
pub(crate) mod piper;
#[allow(unsafe_code)]
pub(crate) mod ring;
#[allow(unsafe_code)]
pub(crate) mod rtrb;
mod slab;
pub(crate) mod thingbuf;

pub(crate) use self::loops::{Amount, Loops};

/// How a channel is to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Bytes that are published at once.
    pub(crate) size: usize,
    /// Bytes that may be on their way.
    pub(crate) window: usize,
}

/// A kind of byte channel.
pub(crate) trait Contender: Loops {
    const NAME: &'static str;

    fn open(measure: Measure) -> (Self::Sender, Self::Receiver);

    /// What the channel counted so far, if it counts.
    fn counters(_: &Self::Sender) -> Option<Counters> {
        None
    }
}

/// What a channel counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    pub(crate) pauses: u64,
    pub(crate) reader_wakes: u64,
    pub(crate) writer_wakes: u64,
}

/// An end of a channel that never closes during a measurement found it closed.
#[cold]
pub(crate) fn closed() -> ! {
    panic!("the other end is gone")
}
