//! Writers that break their contract, and what is provided over any writer.

use headpond_pool::{BufferWriter, PatchError, Prefix, Slice, WritableBuffer, WriteError};

/// More calls than any test makes: who makes them spins.
const MOST_CALLS: usize = 1000;

/// Gives views of at most so many bytes, whatever it is asked for.
struct Broken {
    memory: [u8; 64],
    filled: usize,
    most: usize,
    calls: usize,
}

impl Broken {
    fn new(most: usize) -> Self {
        Self { memory: [0; 64], filled: 0, most, calls: 0 }
    }
}

impl BufferWriter for Broken {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.calls += 1;
        assert!(self.calls < MOST_CALLS, "it spins");
        let len = min.max(1).min(self.most);
        Ok(WritableBuffer::new(&mut self.memory[..len], &mut self.filled))
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        Ok(Prefix::new(0, 0, n))
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

fn is_short(outcome: Result<impl Sized, WriteError>, requested: usize, given: usize) {
    match outcome {
        Err(WriteError::ShortBuffer { requested: r, given: g }) => assert_eq!((r, g), (requested, given)),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("{given} bytes were taken for {requested}"),
    }
}

#[test]
fn a_view_says_whether_it_is_long_enough() {
    let mut out = Broken::new(5);
    assert_eq!(out.reserve(7).and_then(|memory| memory.at_least(5)).map(|memory| memory.len()).ok(), Some(5));
    is_short(out.reserve(7).and_then(|memory| memory.at_least(6)), 6, 5);
    is_short(out.reserve(7).and_then(|memory| memory.at_least(usize::MAX)), usize::MAX, 5);
    let mut nothing = Broken::new(0);
    // No view is empty, though none of it be wanted.
    is_short(nothing.reserve(0).and_then(|memory| memory.at_least(0)), 1, 0);
    assert_eq!((out.filled, nothing.filled), (0, 0));
    // What is wrapped is as broken as what it wraps.
    is_short((&mut nothing as &mut dyn BufferWriter).reserve(3).and_then(|memory| memory.at_least(3)), 3, 0);
}

#[test]
fn the_provided_write_ends() {
    let mut out = Broken::new(0);
    is_short(out.write(b"lost"), 1, 0);
    is_short(out.append(Slice::from("lost")), 1, 0);
    is_short(Box::new(out).write(b"lost"), 1, 0);
    let mut out = Broken::new(1);
    out.write(b"byte by byte").unwrap();
    assert_eq!(out.filled, 12);
}

#[cfg(feature = "bytes")]
mod views {
    use bytes::BufMut;
    use headpond_pool::{BufMutView, BufferWriter, SequenceBuf, WriteError};

    use super::{Broken, is_short};

    /// Everything by which bytes get into a `BufMut`, its own loops over `chunk_mut` too.
    const WAYS: &[fn(&mut dyn BufMut)] = &[
        |view| view.put_slice(b"short"),
        |view| view.put_slice(&[1; 1000]),
        |view| view.put_u8(1),
        |view| view.put_u128(1),
        |view| view.put_bytes(7, 1000),
        |mut view| (&mut view).put(SequenceBuf::from("a chain")),
        |view| assert_ne!(view.chunk_mut().len(), 0, "there is always room"),
    ];

    #[test]
    fn a_view_over_one_keeps_the_error() {
        for way in WAYS {
            let mut out = Broken::new(0);
            let mut view = BufMutView::<dyn BufferWriter>::new(&mut out);
            way(&mut view);
            assert!(matches!(view.error(), Some(WriteError::ShortBuffer { requested: 1, given: 0 })));
            way(&mut view);
            assert_eq!(view.written(), 0);
            is_short(view.finish(), 1, 0);
            assert_eq!(out.filled, 0);
        }
    }

    #[test]
    fn a_view_over_short_ones_writes_all_the_same() {
        let mut out = Broken::new(1);
        let mut view = BufMutView::new(&mut out);
        view.put_u32(7);
        view.put_bytes(1, 30);
        assert_eq!(view.finish().unwrap(), 34);
        assert_eq!(out.filled, 34);
    }
}
