//! The mask over what a client sends.

/// How many bytes are masked in one step: the loop over them becomes a few vector instructions.
const STEP: usize = 32;

/// The four bytes that a payload is masked with, over and over, and where among them the next byte is.
///
/// Masking twice is unmasking.
///
/// # Examples
///
/// ```
/// use headpond_codec::websocket::Mask;
///
/// // The masked "Hello" of RFC 6455, in two parts.
/// let (mut mask, mut bytes) = (Mask::new([0x37, 0xfa, 0x21, 0x3d]), *b"Hello");
/// mask.apply(&mut bytes[..3]);
/// mask.apply(&mut bytes[3..]);
/// assert_eq!(bytes, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    /// Turned so that the first is for the next byte.
    key: [u8; 4],
}

impl Mask {
    /// The mask at the start of a payload.
    pub const fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// Masks the next bytes where they lie.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let pattern = self.pattern();
        let mut steps = bytes.chunks_exact_mut(STEP);
        for step in &mut steps {
            step.iter_mut().zip(pattern).for_each(|(byte, key)| *byte ^= key);
        }
        steps.into_remainder().iter_mut().zip(pattern).for_each(|(byte, key)| *byte ^= key);
        self.skip(bytes.len());
    }

    /// Masks the next bytes on their way from `from` to the start of `to`.
    ///
    /// # Panics
    ///
    /// When `to` is shorter.
    pub fn copy(&mut self, from: &[u8], to: &mut [u8]) {
        let to = &mut to[..from.len()];
        let pattern = self.pattern();
        let (mut sources, mut targets) = (from.chunks_exact(STEP), to.chunks_exact_mut(STEP));
        for (source, target) in (&mut sources).zip(&mut targets) {
            for ((to, from), key) in target.iter_mut().zip(source).zip(pattern) {
                *to = from ^ key;
            }
        }
        for ((to, from), key) in targets.into_remainder().iter_mut().zip(sources.remainder()).zip(pattern) {
            *to = from ^ key;
        }
        self.skip(from.len());
    }

    /// Passes over so many bytes.
    pub const fn skip(&mut self, len: usize) {
        let [a, b, c, d] = self.key;
        self.key = match len % 4 {
            0 => [a, b, c, d],
            1 => [b, c, d, a],
            2 => [c, d, a, b],
            _ => [d, a, b, c],
        };
    }

    fn pattern(self) -> [u8; STEP] {
        std::array::from_fn(|index| self.key[index % 4])
    }
}
