//! Which cells there are, which of them are wanted, and who takes part in each.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::{
    contender::{
        Contender, Measure,
        async_ringbuf::AsyncRingbuf,
        bbqueue::Bbqueue,
        channels::{AsyncChannel, Flume, Kanal, TokioMpsc},
        duplex::{Duplex, Simplex},
        futures_io::{PiperCopying, Sluice},
        headpond::{Headpond, LOOKS},
        kernel::{KernelPipe, TokioPipe},
        piper::Piper,
        ring::Ring,
        rtrb::Rtrb,
        thingbuf::Thingbuf,
    },
    form::{Form, Stage},
    payload::{
        Sum, Words,
        lines::{LINE, LineSum, Lines},
    },
    workload::{
        Runner, Workload,
        decode::{self, Commands, InOneBuffer, LinesCodec, Memchr, OverBlocks, RedisProtocol, UnsignedVarint, Varints},
        encode::{Document, EncodedAlone, Encoding, Floats, InPlace, Integers, KeptVec, NewVec, Replies, Text, Values},
        frame::{self, Framed, Frames},
        one_buffer::{Copying, OneBuffer},
        relay::{self, Connections, Relayed, Tokio, TokioSized},
        rent::{self, Array, Glibc, Locked, Mimalloc, PIECE, Rent, Segmented},
        round_trip::RoundTrip,
        seek,
        stream::Stream,
    },
};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const WINDOW: usize = 64 * KIB;

/// One workload at one size in one form: what contenders take turns at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) workload: Workload,
    pub(crate) form: Form,
    pub(crate) measure: Measure,
}

type Runners = Vec<Box<dyn Runner>>;

/// Every cell, in order.
pub(crate) fn cells() -> Vec<Cell> {
    let forms =
        Workload::ALL.into_iter().flat_map(|workload| forms(workload).iter().map(move |&form| (workload, form)));
    forms
        .flat_map(|(workload, form)| {
            measures(workload).into_iter().map(move |measure| Cell { workload, form, measure })
        })
        .collect()
}

const fn forms(workload: Workload) -> &'static [Form] {
    match workload {
        Workload::Seek
        | Workload::Idle
        | Workload::EncodeIntegers
        | Workload::EncodeFloats
        | Workload::EncodeText
        | Workload::EncodeJson
        | Workload::EncodeReplies
        | Workload::DecodeLines
        | Workload::DecodeCommands
        | Workload::DecodeVarints => &[Form::OneThread],
        Workload::Rent => &[Form::OneThread, Form::TwoThreads],
        Workload::Relay => &[Form::Tasks],
        _ => &Form::ALL,
    }
}

fn measures(workload: Workload) -> Vec<Measure> {
    let of = |sizes: &[usize], windows: &[usize]| {
        let pairs = sizes.iter().flat_map(|&size| windows.iter().map(move |&window| Measure { size, window }));
        pairs.collect()
    };
    match workload {
        Workload::Bulk => of(&[4 * KIB, 16 * KIB, 64 * KIB], &[WINDOW, 256 * KIB, MIB]),
        Workload::Message => of(&[16, 64, 256, 1024], &[WINDOW]),
        Workload::RoundTrip | Workload::Idle => of(&[64], &[WINDOW]),
        Workload::Lines => of(&[16 * LINE], &[WINDOW]),
        Workload::Frame => of(&[MIB], &[WINDOW]),
        // Each flush is cut one byte further in a line.
        Workload::Remainder => of(&[15 * LINE + 1], &[WINDOW]),
        Workload::Seek => of(&[16 * MIB], &[16 * MIB]),
        Workload::Relay => of(&[8 * MIB], &[WINDOW]),
        Workload::Rent => of(&[PIECE], &[PIECE, 16 * PIECE]),
        Workload::EncodeIntegers | Workload::EncodeFloats => of(&[1, 10, 1000], &[MIB]),
        Workload::EncodeText => of(&[KIB, 70_000], &[MIB]),
        Workload::EncodeJson => of(&[200], &[MIB]),
        Workload::EncodeReplies => of(&[1, 100, 10_000], &[MIB]),
        Workload::DecodeLines | Workload::DecodeCommands | Workload::DecodeVarints => of(&[10_000], &[16 * MIB]),
    }
}

impl Cell {
    /// Whether it belongs to the quick run.
    pub(crate) fn is_quick(&self) -> bool {
        match self.workload {
            Workload::Bulk => self.measure.size == 16 * KIB,
            Workload::Message => self.measure.size == 64,
            Workload::Lines | Workload::Rent => true,
            _ => false,
        }
    }

