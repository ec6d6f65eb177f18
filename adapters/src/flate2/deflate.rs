//! A writer that deflates.

use std::fmt;

use flate2::Compression;
use headpond_pipe::{FlushCanceller, PipeOptions, PipeWrite, Reader, Writer};

use super::{Format, deflater::Deflater};
use crate::{forward::impl_pipe_write, sink::Sink};

/// A writing end for plain bytes, over one that takes them compressed.
///
/// What is written gathers in blocks; a flush deflates it straight into the memory of the end below, so that a peer can inflate
/// all of it at once, and waits for the back-pressure of that end, also in between. A finish ends the compressed stream as well as
/// the end below. An abort ends the latter with an error. Dropped without either, it drops the latter, which ends as its own options say: by
/// default with an error, so that a stream cut off does not look whole.
///
/// A flush costs some five bytes, and more in what it keeps from being compressed together: as a stream
/// (`TokioWriter` and its kin) writes [gather](PipeWrite::gathers) until there is a reason to flush.
///
/// When the end below fails, the flush fails with [`FlushError::Sink`](headpond_pipe::FlushError::Sink): what was deflated is gone,
/// the rest stays for another attempt. A [canceller](Self::canceller), be it that end's own, cancels a flush that waits for it: its
/// bytes stay for the next one.
///
/// Of the options, the pool and `oversize` matter. A wait for memory deflates what is published.
pub struct DeflateWriter<W = Writer>(Sink<Deflater<W>>);

impl<W: PipeWrite> DeflateWriter<W> {
    /// Deflates to `inner`.
    pub fn new(inner: W, format: Format, level: Compression, options: &PipeOptions) -> Self {
        Self(Sink::new(Deflater::new(inner, format.compress(level)), options))
    }

    /// The end below, and a reader of what was not deflated. Of what was, a part may be lost that no flush has sent on.
    pub fn into_parts(mut self) -> (W, Reader) {
        self.0.withdraw();
        let (deflater, reader) = self.0.into_parts();
        (deflater.inner, reader)
    }
}

impl<W> DeflateWriter<W> {
    /// The end below.
    pub fn get_ref(&self) -> &W {
        &self.0.stream().inner
    }

    /// The end below. What is written to it directly stands in the middle of the compressed stream.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.0.stream_mut().inner
    }

    /// A handle that cancels flushes, and a finish that waits, from anywhere: their bytes stay for the next one.
    pub fn canceller(&self) -> FlushCanceller {
        self.0.canceller()
    }

    /// How many bytes are not deflated, flushed or not.
    pub fn unwritten(&self) -> usize {
        self.0.unwritten()
    }
}

impl_pipe_write!(DeflateWriter<W: PipeWrite>);

impl<W> fmt::Debug for DeflateWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeflateWriter").field(&self.0).finish()
    }
}
