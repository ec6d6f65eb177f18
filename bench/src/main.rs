//! headpond and its peers, measured in one run.
//!
//! Every contender does the same work, and everything produced is checked on the other side. Contenders take turns within a
//! round, so that a noisy machine disturbs all of them alike; what is reported are medians over the rounds, and ratios taken
//! round by round.

#![forbid(unsafe_code)]

mod executor;
mod message;
mod ring;
mod rotation;

use anyhow::{Result, bail};

use crate::message::{DuplexPipe, HeadpondPipe, OwnRing, SharedRing};
use crate::ring::Publishing;
use crate::rotation::{Contender, rotate};

const ROUNDS: usize = 21;
const MESSAGES: usize = 200_000;
const MESSAGE_BYTES: usize = 64;

fn main() -> Result<()> {
    let mut contenders: Vec<(&str, Box<dyn Contender>)> = vec![
        ("headpond", Box::new(HeadpondPipe::new(4096, MESSAGE_BYTES)?)),
        ("headpond-16k", Box::new(HeadpondPipe::new(16 * 1024, MESSAGE_BYTES)?)),
        ("tokio duplex", Box::new(DuplexPipe::new(64 * 1024, MESSAGE_BYTES))),
        ("ring, fetch_add", Box::new(SharedRing::new(64 * 1024, Publishing::ReadModifyWrite, MESSAGE_BYTES))),
        ("ring, stores", Box::new(SharedRing::new(64 * 1024, Publishing::Store, MESSAGE_BYTES))),
        ("ring, plain bytes", Box::new(OwnRing::new(64 * 1024, MESSAGE_BYTES))),
    ];
    println!("{MESSAGE_BYTES} B messages, both ends on one thread: reserve, write, flush, read, advance");
    println!("{ROUNDS} rounds of {MESSAGES} messages, ns per message\n");
    println!("{:<18}{:>10}{:>10}{:>10}{:>14}", "contender", "median", "min", "max", "of headpond");
    for row in rotate(&mut contenders, ROUNDS, MESSAGES) {
        let Ok(row) = row else { bail!("a contender delivered other bytes than it was given") };
        println!("{:<18}{:>10.2}{:>10.2}{:>10.2}{:>14.3}", row.name, row.median_ns, row.min_ns, row.max_ns, row.ratio);
    }
    Ok(())
}
