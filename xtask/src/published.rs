//! The crates that go to the registry, and their features.

use std::fs;

use anyhow::{Context, Result};

use crate::gate::Gate;

/// Folder and package of each published crate, in the order of the arrows between them.
pub(crate) const CRATES: [(&str, &str); 4] = [
    ("pool", "headpond-pool"),
    ("pipe", "headpond-pipe"),
    ("codec", "headpond-codec"),
    ("adapters", "headpond-adapters"),
];

/// `-p NAME` for each published crate.
pub(crate) fn package_flags() -> Vec<&'static str> {
    CRATES.iter().flat_map(|&(_, package)| ["-p", package]).collect()
}

/// The features a crate declares, `default` left out.
pub(crate) fn features(gate: &Gate, folder: &str) -> Result<Vec<String>> {
    let path = gate.root().join(folder).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(features_of(&manifest))
}

fn features_of(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim().trim_matches('"').to_owned())
        .filter(|key| key != "default" && !key.starts_with('#') && !key.contains(char::is_whitespace))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_the_features_and_nothing_else() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = [\"a\"]\n# not = this\na = [\n    \"dep:a\",\n]\nb-c = []\n\n[dependencies]\nd = \"1\"\n";
        assert_eq!(features_of(manifest), ["a", "b-c"]);
    }

    #[test]
    fn a_crate_without_features_has_none() {
        assert!(features_of("[package]\nname = \"x\"\n[dependencies]\na = \"1\"\n").is_empty());
    }
}
