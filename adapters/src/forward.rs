//! The traits of the pipe for public types that are one in all but what stands behind them.

/// `PipeRead` for a newtype of a `Source` or a `Feed`, given as the `impl` is to be headed.
macro_rules! impl_pipe_read {
    ([$($generic:ident),+] $name:ty, $($bounds:tt)+) => {
        impl<$($generic),+> headpond_pipe::PipeRead for $name
        where
            $($bounds)+
        {
            fn poll_read(
                &mut self,
                cx: &mut std::task::Context<'_>,
                at_least: usize,
            ) -> std::task::Poll<Result<headpond_pipe::ReadStatus, headpond_pipe::ReadError>> {
                self.0.poll_read(cx, at_least)
            }

            fn try_read(&mut self) -> Result<Option<headpond_pipe::ReadStatus>, headpond_pipe::ReadError> {
                self.0.try_read()
            }

            fn buffer(&self) -> headpond_pool::Sequence<'_> {
                self.0.buffer()
            }

            fn advance_to(&mut self, consumed: headpond_pool::Position, examined: headpond_pool::Position) {
                self.0.advance_to(consumed, examined);
            }

            fn close(&mut self, error: Option<headpond_pool::SharedError>) {
                self.0.close(error);
            }

            fn withdraw(&mut self) {
                self.0.withdraw();
            }

            fn note_view(&mut self, status: headpond_pipe::ReadStatus) {
                self.0.note_view(status);
            }
        }
    };
}

/// `BufferWriter` for whatever holds a writer, given as the `impl` is to be headed, and how it is got at.
macro_rules! impl_buffer_writer {
    ([$($generic:ident),*] $name:ty, |$this:ident| $writer:expr) => {
        impl<$($generic),*> headpond_pool::BufferWriter for $name {
            #[inline]
            fn reserve(
                &mut self,
                min: usize,
            ) -> Result<headpond_pool::WritableBuffer<'_>, headpond_pool::WriteError> {
                let $this = self;
                $writer.reserve(min)
            }

            fn append(&mut self, slice: headpond_pool::Slice) -> Result<(), headpond_pool::WriteError> {
                let $this = self;
                $writer.append(slice)
            }

            fn reserve_prefix(&mut self, n: usize) -> Result<headpond_pool::Prefix, headpond_pool::WriteError> {
                let $this = self;
                $writer.reserve_prefix(n)
            }

            fn patch(
                &mut self,
                prefix: &headpond_pool::Prefix,
                bytes: &[u8],
            ) -> Result<(), headpond_pool::PatchError> {
                let $this = self;
                $writer.patch(prefix, bytes)
            }

            fn written_since(&self, prefix: &headpond_pool::Prefix) -> Result<usize, headpond_pool::PatchError> {
                let $this = self;
                $writer.written_since(prefix)
            }

            fn rewind(&mut self, prefix: &headpond_pool::Prefix) -> Result<(), headpond_pool::PatchError> {
                let $this = self;
                $writer.rewind(prefix)
            }

            #[inline]
            fn write(&mut self, bytes: &[u8]) -> Result<(), headpond_pool::WriteError> {
                let $this = self;
                $writer.write(bytes)
            }
        }
    };
}

/// `BufferWriter` and `PipeWrite` for a newtype of `Sink<$stream>`.
macro_rules! impl_pipe_write {
    ($name:ident<$stream:ident: $($bound:path),+>) => {
        crate::forward::impl_buffer_writer!([$stream] $name<$stream>, |this| this.0.writer);

        impl<$stream: $($bound +)+> headpond_pipe::PipeWrite for $name<$stream> {
            fn poll_reserve(
                &mut self,
                cx: &mut std::task::Context<'_>,
                min: usize,
            ) -> std::task::Poll<Result<(), headpond_pool::WriteError>> {
                self.0.poll_reserve(cx, min)
            }

            fn poll_flush(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Result<(), headpond_pipe::FlushError>> {
                self.0.poll_flush(cx)
            }

            fn poll_finish(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Result<(), headpond_pipe::FlushError>> {
                self.0.poll_finish(cx)
            }

            fn poll_closed(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<()> {
                self.0.poll_closed(cx)
            }

            fn release(&mut self) {
                self.0.release();
            }

            fn gathers(&self) -> bool {
                self.0.gathers()
            }

            fn abort(&mut self, error: headpond_pool::SharedError) {
                self.0.abort(error);
            }

            fn withdraw(&mut self) {
                self.0.withdraw();
            }
        }
    };
}

/// All of a public `SourceReader`, a newtype of `Source<$stream<S>>`, but its documentation.
macro_rules! impl_source_reader {
    ($stream:ident, $($bounds:tt)+) => {
        impl<S: $($bounds)+> SourceReader<S> {
            /// Reads from `stream`.
            pub fn new(stream: S, options: &headpond_pipe::PipeOptions) -> Self {
                Self(crate::source::Source::new($stream(stream), options))
            }
        }

        impl<S> SourceReader<S> {
            /// The stream, and a reader of what was read from it and not consumed, which ends there.
            pub fn into_parts(self) -> (S, headpond_pipe::Reader) {
                let (stream, reader) = self.0.into_parts();
                (stream.0, reader)
            }

            /// The stream.
            pub fn get_ref(&self) -> &S {
                &self.0.stream().0
            }

            /// The stream. What is read from it directly, the reader does not see.
            pub fn get_mut(&mut self) -> &mut S {
                &mut self.0.stream_mut().0
            }

            /// A handle that cancels reads, from anywhere.
            pub fn canceller(&self) -> headpond_pipe::ReadCanceller {
                self.0.canceller()
            }
        }

        crate::forward::impl_pipe_read!([S] SourceReader<S>, S: $($bounds)+);

        impl<S> std::fmt::Debug for SourceReader<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// All of a public `SinkWriter`, a newtype of `Sink<$stream<S>>`, but its documentation.
macro_rules! impl_sink_writer {
    ($stream:ident, $($bound:path),+) => {
        impl<S: $($bound +)+> SinkWriter<S> {
            /// Writes to `stream`.
            pub fn new(stream: S, options: &headpond_pipe::PipeOptions) -> Self {
                Self(crate::sink::Sink::new($stream(stream), options))
            }
        }

        impl<S> SinkWriter<S> {
            /// The stream, and a reader of what it has not taken, which ends there.
            pub fn into_parts(self) -> (S, headpond_pipe::Reader) {
                let (stream, reader) = self.0.into_parts();
                (stream.0, reader)
            }

            /// The stream.
            pub fn get_ref(&self) -> &S {
                &self.0.stream().0
            }

            /// The stream. What is written to it directly overtakes what it has not taken yet.
            pub fn get_mut(&mut self) -> &mut S {
                &mut self.0.stream_mut().0
            }

            /// A handle that cancels flushes, and a finish that waits, from anywhere: their bytes stay for the next one.
            pub fn canceller(&self) -> headpond_pipe::FlushCanceller {
                self.0.canceller()
            }

            /// How many bytes the stream has not taken, flushed or not.
            pub fn unwritten(&self) -> usize {
                self.0.unwritten()
            }
        }

        crate::forward::impl_pipe_write!(SinkWriter<S: $($bound),+>);

        impl<S> std::fmt::Debug for SinkWriter<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use {impl_buffer_writer, impl_pipe_read, impl_pipe_write, impl_sink_writer, impl_source_reader};
