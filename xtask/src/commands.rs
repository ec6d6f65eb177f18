//! The commands on one screen.

/// The command line, whose documentation is the list.
const FLAGS: &str = include_str!("flags.rs");

/// Lists every command with the first sentence of what it does.
pub(crate) fn list() -> String {
    let commands = all();
    let width = commands.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = commands.iter().map(|(name, what)| format!("  {name:<width$}  {what}\n"));
    format!("cargo xtask COMMAND\n\n{}\n`cargo xtask --help` lists their flags, too.\n", lines.collect::<String>())
}

/// Each command and its documentation, in order.
fn all() -> Vec<(&'static str, &'static str)> {
    let mut commands = Vec::new();
    let mut what = "";
    for line in FLAGS.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            what = text;
        } else if let Some(name) = line.strip_prefix("cmd ").and_then(|rest| rest.split_whitespace().next()) {
            commands.push((name, what));
        }
    }
    // The first is the program.
    commands.split_off(1.min(commands.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_on_one_screen() {
        let list = list();
        for name in ["test", "check", "ci", "loom", "fuzz", "tidy", "bench"] {
            assert!(list.lines().any(|line| line.trim_start().starts_with(&format!("{name} "))), "{name} in {list}");
        }
        assert!(all().iter().all(|(name, what)| *name != "xtask" && !what.is_empty()), "{list}");
        assert!(list.lines().count() <= 24 && list.lines().all(|line| line.len() <= 120), "{list}");
    }
}
