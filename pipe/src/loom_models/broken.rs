//! Each mistake, and a model that is seen to catch it.
//!
//! The model runs in a process of its own, which makes the mistake: a model that fails cannot always be unwound, and a mistake may
//! well be a use after free.

use std::{env, process::Command};

use crate::broken::{self, Broken};

/// Runs a model with a mistake made in the shipped code, and sees it fail.
fn assert_caught(broken: Broken, model: &str) {
    let mut command = Command::new(env::current_exe().expect("the test's own path"));
    command.args([
        "--exact",
        &format!("{}::{model}", module_path!().split_once("::").expect("a module").1.replace("::broken", "")),
    ]);
    let output =
        command.env(broken::VARIABLE, format!("{broken:?}")).env("RUST_BACKTRACE", "0").output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("running 1 test"), "no such model: {said}");
    assert!(!output.status.success(), "{broken:?} is not caught by {model}");
}

macro_rules! broken {
    ($($test:ident: $broken:ident => $module:ident::$model:ident,)+) => {$(
        #[test]
        fn $test() {
            assert_caught(Broken::$broken, concat!(stringify!($module), "::", stringify!($model)));
        }
    )+};
}

broken! {
    broken_load_without_acquire: LoadWithoutAcquire => reading::model_link_against_advance,
    broken_add_without_acquire: AddWithoutAcquire => closing::model_close_against_parking_flush,
    broken_add_without_release: AddWithoutRelease => reading::model_flush_against_parking_read,
    broken_set_without_acquire: SetWithoutAcquire => releasing::model_release_against_close,
    broken_set_without_release: SetWithoutRelease => closing::model_close_against_parking_flush,
    broken_clear_without_acquire: ClearWithoutAcquire => releasing::model_release_and_reserve_against_try_read,
    broken_exchange_without_acquire: ExchangeWithoutAcquire => waker_cell::model_park_again_against_claim,
    broken_exchange_without_release: ExchangeWithoutRelease => cancelling::model_cancel_against_parking_flush,
    broken_empty_said_too_early: EmptySaidTooEarly => waker_cell::model_park_again_against_claim,
    broken_empty_said_without_release: EmptySaidWithoutRelease => waker_cell::model_park_again_against_claim,
    broken_empty_seen_without_acquire: EmptySeenWithoutAcquire => waker_cell::model_park_again_against_claim,
    broken_claim_in_two_steps: ClaimInTwoSteps => cancelling::model_cancel_against_close,
    broken_withdraw_blindly: WithdrawBlindly => closing::model_close_against_dropped_flush,
    broken_reader_parks_blindly: ReaderParksBlindly => reading::model_flush_against_parking_read,
    broken_writer_parks_blindly: WriterParksBlindly => pausing::model_advance_against_parking_flush,
    broken_reader_parks_over_waking: ReaderParksOverWaking => reading::model_asked_for_more_against_wake,
    broken_writer_parks_over_waking: WriterParksOverWaking => cancelling::model_flush_again_against_cancel,
    broken_target_before_publish: TargetBeforePublish => reading::model_read_at_least_asked_again_for_less,
    broken_attention_answered_after_the_look: AttentionAnsweredAfterTheLook => cancelling::model_cancel_after_cancel,
    broken_attention_before_cancel: AttentionBeforeCancel => cancelling::model_cancel_against_flush,
    broken_attention_uncalled: AttentionUncalled => cancelling::model_cancel_against_flush,
    broken_read_cancel_not_cleared: ReadCancelNotCleared => cancelling::model_cancel_read_against_data,
    broken_flush_cancel_not_cleared: FlushCancelNotCleared => cancelling::model_cancel_against_resume,
    broken_pause_unsaid: PauseUnsaid => pausing::model_advance_between_the_thresholds,
    broken_resume_without_wake: ResumeWithoutWake => pausing::model_advance_against_parking_flush,
    broken_resume_forgets_the_drain: ResumeForgetsTheDrain => pausing::model_drained_after_a_pause_against_advance,
    broken_hunger_unsaid: HungerUnsaid => pausing::model_hunger_against_parking_flush,
    broken_hunger_of_one_byte_unsaid: HungerOfOneByteUnsaid => pausing::model_hunger_for_one_byte_more,
    broken_hunger_leaves_the_pause: HungerLeavesThePause => pausing::model_hunger_against_dropped_flush,
    broken_hunger_kept: HungerKept => pausing::model_hunger_withdrawn_against_flush,
    broken_park_without_second_look_at_hunger: ParkWithoutSecondLookAtHunger => pausing::model_hunger_asked_again_against_flush,
    broken_consumed_after_examined: ConsumedAfterExamined => pausing::model_drained_against_advance,
    broken_advance_unsaid: AdvanceUnsaid => pausing::model_drained_against_advance_over_examined_bytes,
    broken_drained_without_second_look: DrainedWithoutSecondLook => pausing::model_drained_against_advance_over_examined_bytes,
    broken_end_before_its_bytes: EndBeforeItsBytes => ending::model_end_against_last_flush,
    broken_abort_unsaid: AbortUnsaid => ending::model_abort_against_drain,
    broken_end_without_wake: EndWithoutWake => ending::model_finish_against_parking_read,
    broken_end_keeps_the_tail: EndKeepsTheTail => ending::model_finish_against_advance,
    broken_abort_error_after_the_end: AbortErrorAfterTheEnd => ending::model_writer_dropped_against_parking_read,
    broken_loose_taken_in_two_steps: LooseTakenInTwoSteps => releasing::model_tail_taken_against_new_claim,
    broken_park_leaves_loose: ParkLeavesLoose => releasing::model_tail_taken_against_new_claim,
    broken_release_without_second_look: ReleaseWithoutSecondLook => releasing::model_release_against_parking_read,
    broken_close_unsaid_in_writers_word: CloseUnsaidInWritersWord => closing::model_close_against_flush,
    broken_close_unsaid_in_readers_word: CloseUnsaidInReadersWord => closing::model_close_against_parking_flush,
    broken_close_leaves_loose: CloseLeavesLoose => closing::model_close_against_new_claim,
    broken_close_without_wake: CloseWithoutWake => closing::model_close_against_parking_flush,
    broken_copy_overlooks_the_close: CopyOverlooksTheClose => copying::model_close_against_idle_copy,
    broken_close_blindly: CloseBlindly => closing::model_close_against_finish,
    broken_never_lent_at_close: NeverLentAtClose => closing::model_close_against_patch,
    broken_always_lent_at_close: AlwaysLentAtClose => closing::model_close_against_reserve,
    broken_consumed_without_acquire: ConsumedWithoutAcquire => ending::model_finish_against_advance,
    broken_consumed_without_release: ConsumedWithoutRelease => ending::model_finish_against_advance,
    broken_nodes_taken_without_acquire: NodesTakenWithoutAcquire => reading::model_recycled_node_against_advance,
    broken_nodes_given_without_release: NodesGivenWithoutRelease => reading::model_recycled_node_against_advance,
    broken_next_without_acquire: NextWithoutAcquire => reading::model_flush_against_parking_read,
    broken_link_without_release: LinkWithoutRelease => reading::model_flush_against_parking_read,
    broken_link_before_prepare: LinkBeforePrepare => reading::model_flush_against_parking_read,
    broken_node_given_too_early: NodeGivenTooEarly => reading::model_recycled_node_against_advance,
    broken_reader_not_told_to_come_again: ReaderNotToldToComeAgain => reading::model_asked_for_more_against_wake,
    broken_writer_not_told_to_come_again: WriterNotToldToComeAgain => cancelling::model_flush_again_against_cancel_polled_once,
    broken_claim_gives_up: ClaimGivesUp => cancelling::model_flush_wakes_while_attention_is_called,
    broken_pause_kept: PauseKept => pausing::model_pause_over_by_a_demand_made_while_parking,
    broken_resume_gives_up: ResumeGivesUp => cancelling::model_cancel_against_advance_against_drained,
    broken_hunger_kept_by_the_woken: HungerKeptByTheWoken => cancelling::model_hungry_read_cancelled,
    broken_loose_taken_without_catching_up: LooseTakenWithoutCatchingUp => releasing::model_tail_let_go_twice_against_try_read,
    broken_previous_gone_ignored_at_close: PreviousGoneIgnoredAtClose => releasing::model_close_after_consuming_against_link,
    broken_previous_gone_unsaid: PreviousGoneUnsaid => releasing::model_release_and_reserve_against_try_read,
    broken_failed_reserve_stays_in_line: FailedReserveStaysInLine => releasing::model_reserve_async_against_close,
    broken_wait_keeps_the_tail: WaitKeepsTheTail => releasing::model_reserve_async_for_its_own_block,
    broken_rent_before_giving_back: RentBeforeGivingBack => releasing::model_reserve_against_advance,
}
