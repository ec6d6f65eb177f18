//! `Vec<u8>` and `BytesMut` as writers, forwarding, and the `BufMut` views.

use headpond_pool::{BufferWriter, PatchError, Prefix, Slice, WritableBuffer, WriteError};

/// Everything a growable buffer does as a writer, seen through `dyn`.
fn exercise(out: &mut dyn BufferWriter) -> Result<(), WriteError> {
    for min in [0, 1, 63, 64, 65, 5000] {
        let memory = out.reserve(min)?;
        assert!(memory.len() >= min.max(1));
        assert!(memory.iter().all(|&byte| byte == 0), "initialised");
    }
    // What a caller has to put is room for it, up to a bound; less is as if nothing was said.
    for (min, most, len) in
        [(1, 0, 64), (1, 65, 65), (100, 65, 100), (1, 4096, 4096), (1, usize::MAX, 4096), (5000, 6000, 5000)]
    {
        let memory = out.reserve_up_to(min, most)?;
        assert_eq!(memory.len(), len, "{min} to {most}");
        assert!(memory.iter().all(|&byte| byte == 0), "initialised");
    }
    let mut memory = out.reserve(3)?;
    memory[..3].copy_from_slice(b"abc");
    memory.advance(3);
    // Reserved and not advanced over: nothing is written.
    out.reserve(3)?.fill(b'x');
    out.reserve(0)?.advance(0);
    out.append(Slice::from("def"))?;
    out.append(Slice::new())?;
    let prefix = out.reserve_prefix(4)?;
    out.write(b"body")?;
    out.write(b"")?;
    assert_eq!(out.patch(&prefix, &[0, 0, 0, 4]), Ok(()));
    assert_eq!(out.patch(&prefix, &[9]), Ok(()));
    assert_eq!(out.patch(&prefix, &[0; 5]), Err(PatchError::TooLong { given: 5, reserved: 4 }));
    out.reserve_prefix(2)?;
    assert_eq!(out.written_since(&prefix), Ok(6));
    let mark = out.reserve_prefix(0)?;
    for half in [&b"ha"[..], b"half", &[7; 5000]] {
        out.write(half)?;
        let inner = out.reserve_prefix(3)?;
        assert_eq!(out.written_since(&mark), Ok(half.len() + 3));
        assert_eq!((out.rewind(&mark), out.written_since(&mark)), (Ok(()), Ok(0)));
        assert!(matches!(out.patch(&inner, &[1]), Err(PatchError::Flushed { .. })));
        assert!(matches!((out.rewind(&inner), out.written_since(&inner)), (Err(_), Err(_))));
    }
    let foreign = Prefix::new(prefix.owner() - 7, prefix.position(), 4);
    assert_eq!(out.patch(&foreign, &[1]), Err(PatchError::Foreign));
    for position in [prefix.position() + 7, u64::MAX] {
        let forged = Prefix::new(prefix.owner(), position, 4);
        assert_eq!(out.patch(&forged, &[1]), Err(PatchError::Flushed { position }));
        assert_eq!(out.rewind(&forged), Err(PatchError::Flushed { position }));
    }
    assert_eq!(
        (out.rewind(&foreign), out.written_since(&foreign)),
        (Err(PatchError::Foreign), Err(PatchError::Foreign))
    );
    Ok(())
}

const EXERCISED: &[u8] = b"abcdef\x09\0\0\x04body\0\0";

#[test]
fn a_vec_is_a_writer() {
    let mut out = Vec::new();
    exercise(&mut out).unwrap();
    assert_eq!(out, EXERCISED);
}

#[cfg(feature = "bytes")]
#[test]
fn a_bytes_mut_is_a_writer() {
    let mut out = bytes::BytesMut::new();
    exercise(&mut out).unwrap();
    assert_eq!(out, EXERCISED);
}

