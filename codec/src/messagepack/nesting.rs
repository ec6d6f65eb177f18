//! Which arrays and maps are open, and how many values each of them still expects.

use super::{Limits, MessagePackError, Token, head::too_long};

/// The open arrays and maps of one stream, the innermost last.
#[derive(Debug, Clone)]
pub(super) struct Nesting {
    missing: Vec<u64>,
    /// How many values the outermost has announced so far, on all levels.
    announced: u64,
    /// How many values all of them together still expect.
    due: u64,
}

impl Nesting {
    /// Nothing is open.
    pub(super) const NOTHING: Self = Self { missing: Vec::new(), announced: 0, due: 0 };

    /// Whether a value has begun that has not ended.
    pub(super) fn is_inside(&self) -> bool {
        !self.missing.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.missing.clear();
        self.due = 0;
    }

    /// How many values are missing before the outermost ends: none when nothing is open.
    pub(super) fn due(&self) -> u64 {
        self.due
    }

    /// Whether nothing more may be opened.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.missing.len() >= limits.max_depth.into()
    }

    /// How many values may be announced.
    pub(super) fn values_left(&self, limits: &Limits) -> u64 {
        limits.max_values.saturating_sub(if self.is_inside() { self.announced } else { 0 })
    }

    /// Takes a token into account that begins at `offset`; nothing changes when it fails. What comes in parts ends by
    /// [`value_ended`](Self::value_ended).
    #[inline]
    pub(super) fn step<B>(&mut self, token: &Token<B>, limits: &Limits, offset: u64) -> Result<(), MessagePackError> {
        let values = match *token {
            Token::Array(len) => u64::from(len),
            Token::Map(pairs) => 2 * u64::from(pairs),
            Token::StringHead(_) | Token::BinaryHead(_) | Token::ExtensionHead { .. } | Token::Part(_) => return Ok(()),
            _ => {
                self.value_ended();
                return Ok(());
            }
        };
        if self.is_full(limits) {
            return Err(MessagePackError::TooDeep { offset, limit: limits.max_depth });
        }
        let left = self.values_left(limits);
        if values > left {
            return Err(too_long(offset, limits.max_values, "values"));
        }
        self.announced = limits.max_values - (left - values);
        if values == 0 {
            self.value_ended();
        } else {
            self.due = self.due.saturating_sub(1).saturating_add(values);
            self.missing.push(values);
        }
        Ok(())
    }

    /// A value has ended that stands in the innermost of them, and those that it was the last of.
    #[inline]
    pub(super) fn value_ended(&mut self) {
        self.due = self.due.saturating_sub(1);
        while let Some(missing) = self.missing.last_mut() {
            *missing -= 1;
            if *missing > 0 {
                return;
            }
            self.missing.pop();
        }
    }
}
