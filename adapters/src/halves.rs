//! The tasks of the two halves of a duplex.

use std::{
    fmt,
    task::{Context, Poll, Wake, Waker},
};

use crate::sync::Arc;

/// Who waits in either half: mostly one task, but a stream can be split between two. The end that is written to has one waker,
/// and both halves poll it, so that neither may take the other's wake away.
#[derive(Default)]
pub(crate) struct Halves {
    reading: Option<Waker>,
    writing: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Reading,
    Writing,
}

/// Two tasks woken as one.
struct Both(Waker, Waker);

impl Halves {
    /// Polls on behalf of one half: what wakes its task then wakes that of the other half as well, if that waits and is another.
    pub(crate) fn poll<T>(
        &self,
        half: Half,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let other = match half {
            Half::Reading => &self.writing,
            Half::Writing => &self.reading,
        };
        match other {
            Some(other) if !other.will_wake(cx.waker()) => {
                let both = Waker::from(Arc::new(Both(cx.waker().clone(), other.clone())));
                poll(&mut Context::from_waker(&both))
            }
            _ => poll(cx),
        }
    }

    /// Notes whether the task of a half waits now.
    pub(crate) fn note(&mut self, half: Half, cx: &Context<'_>, waits: bool) {
        let waker = self.of(half);
        match waker {
            Some(waker) if waits => waker.clone_from(cx.waker()),
            None if waits => *waker = Some(cx.waker().clone()),
            _ => *waker = None,
        }
    }

    pub(crate) fn waits(&self, half: Half) -> bool {
        match half {
            Half::Reading => self.reading.is_some(),
            Half::Writing => self.writing.is_some(),
        }
    }

    /// Forgets the task of a half, which does not wait any more.
    pub(crate) fn forget(&mut self, half: Half) {
        *self.of(half) = None;
    }

    /// Has the task of a half, if that waits, poll again.
    pub(crate) fn wake(&mut self, half: Half) {
        self.of(half).take().into_iter().for_each(Waker::wake);
    }

    fn of(&mut self, half: Half) -> &mut Option<Waker> {
        match half {
            Half::Reading => &mut self.reading,
            Half::Writing => &mut self.writing,
        }
    }
}

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}

impl fmt::Debug for Halves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halves")
            .field("reading", &self.reading.is_some())
            .field("writing", &self.writing.is_some())
            .finish()
    }
}
