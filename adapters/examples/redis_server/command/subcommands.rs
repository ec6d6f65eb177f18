//! The commands that are of several kinds, told apart by their second word.

use super::super::error::{CommandError, refused_as, wrong_arity};
use super::{Args, MOST_REPEATED, table::Spec};

/// Name and arity, as in the table of commands.
static SUBCOMMANDS: &[(&str, i32)] = &[
    ("client|getname", 2),
    ("client|id", 2),
    ("client|info", 2),
    ("client|kill", -3),
    ("client|list", -2),
    ("client|setinfo", 4),
    ("client|setname", 3),
    ("command|count", 2),
    ("command|docs", -2),
    ("command|info", -2),
    ("command|list", -2),
    ("config|get", -3),
    ("config|resetstat", 2),
    ("config|set", -4),
];

/// Which command it is by its full name, if it has the arguments that it needs.
pub(super) fn check(spec: &Spec, args: &Args<'_>) -> Result<&'static str, CommandError> {
    if !matches!(spec.name, "client" | "command" | "config") || args.len() == 1 {
        return Ok(spec.name);
    }
    let wanted = format!("{}|{}", spec.name, args.word(1));
    let Some(&(name, arity)) = SUBCOMMANDS.iter().find(|(name, _)| *name == wanted) else {
        return Err(unknown(args));
    };
    let least = arity.unsigned_abs() as usize;
    if args.len() == least || arity < 0 && args.len() > least { Ok(name) } else { Err(wrong_arity(name)) }
}

/// A subcommand that there is not.
pub(super) fn unknown(args: &Args<'_>) -> CommandError {
    let (name, subcommand) = (args.word(0).to_ascii_uppercase(), args.bytes(1));
    let subcommand = String::from_utf8_lossy(&subcommand[..subcommand.len().min(MOST_REPEATED)]);
    refused_as(format_args!("ERR unknown subcommand '{subcommand}'. Try {name} HELP."))
}
