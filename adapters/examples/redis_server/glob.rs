//! Patterns with `*`, `?`, `[a-z]`, `[^a]` and `\`.

/// Whether all of `text` is as the pattern says, in time bounded by the product of their lengths.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Behind the last star, and where the text it stands for may end next.
    let mut retry = None;
    loop {
        match (pattern.get(at), text.get(read)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                at += 1;
                retry = Some((at, read + 1));
                continue;
            }
            (Some(_), Some(&byte)) => {
                if let Some(next) = match_one(pattern, at, byte) {
                    (at, read) = (next, read + 1);
                    continue;
                }
            }
            _ => {}
        }
        match retry {
            Some((star, from)) if from <= text.len() => {
                (at, read) = (star, from);
                retry = Some((star, from + 1));
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on when what stands at `at` is as `byte`.
fn match_one(pattern: &[u8], at: usize, byte: u8) -> Option<usize> {
    match pattern[at] {
        b'?' => Some(at + 1),
        b'[' => match_class(pattern, at + 1, byte),
        b'\\' if at + 1 < pattern.len() => (pattern[at + 1] == byte).then_some(at + 2),
        literal => (literal == byte).then_some(at + 1),
    }
}

/// As [`match_one`], for a class that begins at `at`; one without an end goes up to the pattern's.
fn match_class(pattern: &[u8], at: usize, byte: u8) -> Option<usize> {
    let negated = pattern.get(at) == Some(&b'^');
    let mut at = at + usize::from(negated);
    let mut found = false;
    loop {
        match pattern[at.min(pattern.len())..] {
            [] => break,
            [b']', ..] => {
                at += 1;
                break;
            }
            [b'\\', escaped, ..] => {
                found |= escaped == byte;
                at += 2;
            }
            [from, b'-', to, ..] => {
                found |= (from.min(to)..=from.max(to)).contains(&byte);
                at += 3;
            }
            [one, ..] => {
                found |= one == byte;
                at += 1;
            }
        }
    }
    (found != negated).then_some(at)
}
