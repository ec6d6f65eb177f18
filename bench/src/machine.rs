//! The machine: what it is, what else it does meanwhile, and how far apart its cores are.

use std::{
    fs,
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use serde::{Deserialize, Serialize};

use crate::form::{Form, Stage};

/// Round trips between two cores that are timed together.
const TRIPS: u32 = 20_000;

/// What the run was made on, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    /// As in 2026-11-23.
    pub(crate) date: String,
    pub(crate) command: String,
}

impl Machine {
    pub(crate) fn now(command: String) -> Self {
        let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        let virtual_machine = fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" hypervisor"));
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let place = if virtual_machine { ", virtual machine" } else { "" };
        Self {
            processor,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}{place}", std::env::consts::OS, release.trim()),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            command,
        }
    }
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

/// Time the machine's cores spent, in ticks since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    all: u64,
    busy: u64,
    own: u64,
}

impl Load {
    /// As of now; `None` where the system does not tell.
    pub(crate) fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?, &fs::read_to_string("/proc/self/stat").ok()?)
    }

    fn parse(stat: &str, own: &str) -> Option<Self> {
        let mut words = stat.lines().next()?.split_whitespace();
        if words.next() != Some("cpu") {
            return None;
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; what guests used is within user.
        let ticks: Vec<u64> = words.take(8).map(|word| word.parse().unwrap_or(0)).collect();
        let all = ticks.iter().sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        // The name of the program, which may hold spaces, ends at the last parenthesis; user and system time come 12th
        // and 13th after it.
        let (_, rest) = own.rsplit_once(')')?;
        let own = rest.split_whitespace().skip(11).take(2).map(|word| word.parse().unwrap_or(0_u64)).sum();
        Some(Self { all, busy: all - idle, own })
    }

    /// What part of all cores' time others used from `self` until `later`, from 0 to 1.
    pub(crate) fn others_until(self, later: Self) -> f64 {
        let all = later.all.saturating_sub(self.all);
        let others = later.busy.saturating_sub(self.busy).saturating_sub(later.own.saturating_sub(self.own));
        if all == 0 { 0.0 } else { others as f64 / all as f64 }
    }
}

/// Nanoseconds from core to core and back, by two pinned threads that spin.
pub(crate) fn round_trip_ns(stage: &Stage) -> f64 {
    let ball = Arc::new(AtomicU32::new(0));
    let other = Arc::clone(&ball);
    // Even numbers are the first one's to raise, odd ones the second one's.
    let hit = |ball: Arc<AtomicU32>, parity: u32| async move {
        let start = Instant::now();
        for trip in 0..TRIPS {
            let mine = 2 * trip + parity;
            // Ordering: Acquire and Release: nothing but the ball goes over, as a message's position would.
            while ball.load(Ordering::Acquire) != mine {
                spin_loop();
            }
            ball.store(mine + 1, Ordering::Release);
        }
        start.elapsed()
    };
    let ran = stage.run_apart(Form::TwoThreads, hit(ball, 0), hit(other, 1));
    ran.outputs.0.as_nanos() as f64 / f64::from(TRIPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "17 (a (b) c) R 1 1 1 0 -1 0 0 0 0 0 30 20 0 0 20 0 1 0 5 0 0\n";

    #[test]
    fn others_are_what_is_not_own() {
        let before = Load::parse("cpu 100 0 100 800 0 0 0 0 0 0\ncpu0 1\n", OWN);
        assert_eq!(before, Some(Load { all: 1000, busy: 200, own: 50 }));
        let after = Load { all: 1200, busy: 350, own: 150 };
        assert_eq!(before.map(|before| before.others_until(after)), Some(0.25));
        assert_eq!(Load::parse("intr 1 2", OWN), None);
    }

    #[test]
    fn a_ball_takes_time() {
        assert!(round_trip_ns(&Stage::default()) > 0.0);
    }
}
