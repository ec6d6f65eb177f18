//! `redis-cli`, `redis-benchmark` and a signal, and clients that behave badly.

use std::{
    io::{BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, setrlimit};

use crate::{
    Served,
    peer::{Peer, is_there},
    redis_server::run,
    replies::{talk, until_closed},
};

/// What a session of `redis-cli` says, given these options.
fn session(options: &[&str], commands: &str) -> String {
    let mut command = Command::new("redis-cli");
    command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut cli = command.spawn().unwrap();
    cli.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let Output { stdout, stderr, .. } = cli.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), "");
    String::from_utf8(stdout).unwrap()
}

#[test]
fn sessions_of_redis_cli_look_the_same() {
    let Some(peer) = Peer::start().filter(|_| is_there("redis-cli")) else { return };
    let served = Served::start();
    let port = served.address.port().to_string();
    let commands = "PING\nSET greeting \"hello, world\"\nGET greeting\nget nothing\nINCR n\nincr greeting\n\
        RPUSH list one two 3\nLRANGE list 0 -1\nHSET hash f v\nHGETALL hash\nZADD z 1 a 2.5 b\nZRANGE z 0 -1 WITHSCORES\n\
        ZSCORE z b\nSADD set x\nSMEMBERS set\nnonsense\nGET\nSELECT 3\nDBSIZE\nECHO \"a\\tb\"\nCONFIG GET save\nTTL greeting\n";
    for format in [&["--no-raw"][..], &["--raw"], &["--no-raw", "-3"], &["--csv"], &["--no-raw", "-n", "2"]] {
        let ours = session(&[&["-p", &port], format].concat(), commands);
        let theirs = session(&[&["-s", peer.path().to_str().unwrap()], format].concat(), commands);
        assert_eq!(ours, theirs, "{format:?}");
        assert!(ours.contains("hello, world"), "{ours}");
        // For the next round both are as new.
        session(&["-p", &port], "FLUSHALL\n");
        session(&["-s", peer.path().to_str().unwrap()], "FLUSHALL\n");
    }
    let big = "x".repeat(3_000_000);
    assert_eq!(session(&["-p", &port, "-x", "SET", "big"], &big), "OK\n");
    assert_eq!(session(&["-p", &port, "GET", "big"], ""), format!("{big}\n"));
}

/// Of what it shows, the keys, the clients and the connections can be known.
#[test]
fn redis_cli_shows_statistics() {
    if !is_there("redis-cli") {
        return;
    }
    let served = Served::start();
    let port = served.address.port().to_string();
    session(&["-p", &port], "MSET a 1 b 2 c 3\nSELECT 5\nSET d 4\n");
    let mut command = Command::new("redis-cli");
    command.args(["-p", &port, "--stat", "-i", "0.01"]).stdout(Stdio::piped());
    let mut cli = command.spawn().unwrap();
    let lines: Vec<String> = BufReader::new(cli.stdout.take().unwrap()).lines().map(Result::unwrap).take(4).collect();
    cli.kill().unwrap();
    cli.wait().unwrap();
    let [_, names, first, second] = &lines[..] else { panic!("{lines:?}") };
    assert!(names.starts_with("keys       mem      clients blocked requests            connections"), "{names}");
    let figures = |line: &String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (figures(first), figures(second));
    // Three commands by then, and `INFO`; from then on `INFO` alone.
    assert_eq!((&first[0][..], &first[2..4]), ("4", &["1".to_owned(), "0".to_owned()][..]), "{lines:?}");
    assert!(first[1].parse::<f64>().is_err(), "memory with a unit: {lines:?}");
    assert_eq!((&second[5][..], second.last().unwrap().as_str()), ("(+1)", "2"), "{lines:?}");
}

/// Every key once, with its type and length.
#[test]
fn redis_cli_scans() {
    if !is_there("redis-cli") {
        return;
    }
    let served = Served::start();
    let port = served.address.port().to_string();
    let commands: String = (0..300).map(|n| format!("SET key:{n} {n}\nRPUSH list:{n} a b\n")).collect();
    session(&["-p", &port], &commands);
    let scanned = session(&["-p", &port, "--scan", "--pattern", "key:*"], "");
    let mut keys: Vec<&str> = scanned.lines().collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 300);
    let report = session(&["-p", &port, "--bigkeys", "-i", "0.001"], "");
    assert!(report.contains("Sampled 600 keys in the keyspace!"), "{report}");
    assert!(report.contains("300 lists with 600 items"), "{report}");
}

#[test]
fn redis_benchmark_runs_through() {
    if !is_there("redis-benchmark") {
        return;
    }
    let served = Served::start();
    let port = served.address.port().to_string();
    let tests = "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset";
    let options = ["-t", tests, "-n", "2000", "-P", "16", "-c", "20", "-q", "-p", &port];
    let Output { stdout, stderr, status } = Command::new("redis-benchmark").args(options).output().unwrap();
    let (figures, complaints) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && complaints.is_empty(), "{complaints}\n{figures}");
    for test in [
        "PING_INLINE",
        "PING_MBULK",
        "SET",
        "GET",
        "INCR",
        "LPUSH",
        "RPUSH",
        "LPOP",
        "RPOP",
        "SADD",
        "HSET",
        "SPOP",
        "ZADD",
        "ZPOPMIN",
        "LRANGE_100 ",
        "LRANGE_300 ",
        "LRANGE_500 ",
        "LRANGE_600 ",
        "MSET (10 keys)",
    ] {
        let done =
            figures.split(['\r', '\n']).any(|line| line.starts_with(test) && line.contains("requests per second"));
        assert!(done, "no figure for {test}:\n{figures}");
    }
    assert!(!figures.contains("rror"), "{figures}");
}

