//! What all errors of codecs have in common.

use std::{collections::BTreeMap, error::Error, fmt};

use headpond_codec::{
    EncodeError, FinishError,
    base::BaseError,
    chunked::ChunkedError,
    cobs::CobsError,
    delimited::FrameTooLong,
    encoding::{DecodeTextError, EncodeTextError},
    json::{self, JsonTooLong, ReadJsonError, WriteJsonError},
    length_delimited::LengthError,
    line::LineTooLong,
    messagepack::MessagePackError,
    netstring::NetstringError,
    number::NumberError,
    percent::PercentError,
    prefix::PrefixError,
    protobuf,
    resp::RespError,
    utf8::Utf8Error,
    varint::{QuicVarintTooLarge, VarintError},
    websocket,
};
use headpond_pool::{SequenceBuf, Slice, WriteError};

/// An error that tests can compare, tasks can share and no borrow holds back.
fn is_comparable<E: Error + PartialEq + Eq + Send + Sync + 'static>() {}

#[test]
fn errors_are_compared() {
    is_comparable::<EncodeError>();
    is_comparable::<FinishError<RespError>>();
    is_comparable::<BaseError>();
    is_comparable::<ChunkedError>();
    is_comparable::<CobsError>();
    is_comparable::<FrameTooLong>();
    is_comparable::<DecodeTextError>();
    is_comparable::<EncodeTextError>();
    is_comparable::<JsonTooLong>();
    is_comparable::<ReadJsonError>();
    is_comparable::<WriteJsonError>();
    is_comparable::<LengthError>();
    is_comparable::<LineTooLong>();
    is_comparable::<MessagePackError>();
    is_comparable::<NetstringError>();
    is_comparable::<NumberError>();
    is_comparable::<PercentError>();
    is_comparable::<PrefixError>();
    is_comparable::<protobuf::MessageError>();
    is_comparable::<protobuf::ReadMessageError>();
    is_comparable::<QuicVarintTooLarge>();
    is_comparable::<Utf8Error>();
    is_comparable::<VarintError>();
    is_comparable::<websocket::MessageError>();
    is_comparable::<websocket::WebSocketError>();
}

/// The texts of an error and its causes, none of which says what another says.
#[track_caller]
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    for (at, text) in texts.iter().enumerate() {
        for (other, behind) in texts.iter().enumerate() {
            assert!(at == other || !text.contains(behind.as_str()), "{texts:?}");
        }
    }
    texts
}

/// A cause with a text of its own.
#[derive(Debug)]
struct Cause;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cable was pulled")
    }
}

impl Error for Cause {}

fn closed() -> WriteError {
    WriteError::Closed(Some(std::sync::Arc::new(Cause)))
}

fn text(text: &'static str) -> SequenceBuf {
    SequenceBuf::from_iter([Slice::from(text)])
}

#[test]
fn no_text_stands_twice_in_a_chain() {
    for wrong in ["[1, x]", "{", "\"a\""] {
        let error = json::read::<Vec<u8>>(text(wrong).as_sequence()).unwrap_err();
        assert_eq!(chain(&error).len(), 2, "{error}");
        assert_eq!(error, json::read::<Vec<u8>>(text(wrong).as_sequence()).unwrap_err());
    }
    let error = protobuf::read::<String>(text("\u{7}").as_sequence()).unwrap_err();
    assert_eq!(chain(&error).len(), 2);
    chain(&protobuf::MessageError::from(error));
    assert_eq!(chain(&EncodeTextError::Write { taken: 7, source: closed() }).len(), 3);
    assert_eq!(chain(&EncodeError::from(closed())), ["the reader is closed", "the cable was pulled"]);
    chain(&DecodeTextError::from(closed()));
    chain(&BaseError::from(closed()));
    chain(&PercentError::from(closed()));
    chain(&WriteJsonError::from(closed()));
    chain(&websocket::MessageError::from(closed()));
    chain(&PrefixError::from(VarintError::Overlong { offset: 7 }));
    let keys = BTreeMap::from([(vec![1], 2)]);
    chain(&json::write(&mut Vec::new(), &keys).unwrap_err());
}
