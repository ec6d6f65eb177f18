//! Debian's Redis.

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use headpond_codec::{
    Decoder, Encode,
    resp::{CommandDecoder, Token},
};
use headpond_pool::SequenceBuf;

/// How commands are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wire {
    /// As arrays of bulk strings.
    Arrays,
    /// As the lines that they stand on.
    Inline,
}

impl Wire {
    pub(crate) fn command(self, line: &str) -> Vec<u8> {
        let mut bytes = format!("{line}\r\n").into_bytes();
        if let Self::Arrays = self {
            let buffer = SequenceBuf::from(std::mem::take(&mut bytes));
            let command = CommandDecoder::new().decode(&mut buffer.as_sequence().cursor()).unwrap().value().unwrap();
            Token::<&[u8]>::Array(command.len() as u64).encode(&mut bytes).unwrap();
            command.arguments().for_each(|argument| Token::Bulk(&*argument.to_cow()).encode(&mut bytes).unwrap());
        }
        bytes
    }
}

/// Whether a program is there. Without it a test cannot run, which is a failure under `CI=true`.
pub(crate) fn is_there(program: &str) -> bool {
    let runs = Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !runs {
        let strict = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!strict, "{program} is not installed");
        eprintln!("skipped: {program} is not installed");
    }
    runs
}

/// A `redis-server` of this test's own, on a socket in the file system, without persistence.
pub(crate) struct Peer {
    server: Child,
    path: PathBuf,
}

impl Peer {
    /// Starts it, and waits until it listens. `None` when there is no such program here.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// As [`start`](Self::start), with these options as well.
    pub(crate) fn with(options: &[&str]) -> Option<Self> {
        /// Each has its own.
        static NEXT: AtomicUsize = AtomicUsize::new(0);

        if !is_there("redis-server") {
            return None;
        }
        // The path of such a socket may be a hundred bytes long.
        let name = format!("headpond-{}-{}.sock", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]).arg(&path).args(options);
        let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let listens = lines.any(|line| line.unwrap().contains("now ready to accept connections at"));
        assert!(listens, "redis-server did not start");
        // It goes on telling what it does.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { server, path })
    }

    pub(crate) fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.path).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_file(&self.path);
    }
}
