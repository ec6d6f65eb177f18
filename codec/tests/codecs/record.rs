//! Typed records in every layout, their fields against `byteorder`.

use byteorder::{BigEndian, ByteOrder, LittleEndian};
use headpond_codec::{
    Decode, Decoded, Encode, MaxSize,
    record::{self, Record, RecordRef, Records},
};
use headpond_pool::{SequenceBuf, Slice};
use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned,
    byteorder::{big_endian, little_endian},
};

use crate::{cuts, small_blocks::SmallBlocks, splits};

/// Of alignment 1: read by reference wherever it lies in one chunk.
#[derive(Debug, Clone, Copy, PartialEq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    kind: u8,
    len: big_endian::U32,
    flags: little_endian::U16,
}

/// As the machine has it, and of alignment 4.
#[derive(Debug, Clone, Copy, PartialEq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
struct Native {
    first: u32,
    second: u32,
}

/// Not every byte is one.
#[derive(Debug, Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(u8)]
enum Answer {
    No = 0,
    Yes = 1,
}

const BYTES: [u8; 7] = [0x51, 1, 2, 3, 4, 5, 6];

fn header() -> Header {
    Header {
        kind: BYTES[0],
        len: BigEndian::read_u32(&BYTES[1..]).into(),
        flags: LittleEndian::read_u16(&BYTES[5..]).into(),
    }
}

#[test]
fn a_record_is_its_bytes_in_one_piece() {
    let mut out = SmallBlocks::of(8);
    (Record(header()), Record(header())).encode(&mut out).unwrap();
    Record(header()).encode(&mut out).unwrap();
    assert_eq!(Record::<Header>::MAX_SIZE, 7);
    assert_eq!(out.bytes(), BYTES.repeat(3));
    assert_eq!(out.pieces().len(), 2, "a piece of two, and one of its own");
    splits::whole_value(&BYTES, &Record(header()));
}

#[test]
fn slices_are_written_over_blocks() {
    let mut out = SmallBlocks::of(4);
    record::write(&mut out, &[header(), header()][..]).unwrap();
    assert_eq!(out.bytes(), BYTES.repeat(2));
}

#[test]
fn a_record_in_one_chunk_is_borrowed_and_one_at_a_join_is_copied() {
    cuts::for_each_cut(&BYTES, |sequence| {
        let mut cursor = sequence.cursor();
        let record = RecordRef::<Header>::decode(&mut cursor).unwrap().value().unwrap();
        assert_eq!(*record, header());
        assert!(cursor.is_empty());
        assert_eq!(record.as_borrowed().is_some(), sequence.as_single_chunk().is_some());
        if let (Some(record), Some(chunk)) = (record.as_borrowed(), sequence.as_single_chunk()) {
            assert_eq!(record.as_bytes().as_ptr(), chunk.as_ptr());
        }
        for len in 0..BYTES.len() {
            let mut cursor = sequence.slice(..sequence.start() + len).cursor();
            assert_eq!(RecordRef::<Header>::decode(&mut cursor), Ok(Decoded::NeedMore(BYTES.len() - len)));
        }
    });
}

/// Short ones and long ones are copied into places of different sizes.
#[test]
fn a_record_at_a_join_may_have_any_size_up_to_the_longest() {
    fn is_copied<const N: usize>() {
        let bytes: [u8; N] = std::array::from_fn(|at| (at % 251) as u8);
        for cut in [1, N / 2, N - 1] {
            let (head, tail) = bytes.split_at(cut);
            let buffer = SequenceBuf::from_iter([head, tail, b"behind"].map(Slice::copy_from_slice));
            let mut cursor = buffer.as_sequence().cursor();
            let record = RecordRef::<[u8; N]>::decode(&mut cursor).unwrap().value().unwrap();
            assert_eq!((*record, record.as_borrowed()), (bytes, None));
            assert_eq!(cursor.remaining(), "behind");
        }
    }
    is_copied::<2>();
    is_copied::<63>();
    is_copied::<64>();
    is_copied::<65>();
    is_copied::<{ record::MAX_RECORD_SIZE }>();
}

/// Where a record is not aligned it is copied, with the same value.
#[test]
fn alignment_decides_whether_it_is_borrowed_not_what_it_is() {
    let native = Native { first: 0x0102_0304, second: 0xfffe_fdfc };
    let mut borrowed = 0;
    for before in 0..8 {
        let buffer = SequenceBuf::from([&vec![9; before][..], native.as_bytes()].concat());
        let mut cursor = buffer.as_sequence().cursor();
        cursor.skip(before).unwrap();
        let record = RecordRef::<Native>::decode(&mut cursor).unwrap().value().unwrap();
        assert_eq!(*record, native);
        borrowed += usize::from(record.as_borrowed().is_some());
    }
    assert_eq!(borrowed, 2, "two of eight places in a row are aligned to four");
}

#[test]
fn bytes_that_are_no_value_are_refused_where_they_stand() {
    cuts::for_each_cut(&[1, 0, 2, 1], |sequence| {
        let mut cursor = sequence.cursor();
        assert_eq!(Record::decode(&mut cursor), Ok(Decoded::Value(Record(Answer::Yes))));
        assert_eq!(Record::decode(&mut cursor), Ok(Decoded::Value(Record(Answer::No))));
        let error = RecordRef::<Answer>::decode(&mut cursor).unwrap_err();
        assert_eq!((error.offset, error.size), (cuts::at(sequence, 2).offset(), 1));
        assert_eq!(Record::<Answer>::decode(&mut cursor), Err(error));
        assert_eq!(cursor.len(), 2, "the cursor stays before them");

        let records = Records::<Answer>::decode(&mut sequence.cursor(), 4).value().unwrap();
        assert!(records.as_slice().is_none());
        let found: Vec<_> = records.map(|record| record.map(|record| *record)).collect();
        assert_eq!(found, [Ok(Answer::Yes), Ok(Answer::No), Err(error)]);
    });
    assert_eq!(
        splits::refused::<Record<Answer>>(&[7]),
        "the 1 bytes at offset START are no value of the record's type"
    );
}

#[test]
fn records_in_a_row() {
    let bytes = BYTES.repeat(3);
    cuts::for_each_cut(&bytes, |sequence| {
        let mut cursor = sequence.cursor();
        let records = Records::<Header>::decode(&mut cursor, 3).value().unwrap();
        assert!(cursor.is_empty());
        let whole = sequence.as_single_chunk().is_some();
        assert_eq!(records.as_slice(), whole.then_some(&[header(); 3][..]));
        assert!(records.clone().all(|record| *record.unwrap() == header()));
        assert_eq!(records.count(), 3);
        let mut cursor = sequence.cursor();
        assert!(matches!(Records::<Header>::decode(&mut cursor, 4), Decoded::NeedMore(7)));
        assert_eq!(cursor.position(), sequence.start());
    });
}

/// A count that a stream announces costs nothing before its records are there.
#[test]
fn a_count_beyond_all_memory_only_asks_for_more() {
    let buffer = SequenceBuf::from(Slice::from("few"));
    let mut cursor = buffer.as_sequence().cursor();
    assert!(matches!(Records::<Header>::decode(&mut cursor, usize::MAX), Decoded::NeedMore(n) if n == usize::MAX - 3));
    assert_eq!(Records::<Header>::decode(&mut cursor, 0).value().unwrap().count(), 0);
}
