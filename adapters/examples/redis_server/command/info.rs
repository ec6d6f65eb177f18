//! How the server is.

use std::fmt::Write;

use super::super::store::Database;
use super::{Call, Outcome};

/// A section of `INFO`, under its name.
type Section = (&'static str, fn(&Call<'_>, &mut String) -> std::fmt::Result);

/// Those that Redis has and this server has something to say on.
const SECTIONS: [Section; 7] = [
    ("Server", server),
    ("Clients", clients),
    ("Memory", memory),
    ("Persistence", persistence),
    ("Stats", stats),
    ("Replication", replication),
    ("Keyspace", keyspace),
];

/// `INFO [SECTION ...]`
pub(super) fn info(call: &mut Call<'_>) -> Outcome {
    let asked: Vec<_> = (1..call.args.len()).map(|at| call.args.word(at)).collect();
    let is_asked = |section: &str| {
        let is_this = |asked: &String| {
            asked.eq_ignore_ascii_case(section) || matches!(asked.as_str(), "all" | "default" | "everything")
        };
        asked.is_empty() || asked.iter().any(is_this)
    };
    let mut text = String::new();
    for (name, section) in SECTIONS.into_iter().filter(|(name, _)| is_asked(name)) {
        let gap = if text.is_empty() { "" } else { "\r\n" };
        let _ = write!(text, "{gap}# {name}\r\n");
        let _ = section(call, &mut text);
    }
    Ok(call.reply.lines(text.as_bytes())?)
}

fn server(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let seconds = (call.store.now() - call.shared.since).max(0) / 1000;
    write!(text, "redis_version:7.0.0\r\nheadpond_version:{}\r\n", env!("CARGO_PKG_VERSION"))?;
    write!(text, "redis_mode:standalone\r\nprocess_id:{}\r\n", std::process::id())?;
    write!(text, "tcp_port:{}\r\nuptime_in_seconds:{seconds}\r\n", call.shared.address.port())?;
    write!(text, "uptime_in_days:{}\r\n", seconds / (24 * 60 * 60))
}

fn clients(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let watched: usize = call.store.databases.iter().map(Database::watched).sum();
    write!(text, "connected_clients:{}\r\nblocked_clients:0\r\n", call.shared.clients.len())?;
    write!(text, "total_watched_keys:{watched}\r\n")
}

/// How much the process has in memory, all of it taken for the server's. Where the system does not tell, 0.
fn memory(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB")?.trim().parse().ok());
    let bytes = kibibytes.unwrap_or(0_u64) * 1024;
    write!(text, "used_memory:{bytes}\r\nused_memory_rss:{bytes}\r\nmaxmemory:0\r\n")
}

/// There is none.
fn persistence(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "loading:0\r\nrdb_bgsave_in_progress:0\r\naof_enabled:0\r\naof_rewrite_in_progress:0\r\n")
}

fn stats(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    let (connections, commands) = (call.shared.clients.count(), call.shared.commands.get());
    write!(text, "total_connections_received:{connections}\r\ntotal_commands_processed:{commands}\r\n")
}

fn replication(_: &Call<'_>, text: &mut String) -> std::fmt::Result {
    write!(text, "role:master\r\nconnected_slaves:0\r\n")
}

fn keyspace(call: &Call<'_>, text: &mut String) -> std::fmt::Result {
    for (number, database) in call.store.databases.iter().enumerate().filter(|(_, database)| database.len() > 0) {
        let (keys, expires) = (database.len(), database.expiring());
        write!(text, "db{number}:keys={keys},expires={expires},avg_ttl=0\r\n")?;
    }
    Ok(())
}