/// Their own methods of these names go first.
#[test]
fn the_traits_methods_are_called_by_their_names() {
    let mut out = vec![1];
    out.append(&mut vec![2]);
    BufferWriter::append(&mut out, Slice::from(vec![3])).unwrap();
    out.reserve(10);
    BufferWriter::reserve(&mut out, 1).unwrap().advance(1);
    assert_eq!(out, [1, 2, 3, 0]);
    #[cfg(feature = "bytes")]
    {
        let mut out = bytes::BytesMut::new();
        out.append(Slice::from("only the trait's")).unwrap();
        out.reserve(10);
        BufferWriter::reserve(&mut out, 1).unwrap().advance(1);
        assert_eq!(out, b"only the trait's\0"[..]);
    }
}

#[test]
fn pointers_to_writers_are_writers() {
    fn through(mut writer: impl BufferWriter) {
        exercise(&mut writer).unwrap();
    }
    let mut out = Vec::new();
    through(&mut out);
    assert_eq!(out, EXERCISED);
    let mut boxed: Box<dyn BufferWriter> = Box::new(Vec::new());
    through(&mut boxed);
    through(boxed);
}

#[test]
fn a_loop_of_small_reserves_grows_without_gaps() {
    let mut out = Vec::new();
    for byte in 0..=u8::MAX {
        let mut memory = BufferWriter::reserve(&mut out, 1).unwrap();
        // A bounded view is what keeps this loop linear: each reserve zeroes all of its view.
        assert!(memory.len() <= 64);
        memory[0] = byte;
        memory.advance(1);
    }
    assert_eq!(out, (0..=u8::MAX).collect::<Vec<u8>>());
}

#[test]
fn a_reserve_the_system_cannot_serve_is_an_error() {
    let mut out = vec![1, 2, 3];
    assert!(matches!(BufferWriter::reserve(&mut out, usize::MAX), Err(WriteError::Pool(_))));
    assert!(matches!(out.reserve_prefix(usize::MAX), Err(WriteError::Pool(_))));
    assert_eq!(out, [1, 2, 3]);
}

#[cfg(feature = "bytes")]
#[test]
fn a_prefix_no_memory_can_hold_leaves_a_bytes_mut_whole() {
    let mut out = bytes::BytesMut::from(&b"kept"[..]);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| out.reserve_prefix(usize::MAX)));
    assert!(refused.is_err(), "as `BytesMut` itself, it panics");
    assert_eq!(out, b"kept"[..]);
}

#[test]
#[should_panic(expected = "cannot advance by 65 bytes: the view has 64")]
fn a_view_is_not_advanced_past_its_end() {
    BufferWriter::reserve(&mut Vec::new(), 1).unwrap().advance(65);
}

/// Blocks of four bytes, `room` of them until a reserve is refused for that: then there is more.
#[derive(Default)]
struct Tight {
    blocks: Vec<([u8; 4], usize)>,
    room: usize,
}

impl Tight {
    fn bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|(block, filled)| &block[..*filled]).copied().collect()
    }
}

impl BufferWriter for Tight {
    fn reserve(&mut self, _: usize) -> Result<WritableBuffer<'_>, WriteError> {
        if self.blocks.last().is_none_or(|(_, filled)| *filled == 4) {
            if self.blocks.len() == self.room {
                self.room += 1000;
                return Err(WriteError::Closed(None));
            }
            self.blocks.push(([0; 4], 0));
        }
        let (block, filled) = self.blocks.last_mut().unwrap();
        Ok(WritableBuffer::new(&mut block[*filled..], filled))
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, _: usize) -> Result<Prefix, WriteError> {
        Err(WriteError::Ended)
    }

    fn patch(&mut self, _: &Prefix, _: &[u8]) -> Result<(), PatchError> {
        Err(PatchError::Foreign)
    }

    fn written_since(&self, _: &Prefix) -> Result<usize, PatchError> {
        Err(PatchError::Foreign)
    }

    fn rewind(&mut self, _: &Prefix) -> Result<(), PatchError> {
        Err(PatchError::Foreign)
    }
}

#[test]
fn the_provided_write_goes_over_blocks() {
    let mut out = Tight { room: 3, ..Tight::default() };
    out.write(b"hello").unwrap();
    out.write(b" world").unwrap();
    assert_eq!(out.bytes(), b"hello world");
}

