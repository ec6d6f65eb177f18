//! Two pipes as one stream in both directions.

use std::{
    io,
    task::{Context, Poll},
};

use headpond_pipe::{
    FlushError, OnWriterDrop, Pipe, PipeOptions, PipeRead, PipeWrite, ReadError, ReadStatus, Reader, Writer,
};
use headpond_pool::{
    BufferWriter, PatchError, Position, Prefix, Sequence, SharedError, Slice, WritableBuffer, WriteError,
};

use crate::{
    blocking::{BlockingDuplex, BlockingReader, BlockingWriter},
    byte_reader::ByteReader,
    byte_writer::ByteWriter,
};

/// Two connected ends: what is written to one is read from the other, in both directions, through pooled memory.
///
/// It stands in for `tokio::io::duplex`: a transport that a test, or two halves of one program, speak over without a
/// socket. An end that is dropped is the end of the stream to its peer, behind everything written before, whatever the
/// options say of dropped writers. Writing to a peer that is gone is a broken pipe; flushing and closing are not, as with a
/// socket: a peer may go as soon as it has what it wants.
///
/// The options count for each direction. Their `pause_threshold` is the size of the window: a write takes that much at most
/// (and never more than 64 KiB), and waits while that much is unread. A flush never waits, as a socket's does not. An idle
/// pair holds no block, whether it is being read or not.
///
/// # Examples
///
/// ```
/// use headpond_adapters::duplex;
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
/// # #[cfg(feature = "tokio")] {
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (mut client, mut server) = duplex(&PipeOptions::new(&Pool::new()));
/// client.write_all(b"ping").await?;
/// let mut request = [0; 4];
/// server.read_exact(&mut request).await?;
/// server.write_all(b"pong").await?;
/// drop(server);
/// let mut reply = String::new();
/// client.read_to_string(&mut reply).await?; // up to the end of the stream
/// assert_eq!((&request, &reply[..]), (b"ping", "pong"));
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn duplex(options: &PipeOptions) -> (Duplex, Duplex) {
    let options = options.with_on_writer_drop(OnWriterDrop::Finish);
    let window = match options.pause_threshold() {
        0 => usize::MAX,
        threshold => threshold,
    };
    let (there, back) = (Pipe::new(&options), Pipe::new(&options));
    let end = |reader, writer| Duplex {
        reader: ByteReader::letting_go(reader, let_go),
        writer: ByteWriter::with_window(writer, window),
    };
    (end(back.reader, there.writer), end(there.reader, back.writer))
}

/// Gives back the block that everything was read of, if the writer has let go of it: an end that is not read again for long is
/// idle, too. (A pipe's reader does so only when it waits.)
fn let_go(reader: &mut Reader) {
    let met_cancel = matches!(reader.try_read(), Ok(Some(view)) if view.is_cancelled());
    if met_cancel {
        // It is for the next read.
        reader.canceller().cancel();
    }
}

/// A reading end and a writing end as one stream: `AsyncRead`, `AsyncBufRead` and `AsyncWrite` of `tokio::io` and of
/// `futures-io` (with their features), and a [`PipeRead`] and [`PipeWrite`] as well.
///
/// [`duplex`] makes two that face each other; [`new`](Self::new) makes one of any ends, such as a `SourceReader` and a
/// `SinkWriter` over the halves of a socket. Errors are those of the [crate](crate#errors)'s table.
///
/// # Which bytes go when
///
/// A write is published at once, and what a stream below cannot take of it is sent on by the next poll of either half: whoever
/// writes a request and waits for the answer need not flush. Over a writing end that pays by the flush, such as a `DeflateWriter` or the
/// writer of a TLS session, writes gather instead, and go when 64 KiB have, when a read is about to wait, by a flush, and by a
/// shutdown; so they do where [that is asked for](Self::gathering). What fails while a read sends it on is told by the next write, flush
/// or shutdown.
///
/// The halves may be polled by two tasks: neither takes the other's wake away. Taken [apart](Self::into_split), each end is driven
/// by its own flush alone.
#[derive(Debug)]
pub struct Duplex<R = Reader, W = Writer> {
    reader: ByteReader<R>,
    writer: ByteWriter<W>,
}

impl<R: PipeRead, W: PipeWrite> Duplex<R, W> {
    /// Reads from `reader`, and writes to `writer`: what is true of the newtypes of either is true here.
    pub fn new(reader: R, writer: W) -> Self {
        Self { reader: ByteReader::new(reader), writer: ByteWriter::half(writer) }
    }

