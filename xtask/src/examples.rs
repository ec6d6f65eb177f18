//! The examples, run by themselves.

use xshell::cmd;

use crate::gate::Gate;

/// Runs the examples of the adapters, as the tests have built them, and checks what the relay says of itself. Built for release, with
/// all that the tests of the adapters depend on, they would take as long as half of the tests.
pub(crate) fn run(gate: &Gate) {
    let example = |name: &str| gate.target("debug/examples").join(name);
    let hello = example("hello");
    gate.step("example hello", cmd!(gate.shell(), "{hello}"));

    let relay = example("relay");
    let outcome = gate.listen("example relay", cmd!(gate.shell(), "{relay}"));
    match relayed(&outcome.stdout) {
        _ if !outcome.success => gate.fail("example relay", "it did not end well"),
        Err(why) => gate.fail("example relay", &why),
        Ok(()) => gate.pass("example relay"),
    }
}

/// Whether the relay's last lines say that every byte arrived and every block went back.
fn relayed(stdout: &str) -> Result<(), String> {
    let value = |key: &str| {
        let found = stdout.lines().rev().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(':'));
        found.map(str::trim).filter(|value| !value.is_empty()).ok_or_else(|| format!("no line `{key}: ...`"))
    };
    value("throughput")?;
    value("peak pool bytes")?;
    let rented = value("blocks rented")?;
    if rented != "0" {
        return Err(format!("{rented} blocks are still rented"));
    }
    let (sent, files) = (value("checksum sent")?, value("checksum files")?);
    if sent == files { Ok(()) } else { Err(format!("checksum {sent} was sent, the files have {files}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "lines: 7\nthroughput: 1.2 GiB/s\npeak pool bytes: 65536\nblocks rented: 0\n\
        checksum sent: 0a1b\nchecksum files: 0a1b\n";

    #[test]
    fn accepts_matching_checksums_and_an_empty_gauge() {
        assert_eq!(relayed(GOOD), Ok(()));
    }

    #[test]
    fn refuses_a_checksum_that_differs() {
        assert!(relayed(&GOOD.replace("files: 0a1b", "files: 0a1c")).unwrap_err().contains("0a1c"));
    }

    #[test]
    fn refuses_a_block_that_stayed_out() {
        assert!(relayed(&GOOD.replace("rented: 0", "rented: 10")).unwrap_err().contains("10 blocks"));
    }

    #[test]
    fn refuses_a_missing_line() {
        assert!(relayed(&GOOD.replace("checksum sent", "checksum")).unwrap_err().contains("checksum sent"));
        assert!(relayed("").is_err());
    }
}
