//! What the command line asks for.

use std::ffi::OsString;

use super::AnyError;

pub(crate) const USAGE: &str = "usage: redis_server --listen ADDRESS";

/// What to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Serve clients at this address.
    Listen(String),
    Help,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Job, AnyError> {
    let Some(first) = arguments.next() else { return Ok(Job::Help) };
    match first.to_str() {
        Some("-h" | "--help") => Ok(Job::Help),
        Some("--listen") => match (arguments.next().map(OsString::into_string), arguments.next()) {
            (Some(Ok(address)), None) => Ok(Job::Listen(address)),
            _ => Err(USAGE.into()),
        },
        _ => Err(format!("{} is no flag; {USAGE}", first.to_string_lossy()).into()),
    }
}
