//! What the command line asks for.

use std::{ffi::OsString, path::PathBuf};

use super::AnyError;

pub(crate) const USAGE: &str = "usage: relay [FILE...] | relay --listen ADDRESS";

/// What to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Relay the workspace's own text.
    Workspace,
    /// Relay these files.
    Files(Vec<PathBuf>),
    /// Serve clients at this address.
    Listen(String),
    Help,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Job, AnyError> {
    let Some(first) = arguments.next() else { return Ok(Job::Workspace) };
    match first.to_str() {
        Some("-h" | "--help") => Ok(Job::Help),
        Some("--listen") => match (arguments.next().map(OsString::into_string), arguments.next()) {
            (Some(Ok(address)), None) => Ok(Job::Listen(address)),
            _ => Err(USAGE.into()),
        },
        Some(flag) if flag.starts_with("--") => Err(format!("{flag} is no flag; {USAGE}").into()),
        _ => Ok(Job::Files(std::iter::once(first).chain(arguments).map(PathBuf::from).collect())),
    }
}
