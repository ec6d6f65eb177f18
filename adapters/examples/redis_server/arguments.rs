//! What the command line asks for.

use std::{error::Error, ffi::OsString, fmt};

pub(crate) const USAGE: &str = "usage: redis_server --listen ADDRESS [--requirepass PASSWORD]";

/// What to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Serve clients at this address, who are asked for the password, if there is one.
    Listen {
        address: String,
        password: Option<Vec<u8>>,
    },
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
    let (mut address, mut password) = (None, None);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("-h" | "--help") => return Ok(Job::Help),
            Some("--listen") => address = Some(parse_address(arguments.next())?),
            Some("--requirepass") => {
                let Some(value) = arguments.next() else {
                    return Err(UsageError("--requirepass needs a password".into()));
                };
                password = Some(value.into_encoded_bytes());
            }
            Some(flag) if flag.starts_with('-') => return Err(UsageError(format!("there is no option {flag}"))),
            _ => return Err(UsageError(format!("nothing is done with {argument:?}"))),
        }
    }
    let address = address.ok_or_else(|| UsageError("--listen is missing".into()))?;
    // An empty password is none, as it is to Redis.
    Ok(Job::Listen { address, password: password.filter(|password| !password.is_empty()) })
}

fn parse_address(value: Option<OsString>) -> Result<String, UsageError> {
    let address = value.and_then(|value| value.into_string().ok()).filter(|value| !value.starts_with('-'));
    address.ok_or_else(|| UsageError("--listen needs an address, such as 127.0.0.1:6379".into()))
}
