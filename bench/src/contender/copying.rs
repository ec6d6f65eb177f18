//! Ends of channels that copy, each with a buffer to copy from or to.

use super::Measure;

/// Enough to take many small messages at once.
const LEAST_READ: usize = 16 * 1024;

/// Any writer: bytes are produced in a buffer, and written from there.
#[derive(Debug)]
pub(crate) struct ByWriting<W> {
    pub(crate) writer: W,
    pub(crate) scratch: Vec<u8>,
}

/// Any reader: bytes are read to a buffer, and looked at there.
#[derive(Debug)]
pub(crate) struct ByReading<R> {
    pub(crate) reader: R,
    pub(crate) scratch: Vec<u8>,
}

impl<W> ByWriting<W> {
    pub(crate) fn new(writer: W, measure: Measure) -> Self {
        Self { writer, scratch: vec![0; measure.size] }
    }
}

impl<R> ByReading<R> {
    pub(crate) fn new(reader: R, measure: Measure) -> Self {
        Self { reader, scratch: vec![0; measure.size.max(LEAST_READ)] }
    }
}
