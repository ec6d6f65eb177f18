//! Mistakes that the models are seen to catch: each is made in the shipped code when a model is told so by the environment.
//! Outside loom every question here is a constant `false`.

use crate::sync::Ordering;

macro_rules! mistakes {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// One mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Broken {
            $($(#[doc = $doc])+ $name,)+
        }

        #[cfg(loom)]
        impl Broken {
            const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

mistakes! {
    /// A word is read without seeing what stands behind it.
    LoadWithoutAcquire,
    /// A count is added to without seeing the waker of who waits.
    AddWithoutAcquire,
    /// A count is published without what it counts.
    AddWithoutRelease,
    /// A flag is set without seeing what stands behind the others.
    SetWithoutAcquire,
    /// A flag is set without what it announces.
    SetWithoutRelease,
    /// A flag is cleared without seeing what it stood for.
    ClearWithoutAcquire,
    /// A word is exchanged without seeing what stands behind the old one.
    ExchangeWithoutAcquire,
    /// A word is exchanged without what the new one announces.
    ExchangeWithoutRelease,
    /// A cell is said to be empty before its waker is taken.
    EmptySaidTooEarly,
    /// A cell is said to be empty without what was done with it.
    EmptySaidWithoutRelease,
    /// A cell is seen to be empty without seeing what was done with it.
    EmptySeenWithoutAcquire,
    /// A waker is claimed by a look, and then a change.
    ClaimInTwoSteps,
    /// A waiter takes its waker back without looking whether somebody has claimed it.
    WithdrawBlindly,
    /// A reader parks without looking whether the word has changed.
    ReaderParksBlindly,
    /// A writer parks without looking whether the word has changed.
    WriterParksBlindly,
    /// A reader fills its cell while somebody is emptying it.
    ReaderParksOverWaking,
    /// A writer fills its cell while somebody is emptying it.
    WriterParksOverWaking,
    /// A reader that cannot fill its cell is not told to come again.
    ReaderNotToldToComeAgain,
    /// A writer that cannot fill its cell is not told to come again.
    WriterNotToldToComeAgain,
    /// A claim whose exchange is lost looks no further.
    ClaimGivesUp,
    /// A flush decides whether to wake by a target read before it published.
    TargetBeforePublish,
    /// A flush answers a call for attention after it has looked.
    AttentionAnsweredAfterTheLook,
    /// A canceller calls attention before there is anything to see.
    AttentionBeforeCancel,
    /// A canceller does not call attention.
    AttentionUncalled,
    /// A cancelled read leaves the cancellation.
    ReadCancelNotCleared,
    /// A cancelled flush leaves the cancellation.
    FlushCancelNotCleared,
    /// A writer held back does not say `PAUSED`.
    PauseUnsaid,
    /// A flush that finds the pause over leaves `PAUSED`.
    PauseKept,
    /// An advance that loses the exchange which ends a pause looks no further.
    ResumeGivesUp,
    /// A pause is ended without waking the writer.
    ResumeWithoutWake,
    /// The end of a pause wakes flushes alone.
    ResumeForgetsTheDrain,
    /// A reader that waits for more than is to come ends a pause, but does not say `HUNGRY`.
    HungerUnsaid,
    /// A reader that waits for one byte more says nothing.
    HungerOfOneByteUnsaid,
    /// A reader that waits for more than is to come leaves the pause.
    HungerLeavesThePause,
    /// A reader that waits no more stays `HUNGRY`.
    HungerKept,
    /// A reader that was woken stays `HUNGRY`.
    HungerKeptByTheWoken,
    /// A writer that parks beside a hungry reader does not look again at what that waits for.
    ParkWithoutSecondLookAtHunger,
    /// What is consumed is stored after the word says so.
    ConsumedAfterExamined,
    /// An advance that examines nothing new leaves the word alone.
    AdvanceUnsaid,
    /// A writer that waits for the drain does not look again once it is parked.
    DrainedWithoutSecondLook,
    /// The end is said before the bytes in front of it.
    EndBeforeItsBytes,
    /// An abort says that the stream has ended, and not how.
    AbortUnsaid,
    /// The end wakes nobody.
    EndWithoutWake,
    /// An ended writer leaves no `LOOSE` with its tail.
    EndKeepsTheTail,
    /// The error of an abort is stored after its end.
    AbortErrorAfterTheEnd,
    /// A loose tail is seen, and then taken.
    LooseTakenInTwoSteps,
    /// A reader takes the tail, and does not see what was flushed into it meanwhile.
    LooseTakenWithoutCatchingUp,
    /// A parking reader takes the tail, and leaves `LOOSE`.
    ParkLeavesLoose,
    /// A writer that lets go does not look for a reader that parked before.
    ReleaseWithoutSecondLook,
    /// A closing reader leaves the writer's word alone.
    CloseUnsaidInWritersWord,
    /// A closing reader leaves its own word alone.
    CloseUnsaidInReadersWord,
    /// A closing reader takes the tail, and leaves `LOOSE`.
    CloseLeavesLoose,
    /// A closing reader wakes nobody.
    CloseWithoutWake,
    /// A copy whose source is idle does not wait for its destination's close.
    CopyOverlooksTheClose,
    /// A reader closes without looking whether the word has changed.
    CloseBlindly,
    /// A closing reader never leaves its last chunk to the writer.
    NeverLentAtClose,
    /// A closing reader always leaves its last chunk to the writer.
    AlwaysLentAtClose,
    /// What is consumed is read without seeing the end of the reader's accesses.
    ConsumedWithoutAcquire,
    /// What is consumed is stored without the end of the reader's accesses.
    ConsumedWithoutRelease,
    /// Spare nodes are taken without seeing the end of the reader's accesses.
    NodesTakenWithoutAcquire,
    /// Spare nodes are handed back without the end of the reader's accesses.
    NodesGivenWithoutRelease,
    /// A node is reached without seeing what it holds.
    NextWithoutAcquire,
    /// A node is linked without what it holds.
    LinkWithoutRelease,
    /// A node is prepared once more after it is linked.
    LinkBeforePrepare,
    /// A node is handed back before the reader has moved past it.
    NodeGivenTooEarly,
    /// A link does not say that the chunk before is gone.
    PreviousGoneUnsaid,
    /// A writer that cleans up after its reader gives a chunk back that is gone.
    PreviousGoneIgnoredAtClose,
    /// A wait for memory that fails stays in the pool's queue.
    FailedReserveStaysInLine,
    /// A writer waits for memory with a tail in its hands.
    WaitKeepsTheTail,
    /// A writer asks for a block before it gives back the one that is consumed.
    RentBeforeGivingBack,
}

/// The variable of the environment that names the mistake to make.
#[cfg(loom)]
pub(crate) const VARIABLE: &str = "HEADPOND_BROKEN";

#[cfg(loom)]
std::thread_local! {
    /// The mistake that this process makes: the threads of a model are one.
    static CURRENT: Option<Broken> = std::env::var(VARIABLE)
        .ok()
        .and_then(|name| Broken::ALL.iter().copied().find(|broken| format!("{broken:?}") == name));
    static REMEMBERED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Whether the mistake is to be made.
#[inline(always)]
pub(crate) fn is(broken: Broken) -> bool {
    #[cfg(loom)]
    return CURRENT.with(|current| *current == Some(broken));
    #[cfg(not(loom))]
    {
        let _ = broken;
        false
    }
}

/// `Relaxed` when the mistake is to be made, otherwise `ordering`.
#[inline(always)]
pub(crate) fn relaxed_if(broken: Broken, ordering: Ordering) -> Ordering {
    if is(broken) { Ordering::Relaxed } else { ordering }
}

/// `AcqRel`, or the half of it that a mistake leaves.
#[inline(always)]
pub(crate) fn acq_rel(without_acquire: Broken, without_release: Broken) -> Ordering {
    match (is(without_acquire), is(without_release)) {
        (false, false) => Ordering::AcqRel,
        (true, _) => Ordering::Release,
        (false, true) => Ordering::Acquire,
    }
}

/// Keeps a value read too early, for [`recall`].
#[inline(always)]
pub(crate) fn remember(value: u64) {
    #[cfg(loom)]
    REMEMBERED.set(value);
    #[cfg(not(loom))]
    let _ = value;
}

/// What was read too early.
#[inline(always)]
pub(crate) fn recall() -> u64 {
    #[cfg(loom)]
    return REMEMBERED.get();
    #[cfg(not(loom))]
    0
}
