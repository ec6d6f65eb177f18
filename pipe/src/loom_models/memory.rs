//! A source of blocks that a model sees through: every byte has a shadow cell, so that a read that does not happen after its
//! write, or a block that goes back under a read, fails the model.
//!
//! # Invariants
//!
//! 1. Shadow cells hold nothing: they are accessed only for loom to order the accesses.

use std::{
    fmt,
    task::{Context, Poll, Waker},
};

use headpond_pool::{Block, BlockSource, BufferWriter, PoolError, Sequence, Slice, Ticket};

use crate::{
    options::PipeOptionsBuilder,
    pipe::Pipe,
    reader::Reader,
    sync::{
        Ordering, PlainArc, UnsafeCell,
        modelled::{Mutex, PlainMutex, PlainUsize},
    },
    writer::Writer,
};

/// The most blocks that a model rents.
const MOST_BLOCKS: usize = 6;

/// Blocks of a few bytes each, counted, for one execution of a model.
#[derive(Clone)]
pub(super) struct Memory(PlainArc<State>);

struct State {
    block_size: usize,
    places: Vec<Place>,
    rented: PlainUsize,
    returned: PlainUsize,
    /// `None` when nothing is rented again: then there is nothing to agree upon.
    free: Option<Mutex<Free>>,
}

// SAFETY: invariant 1.
unsafe impl Send for State {}
// SAFETY: as above: there is nothing to race for; loom reports accesses that are not ordered.
unsafe impl Sync for State {}

/// What has come back, for whoever comes next; and who waits for it.
struct Free {
    places: Vec<usize>,
    waiter: Option<Waker>,
}

/// The memory of one block: kept until the model is over, so that a use after its return is seen and does no harm.
struct Place {
    bytes: PlainMutex<Option<Box<[u8]>>>,
    address: usize,
    shadows: Vec<UnsafeCell<()>>,
}

/// The owner of a rented block's memory.
struct Lease {
    state: PlainArc<State>,
    place: usize,
    bytes: Option<Box<[u8]>>,
}

impl Memory {
    /// As many blocks as a model asks for, each used once.
    pub(super) fn new(block_size: usize) -> Self {
        Self::with_blocks(block_size, MOST_BLOCKS, None)
    }

    /// No more than `blocks` of them at a time; what is returned is rented again.
    pub(super) fn limited(block_size: usize, blocks: usize) -> Self {
        let free = Free { places: (0..blocks).rev().collect(), waiter: None };
        Self::with_blocks(block_size, blocks, Some(Mutex::new(free)))
    }

    fn with_blocks(block_size: usize, blocks: usize, free: Option<Mutex<Free>>) -> Self {
        let places = (0..blocks).map(|_| Place::new(block_size)).collect();
        let (rented, returned) = (PlainUsize::new(0), PlainUsize::new(0));
        Self(PlainArc::new(State { block_size, places, rented, returned, free }))
    }

    /// A pipe over this memory that never pauses.
    pub(super) fn pipe(&self) -> (Writer, Reader) {
        self.pausing_pipe(0, 0)
    }

    /// A pipe over this memory, with thresholds.
    pub(super) fn pausing_pipe(&self, pause: usize, resume: usize) -> (Writer, Reader) {
        let builder = PipeOptionsBuilder::over(PlainArc::new(self.clone())).pause_threshold(pause);
        let options = builder.resume_threshold(resume).build().expect("the options of a model hold");
        Pipe::new(&options).split()
    }

