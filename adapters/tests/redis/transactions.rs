//! Transactions: what breaks them, beside the real server, and what they may cost.

use allocation_counter::measure;

use crate::{
    direct::Direct,
    peer::{Peer, Wire},
    replies::{Reply, Socket, talk},
    script,
    served::Served,
};

/// Each command of the script between a `WATCH` of all that it names and an empty transaction, which says whether one of them was
/// changed.
fn what_breaks(socket: &mut dyn Socket) -> Vec<(&'static str, Reply)> {
    let keys_of = |line: &'static str| line.split(' ').skip(1).filter(|word| !word.contains(['"', '\'', '\\']));
    let all = || script().into_iter().flat_map(|line| keys_of(line.text)).collect::<Vec<_>>();
    let mut replies = Vec::new();
    for line in script() {
        let name = line.text.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        if ["DISCARD", "EXEC", "HELLO", "MULTI", "RESET", "UNWATCH", "WATCH"].contains(&name.as_str()) {
            continue;
        }
        let keys = if name.starts_with("FLUSH") { all() } else { keys_of(line.text).collect() };
        let watch = if keys.is_empty() { "PING".to_owned() } else { format!("WATCH {}", keys.join(" ")) };
        let commands = [&watch, line.text, "MULTI", "EXEC"].map(|line| Wire::Arrays.command(line));
        replies.push((line.text, talk(socket, &[&commands.concat()], 4).remove(3)));
    }
    replies
}

#[test]
fn the_same_changes_break_a_transaction() {
    let Some(peer) = Peer::start() else { return };
    let served = Served::start();
    let (ours, theirs) = (what_breaks(&mut served.connect()), what_breaks(&mut peer.connect()));
    assert!(ours.len() > 700, "{}", ours.len());
    let broken = theirs.iter().filter(|(_, reply)| reply.bytes() == b"*-1\r\n").count();
    assert!(broken > 100 && broken < theirs.len(), "{broken}");
    let differences: Vec<_> = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).collect();
    assert!(differences.is_empty(), "{} differ\n{differences:#?}", differences.len());
}

/// By another client, and by time.
#[test]
fn others_and_the_clock_break_a_transaction() {
    let server = Direct::new();
    let (mut watching, mut other) = (server.client(), server.client());
    let transaction = |client: &mut crate::direct::Caller<'_>| {
        assert_eq!(client.say("MULTI"), b"+OK\r\n");
        assert_eq!(client.say("PING"), b"+QUEUED\r\n");
        client.say("EXEC")
    };
    other.say("SET k v");
    watching.say("WATCH k");
    assert_eq!(transaction(&mut other), b"*1\r\n+PONG\r\n", "whoever does not watch it is not concerned");
    other.say("SET k w");
    assert_eq!(transaction(&mut watching), b"*-1\r\n");
    assert_eq!(transaction(&mut watching), b"*1\r\n+PONG\r\n", "it is watched once");

    server.set_now(1000);
    other.say("PSETEX k 500 v");
    watching.say("WATCH k");
    server.set_now(1499);
    assert_eq!(transaction(&mut watching), b"*1\r\n+PONG\r\n");
    watching.say("WATCH k");
    server.set_now(1500);
    assert_eq!(transaction(&mut watching), b"*-1\r\n", "nobody asked for the key, but it is gone");
    watching.say("WATCH k");
    server.set_now(2000);
    assert_eq!(transaction(&mut watching), b"*1\r\n+PONG\r\n", "it was gone before");
}

/// What a transaction holds is gone with it, however it ends.
#[test]
fn a_transaction_leaves_nothing_behind() {
    let server = Direct::new();
    let mut client = server.client();
    let mut round = |end: &str| {
        client.say("WATCH a b c");
        client.say("MULTI");
        for _ in 0..100 {
            client.say("GET nothing");
        }
        client.say(end);
    };
    round("EXEC");
    for end in ["EXEC", "DISCARD", "RESET", "EXEC more", "NONSENSE\r\nEXEC"] {
        let held = measure(|| round(end));
        assert_eq!(held.bytes_current, 0, "{end}");
    }
    let held = measure(|| {
        let mut gone = server.client();
        gone.say("WATCH a b c");
        gone.say("MULTI");
        gone.say("SET k v");
    });
    assert!(held.bytes_current <= 0, "{held:?}");
}

