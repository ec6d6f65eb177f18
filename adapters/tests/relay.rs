//! The relay: what the example does, driven as its command line drives it, and over sockets that misbehave.

#[expect(dead_code, reason = "a test has a `main` of its own")]
#[path = "../examples/relay/main.rs"]
mod relay;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use headpond_pipe::PipeOptions;
use headpond_pool::{Pool, PoolOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
};

use relay::{Report, echo::Echo, exit_code, one_line, relay, run, server::Server, tally::Tally, text::Text};

fn pool() -> Pool {
    PoolOptions::new().block_size(256).slab_blocks(4).build().unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A file of this test's own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("relay-{}-{name}", std::process::id()));
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn relayed(files: &[&[u8]]) -> Report {
    let scratch: Vec<_> = files.iter().zip('a'..).map(|(file, name)| Scratch::new(&name.to_string(), file)).collect();
    let text = Text::files(scratch.iter().map(|file| file.0.clone()).collect()).unwrap();
    block_on(relay(text, &pool())).unwrap()
}

/// The counts of the whole text, as the standard library's `split` has them.
fn assert_counts(report: &Report, files: &[&[u8]]) {
    let text = files.concat();
    assert_eq!(report.tally.bytes(), text.len() as u64);
    let lines = text.split_inclusive(|byte| *byte == b'\n').count();
    assert_eq!(report.tally.lines(), lines as u64);
    let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    assert_eq!(report.tally.words(), words as u64);
    assert_eq!(report.tally.checksum(), crc32fast::hash(&text));
    assert_eq!(report.files_checksum, crc32fast::hash(&text));
    assert_eq!(report.blocks_rented, 0);
}

#[test]
fn files_are_relayed_counted_and_checked() {
    let long = "words of a line that goes over several blocks, ".repeat(100).into_bytes();
    for files in [
        &[&b""[..]][..],
        &[b"\n"],
        &[b"no newline"],
        &[b"one\ntwo ", b"still two\n", b"", b"  three\t3\r\nlast"],
        &[&long, b"\n\n", &long, &long],
    ] {
        assert_counts(&relayed(files), files);
    }
}

/// Larger than what is read into memory, so that it is read into blocks.
#[test]
fn a_large_file_is_relayed_block_by_block() {
    let line = b"a line of thirty-two bytes, all\n";
    let files = [&line.repeat(40_000)[..], b"the end"];
    let report = relayed(&files);
    assert_counts(&report, &files);
    assert!(report.peak_pool_bytes < files[0].len() / 2, "{}", report.peak_pool_bytes);
}

#[test]
fn the_workspaces_text_is_repeated_to_the_byte() {
    let text = Text::workspace(3_000_001).unwrap();
    let report = block_on(relay(text, &pool())).unwrap();
    assert_eq!(report.tally.bytes(), 3_000_001);
    assert_eq!(report.tally.checksum(), report.files_checksum);
    assert_eq!(report.blocks_rented, 0);
}

fn failure(arguments: &[&str]) -> String {
    let error = run(arguments.iter().map(OsString::from)).unwrap_err();
    let line = one_line(error.as_ref());
    assert!(!line.contains('\n'), "one line: {line}");
    line
}

#[test]
fn a_missing_file_is_one_line() {
    let line = failure(&["no such file"]);
    assert!(line.starts_with("cannot read no such file: "), "{line}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_without_end_is_one_line() {
    assert_eq!(failure(&["/dev/zero"]), "cannot read /dev/zero: it is longer than it says");
}

#[test]
fn a_port_that_is_taken_is_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = failure(&["--listen", &address]);
    assert!(line.starts_with(&format!("cannot listen on {address}: ")), "{line}");
}

#[test]
fn arguments_that_make_no_sense_are_one_line() {
    let usage = "usage: relay [FILE...] | relay --listen ADDRESS";
    for (arguments, what) in [
        (&["--listen"][..], "--listen needs an address, such as 127.0.0.1:7000"),
        (&["--listen", "127.0.0.1:0", "more"], "--listen takes one address, and nothing is done with \"more\""),
        (&["--lisen"], "there is no option --lisen"),
        (&["-l"], "there is no option -l"),
        (&["file", "--listen"], "--listen stands alone, with an address"),
    ] {
        assert_eq!(failure(arguments), format!("{what}; {usage}"), "{arguments:?}");
    }
}

/// Makes this process the program for the test below, which starts it: its arguments, one a line.
const ARGUMENTS: &str = "HEADPOND_TEST_ARGUMENTS";

#[test]
fn arguments_that_make_no_sense_are_no_success() {
    if let Ok(arguments) = std::env::var(ARGUMENTS) {
        std::process::exit(exit_code(arguments.lines().map(OsString::from)).into());
    }
    let outcome = |arguments: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "arguments_that_make_no_sense_are_no_success", "--nocapture"]);
        let output = command.env(ARGUMENTS, arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let usage = "usage: relay [FILE...] | relay --listen ADDRESS";
    let missing = format!("relay: --listen needs an address, such as 127.0.0.1:7000; {usage}\n");
    assert_eq!(outcome("--listen"), (2, missing));
    assert_eq!(outcome("--lisen"), (2, format!("relay: there is no option --lisen; {usage}\n")));
    assert_eq!(outcome("--help"), (0, String::new()));
    let (code, error) = outcome("no such file");
    assert!(code == 1 && error.starts_with("relay: cannot read no such file: "), "{code} {error}");
}

