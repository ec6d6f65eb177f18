//! `Sequence`, `Cursor` and the writers over growable buffers, against the same bytes in one piece.
//!
//! Every comparison is made over the bytes cut in every way that fits the time: see [`cuts`].

mod broken_writers;
mod cursor_delimiters;
mod cursor_numbers;
mod cursor_reads;
mod cuts;
mod random;
mod sequence_extract;
mod sequence_search;
mod sequence_text;
mod sequence_view;
mod writers;
