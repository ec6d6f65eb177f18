//! What the command line asks for.

use std::ffi::OsString;

use super::AnyError;

pub(crate) const USAGE: &str = "usage: redis_server [--listen ADDRESS]";

/// Where it listens unless told otherwise: beside a Redis of the machine's own.
const DEFAULT_ADDRESS: &str = "127.0.0.1:6380";

/// What to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Serve clients at this address.
    Listen(String),
    Help,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Job, AnyError> {
    let Some(first) = arguments.next() else { return Ok(Job::Listen(DEFAULT_ADDRESS.into())) };
    match first.to_str() {
        Some("-h" | "--help") => Ok(Job::Help),
        Some("--listen") => match (arguments.next().map(OsString::into_string), arguments.next()) {
            (Some(Ok(address)), None) => Ok(Job::Listen(address)),
            _ => Err(USAGE.into()),
        },
        _ => Err(format!("{} is no flag; {USAGE}", first.display()).into()),
    }
}
