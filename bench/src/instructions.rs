//! Instructions of one flush, one read and one advance, counted by callgrind.
//!
//! The program runs itself under valgrind, which counts within one function at a time. Where there is no valgrind, it says so.

use std::{
    env,
    hint::black_box,
    process::Command,
    task::{Context, Poll, Waker},
};

use anyhow::{Context as _, Result, bail};
use headpond_pipe::{Pipe, PipeOptions, PipeRead, Reader, Writer};
use headpond_pool::Pool;

/// Messages in the shorter and in the longer of two runs, whose difference is counted.
const TIMES: [u64; 2] = [1_000, 11_000];
const MESSAGE: [u8; 64] = [7; 64];
const STEPS: [&str; 3] = ["flush_once", "read_once", "advance_once"];

/// Counts each step, and prints it.
pub(crate) fn count() -> Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: no valgrind on the path, and so no instructions counted");
        return Ok(());
    }
    println!("instructions of one step of a 64 B message, with the call around it");
    for step in STEPS {
        let [few, many] = [counted(step, TIMES[0])?, counted(step, TIMES[1])?];
        println!("{step:<14}{:>8.1}", (many - few) as f64 / (TIMES[1] - TIMES[0]) as f64);
    }
    Ok(())
}

fn counted(step: &str, times: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", &format!("--toggle-collect=*{step}*")])
        .arg(env::current_exe()?)
        .args(["--work", &times.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind failed:\n{said}");
    }
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    count.and_then(|(_, count)| count.trim().parse().ok()).context("valgrind counted nothing")
}

/// What is counted: messages, with each step in a function of its own.
pub(crate) fn work(times: u64) -> Result<()> {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..times {
        let mut memory = writer.reserve(MESSAGE.len())?;
        memory[..MESSAGE.len()].copy_from_slice(&MESSAGE);
        memory.advance(MESSAGE.len());
        if !(flush_once(&mut writer, &mut cx) && read_once(&mut reader, &mut cx)) {
            bail!("a message did not arrive at once");
        }
        black_box(reader.buffer().first_chunk());
        advance_once(&mut reader);
    }
    Ok(())
}

#[inline(never)]
fn flush_once(writer: &mut Writer, cx: &mut Context<'_>) -> bool {
    matches!(writer.poll_flush(cx), Poll::Ready(Ok(())))
}

#[inline(never)]
fn read_once(reader: &mut Reader, cx: &mut Context<'_>) -> bool {
    matches!(reader.poll_read(cx, 0), Poll::Ready(Ok(_)))
}

#[inline(never)]
fn advance_once(reader: &mut Reader) {
    let end = reader.buffer().end();
    reader.advance_to(end, end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_is_done() -> Result<()> {
        work(100)
    }
}
