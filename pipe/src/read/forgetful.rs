//! Tells a loop that reads without advancing, in debug builds.
//!
//! Such a loop gets the same bytes again and again, and never waits: it holds up its thread at full speed, and nothing says why. A loop
//! in order may drop a view as well, when it was cancelled or is busy with something else; but it does not do so thousands of
//! times within seconds while nothing changes.

use std::time::{Duration, Instant};

use headpond_pool::Position;

/// How many views in a row make a loop suspicious.
const MOST_VIEWS: u32 = 4096;

/// Within which time so many are no accident: a loop that is paced, by a timer or by messages, takes longer.
const WITHIN: Duration = Duration::from_secs(4);

/// Where a reader stands: with all three as they were, nothing has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) consumed: Position,
    pub(crate) examined: Position,
    pub(crate) end: Position,
}

/// How many views in a row left a reader where it stood.
#[derive(Debug, Default)]
pub(crate) struct Views {
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    standing: Standing,
    since: Instant,
    views: u32,
}

impl Views {
    /// Counts a view, and checks that somebody advances.
    ///
    /// # Panics
    ///
    /// When nobody does.
    pub(crate) fn note(&mut self, standing: Standing, now: impl FnOnce() -> Instant) {
        if standing.examined == standing.end {
            // A wait for so many bytes, all of which have been looked at.
            self.run = None;
            return;
        }
        let Some(run) = self.run.as_mut().filter(|run| run.standing == standing) else {
            self.run = Some(Run { standing, since: now(), views: 1 });
            return;
        };
        run.views += 1;
        if run.views < MOST_VIEWS {
            return;
        }
        let taken = now().saturating_duration_since(run.since);
        self.run = None;
        assert!(
            taken > WITHIN,
            "a loop reads without advancing: {MOST_VIEWS} views in a row of the same {} bytes, {} of them unexamined. \
             End each view by `advance`, or by `need_more` to wait for more (debug builds tell this)",
            standing.end - standing.consumed,
            standing.end - standing.examined,
        );
    }

    /// A view that came for another reason than its bytes.
    pub(crate) fn forget(&mut self) {
        self.run = None;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Views of which each comes `apart` after the one before.
    fn views(count: u32, apart: Duration) {
        let (start, mut views) = (Instant::now(), Views::default());
        let standing = Standing { consumed: Position::ZERO, examined: Position::ZERO, end: Position::new(5) };
        for view in 0..count {
            views.note(standing, || start + apart * view);
        }
    }

    #[test]
    fn views_that_are_paced_may_go_on_for_ever() {
        views(MOST_VIEWS - 1, Duration::ZERO);
        views(20 * MOST_VIEWS, Duration::from_millis(1));
    }

    #[test]
    #[should_panic(expected = "without advancing")]
    fn views_one_after_another_are_told() {
        views(MOST_VIEWS, Duration::from_micros(900));
    }
}
