//! What the answers amount to: as they come back, and as they must be.

use std::{
    fmt,
    io::{self, Write},
};

use crc32fast::Hasher;

use super::text::Text;

/// A digest of the answers.
#[derive(Clone, Default)]
pub(crate) struct Echo {
    bytes: u64,
    checksum: Hasher,
}

/// What is to be expected of a text.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) echo: Echo,
    /// Of the text itself.
    pub(crate) checksum: u32,
}

impl Echo {
    pub(crate) fn add(&mut self, answers: &[u8]) {
        self.bytes += answers.len() as u64;
        self.checksum.update(answers);
    }

    /// Computed from the files, with nothing of a pipe.
    pub(crate) fn expected(text: &Text) -> io::Result<Expected> {
        let (mut checksum, mut answers) = (Hasher::new(), Vec::new());
        let (mut echo, mut line_len, mut bytes) = (Self::default(), 0_u64, 0);
        text.read(|piece| {
            checksum.update(piece);
            bytes += piece.len() as u64;
            for line in piece.split_inclusive(|byte| *byte == b'\n') {
                line_len += line.len() as u64;
                if line.ends_with(b"\n") {
                    // A vector takes everything.
                    let _ = writeln!(answers, "{}", line_len - 1);
                    line_len = 0;
                }
            }
            echo.add(&answers);
            answers.clear();
        })?;
        if line_len > 0 {
            echo.add(format!("{line_len}\n").as_bytes());
        }
        Ok(Expected { echo, checksum: checksum.finalize() })
    }

    fn digest(&self) -> (u64, u32) {
        (self.bytes, self.checksum.clone().finalize())
    }
}

impl PartialEq for Echo {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, checksum) = self.digest();
        write!(f, "{bytes} bytes with checksum {checksum:08x}")
    }
}
