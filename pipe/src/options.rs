//! What a pipe is made with.

use std::fmt;

use headpond_pool::{BlockSource, IntoBlockSource};

// Under this name it stands in the documentation.
use crate::{error::OptionsError, sync::PlainArc as Arc};

/// What a reader is to have examined, at most, before a paused writer goes on, where no resume threshold is given.
const DEFAULT_RELIEF: usize = 32 * 1024;
const DEFAULT_MAX_UNCONSUMED: usize = 16 * 1024 * 1024;

/// What happens to a reservation larger than a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Oversize {
    /// It gets one allocation of its own, counted against the pool's budget.
    #[default]
    Allocate,
    /// It fails with [`WriteError::Oversize`](headpond_pool::WriteError::Oversize).
    Reject,
}

/// What a reader sees of a writer dropped without `finish` or `abort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnWriterDrop {
    /// The stream is aborted with [`WriterDropped`](crate::WriterDropped): a panicking producer never looks like a clean
    /// end.
    #[default]
    Abort,
    /// What is unflushed is published, and the stream ends cleanly.
    Finish,
}

/// How pipes are made: where their memory comes from, when a writer is held back, what they may hold.
///
/// Cheap to clone, and reusable for any number of pipes.
///
/// # Examples
///
/// ```
/// use headpond_pipe::{Pipe, PipeOptions};
/// use headpond_pool::Pool;
///
/// let pool = Pool::new();
/// let options = PipeOptions::builder(&pool).pause_threshold(8192).resume_threshold(4096).build()?;
/// let inbound = Pipe::new(&options);
/// let outbound = Pipe::new(&options);
/// # Ok::<(), headpond_pipe::OptionsError>(())
/// ```
#[derive(Clone)]
pub struct PipeOptions(Arc<Values>);

#[derive(Debug, Clone)]
struct Values {
    source: Arc<dyn BlockSource>,
    pause_threshold: usize,
    resume_threshold: Option<usize>,
    max_unconsumed: Option<usize>,
    oversize: Oversize,
    on_writer_drop: OnWriterDrop,
    looks_before_parking: u32,
    gathers: bool,
}

impl Values {
    /// A waking writer takes a while to come. A reader that has worked half of a large window off by then has too little left to
    /// go on with meanwhile, and the two take turns: with 256 KiB on two threads, bulk took 1.6 times as long.
    fn resume_threshold(&self) -> usize {
        let pause = self.pause_threshold;
        self.resume_threshold.unwrap_or_else(|| pause.saturating_sub(DEFAULT_RELIEF).max(pause.div_ceil(2)))
    }
}

impl PipeOptions {
    /// The pause threshold where none is given, in bytes: also the most that is written or gathered at once by what knows no other
    /// bound.
    pub const DEFAULT_PAUSE_THRESHOLD: usize = 64 * 1024;

    /// The defaults over a pool, or any other source of blocks: pause at 64 KiB, resume below 32 KiB, hold at most 16 MiB
    /// unconsumed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use headpond_pipe::PipeOptions;
    /// use headpond_pool::{BlockSource, Pool};
    ///
    /// let pool = Pool::new();
    /// let over_a_pool = PipeOptions::new(&pool);
    /// let chosen_at_run_time: Arc<dyn BlockSource> = Arc::new(pool);
    /// let over_a_source = PipeOptions::new(chosen_at_run_time);
    /// ```
    pub fn new(source: impl IntoBlockSource) -> Self {
        Self(Arc::new(PipeOptionsBuilder::over(source.into_block_source()).values))
    }

    /// Options to be set one by one.
    pub fn builder(source: impl IntoBlockSource) -> PipeOptionsBuilder {
        PipeOptionsBuilder::over(source.into_block_source())
    }

    /// Where blocks come from.
    pub fn source(&self) -> &Arc<dyn BlockSource> {
        &self.0.source
    }

    /// How many unexamined bytes hold a flush back; 0 for never.
    pub fn pause_threshold(&self) -> usize {
        self.0.pause_threshold
    }

    /// Below how many unexamined bytes the writer goes on.
    pub fn resume_threshold(&self) -> usize {
        self.0.resume_threshold()
    }

    /// How many bytes a reader that only examines may gather.
    pub fn max_unconsumed(&self) -> Option<usize> {
        self.0.max_unconsumed
    }

    /// What happens to a reservation larger than a block.
    pub fn oversize(&self) -> Oversize {
        self.0.oversize
    }

    /// What a reader sees of a writer dropped without `finish` or `abort`.
    pub fn on_writer_drop(&self) -> OnWriterDrop {
        self.0.on_writer_drop
    }

    /// How often a read or a flush that would wait looks again before it parks its task.
    pub fn looks_before_parking(&self) -> u32 {
        self.0.looks_before_parking
    }