    /// Has writes gather, whatever the writing end is: for one whose stream pays by the flush, or by the call, as a compressor or
    /// TLS of another crate does, which this one cannot know. Between the two ends of [`duplex`] nothing gathers.
    #[must_use]
    pub fn gathering(mut self) -> Self {
        self.writer.gather();
        self
    }

    /// Both ends, with everything that was not read and everything that was written: what has gathered is not flushed. What holds
    /// of a dropped end holds of them.
    pub fn into_split(self) -> (R, W) {
        (self.reader.into_inner(), self.writer.into_inner())
    }

    /// The same for a thread that may block.
    pub fn into_blocking(self) -> BlockingDuplex<R, W> {
        BlockingDuplex::of_halves(BlockingReader::over(self.reader), BlockingWriter::over(self.writer))
    }

    /// The reading end.
    pub fn reader(&self) -> &R {
        self.reader.get_ref()
    }

    /// The reading end.
    pub fn reader_mut(&mut self) -> &mut R {
        self.reader.get_mut()
    }

    /// The writing end.
    pub fn writer(&self) -> &W {
        self.writer.get_ref()
    }

    /// The writing end.
    pub fn writer_mut(&mut self) -> &mut W {
        self.writer.get_mut()
    }
}

#[cfg(feature = "rustls")]
impl Duplex {
    /// As [`new`](Self::new), of pipes whose other ends let go of their blocks: an end that is not read for long holds none.
    pub(crate) fn letting_go(reader: Reader, writer: Writer) -> Self {
        Self { reader: ByteReader::letting_go(reader, let_go), writer: ByteWriter::half(writer) }
    }
}

#[cfg(any(feature = "futures-io", feature = "tokio"))]
impl<R, W> Duplex<R, W> {
    pub(crate) fn as_reader(&mut self) -> &mut ByteReader<R> {
        &mut self.reader
    }

    pub(crate) fn as_writer(&mut self) -> &mut ByteWriter<W> {
        &mut self.writer
    }
}

#[cfg(any(feature = "futures-io", feature = "tokio"))]
impl<R: PipeRead, W: PipeWrite> Duplex<R, W> {
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_fill(&mut self.reader, &mut self.writer, cx)
    }
}

/// Waits for bytes to read, or the end; and has the writing half go on meanwhile.
pub(crate) fn poll_fill<R: PipeRead, W: PipeWrite>(
    reader: &mut ByteReader<R>,
    writer: &mut ByteWriter<W>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let filled = reader.poll_fill(cx);
    writer.drive(cx, filled.is_pending());
    filled
}

impl<R: PipeRead, W: PipeWrite> PipeRead for Duplex<R, W> {
    fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        let read = self.reader.get_mut().poll_read(cx, at_least);
        self.writer.drive(cx, read.is_pending());
        read
    }

    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        self.reader.get_mut().try_read()
    }

    fn buffer(&self) -> Sequence<'_> {
        self.reader.get_ref().buffer()
    }

    fn advance_to(&mut self, consumed: Position, examined: Position) {
        self.reader.get_mut().advance_to(consumed, examined);
    }

    fn close(&mut self, error: Option<SharedError>) {
        self.reader.get_mut().close(error);
    }

    fn mark_complete(&mut self) {
        self.reader.get_mut().mark_complete();
    }

    fn withdraw(&mut self) {
        self.reader.get_mut().withdraw();
        self.writer.withdraw_reading();
    }

    fn note_view(&mut self, status: ReadStatus) {
        self.reader.get_mut().note_view(status);
    }
}

impl<R, W: PipeWrite> BufferWriter for Duplex<R, W> {
    #[inline]
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.writer.get_mut().reserve(min)
    }

    #[inline]
    fn reserve_up_to(&mut self, min: usize, most: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.writer.get_mut().reserve_up_to(min, most)
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.writer.get_mut().append(slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        self.writer.get_mut().reserve_prefix(n)
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        self.writer.get_mut().patch(prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        self.writer.get_ref().written_since(prefix)
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        self.writer.get_mut().rewind(prefix)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.writer.get_mut().write(bytes)
    }
}

impl<R, W: PipeWrite> PipeWrite for Duplex<R, W> {
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        self.writer.poll_reserve(cx, min)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.writer.poll_flush_end(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.writer.poll_finish_end(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.writer.get_mut().poll_closed(cx)
    }

    fn release(&mut self) {
        self.writer.get_mut().release();
    }

    fn abort(&mut self, error: SharedError) {
        self.writer.abort(error);
    }

    fn gathers(&self) -> bool {
        self.writer.is_gathering()
    }

    fn withdraw(&mut self) {
        self.writer.withdraw();
    }
}
