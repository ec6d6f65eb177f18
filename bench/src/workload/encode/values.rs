//! What is encoded.

use std::io::Write as _;

use headpond_codec::{
    Encode, EncodeError, encode_each,
    json::Json,
    number::{Decimal, Shortest},
    resp::Token,
    text::write_str,
};
use headpond_pipe::Writer;

use super::Values;
use crate::payload::Noise;

/// A line for each number, of one to nineteen digits.
pub(crate) struct Integers(Vec<i64>);

impl Values for Integers {
    fn new(count: usize) -> Self {
        Self(Noise::default().take(count).map(|bits| bits as i64 >> (bits % 64)).collect())
    }

    fn expected(&self) -> Vec<u8> {
        self.0.iter().map(|number| format!("{number}\n")).collect::<String>().into()
    }

    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        encode_each(self.0.iter().map(|&number| (Decimal(number), '\n')), writer)
    }

    fn push(&self, vec: &mut Vec<u8>) {
        let mut buffer = itoa::Buffer::new();
        for &number in &self.0 {
            vec.extend_from_slice(buffer.format(number).as_bytes());
            vec.push(b'\n');
        }
    }
}

/// A line for each number, most of them with seventeen digits.
pub(crate) struct Floats(Vec<f64>);

impl Values for Floats {
    fn new(count: usize) -> Self {
        // Between 2^-64 and 2^64.
        let number = |bits: u64| (bits >> 11) as f64 * 2_f64.powi((bits % 128) as i32 - 117);
        Self(Noise::default().take(count).map(number).collect())
    }

    fn expected(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for &number in &self.0 {
            let _ = serde_json::to_writer(&mut text, &number);
            text.push(b'\n');
        }
        text
    }

    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        encode_each(self.0.iter().map(|&number| (Shortest(number), '\n')), writer)
    }

    fn push(&self, vec: &mut Vec<u8>) {
        let mut buffer = zmij::Buffer::new();
        for &number in &self.0 {
            vec.extend_from_slice(buffer.format_finite(number).as_bytes());
            vec.push(b'\n');
        }
    }
}

/// One string of so many bytes.
pub(crate) struct Text(String);

impl Values for Text {
    fn new(count: usize) -> Self {
        Self((b'a'..=b'z').cycle().map(char::from).take(count).collect())
    }

    fn expected(&self) -> Vec<u8> {
        self.0.clone().into()
    }

    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        Ok(write_str(writer, &self.0)?)
    }

    fn push(&self, vec: &mut Vec<u8>) {
        vec.extend_from_slice(self.0.as_bytes());
    }
}

/// Replies of a server, as commands of many kinds get them.
pub(crate) struct Replies(Vec<Token<Vec<u8>>>);

impl Values for Replies {
    fn new(count: usize) -> Self {
        let mut noise = Noise::default();
        let mut next = || noise.next().unwrap_or_default();
        let mut tokens = Vec::new();
        for _ in 0..count {
            let bits = next();
            let bulk = |bits: u64| Token::Bulk(vec![b'a' + (bits % 26) as u8; 3 + (bits >> 8) as usize % 61]);
            match bits % 8 {
                0 | 1 => tokens.push(Token::Simple(b"OK".to_vec())),
                2 => tokens.push(Token::Integer((bits >> 8) as i64 % 100_000)),
                3 => tokens.push(Token::NullBulk),
                4..7 => tokens.push(bulk(next())),
                _ => {
                    tokens.push(Token::Array(3));
                    tokens.extend((0..3).map(|_| bulk(next())));
                }
            }
        }
        Self(tokens)
    }

    fn expected(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for token in &self.0 {
            let _ = match token {
                Token::Simple(text) => write!(bytes, "+{}\r\n", text.escape_ascii()),
                Token::Integer(number) => write!(bytes, ":{number}\r\n"),
                Token::Bulk(text) => write!(bytes, "${}\r\n{}\r\n", text.len(), text.escape_ascii()),
                Token::Array(len) => write!(bytes, "*{len}\r\n"),
                _ => write!(bytes, "$-1\r\n"),
            };
        }
        bytes
    }

    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        self.0.iter().try_for_each(|token| token.encode(writer))
    }

    fn push(&self, vec: &mut Vec<u8>) {
        for token in &self.0 {
            match token {
                Token::Simple(text) => {
                    vec.push(b'+');
                    vec.extend_from_slice(text);
                }
                Token::Integer(number) => push_number(vec, b':', *number),
                Token::Bulk(text) => {
                    push_number(vec, b'$', text.len() as i64);
                    vec.extend_from_slice(b"\r\n");
                    vec.extend_from_slice(text);
                }
                Token::Array(len) => push_number(vec, b'*', *len as i64),
                _ => vec.extend_from_slice(b"$-1"),
            }
            vec.extend_from_slice(b"\r\n");
        }
    }
}

fn push_number(vec: &mut Vec<u8>, sign: u8, number: i64) {
    vec.push(sign);
    vec.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An object of so many fields.
#[derive(serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Document(serde_json::Map<String, serde_json::Value>);

impl Values for Document {
    fn new(count: usize) -> Self {
        let value = |(at, bits): (usize, u64)| {
            let value = match at % 5 {
                0 => serde_json::Value::from(bits as i64 >> (bits % 64)),
                1 => serde_json::Value::from((bits >> 11) as f64 * 0.5_f64.powi(40)),
                2 => serde_json::Value::from(bits % 2 == 0),
                3 => serde_json::Value::from(format!("a text of some words, {bits:x}")),
                _ => serde_json::Value::from(vec![bits % 10, bits % 1000]),
            };
            (format!("field_{at}"), value)
        };
        Self((0..count).zip(Noise::default()).map(value).collect())
    }

    fn expected(&self) -> Vec<u8> {
        serde_json::Value::from(self.0.clone()).to_string().into()
    }

    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        Json(self).encode(writer)
    }

    fn push(&self, vec: &mut Vec<u8>) {
        let _ = serde_json::to_writer(vec, self);
    }
}
