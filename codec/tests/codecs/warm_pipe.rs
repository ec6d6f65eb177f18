//! Through a warm pipe nothing is allocated for a message, however many blocks it takes, and nothing for what is read over them.

use std::task::{Context, Waker};

use headpond_codec::{
    Decode, Decoded, Decoder, Encode, EncodeError, encode_each,
    json::Json,
    line::LineDecoder,
    number::{Decimal, Shortest, write_float, write_integer},
    resp::{Argument, CommandDecoder, Token},
    text::write_str,
    varint::Leb128,
};
use headpond_pipe::{Pipe, PipeOptions, Writer};
use headpond_pool::{Pool, Sequence};

/// Messages through a pipe, each encoded, flushed, read and consumed.
fn pass(pipe: &mut Pipe, times: usize, len: usize, encode: &mut impl FnMut(&mut Writer) -> Result<(), EncodeError>) {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..times {
        encode(&mut pipe.writer).unwrap();
        // Pending where the message is longer than the pipe is to hold: published all the same.
        let _ = pipe.writer.poll_flush(&mut cx);
        let view = pipe.reader.try_read().unwrap().unwrap();
        assert_eq!(view.buffer().len(), len);
        view.advance_all();
    }
}

/// How often memory is asked for by ten messages, once the pipe is warm.
fn allocations(len: usize, mut encode: impl FnMut(&mut Writer) -> Result<(), EncodeError>) -> u64 {
    let mut pipe = Pipe::new(&PipeOptions::new(Pool::new()));
    pass(&mut pipe, 10, len, &mut encode);
    allocation_counter::measure(|| pass(&mut pipe, 10, len, &mut encode)).count_total
}

fn numbers() -> impl Iterator<Item = i64> {
    (0..1000).map(|at: i64| at.pow(6) - 500)
}

fn floats() -> impl Iterator<Item = f64> {
    (1..1000).map(|at| 1.0 / f64::from(at))
}

#[test]
fn the_lazy_way_is_counted() {
    let count = allocations(4, |writer| Ok(writer.write(&1234.to_string().into_bytes())?));
    assert_eq!(count, 10);
}

#[test]
fn encoded_numbers_and_strings_allocate_nothing() {
    let len = numbers().map(|number| number.to_string().len() + 1).sum();
    let each = |writer: &mut Writer| encode_each(numbers().map(|number| (Decimal(number), '\n')), writer);
    assert_eq!(allocations(len, each), 0);
    let one_by_one = |writer: &mut Writer| {
        numbers().try_for_each(|number| write_integer(writer, number).and_then(|_| writer.write(b"\n")))?;
        Ok(())
    };
    assert_eq!(allocations(len, one_by_one), 0);

    let len = floats().map(|number| zmij_len(number) + 1).sum();
    let each = |writer: &mut Writer| encode_each(floats().map(|number| (Shortest(number), '\n')), writer);
    assert_eq!(allocations(len, each), 0);
    let one_by_one = |writer: &mut Writer| {
        floats().try_for_each(|number| write_float(writer, number).and_then(|_| writer.write(b"\n")))?;
        Ok(())
    };
    assert_eq!(allocations(len, one_by_one), 0);

    for len in [1024, 70_000] {
        let text = "x".repeat(len);
        assert_eq!(allocations(len, |writer| Ok(write_str(writer, &text)?)), 0, "{len}");
    }
}

/// By the serializer that writes floats as the codec does.
fn zmij_len(number: f64) -> usize {
    serde_json::to_string(&number).unwrap().len()
}

#[test]
fn an_encoded_document_allocates_nothing() {
    let field =
        |at: u32| (format!("field_{at}"), serde_json::json!([at, f64::from(at) / 3.0, "text", null, { "deep": true }]));
    let document: serde_json::Value = (0..200).map(field).collect::<serde_json::Map<_, _>>().into();
    let len = document.to_string().len();
    assert_eq!(allocations(len, |writer| Json(&document).encode(writer)), 0);
}

#[test]
fn encoded_replies_allocate_nothing() {
    let value = "v".repeat(300);
    let reply = |at: usize| match at % 5 {
        0 => Token::Simple("OK"),
        1 => Token::Integer(at as i64),
        2 => Token::Bulk(&value[..at % 300]),
        3 => Token::NullBulk,
        _ => Token::Error("ERR no such key"),
    };
    let mut bytes = Vec::new();
    (0..10_000).try_for_each(|at| reply(at).encode(&mut bytes)).unwrap();
    let encode = |writer: &mut Writer| (0..10_000).try_for_each(|at| reply(at).encode(writer));
    assert_eq!(allocations(bytes.len(), encode), 0);
}

/// Allocations of `read` over the blocks of a pipe that holds `bytes`, and what it counts.
fn reading(bytes: &[u8], read: impl Fn(Sequence<'_>) -> usize) -> (usize, u64) {
    let mut pipe = Pipe::new(&PipeOptions::new(Pool::new()));
    pipe.writer.write(bytes).unwrap();
    let _ = pipe.writer.poll_flush(&mut Context::from_waker(Waker::noop()));
    let view = pipe.reader.peek();
    assert!(view.chunks().count() > 4);
    let mut count = 0;
    let allocations = allocation_counter::measure(|| count = read(view)).count_total;
    (count, allocations)
}

#[test]
fn what_is_decoded_over_blocks_allocates_nothing() {
    let lines: String = (0..10_000).map(|line| format!("{line} of some lines\n")).collect();
    let read = |view: Sequence<'_>| {
        let (mut decoder, mut cursor) = (LineDecoder::new(), view.cursor());
        std::iter::from_fn(|| decoder.decode(&mut cursor).unwrap().value()).count()
    };
    assert_eq!(reading(lines.as_bytes(), read), (10_000, 0));

    let command = |at: usize| format!("*3\r\n$3\r\nSET\r\n$5\r\n{at:05}\r\n$2\r\nab\r\n");
    let commands: String = (0..10_000).map(command).collect();
    let read = |view: Sequence<'_>| {
        let (mut decoder, mut cursor, mut count) = (CommandDecoder::new(), view.cursor(), 0);
        while let Decoded::Value(command) = decoder.decode(&mut cursor).unwrap() {
            count += command.arguments().filter(|argument| matches!(argument, Argument::Shared(_))).count();
        }
        count
    };
    assert_eq!(reading(commands.as_bytes(), read), (30_000, 0));

    let mut varints = Vec::new();
    encode_each((0..10_000_u64).map(|at| Leb128(at.pow(4))), &mut varints).unwrap();
    let read = |view: Sequence<'_>| {
        let mut cursor = view.cursor();
        std::iter::from_fn(|| Leb128::<u64>::decode(&mut cursor).unwrap().value()).count()
    };
    assert_eq!(reading(&varints, read), (10_000, 0));
}
