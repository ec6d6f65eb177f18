//! The same bytes in many chunks: cut everywhere, with empty chunks between, somewhere within a longer stream.
//!
//! # Invariants
//!
//! 1. A chunk given to a chain is not used again; the reference of one lent to it is kept by its [`Chain`], which makes
//!    the chain forget the chunk first.
//! 2. Nobody writes the memory of a chunk once it is in a chain.

use std::ops::{Deref, DerefMut};

use headpond_pool::{
    Position, Sequence, SequenceBuf, Slice,
    internal::{self, RawChunk},
};

/// How a chain of chunks comes to hold some bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// The offsets to cut at, rising, each within the bytes. The same offset twice is an empty chunk.
    pub(crate) cuts: Vec<usize>,
    /// One-byte chunks pushed before, and consumed when about half of the bytes are in: they move the start, and leave
    /// places at the front of the queue of chunks.
    pub(crate) before: usize,
    /// Bytes of the first chunk that are consumed before.
    pub(crate) consumed: usize,
    /// Whether the last chunk is lent, with memory behind it that its writer has not published.
    pub(crate) lent: bool,
}

/// A chain, and the memory lent to it.
pub(crate) struct Chain {
    buffer: SequenceBuf,
    lent: Option<RawChunk>,
}

impl Deref for Chain {
    type Target = SequenceBuf;

    fn deref(&self) -> &SequenceBuf {
        &self.buffer
    }
}

impl DerefMut for Chain {
    fn deref_mut(&mut self) -> &mut SequenceBuf {
        &mut self.buffer
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        if let Some(lent) = self.lent {
            self.buffer.clear();
            internal::forget_last(&mut self.buffer);
            // SAFETY: invariant 1: the chain has forgotten the chunk in the line above.
            unsafe { lent.release() };
        }
    }
}

impl Layout {
    /// Nothing but cuts.
    pub(crate) fn at(cuts: impl Into<Vec<usize>>) -> Self {
        Self { cuts: cuts.into(), ..Self::default() }
    }

    /// The chain.
    pub(crate) fn build(&self, bytes: &[u8]) -> Chain {
        let mut lent = None;
        let mut buffer: SequenceBuf = (0..self.before).map(|_| Slice::from("?")).collect();
        let mut bounds = vec![0];
        bounds.extend_from_slice(&self.cuts);
        bounds.push(bytes.len());
        for (index, bound) in bounds.windows(2).enumerate() {
            let mut piece = bytes[bound[0]..bound[1]].to_vec();
            if index == 0 {
                piece.splice(0..0, std::iter::repeat_n(b'!', self.consumed));
            }
            if self.lent && index == self.cuts.len() {
                lent = Some(lend(&mut buffer, &piece));
            } else {
                push_even_empty(&mut buffer, piece);
            }
            if index == bounds.len() / 2 {
                buffer.consume(self.before.min(buffer.len()));
            }
        }
        buffer.consume(buffer.len() - bytes.len());
        Chain { buffer, lent }
    }
}

/// Lends memory to the chain, of which the first bytes are published.
fn lend(buffer: &mut SequenceBuf, published: &[u8]) -> RawChunk {
    let (chunk, len) = RawChunk::from_slice(Slice::from([published, b"secret"].concat()));
    // SAFETY: invariants 1 and 2: the caller puts the chunk into a `Chain`, and `published` bytes are there.
    unsafe {
        internal::push_lent(buffer, chunk, len);
        internal::grow_last(buffer, published.len());
    }
    chunk
}

/// Links a chunk, an empty one too, as a pipe does whose writer has flushed nothing into it yet.
fn push_even_empty(buffer: &mut SequenceBuf, piece: Vec<u8>) {
    if !piece.is_empty() {
        return buffer.push(Slice::from(piece));
    }
    let (chunk, len) = RawChunk::from_slice(Slice::from(vec![b'#'; 3]));
    // SAFETY: invariant 1: `own_last` gives the reference up; no other chunk is lent, and none of it is published.
    unsafe {
        internal::push_lent(buffer, chunk, len);
        internal::own_last(buffer);
    }
}

/// Layouts of `len` bytes: whole, cut once at every place, in one-byte chunks with and without empty ones between, in
/// chunks of two and three, and, up to eight bytes, cut in every way there is.
pub(crate) fn layouts(len: usize) -> Vec<Layout> {
    let mut layouts = vec![Layout::default()];
    layouts.extend((0..=len).map(|cut| Layout::at([cut])));
    layouts.extend((0..=len).map(|cut| Layout { cuts: vec![cut, cut], before: 3, consumed: 2, lent: true }));
    for width in 1..=3 {
        let cuts: Vec<usize> = (width..len).step_by(width).collect();
        let doubled = (0..=len).step_by(width).flat_map(|cut| [cut, cut]).collect();
        layouts.push(Layout { cuts: cuts.clone(), before: width, ..Layout::default() });
        layouts.push(Layout { cuts, before: 3, consumed: width, lent: true });
        layouts.push(Layout { cuts: doubled, before: 5, consumed: 1, lent: false });
    }
    if (2..=8).contains(&len) {
        layouts.extend(
            (0_u32..1 << (len - 1))
                .map(|mask| Layout::at((1..len).filter(|cut| mask >> (cut - 1) & 1 == 1).collect::<Vec<_>>())),
        );
    }
    layouts
}

/// Calls `check` with `bytes` in every layout, as a sequence whose positions begin anywhere.
pub(crate) fn for_each_cut(bytes: &[u8], mut check: impl FnMut(Sequence<'_>)) {
    for layout in layouts(bytes.len()) {
        let buffer = layout.build(bytes);
        check(buffer.as_sequence());
    }
}

/// The position `offset` bytes into `sequence`.
pub(crate) fn at(sequence: Sequence<'_>, offset: usize) -> Position {
    sequence.start() + offset
}

/// Where `needle` first occurs in `bytes`: the naive way.
pub(crate) fn naive_find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    (0..=bytes.len().checked_sub(needle.len())?).find(|&offset| bytes[offset..].starts_with(needle))
}

/// Texts with what makes trouble: repeats, periods, ends like beginnings.
pub(crate) const TEXTS: [&[u8]; 12] = [
    b"",
    b"a",
    b"ab",
    b"aaaa",
    b"abcab",
    b"aabaabaa",
    b"\r\n\r\r\n",
    b"GET / HTTP\r\n\r\nx",
    b"\\\"a\\\\\"b\"",
    b"aaaaaaaaaaaaaaab",
    b"abacabadabacaba",
    b"\x00\xff\x7f\x80\x00\x01\x02\xfe\xfd\xc0",
];
