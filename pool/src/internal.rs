//! What a pipe may do to memory and chains that nobody else may. Not public interface: `headpond-pipe` is the only user, and any
//! version may change it.

pub use crate::{
    buffer_writer::prefix::located::{PrefixPlace, prefix_at, prefix_place},
    memory::raw_chunk::RawChunk,
    sequence::sequence_buf::lent::{
        consume_to, forget_last, grow_last, last_is_lent, own_last, push_lent, restart, shrink_to,
    },
};
