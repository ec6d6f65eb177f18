//! For files: one read into a pipe, and a pipe written to one, by a thread that may wait.
//!
//! A file is read and written in calls that wait for the disk, which are not for a task to make. So each door comes in two
//! parts: an end of a pipe, for the task, and a job, which is run wherever there are threads to wait: by
//! `std::thread::spawn`, tokio's `spawn_blocking`, or smol's `unblock`. The pipe's back-pressure holds for both: a job reads no
//! further ahead than the pause threshold and one read of 64 KiB, and its thread waits for a reader that is slow.
//!
//! Bytes move between the file and the pipe's blocks, up to 64 KiB or 64 blocks with one call, and are not copied.
//!
//! Where threads are dearer than copies, a file of the runtime's is a stream as any: `tokio::SourceReader` over a
//! `tokio::fs::File` holds a thread for each call only, and copies what it reads once. On a thread of your own, without a task,
//! [`blocking::SourceReader`](crate::blocking::SourceReader) is a file as an end. A file that is mapped into memory is
//! one, too, by the feature `memmap2`.
//!
//! # Examples
//!
//! ```
//! use std::{fs::File, thread};
//!
//! use headpond_adapters::file;
//! use headpond_pipe::{PipeOptions, PipeReadExt, PipeWriteExt};
//! use headpond_pool::{BufferWriter, Pool};
//!
//! # let path = std::env::temp_dir().join(format!("headpond-{}", std::process::id()));
//! # futures_lite::future::block_on(async {
//! let options = PipeOptions::new(&Pool::new());
//! let (mut writer, job) = file::write(File::create(&path)?, &options);
//! thread::spawn(|| job.run());
//! writer.write(b"kept")?;
//! writer.finish_async().await?; // over when the file has everything
//!
//! let (mut reader, job) = file::read(File::open(&path)?, &options);
//! thread::spawn(|| job.run());
//! assert_eq!(reader.read_at_least(4).await?.buffer(), "kept");
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{
    fs::File,
    task::{Context, Poll, ready},
};

use headpond_pipe::{
    CopyError, FlushCanceller, FlushError, OnWriterDrop, Pipe, PipeOptions, PipeRead, PipeReadExt, PipeWrite,
    ReadError, Reader, Writer,
};
use headpond_pool::{SharedError, WriteError};

use crate::{
    blocking::{BlockingReadExt, SourceReader, block_on},
    forward::impl_buffer_writer,
    sync::{Arc, AtomicBool, Ordering},
};

/// A reader of a file, from where that stands up to its end, and the job that reads it.
///
/// The end is wherever the file ends when the job gets there: what is appended meanwhile is read, what is cut off is not. What
/// the file fails with is [`ReadError::Aborted`], behind the bytes before it: [`IsADirectory`](std::io::ErrorKind::IsADirectory), for
/// one. A reader that closes ends the job, behind the call of the file that its thread waits in.
pub fn read(file: File, options: &PipeOptions) -> (Reader, ReadJob) {
    // A job that is gone is no end of the file, whatever the options say of their own writers.
    let Pipe { writer, reader } = Pipe::new(&options.with_on_writer_drop(OnWriterDrop::Abort));
    (reader, ReadJob { file, writer, options: options.clone() })
}

/// A writer to a file, from where that stands, and the job that writes it.
pub fn write(file: File, options: &PipeOptions) -> (FileWriter, WriteJob) {
    let Pipe { writer, reader } = Pipe::new(options);
    let complete = Arc::new(AtomicBool::new(false));
    let job = WriteJob { file, reader, syncs: false, complete: Arc::clone(&complete) };
    (FileWriter { writer, complete }, job)
}

/// What reads a file into a pipe, and waits for both: see [`read`].
///
/// Dropped without having run, it ends the pipe with an error.
#[derive(Debug)]
#[must_use = "nothing is read unless the job is run"]
pub struct ReadJob {
    file: File,
    writer: Writer,
    options: PipeOptions,
}