#[cfg(feature = "bytes")]
mod views {
    use bytes::{Buf, BufMut};
    use headpond_pool::{BufMutView, BufferWriter, SequenceBuf, Slice, WriteError};

    use super::Tight;

    #[test]
    fn a_view_grows_over_blocks() {
        let mut out = Tight { room: 100, ..Tight::default() };
        let mut view = BufMutView::<dyn BufferWriter>::new(&mut out);
        view.put_u8(1);
        view.put_u32(0x0203_0405);
        view.put_u64_le(0x0d0c_0b0a_0908_0706);
        view.put_bytes(0xaa, 9);
        view.put(SequenceBuf::from_iter([Slice::from("over"), Slice::from(" joins")]));
        view.put_slice(b"");
        assert_eq!(view.written(), 32);
        assert_eq!(view.finish().unwrap(), 32);
        let expected: Vec<u8> = (1..=13).chain([0xaa; 9]).chain(*b"over joins").collect();
        assert_eq!(out.bytes(), expected);
    }

    #[test]
    fn a_view_over_a_vec_writes_small_and_large() {
        let mut out = b"before".to_vec();
        let mut expected = out.clone();
        let mut view = BufMutView::new(&mut out);
        for round in 0..200_u32 {
            view.put_u32_le(round);
            expected.extend_from_slice(&round.to_le_bytes());
            let piece = vec![round as u8; round as usize];
            view.put_slice(&piece);
            expected.extend_from_slice(&piece);
        }
        assert_eq!(view.finish().unwrap(), expected.len() - 6);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_view_keeps_its_first_error_and_drops_what_follows() {
        let mut out = Tight { room: 2, ..Tight::default() };
        let mut view = BufMutView::new(&mut out);
        view.put_slice(b"abcdef");
        assert!(view.error().is_none());
        view.put_u32(0);
        assert!(matches!(view.error(), Some(WriteError::Closed(None))));
        view.put_slice(&[9; 1000]);
        view.put_bytes(9, 1000);
        view.put_u128(9);
        view.put(&[9_u8; 100][..]);
        assert_eq!(view.written(), 6);
        assert!(matches!(view.finish(), Err(WriteError::Closed(None))));
        // Half of the number, by the provided `write`, and nothing after it, though there was room again.
        assert_eq!(out.bytes(), b"abcdef\0\0");
    }

    #[test]
    fn a_dropped_view_keeps_what_was_put_in() {
        let mut out = Vec::new();
        BufMutView::new(&mut out).put_slice(b"kept");
        assert_eq!(out, b"kept");
        let mut view = BufMutView::new(&mut out);
        view.chunk_mut()[..1].copy_from_slice(b"x");
        drop(view);
        assert_eq!(out, b"kept");
    }

    #[test]
    fn a_bounded_view_counts_on_finish() {
        let mut out = Vec::new();
        let mut memory = BufferWriter::reserve(&mut out, 100).unwrap().into_buf_mut();
        assert_eq!(memory.remaining_mut(), 100);
        memory.put_u16(0x6162);
        memory.put_slice(b"cd");
        assert_eq!(memory.remaining_mut(), 96);
        assert_eq!(memory.finish(), 4);
        assert_eq!(out, b"abcd");
        BufferWriter::reserve(&mut out, 100).unwrap().into_buf_mut().put_u8(9);
        assert_eq!(out, b"abcd");
    }

    #[test]
    #[should_panic(expected = "advance out of bounds")]
    fn a_bounded_view_panics_when_full() {
        let mut out = Tight { room: 1, ..Tight::default() };
        out.reserve(1).unwrap().into_buf_mut().put_slice(&[0; 5]);
    }

    #[test]
    fn a_buf_goes_into_any_writer() {
        let chain = SequenceBuf::from_iter([Slice::from("ab"), Slice::from("c".repeat(100)), Slice::from("d")]);
        let mut out = bytes::BytesMut::new();
        let mut view = BufMutView::new(&mut out);
        view.put(Buf::take(chain.as_sequence().cursor(), 2));
        view.put(chain);
        assert_eq!(view.finish().unwrap(), 105);
        assert_eq!(out.remaining(), 105);
    }
}
