//! A small Redis over two pipes a connection: `cargo run --release --example redis_server -- --listen 127.0.0.1:6379`.
//!
//! It holds strings, lists, sets, hashes and sorted sets in memory, for `redis-cli`, `redis-benchmark` and whatever else
//! speaks RESP2 or RESP3, and forgets all of it when it stops. There are transactions and scans, and `--requirepass PASSWORD`
//! has clients log in. It runs on one thread, as its model does.

mod arguments;
pub(crate) mod client;
pub(crate) mod clients;
pub(crate) mod command;
mod error;
mod glob;
mod number;
pub(crate) mod reply;
pub(crate) mod server;
mod session;
pub(crate) mod shared;
mod sorted_set;
pub(crate) mod store;
pub(crate) mod text;
mod transaction;
pub(crate) mod value;
mod watchers;

use std::{
    error::Error,
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};
use tokio::{runtime, task::LocalSet};

use self::{
    arguments::{Job, UsageError},
    server::Server,
};

/// A batch of pipelined commands, or of their replies, is rarely longer.
const BLOCK_SIZE: usize = 16 * 1024;

/// Whatever went wrong: it is told in one line.
pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    exit_code(std::env::args_os().skip(1)).into()
}

/// Does what the arguments say, and tells what went wrong: 0, or 1, or 2 where it is the arguments.
pub(crate) fn exit_code(arguments: impl Iterator<Item = OsString>) -> u8 {
    match run(arguments) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("redis_server: {}", one_line(error.as_ref()));
            if error.is::<UsageError>() { 2 } else { 1 }
        }
    }
}

/// Does what the arguments say.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), AnyError> {
    let (address, password) = match arguments::parse(arguments)? {
        Job::Help => return Ok(writeln!(io::stdout(), "{}", arguments::USAGE)?),
        Job::Listen { address, password } => (address, password),
    };
    let pool = PoolOptions::new().block_size(BLOCK_SIZE).build()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let clients = LocalSet::new().block_on(&runtime, listen(&address, password, &pool))?;
    // What served the clients went with the set of their tasks.
    writeln!(io::stdout(), "stopped after {clients} clients; blocks rented: {}", pool.stats().rented)?;
    Ok(())
}

/// Serves clients until it is interrupted. Resolves to how many there were.
async fn listen(address: &str, password: Option<Vec<u8>>, pool: &Pool) -> Result<u64, AnyError> {
    // No limit on what is unconsumed: what a command may be long is the decoder's to say.
    let options = PipeOptions::builder(pool).max_unconsumed(None).build()?;
    let server = Server::bind(address, &options, password).await?;
    writeln!(io::stdout(), "listening on {}", server.address())?;
    tokio::select! {
        () = server.serve() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(server.clients())
}

/// An error with everything behind it.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