/// What writes a pipe to a file, and waits for both: see [`write()`].
///
/// Dropped without having run, it closes the pipe.
#[derive(Debug)]
#[must_use = "nothing is written unless the job is run"]
pub struct WriteJob {
    file: File,
    reader: Reader,
    syncs: bool,
    /// The file has everything.
    complete: Arc<AtomicBool>,
}

/// The writing end of a pipe whose bytes go to a file: see [`write()`].
///
/// A flush publishes to the job, and waits while that is far behind. A finish waits until the file has everything. When the
/// file fails, be it that the disk is full, the job closes the pipe: what is written, flushed or finished from then on fails with
/// [`FlushError::Closed`], the file's error inside. Aborted, or dropped unfinished, it leaves the file with a part of what was
/// published.
///
/// # Cancel safety
///
/// A finish dropped while it waits has ended the stream all the same; waited for again, it tells how that went.
#[derive(Debug)]
pub struct FileWriter {
    writer: Writer,
    complete: Arc<AtomicBool>,
}

impl ReadJob {
    /// Reads until the file ends, and waits for the reader whenever that is far behind. Returns how many bytes the file had.
    ///
    /// # Errors
    ///
    /// When the file fails, of which the reader is told, or the reader closes.
    pub fn run(self) -> Result<u64, CopyError> {
        let Self { file, mut writer, options } = self;
        let mut source = SourceReader::new(file, &options);
        let copied = block_on(source.copy_to(&mut writer));
        match &copied {
            Ok(_) => writer.finish()?,
            Err(CopyError::Read(ReadError::Aborted(error))) => PipeWrite::abort(&mut writer, error.clone()),
            Err(error) => writer.abort(error.clone()),
        }
        copied
    }
}

impl WriteJob {
    /// Has the disk keep everything before the writer's finish is over, by [`File::sync_all`].
    pub fn synced(mut self) -> Self {
        self.syncs = true;
        self
    }

    /// Writes until the pipe ends, and waits for its writer. Returns how many bytes were written.
    ///
    /// # Errors
    ///
    /// When the file fails, of which the writer is told, or the writer aborts.
    pub fn run(self) -> Result<u64, CopyError> {
        let Self { mut file, mut reader, syncs, complete } = self;
        let copied = reader.copy_to_blocking(&mut file).and_then(|copied| {
            if syncs {
                file.sync_all().map_err(|error| FlushError::Sink(Arc::new(error)))?;
            }
            Ok(copied)
        });
        match &copied {
            // Ordering: Release: partner of the Acquire in `poll_finish`. The closing of the reader, behind this, orders it
            // as well; said here so that nobody needs to know.
            Ok(_) => complete.store(true, Ordering::Release),
            Err(CopyError::Flush(FlushError::Sink(error))) => PipeRead::close(&mut reader, Some(error.clone())),
            Err(error) => PipeRead::close(&mut reader, Some(Arc::new(error.clone()))),
        }
        copied
    }
}

impl FileWriter {
    /// A handle that cancels flushes, and a finish that waits, from anywhere.
    pub fn canceller(&self) -> FlushCanceller {
        self.writer.canceller()
    }
}

impl_buffer_writer!([] FileWriter, |this| this.writer);

impl PipeWrite for FileWriter {
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        self.writer.poll_reserve(cx, min)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.writer.poll_flush(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        let ended = self.writer.finish();
        if matches!(ended, Err(FlushError::Aborted)) {
            return Poll::Ready(ended);
        }
        if let FlushError::Cancelled = ready!(self.writer.poll_cancelled(cx)) {
            return Poll::Ready(Err(FlushError::Cancelled));
        }
        // Ordering: Acquire: partner of the Release in `WriteJob::run`.
        if self.complete.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        // Of a pipe that is closed, which says what it was closed with.
        Poll::Ready(self.writer.finish())
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.writer.poll_closed(cx)
    }

    fn release(&mut self) {
        self.writer.release();
    }

    fn gathers(&self) -> bool {
        self.writer.gathers()
    }

    fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.writer, error);
    }

    fn withdraw(&mut self) {
        self.writer.withdraw();
    }
}
