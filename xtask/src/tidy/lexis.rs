//! Where comments and literals begin and end.

/// The text with comments and the insides of string and character literals replaced by blanks.
pub(crate) fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(text, at);
        match end {
            Some(end) => {
                code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
                at = end;
            }
            None => at += 1,
        }
    }
    // Only whole literals and comments were blanked, so what is left is still UTF-8.
    String::from_utf8(code).unwrap_or_default()
}

/// Where the comment or literal that starts at this byte ends.
fn literal_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let after_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let end_of =
        |from: usize, wanted: &str| text[from..].find(wanted).map_or(text.len(), |found| from + found + wanted.len());
    match bytes[at] {
        b'/' if bytes[at..].starts_with(b"//") => Some(text[at..].find('\n').map_or(text.len(), |found| at + found)),
        b'/' if bytes[at..].starts_with(b"/*") => Some(block_comment_end(bytes, at)),
        b'"' => Some(quoted_end(bytes, at)),
        b'r' if !after_name || bytes[at - 1] == b'b' || bytes[at - 1] == b'c' => {
            let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
            let quote = at + 1 + hashes;
            (bytes.get(quote) == Some(&b'"')).then(|| end_of(quote + 1, &format!("\"{}", "#".repeat(hashes))))
        }
        // A quote that is not a lifetime: `'x'` or `'\n'`.
        b'\'' if bytes.get(at + 1) == Some(&b'\\') => Some(end_of(at + 3, "'")),
        b'\'' => {
            let next = text[at + 1..].chars().next()?;
            let close = at + 1 + next.len_utf8();
            (bytes.get(close) == Some(&b'\'')).then_some(close + 1)
        }
        _ => None,
    }
}

fn block_comment_end(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut here) = (0_usize, at);
    while here < bytes.len() {
        if bytes[here..].starts_with(b"/*") {
            (depth, here) = (depth + 1, here + 2);
        } else if bytes[here..].starts_with(b"*/") {
            (depth, here) = (depth - 1, here + 2);
            if depth == 0 {
                return here;
            }
        } else {
            here += 1;
        }
    }
    bytes.len()
}

fn quoted_end(bytes: &[u8], at: usize) -> usize {
    let mut here = at + 1;
    while here < bytes.len() {
        match bytes[here] {
            b'\\' => here += 2,
            b'"' => return here + 1,
            _ => here += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let code = blank(text);
        assert_eq!(code.len(), text.len(), "blanking must keep every offset");
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn blanks_comments() {
        assert_eq!(code("a // unsafe\nb /* unsafe /* deep */ unsafe */ c\n/// unsafe\nd"), "a b c d");
    }

    #[test]
    fn blanks_literals() {
        assert_eq!(
            code(r##"a("un\"safe", r#"un"safe"#, b"unsafe", br"unsafe\", '"', '\'', 'é') b"##),
            "a( , , b , b , , , ) b"
        );
    }

    #[test]
    fn leaves_lifetimes_and_names_alone() {
        assert_eq!(
            code("fn f<'a>(x: &'a str, for_r: u8) -> &'a str { x }"),
            "fn f<'a>(x: &'a str, for_r: u8) -> &'a str { x }"
        );
    }
}