#[test]
fn a_transaction_that_is_too_long_is_refused_and_not_kept() {
    let server = Direct::new();
    let mut client = server.client();
    client.say("MULTI");
    let long = [b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n", &vec![b'v'; 1_000_000][..], b"\r\n"].concat();
    let mut queued = 0;
    let held = measure(|| {
        loop {
            match &client.send(&long)[..] {
                b"+QUEUED\r\n" => queued += 1,
                reply => break assert_eq!(reply, b"-ERR the transaction is too long\r\n"),
            }
        }
        for _ in 0..100 {
            assert_eq!(client.send(&long), b"+QUEUED\r\n");
        }
    });
    assert_eq!(queued, (64 << 20) / long.len());
    assert!(held.bytes_max < 3 * (64 << 20), "{held:?}");
    assert!(held.bytes_current <= 0, "{held:?}");
    assert_eq!(client.say("EXEC"), b"-EXECABORT Transaction discarded because of previous errors.\r\n");
    assert_eq!(client.say("GET k"), b"$-1\r\n");
}

#[test]
fn a_transaction_grows_with_its_commands() {
    let cost = |len: usize| {
        let server = Direct::new();
        let mut client = server.client();
        client.say("MULTI");
        (0..len).for_each(|_| drop(client.say("INCR n")));
        let cost = measure(|| drop(client.say("EXEC")));
        assert_eq!(client.say("GET n"), format!("${}\r\n{len}\r\n", len.to_string().len()).as_bytes());
        (cost.count_total, cost.bytes_total)
    };
    let (few, many) = (cost(500), cost(4000));
    assert!(many.0 < few.0 * 9 && many.1 < few.1 * 9, "{few:?} {many:?}");
}

#[test]
fn keys_without_end_are_not_watched() {
    let server = Direct::new();
    let mut client = server.client();
    let (mut watched, mut reply) = (0, Vec::new());
    let held = measure(|| {
        while !reply.starts_with(b"-") {
            let keys: String = (watched..watched + 1000).map(|key| format!(" key:{key}")).collect();
            reply = client.say(&format!("WATCH{keys}"));
            watched += 1000;
        }
    });
    assert_eq!(reply, b"-ERR too many keys are watched\r\n");
    assert!(held.bytes_max < 128 << 20, "{held:?}");
    let freed = measure(|| drop(client.say("UNWATCH")));
    assert!(held.bytes_current + freed.bytes_current < 64 << 10, "{held:?} {freed:?}");
}

/// A watched key that many watch is told of once to each, and the same keys again and again cost nothing.
#[test]
fn watching_grows_with_the_keys_alone() {
    let bytes = |rounds: usize, keys: usize| {
        let server = Direct::new();
        let mut client = server.client();
        let names: String = (0..keys).map(|key| format!(" key:{key}")).collect();
        let held = measure(|| (0..rounds).for_each(|_| drop(client.say(&format!("WATCH{names}")))));
        held.bytes_current
    };
    let once = bytes(1, 500);
    assert_eq!(bytes(20, 500), once);
    let (few, many) = (bytes(1, 500), bytes(1, 4000));
    assert!(many < few * 12, "{few} {many}");
}

/// A short command may ask for a long reply over and over again.
#[test]
fn a_reply_without_end_is_cut_off() {
    let server = Direct::new();
    let mut client = server.client();
    client.say(&format!("SET k {}", "v".repeat(1000)));
    let command = format!("MGET{}\r\n", " k".repeat(100));
    assert_eq!(client.send_for_at_most(command.as_bytes(), 110_000).unwrap().len(), 100 * 1009 + 6);
    assert!(client.send_for_at_most(command.as_bytes(), 90_000).is_err());
    for _ in 0..2 {
        client.say("MULTI");
        for _ in 0..100 {
            client.say("GET k");
        }
        assert!(client.send_for_at_most(b"EXEC\r\n", 90_000).is_err());
    }
    client.say("MULTI");
    client.say("GET k");
    client.say("GET k");
    assert_eq!(client.send_for_at_most(b"EXEC\r\n", 90_000).unwrap().len(), 2 * 1009 + 4);
}