    /// Whether the writer says that [flushes cost something](crate::PipeWrite::gathers).
    pub fn gathers(&self) -> bool {
        self.0.gathers
    }
}

impl PipeOptions {
    /// The same options, but for what a reader sees of a writer that is dropped unfinished.
    #[must_use]
    pub fn with_on_writer_drop(&self, on_writer_drop: OnWriterDrop) -> Self {
        Self(Arc::new(Values { on_writer_drop, ..Values::clone(&self.0) }))
    }

    /// The same options, but for whether the writer says that [flushes cost something](crate::PipeWrite::gathers): for a pipe whose
    /// reader makes something of what each flush published, as TLS makes a record. A pipe's own flushes cost nothing.
    #[must_use]
    pub fn with_gathers(&self, gathers: bool) -> Self {
        Self(Arc::new(Values { gathers, ..Values::clone(&self.0) }))
    }
}

impl fmt::Debug for PipeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeOptions")
            .field("source", &self.0.source)
            .field("pause_threshold", &self.0.pause_threshold)
            .field("resume_threshold", &self.resume_threshold())
            .field("max_unconsumed", &self.0.max_unconsumed)
            .field("oversize", &self.0.oversize)
            .field("on_writer_drop", &self.0.on_writer_drop)
            .field("looks_before_parking", &self.0.looks_before_parking)
            .field("gathers", &self.0.gathers)
            .finish()
    }
}

/// Builds [`PipeOptions`], and checks them once.
#[derive(Debug, Clone)]
#[must_use]
pub struct PipeOptionsBuilder {
    values: Values,
}

impl PipeOptionsBuilder {
    /// Options over a source that is shared already.
    pub fn over(source: Arc<dyn BlockSource>) -> Self {
        Self {
            values: Values {
                source,
                pause_threshold: PipeOptions::DEFAULT_PAUSE_THRESHOLD,
                resume_threshold: None,
                max_unconsumed: Some(DEFAULT_MAX_UNCONSUMED),
                oversize: Oversize::Allocate,
                on_writer_drop: OnWriterDrop::Abort,
                looks_before_parking: 0,
                gathers: false,
            },
        }
    }

    /// Holds a flush back while this many bytes, or more, are unexamined. 0 never does, and the resume threshold is then
    /// ignored.
    pub fn pause_threshold(mut self, bytes: usize) -> Self {
        self.values.pause_threshold = bytes;
        self
    }

    /// Lets a paused writer go on once fewer bytes are unexamined; at least 1, at most the pause threshold. Not called, it is half of
    /// the pause threshold, or 32 KiB less than that where that is more.
    pub fn resume_threshold(mut self, bytes: usize) -> Self {
        self.values.resume_threshold = Some(bytes);
        self
    }

    /// Bounds what a reader that only examines can make the pipe gather; `None` lifts the bound. One write may exceed it, and what
    /// it brought is read as any bytes: only a read that would have to wait for more fails.
    pub fn max_unconsumed(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.values.max_unconsumed = bytes.into();
        self
    }

    /// Says what happens to a reservation larger than a block.
    pub fn oversize(mut self, oversize: Oversize) -> Self {
        self.values.oversize = oversize;
        self
    }

    /// Says what a reader sees of a writer dropped without `finish` or `abort`.
    pub fn on_writer_drop(mut self, on_writer_drop: OnWriterDrop) -> Self {
        self.values.on_writer_drop = on_writer_drop;
        self
    }

    /// Has a read or a flush that would wait look again, up to so many times, before it parks its task. 0, which is the default, is
    /// right wherever a thread has more than this pipe to look after.
    ///
    /// For two threads with a core each, and nothing else to do: what the other end does within the looks is seen at once, where a
    /// sleeping thread takes tens of microseconds to wake. A look is a spin-loop hint and a load, some 10 to 50 ns. On one thread it
    /// only delays the other end; in a runtime it keeps a worker from other tasks. A flush that need not park is not counted as
    /// a pause.
    pub fn looks_before_parking(mut self, looks: u32) -> Self {
        self.values.looks_before_parking = looks;
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// When they contradict each other.
    pub fn build(self) -> Result<PipeOptions, OptionsError> {
        let Values { pause_threshold: pause, max_unconsumed, .. } = self.values;
        let resume = self.values.resume_threshold();
        if pause > 0 && !(1..=pause).contains(&resume) {
            return Err(OptionsError::ResumeThreshold { resume, pause });
        }
        if max_unconsumed == Some(0) {
            return Err(OptionsError::MaxUnconsumed);
        }
        if self.values.source.block_size() == 0 {
            return Err(OptionsError::BlockSize);
        }
        Ok(PipeOptions(Arc::new(self.values)))
    }
}
