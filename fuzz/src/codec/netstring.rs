//! Netstrings, against a reading byte by byte.

use headpond_codec::{Encoder, netstring::Netstring};

use super::{Bytes, End, Stop, Stream};

/// What a stream is made of: items are texts.
pub type Op = super::Op<Vec<u8>>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[b"0:,", b"1:a,", b"0", b":", b",", b"9", b"10:"], |text, out| {
        out.extend_from_slice(format!("{}:", text.len()).as_bytes());
        out.extend_from_slice(text);
        out.push(b',');
    });
    let limit = stream.limit.unwrap_or(1 << 16);
    let make = || Netstring::new().max_len(limit);
    let (texts, end) = stream.decode(make, |texts, text| texts.push(text.to_vec()));
    let (mut bytes, mut naive) = (Bytes::of(&stream.bytes), Vec::new());
    let naive_end = loop {
        if bytes.is_empty() {
            break End::Clean;
        }
        match read(&mut bytes, limit) {
            Ok(text) => naive.push(text.to_vec()),
            Err(stop) => break stop.end(),
        }
    };
    assert_eq!((&texts, end.kind()), (&naive, naive_end));
    let mut out = Vec::new();
    texts.iter().for_each(|text| make().encode(&text[..], &mut out).expect("it is within the limit"));
    assert!(stream.bytes.starts_with(&out), "there is one form only");
}

fn read<'b>(bytes: &mut Bytes<'b>, limit: usize) -> Result<&'b [u8], Stop> {
    let mut digits = String::new();
    loop {
        match bytes.next()? {
            byte @ b'0'..=b'9' if digits != "0" => digits.push(byte.into()),
            b':' if !digits.is_empty() => break,
            _ => return Err(Stop::Failed),
        }
        if digits.parse::<usize>().is_ok_and(|len| len <= limit) {
            continue;
        }
        return Err(Stop::Failed);
    }
    let len = digits.parse::<u64>().map_err(|_| Stop::Failed)?;
    // The comma is looked at when all is there.
    let text = bytes.take(len)?;
    bytes.expect(b',')?;
    Ok(text)
}
