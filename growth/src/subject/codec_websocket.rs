//! WebSocket: many frames, long ones, many fragments.

use anyhow::{Result, ensure};
use headpond_codec::{
    Decoded, Decoder, Encoder,
    websocket::{Event, Frame, FrameDecoder, FrameEncoder, MessageDecoder, Opcode, Role},
};

use crate::{
    decoding::{decoding, encode},
    material::{chain, cut},
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// Unmasked frames: of small messages, of one long one, of a message of so many fragments, and one with pings in between.
fn small(n: usize) -> Vec<u8> {
    b"\x81\x04body".repeat(n)
}

fn long(n: usize) -> Vec<u8> {
    [b"\x81\x7e", &(2 * n as u16).to_be_bytes()[..], "\u{e9}".repeat(n).as_bytes()].concat()
}

fn fragments(n: usize) -> Vec<u8> {
    [&b"\x01\x01a"[..], &b"\x00\x01a".repeat(n), b"\x80\x00"].concat()
}

fn pings(n: usize) -> Vec<u8> {
    [&b"\x02\x01a"[..], &b"\x89\x01p\x00\x01a".repeat(n), b"\x80\x00"].concat()
}

pub(super) const DECODING: &[Operation] = decoding! {
    "websocket/frames": FrameDecoder::new(Role::Client), small;
    "websocket/a long frame": FrameDecoder::new(Role::Client), long;
    "websocket/messages": MessageDecoder::new(Role::Client), small;
    "websocket/a long message": MessageDecoder::new(Role::Client), long;
    "websocket/a message of many fragments": MessageDecoder::new(Role::Client), fragments;
    "websocket/fragments and pings": MessageDecoder::new(Role::Client), pings;
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("websocket/decode_into, a long message", into_long),
    Operation::new("websocket/decode_into, many fragments", into_fragments),
    Operation::new("websocket/decode_into, byte by byte", into_byte_by_byte),
    Operation::new("websocket/encode, masked", frames),
    Operation::new("websocket/encode in parts", parts),
];

fn into(bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 1);
    encode(meter, |out| {
        let event = MessageDecoder::new(Role::Client).decode_into(&mut chain.as_sequence().cursor(), out)?;
        ensure!(matches!(event, Decoded::Value(Event::Text(_))), "a text");
        Ok(())
    })
}

fn into_long(n: usize, meter: &mut Meter) -> Result<Left> {
    into(&long(n), meter)
}

fn into_fragments(n: usize, meter: &mut Meter) -> Result<Left> {
    into(&fragments(n), meter)
}

fn into_byte_by_byte(n: usize, meter: &mut Meter) -> Result<Left> {
    let (bytes, mut decoder, mut out) = (long(n), MessageDecoder::new(Role::Client), Vec::new());
    let mut chain = cut(&[], 1);
    meter.count(|| {
        bytes.chunks(1).try_for_each(|byte| {
            chain.push(headpond_pool::Slice::copy_from_slice(byte));
            let mut cursor = chain.as_sequence().cursor();
            let _event = decoder.decode_into(&mut cursor, &mut out)?;
            let taken = cursor.position() - chain.start();
            chain.consume(taken);
            anyhow::Ok(())
        })
    })?;
    decoder.reset();
    ensure!(out.len() == 2 * n, "all of it");
    nothing()
}

fn frames(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    encode(meter, |out| {
        let mut encoder = FrameEncoder::client(|| [1, 2, 3, 4]);
        (0..n).try_for_each(|_| encoder.encode(Frame::text("body"), out))?;
        encoder.encode(Frame::binary(chain.as_sequence()), out)?;
        encoder.encode(Frame::text("first").fragment(), out)?;
        (0..n).try_for_each(|_| encoder.encode(Frame::continuation("more").fragment(), out))?;
        Ok(encoder.encode(Frame::continuation("last"), out)?)
    })
}

fn parts(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| {
        let mut payload = FrameEncoder::client(|| [1, 2, 3, 4]).begin(Opcode::Binary, true, n as u64, out)?;
        (0..n).try_for_each(|_| payload.write("a", out))?;
        ensure!(payload.is_done(), "all of it");
        Ok(())
    })?;
    nothing()
}
