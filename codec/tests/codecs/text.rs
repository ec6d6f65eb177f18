//! What encoders do at the edges of blocks, and when memory runs out.

use std::fmt::Write;

use headpond_codec::{
    number::write_integer,
    text::{Text, TextWriter, write_char, write_fmt, write_str},
};
use headpond_pool::{BufferWriter, PoolError, WriteError};

use crate::small_blocks::SmallBlocks;

fn is_exhausted(error: &WriteError) -> bool {
    matches!(error, WriteError::Pool(PoolError::Exhausted { .. }))
}

/// Every distance of the text's start from the end of a block.
#[test]
fn a_string_goes_over_as_many_blocks_as_it_takes() {
    for before in 0..8 {
        let mut out = SmallBlocks::of(8);
        write_str(&mut out, &"-".repeat(before)).unwrap();
        write_str(&mut out, "Ünïcödé over five blocks, or six").unwrap();
        assert_eq!(out.bytes(), format!("{}Ünïcödé over five blocks, or six", "-".repeat(before)).into_bytes());
        assert!(out.pieces().iter().all(|piece| piece.len() <= 8));
        assert!(out.pieces().len() >= 5);
    }
}

#[test]
fn a_character_is_not_torn() {
    for before in 0..8 {
        for character in ['a', 'é', '€', '🦀'] {
            let mut out = SmallBlocks::of(8);
            write_str(&mut out, &"-".repeat(before)).unwrap();
            assert_eq!(write_char(&mut out, character).unwrap(), character.len_utf8());
            let encoded = character.to_string().into_bytes();
            assert!(out.pieces().last().unwrap().ends_with(&encoded));
        }
    }
}

/// A number uses what is left of a block when it fits there exactly, and is whole in the next when it does not.
#[test]
fn a_number_is_contiguous() {
    for before in 0..8_usize {
        let mut out = SmallBlocks::of(8);
        write_str(&mut out, &"-".repeat(before)).unwrap();
        assert_eq!(write_integer(&mut out, -1234_i64).unwrap(), 5);
        let pieces = out.pieces();
        assert!(pieces.last().unwrap().ends_with(b"-1234"));
        assert_eq!(pieces.len(), if before == 0 || before + 5 <= 8 { 1 } else { 2 });
    }
}

#[test]
fn formatting_goes_straight_into_blocks() {
    let mut out = SmallBlocks::of(8);
    let len = write_fmt(&mut out, format_args!("{:?} is {:08.3} of {:#x}", "half", 0.5, 4095)).unwrap();
    let expected = format!("{:?} is {:08.3} of {:#x}", "half", 0.5, 4095);
    assert_eq!(out.bytes(), expected.as_bytes());
    assert_eq!(len, expected.len());
}

/// Every distance from the end of a block, by a writer whose type is not known.
#[test]
fn any_writer_is_written_to_with_write() {
    for before in 0..8 {
        let mut blocks = SmallBlocks::of(8);
        let out: &mut dyn BufferWriter = &mut blocks;
        write!(out.text(), "{:-<before$}{:>8}|{:^7.2}|{:?}", "", 42, 2.0, Some("é")).unwrap();
        let mut text = out.text();
        writeln!(text, "{:#06x}", 255).unwrap();
        assert_eq!(text.finish().unwrap(), 7);
        let expected = format!("{}      42| 2.00  |Some(\"é\")0x00ff\n", "-".repeat(before));
        assert_eq!(String::from_utf8(blocks.bytes()).unwrap(), expected);
    }
}

#[test]
fn a_text_writer_keeps_the_first_error_and_writes_nothing_after_it() {
    let mut out = SmallBlocks::of(8).at_most(1);
    let mut text = TextWriter::new(&mut out);
    write!(text, "{}", 1234).unwrap();
    assert!(text.error().is_none());
    write!(text, "far too long").unwrap_err();
    assert!(is_exhausted(text.error().unwrap()));
    text.write_char('5').unwrap_err();
    text.write_str("6").unwrap_err();
    assert!(is_exhausted(&text.finish().unwrap_err()));
    assert_eq!(out.bytes(), b"1234");
}

#[test]
fn an_encoder_that_fails_has_written_nothing() {
    let mut out = SmallBlocks::of(4).at_most(1);
    write_str(&mut out, "abc").unwrap();
    assert!(is_exhausted(&write_integer(&mut out, 42_u8).unwrap_err()));
    assert!(is_exhausted(&write_char(&mut out, 'é').unwrap_err()));
    assert!(is_exhausted(&write_str(&mut out, "de").unwrap_err()));
    assert!(is_exhausted(&write_fmt(&mut out, format_args!("{}", 42)).unwrap_err()));
    assert_eq!(out.bytes(), b"abc");
}

/// Fails of itself.
struct Refusing;

impl std::fmt::Display for Refusing {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Err(std::fmt::Error)
    }
}

/// Writes what does not fit, and says that it went well.
struct Careless;

impl std::fmt::Display for Careless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _ = f.write_str("far too long");
        Ok(())
    }
}

#[test]
fn a_call_of_write_gives_the_true_error() {
    let mut out = SmallBlocks::of(8).at_most(1);
    assert!(is_exhausted(&write!(out.text(), "far too long").unwrap_err()));
    assert!(is_exhausted(&write!(out.text(), "{Careless}").unwrap_err()));
    assert_eq!(write!(out.text(), "1{Refusing}2"), Err(WriteError::Format));
    assert_eq!(write_fmt(&mut out, format_args!("3{Refusing}")), Err(WriteError::Format));
    let mut text = out.text();
    write!(text, "{Refusing}").unwrap_err();
    assert_eq!(write!(text, "4"), Err(WriteError::Format), "the first error stays");
    assert_eq!(text.error(), Some(&WriteError::Format));
    assert_eq!(text.finish(), Err(WriteError::Format));
    assert_eq!(out.bytes(), b"13");
}
