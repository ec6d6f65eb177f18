//! The copies of either runtime, which are one in all but the streams they take.

/// `CopyToStream`, `CopyFromStream`, `copy` and `copy_bidirectional` for what `$stream` makes of the runtime's traits. Their
/// documentation links to the methods that begin them.
macro_rules! impl_copies {
    ($stream:ident, $read:path, $write:path, $copy_to:literal, $copy_from:literal) => {
        #[doc = concat!("A copy under way: see [`", $copy_to, "`](super::", $copy_to, ").")]
        ///
        /// It writes from the blocks where they lie, many with one call, and consumes exactly what the stream takes; the stream is
        /// flushed whenever there is nothing more to read, and left open at the end. It resolves to the number of bytes. It gives way
        /// to other tasks by a [`PollBudget`](headpond_pipe::PollBudget) for each poll.
        ///
        /// While there is nothing to read, it does not notice that the stream's peer is gone: the traits of streams have no call that
        /// waits for that, and only a write, a flush or a read can tell. Where it matters, copy both ways, or between the ends of a
        /// connection (feature `transport`), whose pumps read all the time, and close the pipe when that fails.
        ///
        /// # Errors
        ///
        /// When the reader or the stream fails, or a read is cancelled. What the stream did not take is still to be read.
        ///
        /// # Cancel safety
        ///
        /// Dropping it loses nothing: what the stream took is consumed, the rest is not.
        #[must_use = "a future does nothing unless awaited"]
        pub struct CopyToStream<'a, R: PipeRead + ?Sized, S> {
            reader: &'a mut R,
            stream: $stream<&'a mut S>,
            copy: Copy,
        }

        impl<'a, R: PipeRead + ?Sized, S> CopyToStream<'a, R, S> {
            pub(super) fn new(reader: &'a mut R, stream: &'a mut S) -> Self {
                Self { reader, stream: $stream(stream), copy: Copy::default() }
            }
        }

        impl<R: PipeRead + ?Sized, S: $write + Unpin> Future for CopyToStream<'_, R, S> {
            type Output = Result<u64, CopyError>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let this = self.get_mut();
                this.copy.poll(cx, this.reader, &mut this.stream)
            }
        }

        impl<R: PipeRead + ?Sized, S> Drop for CopyToStream<'_, R, S> {
            fn drop(&mut self) {
                self.reader.withdraw();
            }
        }

        impl<R: PipeRead + ?Sized, S> fmt::Debug for CopyToStream<'_, R, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("CopyToStream").field("copy", &self.copy).finish_non_exhaustive()
            }
        }

        #[doc = concat!("A copy from a stream under way: see [`", $copy_from, "`](super::", $copy_from, ").")]
        ///
        /// It reads straight into the writer's memory, and flushes after each read; while the stream has nothing, no block is held.
        /// At the stream's end it resolves to the number of bytes; the writer is not finished. It gives way to other tasks by a
        /// [`PollBudget`](headpond_pipe::PollBudget) for each poll.
        ///
        /// # Errors
        ///
        /// When the stream fails, or the writer, be it that nobody reads any more while the stream has nothing. What was read before
        /// is written.
        ///
        /// # Cancel safety
        ///
        /// Dropping it loses nothing: what was read is written, though perhaps not flushed.
        #[must_use = "a future does nothing unless awaited"]
        pub struct CopyFromStream<'a, W: PipeWrite + ?Sized, S> {
            writer: &'a mut W,
            stream: $stream<&'a mut S>,
            copy: CopyIn,
        }

        impl<'a, W: PipeWrite + ?Sized, S> CopyFromStream<'a, W, S> {
            pub(super) fn new(writer: &'a mut W, stream: &'a mut S) -> Self {
                Self { writer, stream: $stream(stream), copy: CopyIn::default() }
            }
        }

        impl<W: PipeWrite + ?Sized, S: $read + Unpin> Future for CopyFromStream<'_, W, S> {
            type Output = Result<u64, CopyError>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let this = self.get_mut();
                this.copy.poll(cx, &mut this.stream, this.writer)
            }
        }

        impl<W: PipeWrite + ?Sized, S> Drop for CopyFromStream<'_, W, S> {
            fn drop(&mut self) {
                self.writer.withdraw();
            }
        }

        impl<W: PipeWrite + ?Sized, S> fmt::Debug for CopyFromStream<'_, W, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("CopyFromStream").field("copy", &self.copy).finish_non_exhaustive()
            }
        }

        /// Copies everything from one stream to another through the pool's blocks, many with one write, and flushes. Resolves to
        /// the number of bytes. Both streams are left open. It gives way to other tasks by a
        /// [`PollBudget`](headpond_pipe::PollBudget) for each poll.
        ///
        /// While `from` has nothing, it does not notice that the peer of `to` is gone: see [`CopyToStream`].
        ///
        /// # Errors
        ///
        /// When either stream fails.
        ///
        /// # Cancel safety
        ///
        /// None: what was read and not written is lost with the future. A [`SourceReader`](super::SourceReader) keeps it.
        pub async fn copy<A, B>(from: &mut A, to: &mut B, options: &PipeOptions) -> Result<u64, CopyError>
        where
            A: $read + Unpin + ?Sized,
            B: $write + Unpin + ?Sized,
        {
            between::copy(&mut $stream(from), &mut $stream(to), options).await
        }

        /// Copies both ways between two streams, and ends each of them when the other has ended. Resolves when both have, to the
        /// bytes copied from `a` to `b`, and from `b` to `a`. While both are idle, no block is held. Each direction gives way to the
        /// other, and to other tasks, by a [`PollBudget`](headpond_pipe::PollBudget) for each poll.
        ///
        /// # Errors
        ///
        /// When either stream fails, at once.
        ///
        /// # Cancel safety
        ///
        /// As [`copy`].
        pub async fn copy_bidirectional<A, B>(
            a: &mut A,
            b: &mut B,
            options: &PipeOptions,
        ) -> Result<(u64, u64), CopyError>
        where
            A: $read + $write + Unpin + ?Sized,
            B: $read + $write + Unpin + ?Sized,
        {
            between::copy_bidirectional(&mut $stream(a), &mut $stream(b), options).await
        }
    };
}

pub(crate) use impl_copies;
