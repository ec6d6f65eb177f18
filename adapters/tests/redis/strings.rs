//! Strings that are changed in place.

use allocation_counter::measure;

use crate::direct::Direct;

/// What is put behind a string, or into it, costs what it is long, however long the string is.
#[test]
fn small_changes_of_a_long_string_are_cheap() {
    let server = Direct::new();
    let mut client = server.client();
    client.say("SETRANGE k 999999 x");
    client.say("APPEND k x");
    let copied = measure(|| {
        for _ in 0..1000 {
            client.say("APPEND k y");
            client.say("SETRANGE k 5 z");
        }
    });
    assert_eq!(client.say("STRLEN k"), b":1001001\r\n");
    assert!(copied.bytes_total < 4_000_000, "{copied:?}");
    assert_eq!(client.say("GETRANGE k 4 6"), b"$3\r\n\0z\0\r\n");
    assert_eq!(client.say("GETRANGE k -2 -1"), b"$2\r\nyy\r\n");
}

/// A value that shares its memory with what is being sent elsewhere is not changed under it.
#[test]
fn a_string_that_shares_its_memory_is_copied_first() {
    let server = Direct::new();
    let mut client = server.client();
    client.say(&format!("MSET a {0} b {0}", "v".repeat(100)));
    client.say("SETRANGE a 0 X");
    client.say("APPEND b Y");
    assert_eq!(client.say("GETRANGE a 0 2"), b"$3\r\nXvv\r\n");
    assert_eq!(client.say("GETRANGE b 97 -1"), b"$4\r\nvvvY\r\n");
    assert_eq!(client.say("STRLEN a"), b":100\r\n");
}

/// An offset alone may ask for no more than the longest string; and what is refused takes no memory.
#[test]
fn no_string_is_longer_than_half_a_gibibyte() {
    let server = Direct::new();
    let mut client = server.client();
    let too_long: &[u8] = b"-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
    let refused = measure(|| {
        for offset in ["536870912", "536870911", "9223372036854775807"] {
            assert_eq!(client.say(&format!("SETRANGE k {offset} xy")), too_long);
        }
    });
    assert!(refused.bytes_max < 10_000, "{refused:?}");
    assert_eq!(client.say("EXISTS k"), b":0\r\n");
    assert_eq!(client.say("SETRANGE k 536870910 xy"), b":536870912\r\n");
    assert_eq!(client.say("APPEND k z"), too_long);
    assert_eq!(client.say("SETRANGE k 536870911 z"), b":536870912\r\n");
    assert_eq!(client.say("GETRANGE k -2 -1"), b"$2\r\nxz\r\n");
}
