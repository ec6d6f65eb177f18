//! A writer over very small blocks, which can run out of them.

use headpond_pool::{BufferWriter, PatchError, PoolError, Prefix, Slice, WritableBuffer, WriteError};

/// Blocks of a few bytes each. A longer reservation gets a block of its own length.
pub(crate) struct SmallBlocks {
    size: usize,
    left: usize,
    /// Each with how much of it is filled.
    blocks: Vec<(Vec<u8>, usize)>,
}

impl SmallBlocks {
    pub(crate) fn of(size: usize) -> Self {
        Self { size, left: usize::MAX, blocks: Vec::new() }
    }

    pub(crate) fn at_most(mut self, blocks: usize) -> Self {
        self.left = blocks;
        self
    }

    pub(crate) fn pieces(&self) -> Vec<&[u8]> {
        self.blocks.iter().map(|(block, filled)| &block[..*filled]).filter(|piece| !piece.is_empty()).collect()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    fn exhausted(&self) -> WriteError {
        WriteError::Pool(PoolError::Exhausted { requested: self.size, limit: 0 })
    }

    fn room(&self) -> usize {
        self.blocks.last().map_or(0, |(block, filled)| block.len() - filled)
    }
}

impl BufferWriter for SmallBlocks {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        if self.room() < min.max(1) {
            self.left = self.left.checked_sub(1).ok_or_else(|| self.exhausted())?;
            self.blocks.push((vec![0; self.size.max(min)], 0));
        }
        let error = self.exhausted();
        let (block, filled) = self.blocks.last_mut().ok_or(error)?;
        Ok(WritableBuffer::new(&mut block[*filled..], filled))
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        if n > 0 {
            let mut memory = self.reserve(n)?;
            memory[..n].fill(0);
            memory.advance(n);
        }
        Ok(Prefix::new(0, (self.bytes().len() - n) as u64, n))
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        let mut before = prefix.position() as usize;
        for (block, filled) in &mut self.blocks {
            if before < *filled {
                block[before..before + bytes.len()].copy_from_slice(bytes);
                return Ok(());
            }
            before -= *filled;
        }
        Err(PatchError::Flushed { position: prefix.position() })
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        let end = prefix.position() as usize + prefix.len();
        self.bytes().len().checked_sub(end).ok_or(PatchError::Discarded { position: prefix.position() })
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        let mut kept = prefix.position() as usize;
        for (_, filled) in &mut self.blocks {
            *filled = kept.min(*filled);
            kept -= *filled;
        }
        self.blocks.retain(|(_, filled)| *filled > 0);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let beyond = bytes.len().saturating_sub(self.room());
        if beyond.div_ceil(self.size) > self.left {
            return Err(self.exhausted());
        }
        for byte in bytes {
            let mut memory = self.reserve(1)?;
            memory[0] = *byte;
            memory.advance(1);
        }
        Ok(())
    }
}
