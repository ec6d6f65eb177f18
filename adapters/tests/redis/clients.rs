//! What clients see and do of each other.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

use crate::{
    peer::Peer,
    replies::{Socket, talk},
    served::Served,
};

/// Sends a line, and returns the reply to it.
fn say(socket: &mut dyn Socket, line: &str) -> String {
    let reply = talk(socket, &[format!("{line}\r\n").as_bytes()], 1).remove(0);
    String::from_utf8(reply.bytes().to_vec()).unwrap()
}

/// The fields of each client that a reply lists.
fn fields(reply: &str) -> Vec<Vec<(&str, &str)>> {
    let lines = reply.lines().filter(|line| line.starts_with("id="));
    lines.map(|line| line.split(' ').map(|field| field.split_once('=').unwrap()).collect()).collect()
}

fn field<'r>(fields: &[(&str, &'r str)], name: &str) -> &'r str {
    fields.iter().find(|(key, _)| *key == name).unwrap().1
}

#[test]
fn a_client_is_described_by_the_fields_that_redis_has() {
    let Some(peer) = Peer::start() else { return };
    let served = Served::start();
    let (ours, theirs) = (say(&mut served.connect(), "CLIENT LIST"), say(&mut peer.connect(), "CLIENT LIST"));
    let names = |reply: &str| fields(reply)[0].iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
    let mut expected = names(&theirs);
    // Those that came later, in the order in which they did.
    expected.extend(["lib-name", "lib-ver"].map(str::to_owned));
    expected.dedup();
    assert_eq!(names(&ours), expected);
}

#[test]
fn clients_see_each_other() {
    let served = Served::start();
    let (mut first, mut second) = (served.connect(), served.connect());
    let id = say(&mut first, "CLIENT ID");
    assert_eq!(say(&mut first, "CLIENT SETNAME first"), "+OK\r\n");
    assert_eq!(say(&mut first, "CLIENT SETINFO LIB-NAME some-lib"), "+OK\r\n");
    assert_eq!(say(&mut first, "CLIENT SETINFO lib-ver 1.2.3"), "+OK\r\n");
    assert_eq!(say(&mut first, "CLIENT SETINFO lib-license MIT"), "-ERR Unrecognized option 'lib-license'\r\n");
    let spaces = "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n";
    assert_eq!(say(&mut first, "CLIENT SETINFO lib-name \"some lib\""), spaces);
    let long = "x".repeat(4097);
    let too_long = "-ERR Client names cannot be longer than 4096 bytes.\r\n";
    for line in [format!("CLIENT SETNAME {long}"), format!("HELLO 2 SETNAME {long}")] {
        assert_eq!(say(&mut first, &line), too_long);
    }
    say(&mut first, "SELECT 7");
    say(&mut first, "WATCH k");
    say(&mut first, "MULTI");
    say(&mut first, "PING");
    let list = say(&mut second, "CLIENT LIST");
    let clients = fields(&list);
    assert_eq!(clients.len(), 2, "{list}");
    let [one, two] = &clients[..] else { unreachable!() };
    assert_eq!(format!(":{}\r\n", field(one, "id")), id);
    let address = first.local_addr().unwrap().to_string();
    for (name, value) in [
        ("addr", &address[..]),
        ("laddr", &served.address.to_string()),
        ("name", "first"),
        ("db", "7"),
        ("flags", "x"),
        ("multi", "1"),
        ("cmd", "ping"),
        ("resp", "2"),
        ("user", "default"),
        ("lib-name", "some-lib"),
        ("lib-ver", "1.2.3"),
    ] {
        assert_eq!(field(one, name), value, "{name}");
    }
    assert_eq!((field(two, "cmd"), field(two, "multi"), field(two, "flags")), ("client|list", "-1", "N"));
    say(&mut second, "SELECT 7");
    say(&mut second, "SET k v");
    let list = say(&mut second, &format!("CLIENT LIST ID {} 99", field(one, "id")));
    assert_eq!(fields(&list).len(), 1, "{list}");
    let info = say(&mut second, "CLIENT INFO");
    assert_eq!(field(&fields(&info)[0], "cmd"), "client|info");
    drop(first);
    until(|| fields(&say(&mut second, "CLIENT LIST")).len() == 1);
    let info = say(&mut second, "INFO clients");
    assert!(info.contains("connected_clients:1\r\n"), "{info}");
}

/// Asks again and again, which gives the server its turn, until it is so.
fn until(mut is_so: impl FnMut() -> bool) {
    assert!((0..100_000).any(|_| is_so()), "it never was");
}

fn is_closed(mut socket: TcpStream) -> bool {
    // One that is not would answer.
    socket.write_all(b"PING\r\n").is_err() || socket.read(&mut [0]).map_or(true, |n| n == 0)
}

