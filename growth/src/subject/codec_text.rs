//! Codecs of text: lines, delimiters, numbers, encodings.

use anyhow::{Result, ensure};
use headpond_codec::{
    Decode, Decoded, Encode, Encoder,
    ascii::{Ascii, Lowercase, Uppercase},
    base::{Base, BaseEncoder},
    delimited::Delimited,
    encode_each,
    encoding::{TextDecoder, TextEncoder},
    line::{LineDecoder, LineEnding},
    number::{Decimal, Shortest, parse_float, parse_integer},
    percent::{NON_ALPHANUMERIC, Percent, PercentDecoder},
    text::{write_char, write_fmt, write_str},
    utf8::{self, Malformed, Utf8Decoder},
};

use crate::{
    decoding::{decoding, encode, items},
    material::{chain, cut},
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// So many times the same, and what stands behind.
pub(super) fn repeated(item: &[u8], n: usize, behind: &[u8]) -> Vec<u8> {
    [&item.repeat(n), behind].concat()
}

pub(super) const DECODING: &[Operation] = decoding! {
    "line/many": LineDecoder::new(), |n| repeated(b"a line\r\n", n, b"");
    "line/a long one": LineDecoder::new(), |n| repeated(b"a", 4 * n, b"\n");
    "line/full of CR": LineDecoder::new(), |n| repeated(b"\r", 4 * n, b"\n");
    "line/full of LF, ended by CRLF": LineDecoder::new().ending(LineEnding::CrLf), |n| repeated(b"\n", 4 * n, b"\r\n");
    "line/without an end": LineDecoder::new(), |n| repeated(b"a", 4 * n, b"");
    "delimited/many": Delimited::by(b"--"), |n| repeated(b"item--", n, b"");
    "delimited/a long one": Delimited::by(b"\r\n\r\n"), |n| repeated(b"a", 4 * n, b"\r\n\r\n");
    "delimited/near matches": Delimited::by(b"aaaaaaaaaaaaaaab"), |n| repeated(b"a", 4 * n, b"b");
    "delimited/by any of, a long one": Delimited::by_any_of(b",;|&"), |n| repeated(b"a", 4 * n, b"&");
    "utf8/decoder, two bytes each": Utf8Decoder::new(), |n| "\u{e9}".repeat(n).into_bytes();
    "utf8/decoder, malformed": Utf8Decoder::new().malformed(Malformed::Replace), |n| repeated(b"a\xe2\x82", n, b"");
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("utf8/validate, decode and decode_lossy", utf8_whole),
    Operation::new("ascii/compare, search and trim", ascii),
    Operation::new("ascii/encode", ascii_encode),
    Operation::new("number/Decimal, many", decimals),
    Operation::new("number/parse_integer, many zeros", long_integer),
    Operation::new("number/parse_float, many digits", long_float),
    Operation::new("number/encode", numbers),
    Operation::new("text/write", text),
    Operation::new("line/items", |n, meter| items(LineDecoder::new(), &repeated(b"a line\r\n", n, b"rest"), meter)),
    Operation::new("line/encode", lines),
    Operation::new("base/decode", base_decode),
    Operation::new("base/encode in pieces", base_encode),
    Operation::new("percent/decode", percent_decode),
    Operation::new("percent/encode", percent_encode),
    Operation::new("encoding/decode, byte by byte", text_decode),
    Operation::new("encoding/decode, at once", text_decode_at_once),
    Operation::new("encoding/encode", text_encode),
];

fn utf8_whole(n: usize, meter: &mut Meter) -> Result<Left> {
    let (good, bad) = (cut("\u{20ac}".repeat(n).as_bytes(), 2), chain(n, 1, b"\xff"));
    meter.count(|| -> Result<()> {
        utf8::validate(good.as_sequence())?;
        ensure!(utf8::decode(good.as_sequence())?.len() == 3 * n, "all of it");
        ensure!(utf8::decode_lossy(bad.as_sequence()).len() == 3 * n, "replaced");
        Ok(())
    })?;
    nothing()
}

fn ascii(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, other, spaces) = (chain(n, 1, b"a"), vec![b'A'; n], cut(&vec![b' '; 2 * n], 1));
    let text = chain.as_sequence();
    let all = meter.count(|| {
        let trimmed = spaces.as_sequence().trim_ascii().is_empty() && text.trim_ascii().len() == n;
        trimmed
            && Ascii::is_ascii(&text)
            && text.eq_ignore_ascii_case(&other[..])
            && text.starts_with_ignore_ascii_case(&other)
    });
    ensure!(all, "the same");
    nothing()
}

