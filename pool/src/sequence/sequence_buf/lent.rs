//! What a pipe's reader does to its chain: it reads a chunk whose memory its writer still fills, and so still owns.

use crate::{
    memory::raw_chunk::RawChunk,
    sequence::{chunk::Chunk, position::Position, sequence_buf::SequenceBuf},
};

/// Links memory of `len` bytes whose reference stays the lender's; none of them is part of the chain before [`grow_last`].
/// See [`own_last`] and [`forget_last`].
///
/// # Safety
///
/// The lender keeps the memory, which has `len` bytes, alive as long as any of its bytes is unconsumed, or until [`own_last`]. No
/// chunk is lent to the chain at the time, and none is linked behind this one before [`own_last`] or [`forget_last`].
pub unsafe fn push_lent(chain: &mut SequenceBuf, chunk: RawChunk, len: usize) {
    debug_assert!(!chain.last_is_lent);
    let (header, data) = chunk.into_parts();
    chain.chunks.push(Chunk { header, data, len, position: chain.end });
    chain.last_is_lent = true;
    chain.note_first();
}

/// Makes `bytes` more bytes of the lent chunk's memory part of the chain.
///
/// # Safety
///
/// A chunk is lent (or `bytes` is 0), it has that many bytes behind the end of the chain, and they are published and never written
/// again. The end stays below 2^63, and at most `usize::MAX` bytes behind the start.
#[inline]
pub unsafe fn grow_last(chain: &mut SequenceBuf, bytes: usize) {
    debug_assert!(bytes == 0 || chain.last_is_lent);
    chain.end = chain.end.forward(bytes);
}

/// Takes the lent chunk's reference over; gives it back at once when nothing of it is unconsumed.
///
/// # Safety
///
/// A chunk is lent, and its lender gives the reference to this chain.
pub unsafe fn own_last(chain: &mut SequenceBuf) {
    chain.last_is_lent = false;
    let end = chain.end;
    if let Some(last) = chain.chunks.last_mut() {
        last.len = end.since(last.position);
    }
    chain.note_first();
    chain.set_start(chain.start);
}

/// Drops the description of the lent chunk, if there is one: its reference stays the lender's. A pipe does so when all its bytes are
/// consumed; any that are not leave the chain with it, which ends where the chunk began, or where all before is consumed.
pub fn forget_last(chain: &mut SequenceBuf) {
    if chain.last_is_lent {
        if let Some(last) = chain.chunks.pop_last() {
            // The chain's invariant 1: it ends where its last chunk does, or with nothing in it.
            chain.end = chain.end.min(last.position.max(chain.start));
        }
        chain.last_is_lent = false;
        chain.note_first();
    }
}

/// Whether a chunk is lent to the chain.
#[inline]
pub fn last_is_lent(chain: &SequenceBuf) -> bool {
    chain.last_is_lent
}

/// Moves the start of the chain to `consumed`.
///
/// # Safety
///
/// The position lies within the chain.
#[inline]
pub unsafe fn consume_to(chain: &mut SequenceBuf, consumed: Position) {
    chain.set_start(consumed);
}

/// Gives back everything the chain owns; it goes on at `position`. A lent chunk stays its lender's.
///
/// # Panics
///
/// When the position is beyond [`Position::LAST`], with nothing changed.
pub fn restart(chain: &mut SequenceBuf, position: Position) {
    assert!(position <= Position::LAST, "no chain goes on beyond {}", Position::LAST);
    chain.release_all();
    (chain.start, chain.end) = (position, position);
    chain.note_first();
}

/// Shrinks the chain's list of chunks to at most `chunks` places, if it has so few chunks.
pub fn shrink_to(chain: &mut SequenceBuf, chunks: usize) {
    chain.chunks.shrink_to(chunks);
}