#[test]
fn a_line_without_end_is_refused() {
    let endless = Scratch::new("endless", &vec![b'x'; (1 << 20) + 1]);
    let text = Text::files(vec![endless.0.clone()]).unwrap();
    let pool = pool();
    let error = block_on(relay(text, &pool)).unwrap_err();
    assert!(error.to_string().contains("the line at offset 0 is longer than 1048576 bytes"), "{error}");
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_client_that_vanishes_mid_line_is_told_of_and_the_next_one_served() {
    let pool = pool();
    block_on(async {
        let server = Server::bind("127.0.0.1:0", &PipeOptions::new(&pool)).await.unwrap();
        let mut vanishing = TcpStream::connect(server.address().unwrap()).await.unwrap();
        vanishing.write_all(b"whole\nhalf a li").await.unwrap();
        let vanish = async {
            // Its answer says that the server has read it all; then it resets the connection.
            let mut answer = [0; 2];
            vanishing.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"5\n");
            vanishing.set_zero_linger().unwrap();
            drop(vanishing);
        };
        let (session, ()) = tokio::join!(server.serve_one(), vanish);
        let error = session.unwrap_err().to_string();
        assert!(error.starts_with("gone after 15 bytes, in the middle of a line: "), "{error}");
        assert_eq!(pool.stats().rented, 0);

        let mut next = TcpStream::connect(server.address().unwrap()).await.unwrap();
        next.write_all(b"next\nlast").await.unwrap();
        next.shutdown().await.unwrap();
        let mut answers = String::new();
        let (session, read) = tokio::join!(server.serve_one(), next.read_to_string(&mut answers));
        assert_eq!((read.unwrap(), answers.as_str()), (4, "4\n4\n"));
        assert_eq!(session.unwrap().lines(), 2);
    });
}

/// Each is answered while the others are connected and say nothing; and idle ones hold no block.
#[test]
fn clients_are_served_at_the_same_time() {
    let pool = pool();
    let clients = 20;
    block_on(async {
        let server = Server::bind("127.0.0.1:0", &PipeOptions::new(&pool)).await.unwrap();
        let address = server.address().unwrap();
        let serving = tokio::spawn(async move { server.serve().await });
        let mut sockets = Vec::new();
        for _ in 0..clients {
            sockets.push(TcpStream::connect(address).await.unwrap());
        }
        for socket in sockets.iter_mut().rev() {
            socket.write_all(b"hello\n").await.unwrap();
            let mut answer = [0; 2];
            socket.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"5\n");
        }
        // The last to be answered goes idle as soon as its task is polled again.
        while pool.stats().rented > 0 {
            tokio::task::yield_now().await;
        }
        serving.abort();
    });
}

/// A client that never reads its answers holds itself back, and the server's memory does not grow.
#[test]
fn a_client_that_does_not_read_is_held_back() {
    let pool = pool();
    block_on(async {
        let server = Server::bind("127.0.0.1:0", &PipeOptions::new(&pool)).await.unwrap();
        let client = TcpStream::connect(server.address().unwrap()).await.unwrap();
        let lines = b"\n".repeat(1 << 16);
        let flood = async {
            // The kernel's buffers take so much of either direction, and then no more.
            let mut refused = 0;
            while refused < 10_000 {
                refused = if client.try_write(&lines).is_ok() { 0 } else { refused + 1 };
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            ended = server.serve_one() => panic!("the session ended: {:?}", ended.map(|tally| tally.bytes())),
            () = flood => {}
        }
        let peak = pool.stats().peak_system_bytes;
        assert!((1..=64 * 1024).contains(&peak), "{peak}");
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn words_are_counted_across_chunks() {
    let text = b" one two\tthree\n\nfour\x0bfive \r\n six";
    for size in 1..=text.len() {
        let chunks = text.chunks(size).map(headpond_pool::Slice::copy_from_slice);
        let mut tally = Tally::default();
        tally.add_text(headpond_pool::SequenceBuf::from_iter(chunks).as_sequence());
        assert_eq!((tally.words(), tally.bytes()), (6, text.len() as u64));
    }
    assert_ne!(Echo::default(), {
        let mut echo = Echo::default();
        echo.add(b"1\n");
        echo
    });
}
