//! A line server and its client over a real socket: `cargo run --release --example relay`.
//!
//! The client sends text, the server answers every line with its length. With no arguments the text is this workspace's own,
//! repeated to 256 MiB.

mod arguments;
mod client;
pub(crate) mod echo;
pub(crate) mod server;
mod session;
pub(crate) mod tally;
pub(crate) mod text;

use std::{
    error::Error,
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
    time::Instant,
};

use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::{net::TcpStream, runtime};

use self::{
    arguments::{Job, UsageError},
    echo::Echo,
    server::Server,
    tally::Tally,
    text::Text,
};

/// Bulk likes large blocks: of 16 KiB this ran at 660 MiB/s, of 32 KiB at 720, of 64 KiB at 750, in twice the memory.
const BLOCK_SIZE: usize = 32 * 1024;

/// How much of the workspace's text is sent.
const WORKSPACE_BYTES: u64 = 256 << 20;

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
            eprintln!("relay: {}", one_line(error.as_ref()));
            if error.is::<UsageError>() { 2 } else { 1 }
        }
    }
}

/// Does what the arguments say.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), AnyError> {
    let job = arguments::parse(arguments)?;
    let pool = PoolOptions::new().block_size(BLOCK_SIZE).build()?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    match job {
        Job::Listen(address) => runtime.block_on(listen(&address, &pool)),
        Job::Workspace => show(&runtime.block_on(relay(Text::workspace(WORKSPACE_BYTES)?, &pool))?),
        Job::Files(paths) => show(&runtime.block_on(relay(Text::files(paths)?, &pool))?),
        Job::Help => Ok(writeln!(io::stdout(), "{}", arguments::USAGE)?),
    }
}

/// What a relay has found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    pub(crate) seconds: f64,
    pub(crate) peak_pool_bytes: usize,
    pub(crate) blocks_rented: usize,
    pub(crate) files_checksum: u32,
}

/// Sends the text through a socket to a server of our own, and checks what comes back.
pub(crate) async fn relay(text: Text, pool: &Pool) -> Result<Report, AnyError> {
    let options = PipeOptions::new(pool);
    let server = Server::bind("127.0.0.1:0", &options).await?;
    let bar = progress_bar(text.len());

    let start = Instant::now();
    let socket = TcpStream::connect(server.address()?).await?;
    let session = tokio::spawn(async move { server.serve_one().await });
    let echo = client::relay(socket, &text, &options, |sent| bar.set_position(sent)).await;
    // First what the server has to say: it explains what the client met.
    let tally = session.await??;
    let echo = echo?;
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();

    let expected = Echo::expected(&text)?;
    if echo != expected.echo {
        return Err(format!("the answers are wrong: {echo:?} instead of {:?}", expected.echo).into());
    }
    let stats = pool.stats();
    Ok(Report {
        tally,
        seconds,
        peak_pool_bytes: stats.peak_system_bytes,
        blocks_rented: stats.rented,
        files_checksum: expected.checksum,
    })
}

/// Serves clients until it is interrupted.
async fn listen(address: &str, pool: &Pool) -> Result<(), AnyError> {
    let server = Server::bind(address, &PipeOptions::new(pool)).await?;
    writeln!(io::stdout(), "listening on {}", server.address()?)?;
    tokio::select! {
        () = server.serve() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

fn show(report: &Report) -> Result<(), AnyError> {
    let Report { tally, seconds, .. } = report;
    let mut out = io::stdout().lock();
    writeln!(out, "lines: {}", tally.lines())?;
    writeln!(out, "words: {}", tally.words())?;
    writeln!(out, "bytes: {}", tally.bytes())?;
    writeln!(out, "throughput: {:.1} MiB/s", tally.bytes() as f64 / f64::from(1 << 20) / seconds)?;
    writeln!(out, "peak pool bytes: {}", report.peak_pool_bytes)?;
    writeln!(out, "blocks rented: {}", report.blocks_rented)?;
    writeln!(out, "checksum sent: {:08x}", tally.checksum())?;
    writeln!(out, "checksum files: {:08x}", report.files_checksum)?;
    if tally.checksum() != report.files_checksum {
        return Err("the checksums differ".into());
    }
    if report.blocks_rented != 0 {
        return Err("blocks are still rented".into());
    }
    Ok(())
}

/// On a terminal, and nowhere else.
fn progress_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}

/// An error with everything behind it.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
