//! RESP, against a reading of it by recursion, and `redis-protocol` on what was read.

use headpond_codec::{
    Encode, Encoder,
    resp::{CommandDecoder, Frame, FrameDecoder, Limits, RespEncoder, RespVersion, Token, TokenDecoder, Value},
};
use headpond_pool::Sequence;

use super::{Bytes, End, Outcome, Stop, Stream};

/// What a stream is made of.
pub type Op = super::Op<Item>;

/// A value, or the head of an aggregate, whose elements are the items behind it.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Line(u8, Vec<u8>),
    Number(u8, i64),
    Double(f64),
    String(u8, Vec<u8>),
    Aggregate(u8, u8),
    Streamed(u8),
}

/// How deep the aggregates may be.
const DEPTH: u8 = 8;

type Seen = Token<Vec<u8>>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"$-1\r\n",
        b"*-1\r\n",
        b"_\r\n",
        b"#t\r\n",
        b"#f\r\n",
        b".\r\n",
        b"$?\r\n",
        b";0\r\n",
        b";1\r\na\r\n",
        b"*?\r\n",
        b"%?\r\n",
        b"~?\r\n",
        b"=5\r\ntxt:a\r\n",
        b"|1\r\n",
        b",nan\r\n",
        b"*2\r\n$4\r\nECHO\r\n",
        b"PING\r\n",
        b"\"",
        b"\\x4",
        b" ",
    ];
    let stream = Stream::of(ops, words, write);
    let limits = Limits::new().max_depth(DEPTH).max_line(1 << 16);
    let own = |all: &mut Vec<String>, token: Token<Sequence<'_>>| all.push(format!("{:?}", token.to_owned()));
    let (tokens, end) = stream.decode(|| TokenDecoder::with_limits(limits), own);
    let (naive, outcome) = read(&stream.bytes);
    let (ends, naive_end) = super::settled(outcome, &end, &stream.bytes, &more(), |bytes| read(bytes).1);
    let shown: Vec<String> = naive.tokens.iter().map(|token| format!("{token:?}")).collect();
    assert_eq!((&tokens, end.kind()), (&shown, naive_end), "{}", stream.bytes.escape_ascii());

    let make = || FrameDecoder::with_limits(limits);
    let own = |all: &mut Vec<(Vec<u8>, Vec<String>)>, frame: Frame<'_>| {
        let tokens = frame.tokens().map(|token| format!("{:?}", token.to_owned())).collect();
        all.push((frame.sequence().to_vec(), tokens));
    };
    let (frames, frames_end) = stream.decode(make, own);
    assert_eq!(frames_end.kind(), end.kind());
    assert_eq!(frames.len(), ends.len(), "as many frames as values");
    let (mut token, mut offset) = (0, 0);
    for ((bytes, tokens), (token_end, end)) in frames.iter().zip(ends) {
        assert_eq!((&bytes[..], &tokens[..]), (&stream.bytes[offset..end], &shown[token..token_end]));
        (token, offset) = (token_end, end);
    }
    written_again(&naive.tokens[..token]);
    values(&stream, limits);
    commands(&stream);
    narrow(&stream);
}

fn write(item: &Item, out: &mut Vec<u8>) {
    let sign = |signs: &[u8], which: u8| char::from(signs[usize::from(which) % signs.len()]);
    let text = match item {
        Item::Line(which, text) => {
            let text: String = text.iter().map(|byte| char::from(b' ' + byte % 90)).collect();
            format!("{}{text}\r\n", sign(b"+-+-(", *which))
        }
        Item::Number(which, number) => format!("{}{number}\r\n", sign(b":::(", *which)),
        Item::Double(number) => format!(",{number:e}\r\n"),
        Item::Aggregate(which, len) => format!("{}{}\r\n", sign(b"*%~>|", *which), len % 5),
        Item::Streamed(which) => format!("{}?\r\n", sign(b"*%~$", *which)),
        Item::String(which, bytes) => {
            out.extend_from_slice(format!("{}{}\r\n", sign(b"$!=;", *which), bytes.len()).as_bytes());
            out.extend_from_slice(bytes);
            "\r\n".to_owned()
        }
    };
    out.extend_from_slice(text.as_bytes());
}

