//! The example's Redis beside the real one: the same commands, the same replies; and the tools that come with it.

#![cfg(unix)]

mod clients;
mod command_line;
mod direct;
mod expiry;
mod login;
mod peer;
mod replies;
mod scanning;
mod served;
mod strings;
mod tools;
mod transactions;

#[expect(dead_code, reason = "a test has a `main` of its own")]
#[path = "../../examples/redis_server/main.rs"]
mod redis_server;

use peer::{Peer, Wire};
use replies::{Comparison, Reply, Socket, talk, until_closed};
use served::Served;

/// One command a line, as for `redis-cli`, in the order in which they are sent. Before a `:` stands how the replies are
/// compared: `~` for aggregates without an order, `?` for their shape alone.
const SCRIPT: &str = include_str!("script.txt");

struct Line {
    comparison: Comparison,
    text: &'static str,
}

fn script() -> Vec<Line> {
    let lines = SCRIPT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = |line: &'static str| match (line.strip_prefix("~:"), line.strip_prefix("?:")) {
        (Some(text), _) => Line { comparison: Comparison::Unordered, text },
        (_, Some(text)) => Line { comparison: Comparison::Shape, text },
        _ => Line { comparison: Comparison::Exact, text: line },
    };
    lines.map(line).collect()
}

/// All commands of the script, one buffer each.
fn commands(wire: Wire) -> Vec<Vec<u8>> {
    script().iter().map(|line| wire.command(line.text)).collect()
}

fn compare(ours: &[Reply], theirs: &[Reply]) {
    let script = script();
    assert!(script.len() > 300, "{}", script.len());
    assert_eq!(ours.len(), script.len());
    assert_eq!(theirs.len(), script.len());
    let differences: Vec<String> = script
        .iter()
        .zip(ours.iter().zip(theirs))
        .filter(|(line, (ours, theirs))| !line.comparison.accepts(ours, theirs))
        .map(|(line, (ours, theirs))| format!("{}\n   ours:   {ours:?}\n   theirs: {theirs:?}", line.text))
        .collect();
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

/// Runs the script against both, `hello` before it, and compares every reply.
fn both(hello: &[u8], wire: Wire, piece: usize) {
    let Some(peer) = Peer::start() else { return };
    let served = Served::start();
    let commands = commands(wire);
    let (mut ours, mut theirs) = (served.connect(), peer.connect());
    for socket in [&mut ours as &mut dyn Socket, &mut theirs] {
        talk(socket, &[hello], 1);
    }
    let answers = |socket: &mut dyn Socket| {
        let pieces = commands.chunks(piece).map(|commands| (commands.concat(), commands.len()));
        pieces.flat_map(|(bytes, replies)| talk(socket, &[&bytes], replies)).collect::<Vec<_>>()
    };
    compare(&answers(&mut ours), &answers(&mut theirs));
}

#[test]
fn replies_are_the_same_in_resp2_one_by_one() {
    both(b"HELLO 2\r\n", Wire::Arrays, 1);
}

#[test]
fn replies_are_the_same_in_resp3_pipelined() {
    both(b"HELLO 3\r\n", Wire::Arrays, usize::MAX);
}

#[test]
fn replies_are_the_same_to_inline_commands() {
    both(b"HELLO 3\r\n", Wire::Inline, 7);
}

/// And nothing depends on where the stream is cut.
#[test]
fn a_byte_at_a_time_is_answered_all_the_same() {
    let served = Served::start();
    let bytes = commands(Wire::Arrays).concat();
    let count = script().len();
    let whole = talk(&mut served.connect(), &[&bytes], count);
    let mut socket = served.connect();
    socket.set_nodelay(true).unwrap();
    let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
    let cut = talk(&mut socket, &pieces, count);
    for ((line, whole), cut) in script().iter().zip(&whole).zip(&cut) {
        // What is drawn by lot, or counts connections, is not the same twice.
        assert!(line.comparison != Comparison::Exact || whole == cut, "{}: {whole:?}, {cut:?}", line.text);
    }
}

/// What is no command is told, once, and the connection closed.
#[test]
fn streams_that_are_no_commands_end_the_same_way() {
    let Some(peer) = Peer::start() else { return };
    let served = Served::start();
    for bytes in [
        &b"PING\r\n*1\r\nPING\r\n*1\r\n$4\r\nPING\r\n"[..],
        b"*1\r\n$a\r\n",
        b"*2\r\n$3\r\nGET\r\n$-5\r\n",
        b"*2\r\n$3\r\nGET\r\n$536870913\r\n",
        b"*a\r\nPING\r\n",
        b"*2147483648\r\n",
        b"*-3\r\nPING\r\n",
        b"*0\r\n\r\n\n   \r\nPING\nPING\r\n",
        b"set \"a\r\n",
        b"set 'a'b\r\nPING\r\n",
        b"PING\r\nQUIT\r\nPING\r\n",
        b"PING\r\n*2\r\n$3\r\nGET\r\n$3\r\nfo",
        b"\"\\x50ING\" 'it\\'s'\r\n",
        b"MULTI\r\nSET k v\r\nQUIT\r\nPING\r\n",
        b"MULTI\r\nSET k v\r\n",
        // What a browser can be made to send. Its reply to what came before goes with the connection.
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:6379\r\n\r\nPING\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:6379\r\n\r\nPING\r\n",
        b"PING\r\nhOSt: evil\r\nPING\r\n",
        b"*2\r\n$4\r\npost\r\n$1\r\n/\r\nPING\r\n",
        b"MULTI\r\nPOST / HTTP/1.1\r\nEXEC\r\n",
        b"POST\r\n",
        b"HOST\r\nHost:x\r\nposts\r\nPING\r\n",
        b"",
    ] {
        let ours = until_closed(&mut served.connect(), bytes).escape_ascii().to_string();
        let theirs = until_closed(&mut peer.connect(), bytes).escape_ascii().to_string();
        assert_eq!(ours, theirs, "{}", bytes.escape_ascii());
    }
}