fn ascii_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"aB");
    encode(meter, |out| {
        Lowercase(chain.as_sequence()).encode(out)?;
        Ok(Uppercase(chain.as_sequence()).encode(out)?)
    })
}

fn decimals(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(&repeated(b"1234 ", n, b""), 3);
    let mut cursor = chain.as_sequence().cursor();
    meter.count(|| {
        while let Ok(Decoded::Value(_)) = Decimal::<u32>::decode(&mut cursor) {
            cursor.u8()?;
        }
        anyhow::Ok(())
    })?;
    ensure!(cursor.is_empty(), "all of them");
    nothing()
}

fn long_integer(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(&repeated(b"0", n, b"7"), 1);
    ensure!(meter.count(|| parse_integer::<u64>(chain.as_sequence()))? == 7, "seven");
    nothing()
}

fn long_float(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(&repeated(b"0", n, b".5"), 1);
    _ = meter.count(|| parse_float::<f64>(chain.as_sequence()));
    let digits = cut(&repeated(b"9", n, b""), 3);
    _ = meter.count(|| parse_float::<f64>(digits.as_sequence()));
    nothing()
}

fn numbers(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| {
        encode_each((0..n as u64).map(Decimal), out)?;
        Ok((0..n).try_for_each(|number| Shortest(number as f64 / 3.0).encode(out))?)
    })
}

fn text(n: usize, meter: &mut Meter) -> Result<Left> {
    let long = "\u{e9}".repeat(n);
    encode(meter, |out| {
        write_str(out, &long)?;
        for number in 0..n {
            write_char(out, '\u{20ac}')?;
            write_fmt(out, format_args!("{number:>8}"))?;
        }
        write_fmt(out, format_args!("{long}{long:?}"))?;
        Ok(())
    })
}

fn lines(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    encode(meter, |out| {
        let mut lines = Delimited::by(b"\r\n");
        (0..n).try_for_each(|_| lines.encode("a line", out))?;
        Ok(lines.encode(chain.as_sequence(), out)?)
    })
}

fn base_decode(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(4 * n, 1, b"AbCd");
    encode(meter, |out| {
        let mut cursor = chain.as_sequence().cursor();
        Base::Base64.decode(&mut cursor, out)?;
        Base::Base64.finish(&mut cursor, out)?;
        Ok(Base::Hex.finish(&mut cut(&vec![b'a'; 2 * n], 1).as_sequence().cursor(), out)?)
    })
}

fn base_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    encode(meter, |out| {
        let mut encoder = BaseEncoder::new(Base::Base64);
        (0..n).try_for_each(|_| encoder.encode(b"a", out))?;
        encoder.finish(out)?;
        Ok(Base::Hex.of(chain.as_sequence()).encode(out)?)
    })
}

fn percent_decode(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(4 * n, 1, b"a%20");
    encode(meter, |out| Ok(PercentDecoder::new().finish(&mut chain.as_sequence().cursor(), out)?))
}

fn percent_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a b");
    encode(meter, |out| Ok(Percent::new(chain.as_sequence(), NON_ALPHANUMERIC).encode(out)?))
}

const ENCODINGS: [&encoding_rs::Encoding; 3] = [encoding_rs::UTF_16LE, encoding_rs::SHIFT_JIS, encoding_rs::UTF_8];

fn text_decode(n: usize, meter: &mut Meter) -> Result<Left> {
    let bytes = cut(&vec![b'a'; n], 1);
    encode(meter, |out| {
        ENCODINGS.iter().try_for_each(|encoding| {
            let mut decoder = TextDecoder::new(encoding);
            for chunk in bytes.as_sequence().to_slices(..) {
                decoder.decode(&mut cut(&chunk, 1).as_sequence().cursor(), out)?;
            }
            Ok(decoder.finish(&mut cut(&[], 1).as_sequence().cursor(), out)?)
        })
    })
}

fn text_decode_at_once(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    encode(meter, |out| {
        ENCODINGS
            .iter()
            .try_for_each(|encoding| Ok(TextDecoder::new(encoding).finish(&mut chain.as_sequence().cursor(), out)?))
    })
}

fn text_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let long = "\u{e9}".repeat(n);
    encode(meter, |out| {
        ENCODINGS.iter().try_for_each(|encoding| {
            let mut encoder = TextEncoder::new(encoding).unmappable(Malformed::Replace);
            (0..n).try_for_each(|_| encoder.encode("a\u{e9}", out))?;
            encoder.encode(&long, out)?;
            Ok(encoder.finish(out)?)
        })
    })
}
