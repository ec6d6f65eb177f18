//! Instructions, counted by callgrind.
//!
//! The program runs itself under valgrind, once for each share of the operations. There it runs each operation at each size, and
//! callgrind counts within [`Meter::count`] alone, writes down the sum whenever [`end_of_cell`] ends, and begins anew: one
//! valgrind for hundreds of cells, since to start one takes longer than a cell does.

use std::{
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{meter::Meter, operation::Operation};

/// So many run at a time.
const SHARES: usize = 2;

/// A valgrind that can be started.
#[derive(Debug)]
pub(crate) struct Valgrind(());

impl Valgrind {
    /// The one on the path, if there is one.
    pub(crate) fn find() -> Option<Self> {
        Command::new("valgrind")
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
            .then_some(Self(()))
    }

    /// The instructions of each operation at each of its sizes.
    pub(crate) fn count(&self, operations: &[Operation]) -> Result<Vec<[u64; 3]>> {
        let folder = tempfile::tempdir()?;
        let names: Vec<&str> = operations.iter().map(|operation| operation.name).collect();
        let shares = (0..SHARES).map(|share| Share::start(folder.path(), share, &names)).collect::<Result<Vec<_>>>()?;
        let mut costs = vec![[0; 3]; operations.len()];
        for share in shares {
            let (number, counted) = (share.number, share.finish(folder.path())?);
            let mine = costs.iter_mut().skip(number).step_by(SHARES);
            let (mut cells, mut expected) = (counted.chunks_exact(3), 0);
            for cost in mine {
                expected += 3;
                cost.copy_from_slice(cells.next().context("callgrind wrote down too few sums")?);
            }
            if expected != counted.len() {
                bail!("callgrind wrote down {} sums instead of {expected}", counted.len());
            }
        }
        Ok(costs)
    }
}

/// A valgrind at work.
struct Share {
    number: usize,
    child: Child,
}

impl Share {
    fn start(folder: &Path, number: usize, names: &[&str]) -> Result<Self> {
        let child = Command::new("valgrind")
            .args(["--tool=callgrind", "--toggle-collect=*metered_work*", "--dump-after=*end_of_cell*", "--quiet"])
            .arg(format!("--callgrind-out-file={}", folder.join(format!("share-{number}")).display()))
            .arg(env::current_exe()?)
            .args(["--work", &format!("{number}/{SHARES}")])
            .args(names.iter().flat_map(|name| ["--operation", name]))
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self { number, child })
    }

    /// The sums in the order in which they were written down.
    fn finish(mut self, folder: &Path) -> Result<Vec<u64>> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!("valgrind failed: {status}");
        }
        let mut sums = Vec::new();
        while let Ok(dump) = fs::read_to_string(folder.join(format!("share-{}.{}", self.number, sums.len() + 1))) {
            let sum = dump.lines().find_map(|line| line.strip_prefix("totals: "));
            sums.push(sum.and_then(|sum| sum.trim().parse().ok()).context("callgrind wrote down no sum")?);
        }
        Ok(sums)
    }
}

/// Runs a share, `I/N`, of the operations: what callgrind counts.
pub(crate) fn work(operations: &[Operation], share: &str) -> Result<()> {
    let (number, shares) = share.split_once('/').context("a share is I/N")?;
    let (number, shares): (usize, usize) = (number.parse()?, shares.parse()?);
    for operation in operations.iter().skip(number).step_by(shares.max(1)) {
        // What is made once in a process, or by a thread, is made before anything is counted.
        (operation.run)(operation.sizes()[0], &mut Meter::unmetered())?;
        for size in operation.sizes() {
            let left = (operation.run)(size, &mut Meter::default());
            drop(left.with_context(|| format!("{} at {size}", operation.name))?);
            end_of_cell();
        }
    }
    Ok(())
}

/// Callgrind writes down its sum when this ends, by its name.
#[inline(never)]
fn end_of_cell() {
    std::hint::black_box(());
}