    /// Writes bytes in place, over as many blocks as it takes.
    pub(super) fn write(&self, writer: &mut Writer, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let mut view = BufferWriter::reserve(writer, 1).expect("there is memory");
            let len = bytes.len().min(view.len());
            self.fill(&mut view[..len], &bytes[..len]);
            view.advance(len);
            bytes = &bytes[len..];
        }
    }

    /// Writes bytes, as far as the reader is there.
    pub(super) fn try_write(&self, writer: &mut Writer, bytes: &[u8]) -> bool {
        match writer.reserve(bytes.len()) {
            Ok(mut view) => {
                self.fill(&mut view[..bytes.len()], bytes);
                view.advance(bytes.len());
                true
            }
            Err(_) => false,
        }
    }

    /// Copies to memory of ours, noting the access.
    pub(super) fn fill(&self, to: &mut [u8], bytes: &[u8]) {
        self.note_write(to.as_ptr() as usize, bytes.len());
        to.copy_from_slice(bytes);
    }

    /// Notes a write to `len` bytes at `address`.
    pub(super) fn note_write(&self, address: usize, len: usize) {
        self.shadows(address, len).for_each(|shadow| shadow.with_mut(|_| ()));
    }

    /// Reads a sequence, noting the accesses.
    pub(super) fn read(&self, sequence: Sequence<'_>) -> Vec<u8> {
        sequence.chunks().flat_map(|chunk| self.read_slice(chunk).to_vec()).collect()
    }

    /// Reads a slice, noting the accesses.
    pub(super) fn read_slice<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        self.shadows(bytes.as_ptr() as usize, bytes.len()).for_each(|shadow| shadow.with(|_| ()));
        bytes
    }

    /// A block that is rented by somebody else.
    pub(super) fn keep_one(&self) -> Block {
        self.take(None).expect("there is memory")
    }

    /// A slice of memory of ours.
    pub(super) fn slice(&self, bytes: &[u8]) -> Slice {
        let mut block = self.keep_one();
        self.fill(&mut block[..bytes.len()], bytes);
        block.into_slice(..bytes.len())
    }

    /// Where the block that was rented first, second, and so on, begins.
    pub(super) fn address_of(&self, place: usize) -> usize {
        self.0.places[place].address
    }

    /// How many blocks are out.
    pub(super) fn out(&self) -> usize {
        // Ordering: Relaxed: all threads of a model are one.
        self.0.rented.load(Ordering::Relaxed) - self.0.returned.load(Ordering::Relaxed)
    }

    /// Everything came back, once.
    pub(super) fn assert_all_back(&self) {
        assert_eq!(self.out(), 0, "blocks are still out");
    }

    fn shadows(&self, address: usize, len: usize) -> impl Iterator<Item = &UnsafeCell<()>> {
        let end = address + len;
        let size = self.0.block_size;
        self.0.places.iter().flat_map(move |place| {
            let range = address.max(place.address)..end.min(place.address + size);
            range.map(move |byte| &place.shadows[byte - place.address])
        })
    }

    fn take(&self, waker: Option<&Waker>) -> Result<Block, PoolError> {
        // Ordering: Relaxed: all threads of a model are one.
        let rented = self.0.rented.load(Ordering::Relaxed);
        let free = match &self.0.free {
            None => Some(rented),
            Some(free) => {
                let mut free = free.lock().expect("no panic under the lock");
                let place = free.places.pop();
                if place.is_none() {
                    free.waiter = waker.cloned();
                }
                place
            }
        };
        let limit = self.0.places.len() * self.0.block_size;
        let place = free.ok_or(PoolError::Exhausted { requested: 1, limit })?;
        let bytes = self.0.places[place].bytes.lock().expect("no panic under the lock").take();
        assert!(bytes.is_some(), "a block is rented twice");
        // Ordering: Relaxed: as above.
        self.0.rented.fetch_add(1, Ordering::Relaxed);
        Ok(Block::from_owner(Lease { state: PlainArc::clone(&self.0), place, bytes }))
    }
}

impl BlockSource for Memory {
    fn block_size(&self) -> usize {
        self.0.block_size
    }

    fn rent(&self, _min: usize) -> Result<Block, PoolError> {
        self.take(None)
    }

    fn poll_rent(&self, cx: &mut Context<'_>, _min: usize, _ticket: &mut Ticket) -> Poll<Result<Block, PoolError>> {
        match self.take(Some(cx.waker())) {
            Ok(block) => Poll::Ready(Ok(block)),
            Err(_) => Poll::Pending,
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("out", &self.out()).finish()
    }
}

impl Place {
    fn new(block_size: usize) -> Self {
        let bytes = vec![0; block_size].into_boxed_slice();
        let address = bytes.as_ptr() as usize;
        let shadows = (0..block_size).map(|_| UnsafeCell::new(())).collect();
        Self { bytes: PlainMutex::new(Some(bytes)), address, shadows }
    }
}

impl AsMut<[u8]> for Lease {
    fn as_mut(&mut self) -> &mut [u8] {
        self.bytes.as_deref_mut().unwrap_or_default()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let place = &self.state.places[self.place];
        // The next tenant may write every byte: no access may be under way, or not be ordered before this.
        place.shadows.iter().for_each(|shadow| shadow.with_mut(|_| ()));
        let before =
            place.bytes.lock().expect("no panic under the lock").replace(self.bytes.take().unwrap_or_default());
        assert!(before.is_none(), "a block came back twice");
        // Ordering: Relaxed: all threads of a model are one.
        self.state.returned.fetch_add(1, Ordering::Relaxed);
        if let Some(free) = &self.state.free {
            let mut free = free.lock().expect("no panic under the lock");
            free.places.push(self.place);
            let waiter = free.waiter.take();
            drop(free);
            waiter.into_iter().for_each(Waker::wake);
        }
    }
}