/// All values, and with how many tokens and bytes each of them ends.
fn read(bytes: &[u8]) -> (Reading, Outcome<(usize, usize)>) {
    let (mut naive, mut bytes, mut ends) = (Reading { tokens: Vec::new() }, Bytes::of(bytes), Vec::new());
    let end = loop {
        if bytes.is_empty() {
            break End::Clean;
        }
        match naive.value(&mut bytes, 0) {
            Ok(()) => ends.push((naive.tokens.len(), bytes.at)),
            Err(stop) => break stop.end(),
        }
    };
    (naive, (ends, end))
}

/// What may follow the beginning of a value.
fn more() -> Vec<Vec<u8>> {
    let tokens = [
        "",
        "\n",
        "\r\n",
        "0\r\n",
        "1\r\n",
        "-1\r\n",
        "?\r\n",
        "f\r\n",
        "nf\r\n",
        "an\r\n",
        "n\r\n",
        "4\r\ntxt:\r\n",
        "txt:\r\n",
    ];
    let ends = (0..5).flat_map(|values| ["", ".\r\n", ";0\r\n"].map(|end| format!("{}{end}", "_\r\n".repeat(values))));
    let ends: Vec<String> = ends.collect();
    tokens.iter().flat_map(|token| ends.iter().map(move |end| format!("{token}{end}").into_bytes())).collect()
}

/// The tokens that were read, the naive way.
struct Reading {
    tokens: Vec<Seen>,
}

impl Reading {
    /// One value, with all that is in it.
    fn value(&mut self, bytes: &mut Bytes<'_>, depth: u8) -> Result<(), Stop> {
        let token = token(bytes)?;
        let is_open = |token: &Seen| {
            matches!(
                token,
                Token::Array(_)
                    | Token::Set(_)
                    | Token::Push(_)
                    | Token::Map(_)
                    | Token::Attributes(_)
                    | Token::StreamedString
                    | Token::StreamedArray
                    | Token::StreamedSet
                    | Token::StreamedMap
            )
        };
        if matches!(token, Token::End | Token::Chunk(_) | Token::EndOfString) || (is_open(&token) && depth >= DEPTH) {
            return Err(Stop::Failed);
        }
        self.tokens.push(token.clone());
        match token {
            Token::Array(len) | Token::Set(len) | Token::Push(len) => self.values(bytes, depth, len),
            Token::Map(pairs) => self.values(bytes, depth, 2 * pairs),
            Token::Attributes(pairs) => {
                self.values(bytes, depth, 2 * pairs)?;
                self.value(bytes, depth + 1)
            }
            Token::StreamedString => self.chunks(bytes),
            Token::StreamedArray | Token::StreamedSet => self.streamed(bytes, depth, false),
            Token::StreamedMap => self.streamed(bytes, depth, true),
            _ => Ok(()),
        }
    }

    fn values(&mut self, bytes: &mut Bytes<'_>, depth: u8, len: u64) -> Result<(), Stop> {
        (0..len).try_for_each(|_| self.value(bytes, depth + 1))
    }

