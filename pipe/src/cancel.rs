//! Ending a wait of either end from outside.

use std::fmt;

use crate::{
    core::{Core, WriterWait},
    sync::Arc,
};

/// Cancels reads of one reader, from anywhere.
///
/// A cancellation ends the read that is pending, or the next one; several before that collapse into one. No data is lost, and
/// after a reset of the pipe the handle does nothing.
#[derive(Clone)]
pub struct ReadCanceller(Arc<Core>);

impl ReadCanceller {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Ends the pending read, or the next, once.
    pub fn cancel(&self) {
        if self.0.writer_word().cancel_read().is_waiting() {
            if let Some(reader) = self.0.claim_reader(|| true) {
                reader.wake();
            }
        }
    }
}

impl fmt::Debug for ReadCanceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadCanceller").finish()
    }
}

/// Cancels flushes, and waits for memory, of one writer, from anywhere.
///
/// A cancellation ends the flush that is pending, or the next one; several before that collapse into one. What the flush was to
/// publish is published, and after a reset of the pipe the handle does nothing. A finish that waits, as that of an end over a
/// stream may, is ended like a flush.
#[derive(Clone)]
pub struct FlushCanceller(Arc<Core>);

impl FlushCanceller {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Ends the pending flush or wait for memory, or the next, once.
    pub fn cancel(&self) {
        let old = self.0.reader_word().cancel_flush();
        self.0.writer_word().call_attention();
        if old.is_waiting() {
            if let Some(writer) = self.0.claim_writer(&[WriterWait::Flush, WriterWait::Reserve]) {
                writer.wake();
            }
        }
    }
}

impl fmt::Debug for FlushCanceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FlushCanceller").finish()
    }
}
