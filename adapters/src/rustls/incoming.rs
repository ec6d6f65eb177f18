//! Records on their way in: each is gathered into one stretch of memory, since that is what can be decrypted in place.

use std::{
    ops::Range,
    task::{Context, Poll, ready},
};

use headpond_pool::{Block, BlockSource, PoolError, Sequence, Ticket};

use crate::sync::Arc;

/// What stands before every record: its type, its version, and the length of the rest.
pub(super) const HEADER: usize = 5;

/// The rest of a record is shorter than this: 16 KiB of data, and what a cipher may add to it.
const MOST_PAYLOAD: usize = 16 * 1024 + 2048;

/// As many bytes of unfinished handshake messages are kept, and no more: one of 64 KiB is the longest there may be.
const MOST_UNFINISHED: usize = 0xffff;

/// Where the data of a record can begin: behind the header, and in TLS 1.2 behind the nonce that some ciphers send.
const DATA_STARTS: [usize; 2] = [HEADER, HEADER + 8];

/// How long the record is that begins with `buffer`, if its header is there. For what is no record, the header alone: nobody
/// waits for the rest of it.
pub(super) fn record_len(buffer: &Sequence<'_>) -> Option<usize> {
    let mut header = [0; HEADER];
    if buffer.copy_to(&mut header) < HEADER {
        return None;
    }
    let [kind, version, _, high, low] = header;
    let payload = usize::from(u16::from_be_bytes([high, low]));
    let is_record = (20..=24).contains(&kind) && version == 3 && payload < MOST_PAYLOAD;
    Some(if is_record { HEADER + payload } else { HEADER })
}

/// The memory of one record, rented when it is there as a whole, and given back, or handed on, with its data: while nothing
/// arrives, none is held. Only a handshake message that goes on in the next record is kept.
pub(super) struct Incoming {
    source: Arc<dyn BlockSource>,
    ticket: Ticket,
    block: Option<Block>,
    /// What is not done with.
    unused: Range<usize>,
}

impl Incoming {
    pub(super) fn new(source: Arc<dyn BlockSource>) -> Self {
        Self { source, ticket: Ticket::new(), block: None, unused: 0..0 }
    }

    /// Waits for memory for a record of `len` bytes behind what is unused.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>, len: usize) -> Poll<Result<(), PoolError>> {
        let kept = self.unused.len();
        if kept == 0 {
            self.unused = 0..0;
        }
        let capacity = self.block.as_ref().map_or(0, Block::capacity);
        if capacity - self.unused.end.min(capacity) >= len {
            return Poll::Ready(Ok(()));
        }
        if kept == 0 {
            self.block = None;
        }
        // A message of many records is to be moved only a few times.
        let min = if kept == 0 { len } else { (kept + len).max(capacity * 2) };
        let mut block = ready!(self.source.poll_rent(cx, min, &mut self.ticket))?;
        block[..kept].copy_from_slice(self.unused());
        self.block = Some(block);
        self.unused = 0..kept;
        Poll::Ready(Ok(()))
    }

    /// Copies a record in, for which there is room: the one copy on its way.
    pub(super) fn gather(&mut self, record: &Sequence<'_>) {
        if let Some(block) = &mut self.block {
            self.unused.end += record.copy_to(&mut block[self.unused.end..]);
        }
    }

    /// Whether more is unfinished than any handshake message is long.
    pub(super) fn is_too_long(&self) -> bool {
        self.unused.len() > MOST_UNFINISHED
    }

    /// What was gathered and not used.
    pub(super) fn unused_mut(&mut self) -> &mut [u8] {
        match &mut self.block {
            Some(block) => &mut block[self.unused.clone()],
            None => &mut [],
        }
    }

    /// Counts the next `n` bytes as used. They stay where they are until there is to be room for another record.
    pub(super) fn discard(&mut self, n: usize) {
        self.unused.start = (self.unused.start + n).min(self.unused.end);
    }

    /// What was used, and what was not.
    pub(super) fn split_mut(&mut self) -> (&[u8], &mut [u8]) {
        match &mut self.block {
            Some(block) => {
                let (used, unused) = block[..self.unused.end].split_at_mut(self.unused.start);
                (used, unused)
            }
            None => (&[], &mut []),
        }
    }

    /// Gives the memory back, unless something in it is unused.
    pub(super) fn release(&mut self) {
        drop(self.take_block());
    }

    /// The memory, unless something in it is unused.
    pub(super) fn take_block(&mut self) -> Option<Block> {
        self.ticket.clear();
        if self.unused.is_empty() { self.block.take() } else { None }
    }

    pub(super) fn capacity(&self) -> usize {
        self.block.as_ref().map_or(0, Block::capacity)
    }

    fn unused(&self) -> &[u8] {
        self.block.as_ref().map_or(&[], |block| &block[self.unused.clone()])
    }
}

/// Where in a decrypted record its data lies, if that is there.
pub(super) fn find(data: &[u8], record: &[u8]) -> Option<Range<usize>> {
    let mut places = DATA_STARTS.into_iter().map(|start| start..start + data.len());
    places.find(|place| record.get(place.clone()) == Some(data))
}

#[cfg(test)]
mod tests {
    use headpond_pool::{SequenceBuf, Slice};

    use super::*;

    fn len_of(header: &[u8]) -> Option<usize> {
        // One byte a chunk.
        let chain: SequenceBuf = header.chunks(1).map(Slice::copy_from_slice).collect();
        record_len(&chain.as_sequence())
    }

    #[test]
    fn a_record_is_as_long_as_its_header_says() {
        assert_eq!(len_of(&[23, 3, 3, 0x40, 0x11]), Some(5 + 0x4011));
        assert_eq!(len_of(&[22, 3, 1, 0, 1, 0xff]), Some(6));
        assert_eq!(len_of(&[23, 3, 3, 0, 0]), Some(5));
        assert_eq!(len_of(&[23, 3, 3, 0x47, 0xff]), Some(5 + 18431));
        assert_eq!(len_of(&[23, 3, 3, 0x47]), None);
        assert_eq!(len_of(&[]), None);
    }

    #[test]
    fn nobody_waits_for_the_rest_of_what_is_no_record() {
        for header in [*b"GET /", [19, 3, 3, 9, 9], [25, 3, 3, 9, 9], [23, 2, 0, 9, 9], [23, 3, 3, 0x48, 0]] {
            assert_eq!(len_of(&header), Some(HEADER), "{header:?}");
        }
    }

    #[test]
    fn data_is_found_where_either_version_puts_it() {
        assert_eq!(find(b"data", b"HHHHHdatatag"), Some(5..9));
        assert_eq!(find(b"data", b"HHHHHnnnnnnnndatatag"), Some(13..17));
        assert_eq!(find(b"data", b"HHHHHndatatag"), None);
        assert_eq!(find(b"data", b"HHHHHdat"), None);
    }
}