    fn chunks(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Stop> {
        loop {
            match token(bytes)? {
                token @ Token::Chunk(_) => self.tokens.push(token),
                token @ Token::EndOfString => {
                    self.tokens.push(token);
                    return Ok(());
                }
                _ => return Err(Stop::Failed),
            }
        }
    }

    fn streamed(&mut self, bytes: &mut Bytes<'_>, depth: u8, is_map: bool) -> Result<(), Stop> {
        let mut values = 0;
        loop {
            let mut ahead = bytes.clone();
            if ahead.peek()? == b'.' {
                let token = token(&mut ahead)?;
                *bytes = ahead;
                if is_map && values % 2 == 1 {
                    return Err(Stop::Failed);
                }
                self.tokens.push(token);
                return Ok(());
            }
            self.value(bytes, depth + 1)?;
            values += 1;
        }
    }
}

fn token(bytes: &mut Bytes<'_>) -> Result<Seen, Stop> {
    let sign = bytes.next()?;
    Ok(match sign {
        b'+' => Token::Simple(line(bytes, usize::MAX)?),
        b'-' => Token::Error(line(bytes, usize::MAX)?),
        b'(' => {
            let digits = line(bytes, usize::MAX)?;
            let unsigned = digits.strip_prefix(b"-").or(digits.strip_prefix(b"+")).unwrap_or(&digits);
            if unsigned.is_empty() || !unsigned.iter().all(u8::is_ascii_digit) {
                return Err(Stop::Failed);
            }
            Token::BigNumber(digits)
        }
        b':' => Token::Integer(number(bytes)?),
        b',' => Token::Double(double(&line(bytes, 1100)?)?),
        b'#' => {
            let value = match bytes.next()? {
                b't' => true,
                b'f' => false,
                _ => return Err(Stop::Failed),
            };
            line_end(bytes)?;
            Token::Boolean(value)
        }
        b'_' | b'.' => {
            line_end(bytes)?;
            if sign == b'_' { Token::Null } else { Token::End }
        }
        b'$' | b'*' | b'%' | b'~' if bytes.peek()? == b'?' => {
            bytes.next()?;
            line_end(bytes)?;
            match sign {
                b'$' => Token::StreamedString,
                b'*' => Token::StreamedArray,
                b'%' => Token::StreamedMap,
                _ => Token::StreamedSet,
            }
        }
        b'$' | b'!' | b'=' | b';' => return string(bytes, sign),
        b'*' | b'%' | b'~' | b'>' | b'|' => {
            let len = number(bytes)?;
            if sign == b'*' && len == -1 {
                return Ok(Token::NullArray);
            }
            let len = u64::try_from(len).ok().filter(|len| *len <= 1 << 20).ok_or(Stop::Failed)?;
            match sign {
                b'*' => Token::Array(len),
                b'%' => Token::Map(len),
                b'~' => Token::Set(len),
                b'>' => Token::Push(len),
                _ => Token::Attributes(len),
            }
        }
        _ => return Err(Stop::Failed),
    })
}

fn string(bytes: &mut Bytes<'_>, sign: u8) -> Result<Seen, Stop> {
    let len = number(bytes)?;
    match (sign, len) {
        (b'$', -1) => return Ok(Token::NullBulk),
        (b';', 0) => return Ok(Token::EndOfString),
        (b'=', ..4) | (_, ..0 | 0x2000_0001..) => return Err(Stop::Failed),
        _ => {}
    }
    // It is looked at when all of it is there.
    let (text, end) = bytes.take(len as u64 + 2)?.split_at(len as usize);
    if end != b"\r\n" {
        return Err(Stop::Failed);
    }
    Ok(match sign {
        b'$' => Token::Bulk(text.to_vec()),
        b'!' => Token::BulkError(text.to_vec()),
        b';' => Token::Chunk(text.to_vec()),
        _ if text[3] == b':' => Token::Verbatim { format: [text[0], text[1], text[2]], text: text[4..].to_vec() },
        _ => return Err(Stop::Failed),
    })
}

fn line_end(bytes: &mut Bytes<'_>) -> Result<(), Stop> {
    bytes.expect(b'\r')?;
    bytes.expect(b'\n')
}

fn line(bytes: &mut Bytes<'_>, most: usize) -> Result<Vec<u8>, Stop> {
    let mut line = Vec::new();
    while !matches!(bytes.peek()?, b'\r' | b'\n') {
        line.push(bytes.next()?);
        if line.len() > most {
            return Err(Stop::Failed);
        }
    }
    line_end(bytes)?;
    Ok(line)
}

/// At most twenty digits behind a sign or none.
fn number(bytes: &mut Bytes<'_>) -> Result<i64, Stop> {
    let mut text = String::new();
    if matches!(bytes.peek()?, b'+' | b'-') {
        text.push(bytes.next()?.into());
    }
    let signs = text.len();
    loop {
        match bytes.next()? {
            digit @ b'0'..=b'9' if text.len() < signs + 20 => text.push(digit.into()),
            b'\r' if text.len() > signs => break,
            _ => return Err(Stop::Failed),
        }
        // No number is beyond an i64, but for the one above the largest without its sign, which is seen at the end.
        if text.trim_start_matches(['+', '-']).parse::<u128>().is_ok_and(|number| number > 1 << 63) {
            return Err(Stop::Failed);
        }
    }
    let Ok(number) = text.parse() else { return Err(Stop::Failed) };
    bytes.expect(b'\n')?;
    Ok(number)
}

fn double(text: &[u8]) -> Result<f64, Stop> {
    match &text.to_ascii_lowercase()[..] {
        b"inf" | b"+inf" => Ok(f64::INFINITY),
        b"-inf" => Ok(f64::NEG_INFINITY),
        b"nan" | b"-nan" => Ok(f64::NAN),
        _ if text.iter().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) => Err(Stop::Failed),
        _ => std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Stop::Failed),
    }
}