    /// Everybody who can take part in it, headpond first. None where the cell is counted and not timed.
    pub(crate) fn contenders(&self, stage: &Stage) -> Runners {
        match self.workload {
            Workload::Frame => self.framing(),
            Workload::Seek => vec![
                Box::new(seek::Headpond::<4096>::open(self.measure)),
                Box::new(seek::Headpond::<16384>::open(self.measure)),
                Box::new(seek::Contiguous::open(self.measure)),
            ],
            Workload::Relay => vec![
                Box::new(Relayed::<relay::Headpond<4096>>::open(self.measure)),
                Box::new(Relayed::<relay::Headpond<16384>>::open(self.measure)),
                Box::new(Relayed::<Connections<4096>>::open(self.measure)),
                Box::new(Relayed::<Connections<16384>>::open(self.measure)),
                Box::new(Relayed::<Tokio>::open(self.measure)),
                Box::new(Relayed::<TokioSized>::open(self.measure)),
            ],
            Workload::Rent => vec![
                Box::new(Rent::<rent::Headpond>::open(self.measure)),
                Box::new(Rent::<Glibc>::open(self.measure)),
                Box::new(Rent::<Mimalloc>::open(self.measure)),
                Box::new(Rent::<Locked>::open(self.measure)),
                Box::new(Rent::<Array>::open(self.measure)),
                Box::new(Rent::<Segmented>::open(self.measure)),
            ],
            Workload::Idle => Vec::new(),
            Workload::EncodeIntegers => self.encoding::<Integers>(),
            Workload::EncodeFloats => self.encoding::<Floats>(),
            Workload::EncodeText => self.encoding::<Text>(),
            Workload::EncodeJson => self.encoding::<Document>(),
            Workload::EncodeReplies => self.encoding::<Replies>(),
            Workload::DecodeLines => vec![
                Box::new(OverBlocks::<decode::Lines>::open(self.measure)),
                Box::new(InOneBuffer::<Memchr>::open(self.measure)),
                Box::new(InOneBuffer::<LinesCodec>::open(self.measure)),
            ],
            Workload::DecodeCommands => vec![
                Box::new(OverBlocks::<Commands>::open(self.measure)),
                Box::new(InOneBuffer::<RedisProtocol>::open(self.measure)),
            ],
            Workload::DecodeVarints => vec![
                Box::new(OverBlocks::<Varints>::open(self.measure)),
                Box::new(InOneBuffer::<UnsignedVarint>::open(self.measure)),
            ],
            Workload::Bulk | Workload::Message | Workload::RoundTrip | Workload::Lines | Workload::Remainder => {
                self.channels(stage)
            }
        }
    }

    fn encoding<V: Values>(&self) -> Runners {
        vec![
            Box::new(Encoding::<V, InPlace>::open(self.measure)),
            Box::new(Encoding::<V, NewVec>::open(self.measure)),
            Box::new(Encoding::<V, KeptVec>::open(self.measure)),
            Box::new(EncodedAlone::<V>::open(self.measure)),
        ]
    }

    fn framing(&self) -> Runners {
        let mut runners: Runners = vec![
            Box::new(Frames::<frame::Headpond<4096>>::open(self.measure)),
            Box::new(Frames::<frame::Headpond<16384>>::open(self.measure)),
            Box::new(Frames::<Framed>::open(self.measure)),
            Box::new(Frames::<frame::Piper>::open(self.measure)),
        ];
        if self.form == Form::OneThread {
            runners.push(Box::new(frame::OneBuffer::open(self.measure)));
        }
        runners
    }

    fn channels(&self, stage: &Stage) -> Runners {
        let mut runners = vec![self.channel::<Headpond<4096>>(), self.channel::<Headpond<16384>>()];
        runners.extend([
            self.channel::<Duplex>(),
            self.channel::<Simplex>(),
            self.channel::<Piper>(),
            self.channel::<PiperCopying>(),
            self.channel::<Bbqueue>(),
            self.channel::<AsyncRingbuf>(),
            self.channel::<Thingbuf>(),
            self.channel::<Kanal>(),
            self.channel::<Flume>(),
            self.channel::<AsyncChannel>(),
            self.channel::<TokioMpsc>(),
        ]);
        match self.form {
            Form::OneThread => self.on_one_thread(&mut runners),
            Form::TwoThreads => {
                runners.push(self.channel::<Headpond<16384, LOOKS>>());
                runners.extend([self.channel::<KernelPipe>(), self.channel::<Rtrb>(), self.channel::<Ring>()]);
            }
            // Neither the rings, which spin: a task that spins takes a worker from whoever it waits for.
            Form::Tasks => {
                let _within = stage.enter();
                runners.push(self.channel::<TokioPipe>());
            }
        }
        runners
    }

