//! For files that are mapped into memory: all of one as a reading end, without a copy.
//!
//! To map a file is `unsafe`, since nobody keeps others from cutting it short or writing to it meanwhile: to read what was cut off
//! ends the process, by `SIGBUS`. Whoever maps it makes that promise, so these doors take the map. For a file that nobody can
//! vouch for, take [`file::read`](crate::file::read).
//!
//! # Examples
//!
//! ```
//! use std::fs::File;
//!
//! use headpond_adapters::memmap2::reader;
//! use headpond_pipe::PipeRead;
//! use memmap2::Mmap;
//!
//! let file = File::open("Cargo.toml")?;
//! // SAFETY: nobody writes to this file, nor truncates it, while it is mapped.
//! let mut reader = reader(unsafe { Mmap::map(&file)? });
//! let line = reader.buffer().find(b"[features]").unwrap(); // one look at the whole file
//! reader.advance_to(line, line);
//! assert_eq!(reader.buffer().slice(..line + 10), "[features]");
//! # Ok::<(), std::io::Error>(())
//! ```

use headpond_pipe::FixedReader;
use headpond_pool::Slice;
use memmap2::Mmap;

/// A reader of a mapped file, all of which it shows at once where it lies: one chunk, of no pool.
///
/// It stays mapped until the reader, and every [`Slice`] taken of it, is dropped or has consumed all of it.
pub fn reader(map: Mmap) -> FixedReader {
    FixedReader::new(slice(map))
}

/// A mapped file as a [`Slice`], to be linked into whatever is written by
/// [`append`](headpond_pool::BufferWriter::append).
///
/// It stays mapped as long as any part of it is held.
pub fn slice(map: Mmap) -> Slice {
    Slice::from_owner(map)
}
