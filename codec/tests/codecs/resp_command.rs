//! Commands, as arrays and as lines.

use headpond_codec::{
    Decoder,
    resp::{Command, CommandDecoder, Limits},
};
use headpond_pool::SequenceBuf;

use crate::splits::{items, outcome};

fn owned(command: Command<'_>) -> Vec<Vec<u8>> {
    assert_eq!(command.arguments().len(), command.len());
    let arguments: Vec<Vec<u8>> = command.arguments().map(|argument| argument.to_cow().into_owned()).collect();
    assert_eq!((arguments.len(), arguments.is_empty()), (command.len(), command.is_empty()));
    assert!(command.arguments().zip(&arguments).all(|(argument, bytes)| argument == bytes[..]));
    assert!(command.arguments().zip(&arguments).all(|(argument, bytes)| *argument.to_slice() == bytes[..]));
    arguments
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

#[test]
fn arrays_of_bulk_strings() {
    let stream = "*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n*0\r\n*-1\r\n";
    let commands = items(stream.as_bytes(), CommandDecoder::new, owned);
    assert_eq!(commands, [words(&["PING"]), words(&["SET", "", "\r\n\r\n"]), words(&[]), words(&[])]);
}

/// As Redis splits them: its `sdssplitargs`.
#[test]
fn lines_of_words() {
    let cases: &[(&str, &[&str])] = &[
        ("PING\r\n", &["PING"]),
        ("PING\n", &["PING"]),
        ("\r\n", &[]),
        ("\n", &[]),
        ("  set \t key   value  \r\n", &["set", "key", "value"]),
        ("set k \"two words\"\r\n", &["set", "k", "two words"]),
        ("set k \"\"\r\n", &["set", "k", ""]),
        (r#"echo "\x41\x4a\n\r\t\b\a\\\"\q\xzz""#, &["echo", "AJ\n\r\t\u{8}\u{7}\\\"qxzz"]),
        (r"echo 'it\'s \n' ''", &["echo", "it's \\n", ""]),
        ("a\"b c\" d\r\n", &["ab c", "d"]),
        ("a\\b 'c\"d'\r\n", &["a\\b", "c\"d"]),
    ];
    for (line, expected) in cases {
        let line = if line.ends_with('\n') { (*line).to_owned() } else { format!("{line}\r\n") };
        assert_eq!(items(line.as_bytes(), CommandDecoder::new, owned), [words(expected)], "{line:?}");
    }
}

#[test]
fn lines_and_arrays_in_turn() {
    let stream = "PING\r\n*1\r\n$4\r\nQUIT\r\necho 'x y'\n*1\r\n$1\r\na\r\n";
    let commands = items(stream.as_bytes(), CommandDecoder::new, owned);
    assert_eq!(commands, [words(&["PING"]), words(&["QUIT"]), words(&["echo", "x y"]), words(&["a"])]);
}

#[test]
fn unbalanced_quotes_are_refused() {
    for line in ["\"abc\r\n", "'abc\r\n", "\"a\"b\r\n", "'a'b\r\n", "\"a\\\r\n", "\"\\\"\r\n", "'\\'\r\n"] {
        let (_, error) = outcome(line.as_bytes(), CommandDecoder::new, owned);
        assert_eq!(error.as_deref(), Some("unbalanced quotes in the inline command at offset 0"), "{line:?}");
    }
}

#[test]
fn what_is_no_command_is_refused_with_its_offset() {
    for (text, offset) in [
        ("*x\r\n", 1),
        ("*1\r\n:1\r\n", 4),
        ("*1\r\n$-1\r\n", 5),
        ("*1\r\n$x\r\n", 5),
        ("*2\r\n$1\r\naX\r\n", 9),
        ("*1\n", 1),
    ] {
        let error = outcome(text.as_bytes(), CommandDecoder::new, owned).1.unwrap();
        assert!(error.starts_with(&format!("at offset {offset}: ")), "{text:?}: {error}");
    }
}

#[test]
fn limits_hold_before_anything_is_gathered() {
    let limits = Limits::new().max_string(10).max_line(10).max_elements(3);
    let tight = || CommandDecoder::with_limits(limits).max_len(40);
    for (text, error) in [
        ("*4\r\n", "what begins at offset 1 has more than 3 arguments"),
        ("*1\r\n$11\r\n", "what begins at offset 4 has more than 10 bytes"),
        ("01234567890\r\n", "what begins at offset 0 has more than 10 bytes"),
        ("012345678901", "what begins at offset 0 has more than 10 bytes"),
        ("*3\r\n$9\r\n123456789\r\n$9\r\n123456789\r\n$2\r\n", "what begins at offset 0 has more than 40 bytes"),
    ] {
        assert_eq!(outcome(text.as_bytes(), tight, owned).1.as_deref(), Some(error), "{text:?}");
    }
    assert_eq!(items(b"0123456789\r\n", tight, owned), [words(&["0123456789"])]);
}

#[test]
fn a_command_that_ends_early_is_truncated() {
    for text in ["*1\r\n", "*2\r\n$1\r\na\r\n", "*1\r\n$4\r\nPI", "PING", "*"] {
        assert_eq!(outcome(text.as_bytes(), CommandDecoder::new, owned).1.as_deref(), Some("truncated"), "{text:?}");
    }
}

/// Ten thousand arguments, byte by byte: what was checked is not checked again, or this would take minutes.
#[test]
fn small_pieces_of_a_long_command_take_linear_time() {
    let text = format!("*10000\r\n{}", "$1\r\na\r\n".repeat(10_000));
    let (mut commands, mut buffer, mut found) = (CommandDecoder::new(), SequenceBuf::new(), 0);
    for byte in text.as_bytes().chunks(1) {
        buffer.push(headpond_pool::Slice::copy_from_slice(byte));
        let command = commands.decode(&mut buffer.as_sequence().cursor()).unwrap().value();
        found += command.map_or(0, |command| command.len());
    }
    assert_eq!(found, 10_000);
}
