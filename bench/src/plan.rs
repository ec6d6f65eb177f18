//! Which cells there are, and which of them are wanted.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::{
    contender::{
        Contender, Measure,
        async_ringbuf::AsyncRingbuf,
        bbqueue::Bbqueue,
        duplex::{Duplex, Simplex},
        headpond::{Headpond, HeadpondView},
        kanal::Kanal,
        piper::Piper,
        ring::Ring,
        thingbuf::Thingbuf,
    },
    form::Form,
    workload::{Runner, Workload, round_trip::RoundTrip, stream::Stream},
};

const KIB: usize = 1024;
const WINDOW: usize = 64 * KIB;

/// One workload at one size in one form: what contenders take turns at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) workload: Workload,
    pub(crate) form: Form,
    pub(crate) measure: Measure,
}

/// Every cell, in order.
pub(crate) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for workload in Workload::ALL {
        for form in Form::ALL {
            cells.extend(measures(workload).into_iter().map(|measure| Cell { workload, form, measure }));
        }
    }
    cells
}

fn measures(workload: Workload) -> Vec<Measure> {
    let of = |sizes: &[usize], windows: &[usize]| {
        let pairs = sizes.iter().flat_map(|&size| windows.iter().map(move |&window| Measure { size, window }));
        pairs.collect()
    };
    match workload {
        Workload::Bulk => of(&[4 * KIB, 16 * KIB, 64 * KIB], &[WINDOW, 256 * KIB, KIB * KIB]),
        Workload::Message => of(&[16, 64, 256, 1024], &[WINDOW]),
        Workload::RoundTrip => of(&[64], &[WINDOW]),
    }
}

impl Cell {
    /// Everybody who can take part in it, headpond first.
    pub(crate) fn contenders(&self) -> Vec<Box<dyn Runner>> {
        let mut runners = vec![
            self.runner::<Headpond<4096>>(),
            self.runner::<Headpond<16384>>(),
            self.runner::<HeadpondView>(),
            self.runner::<Duplex>(),
            self.runner::<Simplex>(),
            self.runner::<Piper>(),
            self.runner::<Bbqueue>(),
            self.runner::<AsyncRingbuf>(),
            self.runner::<Thingbuf>(),
            self.runner::<Kanal>(),
        ];
        if self.form != Form::Tasks {
            // It spins, and a task that spins takes a worker from whoever it waits for.
            runners.push(self.runner::<Ring>());
        }
        runners
    }

    fn runner<C: Contender>(&self) -> Box<dyn Runner> {
        match self.workload {
            Workload::Bulk | Workload::Message => Box::new(Stream::<C>::open(self.measure)),
            Workload::RoundTrip => Box::new(RoundTrip::<C>::open(self.measure)),
        }
    }
}

/// A choice of cells: `W1`, `W2/t2`, `W1/t2/16K`, `W1/t2/16K/1M`.
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
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, KIB * KIB)),
    };
    let count: usize = digits.parse().with_context(|| format!("`{text}` is no number of bytes"))?;
    Ok(count * unit)
}
