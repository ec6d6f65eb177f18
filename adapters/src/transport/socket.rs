//! What the pumps need of a connection's stream.

use crate::stream::{ReadPieces, WriteStream};

/// A stream in both directions.
pub(crate) trait Socket: ReadPieces + WriteStream {
    /// Sees to it that the peer is told of an abort when the stream is dropped, where there is a way to tell.
    fn reset(&mut self);
}