/// Makes this process a server for a test below, which starts it, with at most so many descriptors.
const SERVES: &str = "HEADPOND_TEST_SERVES";

/// Serves if this process is to, until it is interrupted.
fn serves() -> bool {
    let Ok(descriptors) = std::env::var(SERVES) else { return false };
    let descriptors = Some(descriptors.parse().unwrap());
    setrlimit(Resource::Nofile, Rlimit { current: descriptors, maximum: descriptors }).unwrap();
    run(["--listen", "127.0.0.1:0"].iter().map(Into::into)).unwrap();
    true
}

/// A server that a test has started as a process of its own, which runs the test of that name.
struct Started {
    server: Child,
    stderr: ChildStderr,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Started {
    fn by(test: &str, descriptors: u32) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).env(SERVES, descriptors.to_string());
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = server.stderr.take().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| Some(line.unwrap().split_once("listening on ")?.1.to_owned())).unwrap();
        Self { server, stderr, lines, address }
    }

    /// Interrupts it; what it said of how many clients there were, and which blocks are rented.
    fn stop(self) -> String {
        self.stop_and_read().0
    }

    /// As [`stop`](Self::stop), and what it said of errors.
    fn stop_and_read(mut self) -> (String, String) {
        kill_process(Pid::from_child(&self.server), Signal::INT).unwrap();
        let said: Vec<String> = self.lines.map(Result::unwrap).collect();
        assert!(self.server.wait().unwrap().success(), "{said:?}");
        let mut errors = String::new();
        self.stderr.read_to_string(&mut errors).unwrap();
        (said.into_iter().find(|line| line.starts_with("stopped after")).unwrap(), errors)
    }
}

/// On the command line, with a signal, and with a client that is connected.
#[test]
fn an_interrupt_stops_it_cleanly() {
    if serves() {
        return;
    }
    let started = Started::by("tools::an_interrupt_stops_it_cleanly", 1000);
    let mut client = TcpStream::connect(&started.address).unwrap();
    talk(&mut client, &[b"PING\r\n"], 1);
    assert_eq!(started.stop(), "stopped after 1 clients; blocks rented: 0");
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the connection is closed");
}

/// Once, with the address, though it happens again.
#[test]
fn an_attack_by_way_of_a_browser_is_told_of() {
    if serves() {
        return;
    }
    let started = Started::by("tools::an_attack_by_way_of_a_browser_is_told_of", 1000);
    let connect = || TcpStream::connect(&started.address).unwrap();
    let mut first = connect();
    let from = first.local_addr().unwrap();
    assert_eq!(until_closed(&mut first, b"POST / HTTP/1.1\r\nHost: x\r\n\r\nFLUSHALL\r\n"), b"");
    assert_eq!(until_closed(&mut connect(), b"GET / HTTP/1.1\r\nhost: x\r\n\r\nFLUSHALL\r\n"), b"");
    let (_, errors) = started.stop_and_read();
    assert!(errors.contains(&format!("{from}: Possible SECURITY ATTACK detected.")), "{errors}");
    assert_eq!(errors.matches("SECURITY ATTACK").count(), 1, "{errors}");
}

/// More clients than there are descriptors for are no end of those who are served, and are served once others have gone.
#[test]
fn clients_beyond_the_descriptors_wait() {
    if serves() {
        return;
    }
    let started = Started::by("tools::clients_beyond_the_descriptors_wait", 32);
    let connect = || TcpStream::connect(&started.address).unwrap();
    let mut first = connect();
    talk(&mut first, &[b"PING\r\n"], 1);
    let others: Vec<TcpStream> = (0..40).map(|_| connect()).collect();
    let mut last = connect();
    talk(&mut first, &[b"SET k v\r\n"], 1);
    drop(others);
    talk(&mut last, &[b"GET k\r\n"], 1);
    talk(&mut first, &[b"PING\r\n"], 1);
    assert_eq!(started.stop(), "stopped after 42 clients; blocks rented: 0");
}

/// Whoever asks for more than it reads is held back, and the others are served.
#[test]
fn replies_that_nobody_reads_do_not_gather() {
    let served = Served::start();
    let mut greedy = served.connect();
    let mut command = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n".to_vec();
    command.extend_from_slice(&[b'v'; 100_000]);
    command.extend_from_slice(b"\r\n");
    talk(&mut greedy, &[&command], 1);
    // Two hundred megabytes of replies.
    greedy.write_all(&b"GET k\r\n".repeat(2000)).unwrap();
    let mut other = served.connect();
    for _ in 0..100 {
        talk(&mut other, &[b"PING\r\n"], 1);
    }
    let held = served.pool.stats().peak_system_bytes;
    assert!(held < 4 << 20, "{held}");
    // And it is answered in full once it reads.
    talk(&mut greedy, &[], 2000);
}

/// Clients that vanish, in the middle of whatever, leave nothing behind; idle ones hold no block but those of their values.
#[test]
fn clients_that_vanish_leave_nothing_behind() {
    let served = Served::start();
    for bytes in [&b"*2\r\n$3\r\nGET\r\n$1000000\r\nabc"[..], b"PING", b"LRANGE k 0"] {
        served.connect().write_all(bytes).unwrap();
    }
    let mut unread = served.connect();
    unread.write_all(&b"PING\r\n".repeat(10_000)).unwrap();
    drop(unread);
    let idle: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut socket = served.connect();
            talk(&mut socket, &[b"PING\r\n"], 1);
            socket
        })
        .collect();
    let mut last = served.connect();
    while served.pool.stats().rented > 1 {
        // It holds a block while it is answered.
        talk(&mut last, &[b"PING\r\n"], 1);
    }
    for mut socket in idle {
        assert_eq!(until_closed(&mut socket, b""), b"");
    }
}