#[test]
fn clients_kill_each_other() {
    let served = Served::start();
    let mut killer = served.connect();
    let connect = || {
        let mut socket = served.connect();
        say(&mut socket, "PING");
        socket
    };
    let address = |socket: &TcpStream| socket.local_addr().unwrap().to_string();

    let victim = connect();
    assert_eq!(say(&mut killer, &format!("CLIENT KILL {}", address(&victim))), "+OK\r\n");
    assert!(is_closed(victim));
    let victim = connect();
    assert_eq!(say(&mut killer, &format!("CLIENT KILL ADDR {}", address(&victim))), ":1\r\n");
    assert!(is_closed(victim));
    let mut victim = connect();
    let id = say(&mut victim, "CLIENT ID");
    assert_eq!(say(&mut killer, &format!("CLIENT KILL ID {}", &id[1..])), ":1\r\n");
    assert!(is_closed(victim));
    // One that is in the middle of things, and one that does not read.
    let (mut busy, mut deaf) = (connect(), connect());
    say(&mut busy, "WATCH k");
    say(&mut busy, "MULTI");
    say(&mut busy, "SET k v");
    say(&mut killer, &format!("SET big {}", "v".repeat(60_000)));
    deaf.write_all(&b"GET big\r\n".repeat(500)).unwrap();
    assert_eq!(say(&mut killer, "CLIENT KILL TYPE normal"), ":2\r\n");
    assert!(is_closed(busy));
    assert_eq!(say(&mut killer, "EXISTS k"), ":0\r\n");
    assert_eq!(fields(&say(&mut killer, "CLIENT LIST")).len(), 1);
    drop(deaf);
    // Oneself, when one says so; the reply comes first.
    assert_eq!(say(&mut killer, "CLIENT KILL USER default"), ":0\r\n");
    assert_eq!(say(&mut killer, "CLIENT KILL USER default SKIPME no"), ":1\r\n");
    assert!(is_closed(killer));
}

/// Neither the keys that it watched nor its place among the clients outlive a connection, however it ends.
#[test]
fn a_client_that_is_gone_watches_nothing() {
    let served = Served::start();
    let mut stays = served.connect();
    let (mut gone, mut killed) = (served.connect(), served.connect());
    for socket in [&mut gone, &mut killed] {
        say(socket, "WATCH a b c");
        say(socket, "SELECT 3");
        say(socket, "WATCH a b");
    }
    assert!(say(&mut stays, "INFO clients").contains("total_watched_keys:5\r\n"));
    drop(gone);
    assert_eq!(say(&mut stays, "CLIENT KILL TYPE normal SKIPME yes").len(), 4);
    until(|| say(&mut stays, "INFO clients").contains("total_watched_keys:0\r\n"));
    assert!(is_closed(killed));
    until(|| say(&mut stays, "INFO clients").contains("connected_clients:1\r\n"));
}

/// What `redis-cli --stat` and the like read.
#[test]
fn info_has_the_sections_and_fields_that_tools_read() {
    let served = Served::start();
    let mut socket = served.connect();
    say(&mut socket, "SET k v EX 100");
    let info = say(&mut socket, "INFO");
    let fields: BTreeSet<&str> = info.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    for name in [
        "redis_version",
        "tcp_port",
        "uptime_in_seconds",
        "connected_clients",
        "blocked_clients",
        "used_memory",
        "loading",
        "rdb_bgsave_in_progress",
        "aof_rewrite_in_progress",
        "total_connections_received",
        "total_commands_processed",
        "role",
        "db0",
    ] {
        assert!(fields.contains(name), "{name}: {info}");
    }
    assert!(info.contains("\r\ndb0:keys=1,expires=1,avg_ttl=0\r\n"), "{info}");
    assert!(info.contains("\r\ntotal_connections_received:1\r\n"), "{info}");
    assert!(info.contains("\r\ntotal_commands_processed:2\r\n"), "{info}");
    for (command, expires) in
        [("PERSIST k", 0), ("EXPIRE k 5", 1), ("SET k v", 0), ("SET k v EX 5", 1), ("EXPIRE k 9", 1)]
    {
        say(&mut socket, command);
        let info = say(&mut socket, "INFO keyspace");
        assert!(info.contains(&format!("expires={expires},")), "{command}: {info}");
    }
    say(&mut socket, "DEL k");
    assert_eq!(say(&mut socket, "INFO keyspace"), "$12\r\n# Keyspace\r\n\r\n");
    let sections = say(&mut socket, "INFO server Clients");
    assert!(sections.contains("# Server\r\n") && sections.contains("\r\n\r\n# Clients\r\n"), "{sections}");
    assert!(!sections.contains("# Stats"), "{sections}");
}