/// What was read can be written, and is read again as the same.
fn written_again(tokens: &[Seen]) {
    let mut bytes = Vec::new();
    tokens.iter().for_each(|token| token.encode(&mut bytes).expect("it was read"));
    let stream = Stream { bytes, cuts: Vec::new(), variant: 0, limit: None };
    let own = |all: &mut Vec<String>, token: Token<Sequence<'_>>| all.push(format!("{:?}", token.to_owned()));
    let expected = tokens.iter().map(|token| format!("{token:?}")).collect();
    let make = || TokenDecoder::with_limits(Limits::new().max_line(1 << 16));
    assert_eq!(stream.decode(make, own), (expected, End::Clean));
}

/// Owned values go there and back, and `redis-protocol` reads each to its end, but for the forms it does not have.
fn values(stream: &Stream, limits: Limits) {
    let own = |all: &mut Vec<Vec<u8>>, frame: Frame<'_>| {
        let (mut out, value) = (Vec::new(), frame.to_value());
        value.encode(&mut out).expect("it was read");
        in_resp2(&value);
        all.push(out);
    };
    let (written, _) = stream.decode(|| FrameDecoder::with_limits(limits), own);
    for bytes in written {
        let again = Stream { bytes, cuts: Vec::new(), variant: 0, limit: None };
        assert_eq!(again.decode(FrameDecoder::new, own), (vec![again.bytes.clone()], End::Clean));
        let is_known = again.bytes.is_ascii() && !again.bytes.iter().any(|byte| b"|;>=!(,".contains(byte));
        if is_known {
            let theirs = redis_protocol::resp3::decode::complete::decode(&again.bytes);
            let len = theirs.ok().flatten().map(|(_, len)| len);
            assert_eq!(len, Some(again.bytes.len()), "{}", again.bytes.escape_ascii());
        }
    }
}

/// Every value has a form in RESP2, which is one value of the types that there are.
fn in_resp2(value: &Value) {
    let mut bytes = Vec::new();
    RespEncoder::new(RespVersion::V2).encode(value, &mut bytes).expect("there is a form for every value");
    let stream = Stream { bytes, cuts: Vec::new(), variant: 0, limit: None };
    let limits = Limits::new().max_line(1 << 16);
    let (frames, end) = stream.decode(
        || FrameDecoder::with_limits(limits),
        |all: &mut Vec<Vec<Seen>>, frame| all.push(frame.tokens().map(Token::to_owned).collect()),
    );
    assert_eq!((frames.len(), end), (1, End::Clean), "{}", stream.bytes.escape_ascii());
    let is_resp2 = |token: &Seen| {
        use Token::{Array, Bulk, Error, Integer, NullArray, NullBulk, Simple};
        matches!(token, Simple(_) | Error(_) | Integer(_) | Bulk(_) | NullBulk | NullArray | Array(_))
    };
    assert!(frames[0].iter().all(is_resp2), "{}", stream.bytes.escape_ascii());
}

/// Commands are the same however they arrive, and when they are written as arrays.
fn commands(stream: &Stream) {
    let own = |all: &mut Vec<Vec<Vec<u8>>>, command: headpond_codec::resp::Command<'_>| {
        all.push(command.arguments().map(|argument| argument.to_cow().into_owned()).collect());
    };
    let (commands, _) = stream.decode(CommandDecoder::new, own);
    let mut bytes = Vec::new();
    for arguments in &commands {
        bytes.extend_from_slice(format!("*{}\r\n", arguments.len()).as_bytes());
        for argument in arguments {
            bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
            bytes.extend_from_slice(argument);
            bytes.extend_from_slice(b"\r\n");
        }
    }
    let again = Stream { bytes, cuts: Vec::new(), variant: 0, limit: None };
    assert_eq!(again.decode(CommandDecoder::new, own), (commands, End::Clean));
}

/// Limits fail the same, however the bytes arrive.
fn narrow(stream: &Stream) {
    let Some(limit) = stream.limit else { return };
    let limits = Limits::new().max_line(limit).max_string(limit as u64).max_elements(limit as u64);
    let own = |all: &mut Vec<Vec<u8>>, frame: Frame<'_>| all.push(frame.sequence().to_vec());
    let own_command = |all: &mut Vec<usize>, command: headpond_codec::resp::Command<'_>| all.push(command.len());
    if stream.variant & 1 == 0 {
        let _ = stream.decode(|| FrameDecoder::with_limits(limits), own);
        let _ = stream.decode(|| CommandDecoder::with_limits(limits), own_command);
    } else {
        let _ = stream.decode(|| FrameDecoder::new().max_len(limit), own);
        let _ = stream.decode(|| CommandDecoder::new().max_len(limit), own_command);
    }
}