    fn on_one_thread(&self, runners: &mut Runners) {
        // On two threads it takes a thousand times as long.
        runners.push(self.channel::<Sluice>());
        if 2 * self.measure.size <= self.measure.window {
            // Otherwise it may block in the middle of a write, with nobody to read.
            runners.push(self.channel::<KernelPipe>());
        }
        match self.workload {
            Workload::Bulk => {
                runners.push(Box::new(OneBuffer::<Words, Sum>::open(self.measure)));
                runners.push(Box::new(Copying::open(self.measure)));
            }
            Workload::Message => runners.push(Box::new(OneBuffer::<Words, Sum>::open(self.measure))),
            Workload::Lines | Workload::Remainder => {
                runners.push(Box::new(OneBuffer::<Lines, LineSum>::open(self.measure)));
            }
            _ => {}
        }
        runners.extend([self.channel::<Rtrb>(), self.channel::<Ring>()]);
    }

    fn channel<C: Contender>(&self) -> Box<dyn Runner> {
        match self.workload {
            Workload::RoundTrip => Box::new(RoundTrip::<C>::open(self.measure)),
            Workload::Lines | Workload::Remainder => Box::new(Stream::<C, Lines, LineSum>::open(self.measure)),
            _ => Box::new(Stream::<C, Words, Sum>::open(self.measure)),
        }
    }
}

/// A choice of cells: `W1`, `W2/t2`, `W1/t2/16K`, `W1/t2/16K/1M`; `*` stands for any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice {
    workload: Option<Workload>,
    form: Option<Form>,
    size: Option<usize>,
    window: Option<usize>,
}

impl Choice {
    pub(crate) fn takes(&self, cell: &Cell) -> bool {
        fn fits<T: PartialEq>(wanted: Option<T>, given: T) -> bool {
            wanted.is_none_or(|wanted| wanted == given)
        }
        fits(self.workload, cell.workload)
            && fits(self.form, cell.form)
            && fits(self.size, cell.measure.size)
            && fits(self.window, cell.measure.window)
    }
}

impl FromStr for Choice {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty() && *part != "*");
        let choice = Self {
            workload: next().map(str::parse).transpose()?,
            form: next().map(str::parse).transpose()?,
            size: next().map(bytes).transpose()?,
            window: next().map(bytes).transpose()?,
        };
        if parts.next().is_some() {
            bail!("`{text}` has more than workload/form/size/window");
        }
        Ok(choice)
    }
}

/// `64`, `16K` or `1M`.
fn bytes(text: &str) -> Result<usize> {
    let (digits, unit) = match text.strip_suffix('K') {
        Some(digits) => (digits, KIB),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, MIB)),
    };
    let count: usize = digits.parse().with_context(|| format!("`{text}` is no number of bytes"))?;
    Ok(count * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> Result<usize> {
        let choice: Choice = text.parse()?;
        Ok(cells().iter().filter(|cell| choice.takes(cell)).count())
    }

    #[test]
    fn choices_choose() -> Result<()> {
        assert_eq!(chosen("W1")?, 27);
        assert_eq!(chosen("W1/t2")?, 9);
        assert_eq!(chosen("W1/t2/16K")?, 3);
        assert_eq!(chosen("W1/*/16K/1M")?, 3);
        assert_eq!(chosen("W7/t2")?, 0);
        assert_eq!(chosen("E3")?, 2);
        assert_eq!(chosen("E5/st/10000")?, 1);
        assert_eq!(chosen("D1")?, 1);
        assert!(chosen("W9").is_err() && chosen("W1/t9").is_err() && chosen("W1/t2/16Q").is_err());
        Ok(())
    }

    /// Every contender of every cell carries some bytes, all of which are checked.
    #[test]
    fn every_cell_works() {
        let stage = Stage::default();
        for cell in cells() {
            // Of the windows the smallest is the hard one.
            if cell.workload == Workload::Bulk && cell.measure.window != WINDOW {
                continue;
            }
            let times = if cell.workload == Workload::Relay { 1 } else { 32 };
            for contender in &mut cell.contenders(&stage) {
                for _ in 0..2 {
                    let round = contender.run(&stage, cell.form, times);
                    assert!(round.right, "{} at {cell:?}", contender.name());
                }
            }
        }
    }
}
