//! A reader that inflates.

use std::fmt;

use headpond_pipe::{PipeOptions, PipeRead, ReadCanceller, Reader};

use super::{Format, inflater::Inflater};
use crate::{forward::impl_pipe_read, source::Source};

/// A reading end of compressed bytes as one of the plain ones.
///
/// They are inflated straight into blocks, and only when more is asked for, a block at a time. Unless it is told
/// [otherwise](Self::single), everything the end below has is one compressed stream, which in gzip's case may have any number of
/// members. What is wrong with it is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted) with an
/// [`InflateError`](super::InflateError) inside its `io::Error`, behind the bytes before it; so is an error of the end below, with that
/// inside. While the source has nothing and everything is consumed, no block is held.
///
/// What is wrong is told as soon as it is there: a byte that begins no stream, or behind a member no other, is an error though
/// the source goes on. A checksum stands behind what it is about: before the end, nobody knows whether the bytes were right.
///
/// Of the options, the pool and `max_unconsumed` matter. A spent pool is waited for.
pub struct InflateReader<R = Reader>(Source<Inflater<R>>);

impl<R: PipeRead> InflateReader<R> {
    /// Inflates what `inner` has.
    pub fn new(inner: R, format: Format, options: &PipeOptions) -> Self {
        let mut source = Source::new(Inflater::new(inner, format), options);
        source.stream_mut().canceller = Some(source.canceller());
        Self(source)
    }

    /// Fails with [`InflateError::TooLong`](super::InflateError::TooLong) behind so many bytes in all, if there are more. `None`, as it
    /// is at first, for any number.
    #[must_use]
    pub fn max_output(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.0.stream_mut().limit = bytes.into();
        self
    }

    /// Ends where the compressed stream does, or its first member, and leaves alone what stands behind:
    /// [`into_parts`](Self::into_parts) gives the end back, which goes on there.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.0.stream_mut().single = true;
        self
    }

    /// The end below, and a reader of what was inflated and not consumed, which ends there.
    pub fn into_parts(mut self) -> (R, Reader) {
        self.0.withdraw();
        let (inflater, reader) = self.0.into_parts();
        (inflater.inner, reader)
    }
}

impl<R> InflateReader<R> {
    /// The end below.
    pub fn get_ref(&self) -> &R {
        &self.0.stream().inner
    }

    /// The end below. What is read from it directly is missing here.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.0.stream_mut().inner
    }

    /// A handle that cancels reads, from anywhere.
    pub fn canceller(&self) -> ReadCanceller {
        self.0.canceller()
    }
}

impl_pipe_read!([R] InflateReader<R>, R: PipeRead);

impl<R> fmt::Debug for InflateReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InflateReader").field(&self.0).finish()
    }
}
