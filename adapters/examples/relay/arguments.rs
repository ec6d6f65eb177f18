//! What the command line asks for.

use std::{error::Error, ffi::OsString, fmt, path::PathBuf};

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

/// Why the command line makes no sense.
#[derive(Debug)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {USAGE}", self.0)
    }
}

impl Error for UsageError {}

pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Job, UsageError> {
    let mut files = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("-h" | "--help") => return Ok(Job::Help),
            Some("--listen") if files.is_empty() => return parse_listen(arguments),
            Some("--listen") => return Err(UsageError("--listen stands alone, with an address".into())),
            Some(flag) if flag.starts_with('-') => return Err(UsageError(format!("there is no option {flag}"))),
            _ => files.push(PathBuf::from(argument)),
        }
    }
    Ok(if files.is_empty() { Job::Workspace } else { Job::Files(files) })
}

fn parse_listen(mut arguments: impl Iterator<Item = OsString>) -> Result<Job, UsageError> {
    let address = arguments.next().and_then(|value| value.into_string().ok()).filter(|value| !value.starts_with('-'));
    match (address, arguments.next()) {
        (None, _) => Err(UsageError("--listen needs an address, such as 127.0.0.1:7000".into())),
        (Some(address), None) => Ok(Job::Listen(address)),
        (Some(_), Some(more)) => {
            Err(UsageError(format!("--listen takes one address, and nothing is done with {more:?}")))
        }
    }
}
