//! Scans: everything that is there all the time is given, whatever comes and goes, in calls that cost what they look at.

use std::collections::BTreeSet;

use allocation_counter::measure;
use fastrand::Rng;

use crate::{
    direct::{Caller, Direct},
    replies::parse,
};

/// How a table is scanned, filled and emptied: with `{}` for the name of what is put there.
struct Table {
    scan: &'static str,
    add: &'static str,
    remove: &'static str,
    /// How many strings there are for each.
    strings: usize,
}

const TABLES: [Table; 5] = [
    Table { scan: "SCAN {}", add: "SET {} v", remove: "DEL {}", strings: 1 },
    Table { scan: "SSCAN set {}", add: "SADD set {}", remove: "SREM set {}", strings: 1 },
    Table { scan: "HSCAN hash {}", add: "HSET hash {} v", remove: "HDEL hash {}", strings: 2 },
    Table { scan: "HSCAN hash {} NOVALUES", add: "HSET hash {} v", remove: "HDEL hash {}", strings: 1 },
    Table { scan: "ZSCAN zset {}", add: "ZADD zset 1 {}", remove: "ZREM zset {}", strings: 2 },
];

impl Table {
    fn change(&self, client: &mut Caller<'_>, command: &str, name: &str) {
        let reply = client.say(&command.replace("{}", name));
        assert!(!reply.starts_with(b"-"), "{}", reply.escape_ascii());
    }

    /// One call: the next cursor, and the names.
    fn call(&self, client: &mut Caller<'_>, cursor: &str, options: &str) -> (String, Vec<String>) {
        let reply = client.say(&format!("{} {options}", self.scan.replace("{}", cursor)));
        let [cursor, strings] = <[_; 2]>::try_from(parse(&reply)).unwrap();
        let strings = strings.split(' ').filter(|string| !string.is_empty());
        (cursor, strings.step_by(self.strings).map(str::to_owned).collect())
    }
}

#[test]
fn what_is_there_all_the_time_is_given() {
    let seed = fastrand::u64(..);
    let mut rng = Rng::with_seed(seed);
    for table in TABLES {
        for _ in 0..40 {
            let server = Direct::new();
            let mut client = server.client();
            let stays: BTreeSet<String> = (0..rng.usize(..60)).map(|n| format!("stays:{n}")).collect();
            let mut goes: Vec<String> = (0..rng.usize(..60)).map(|n| format!("goes:{n}")).collect();
            let mut all: Vec<&String> = stays.iter().chain(&goes).collect();
            rng.shuffle(&mut all);
            all.into_iter().for_each(|name| table.change(&mut client, table.add, name));
            let (mut given, mut cursor, mut calls) = (BTreeSet::new(), "0".to_owned(), 0);
            loop {
                let (next, names) = table.call(&mut client, &cursor, &format!("COUNT {}", rng.usize(1..8)));
                given.extend(names);
                calls += 1;
                assert!(calls <= 121, "seed {seed}, {}: {calls}", table.scan);
                if next == "0" {
                    break;
                }
                cursor = next;
                for _ in 0..rng.usize(..6) {
                    let name = format!("new:{}", rng.u16(..));
                    table.change(&mut client, table.add, &name);
                    goes.push(name);
                    let at = rng.usize(..goes.len());
                    table.change(&mut client, table.remove, &goes.swap_remove(at));
                    // Those that are there may also be set again.
                    if let Some(name) = stays.iter().nth(rng.usize(..=stays.len())) {
                        table.change(&mut client, table.add, name);
                    }
                }
            }
            assert!(given.is_superset(&stays), "seed {seed}, {}", table.scan);
        }
    }
}

/// What has expired is not given, and what a scan of nobody's making asks for is answered.
#[test]
fn a_scan_ends_wherever_it_begins() {
    let server = Direct::new();
    server.set_now(1000);
    let mut client = server.client();
    for n in 0..100 {
        client.say(&format!("SET k{n} v"));
        client.say(&format!("PSETEX gone{n} 10 v"));
    }
    server.set_now(1010);
    for start in ["0", "1", "100", "18446744073709551615", "-1", "9999"] {
        let (mut cursor, mut calls, mut given) = (start.to_owned(), 0, Vec::new());
        loop {
            let (next, keys) = TABLES[0].call(&mut client, &cursor, "");
            (cursor, calls) = (next, calls + 1);
            given.extend(keys);
            assert!(calls <= 20, "{start}");
            if cursor == "0" {
                break;
            }
        }
        assert!(given.iter().all(|key| key.starts_with('k')), "{start}");
    }
    let all = |options: &str| TABLES[0].call(&mut server.client(), "0", options);
    assert_eq!(all("COUNT 9223372036854775807").1.len(), 100);
    assert_eq!(all("COUNT 9223372036854775807 MATCH k1?").1.len(), 10);
}

/// Not one name is looked at twice: a scan of eight times as many asks for eight times as many bytes, and leaves none behind.
#[test]
fn a_scan_grows_with_what_there_is() {
    for table in TABLES {
        let cost = |len: usize, count: usize| {
            let server = Direct::new();
            let mut client = server.client();
            (0..len).for_each(|n| table.change(&mut client, table.add, &format!("name:{n:05}")));
            let (mut given, mut calls) = (0, 0);
            let mut scan = || {
                let mut cursor = "0".to_owned();
                loop {
                    let (next, names) = table.call(&mut client, &cursor, &format!("COUNT {count}"));
                    (cursor, given, calls) = (next, given + names.len(), calls + 1);
                    assert!(calls <= len);
                    if cursor == "0" {
                        break;
                    }
                }
            };
            let cost = measure(&mut scan);
            assert_eq!((given, calls), (len, len.div_ceil(count)));
            assert_eq!(cost.bytes_current, 0);
            cost.bytes_total
        };
        for count in [1, 10] {
            let (few, many) = (cost(200, count), cost(1600, count));
            assert!(many < few * 9, "{} {few} {many}", table.scan);
        }
    }
}
