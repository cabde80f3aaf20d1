//! The cases are those that MIT's `t_seqstate.c` covers for 64-bit numbers.

use proptest::prelude::*;

use super::SequenceStatus::{self, Duplicate, Gap, InOrder, Old, Unsequenced};
use super::SequenceWindow;

const U32_MAX: u64 = u32::MAX as u64;
const U64_MAX: u64 = u64::MAX;

#[track_caller]
fn check(initial: u64, replay: bool, sequence: bool, numbers: &[(u64, SequenceStatus)]) {
    let mut window = SequenceWindow::new(initial, replay, sequence);
    for (index, &(number, expected)) in numbers.iter().enumerate() {
        assert_eq!(window.check(number), expected, "token {index}: {number}");
    }
}

#[test]
fn nothing_negotiated_reports_nothing() {
    check(
        10,
        false,
        false,
        &[(11, InOrder), (10, InOrder), (10, InOrder), (9, InOrder)],
    );
}

#[test]
fn sequence_detection_reports_gaps_and_disorder() {
    check(
        100,
        false,
        true,
        &[
            (100, InOrder),
            (102, Gap),
            (103, InOrder),
            (101, Unsequenced),
        ],
    );
    check(
        200,
        false,
        true,
        &[
            (201, Gap),
            (202, InOrder),
            (200, Unsequenced),
            (203, InOrder),
        ],
    );
}

#[test]
fn a_missing_first_token_is_a_gap() {
    check(200, true, true, &[(201, Gap), (200, Unsequenced)]);
}

#[test]
fn numbers_wrap_at_64_bits() {
    check(
        U64_MAX - 1,
        false,
        true,
        &[
            (U64_MAX - 1, InOrder),
            (U64_MAX, InOrder),
            (0, InOrder),
            (1, InOrder),
        ],
    );
    check(
        U64_MAX - 1,
        false,
        true,
        &[
            (U64_MAX - 1, InOrder),
            (0, Gap),
            (U64_MAX, Unsequenced),
            (1, InOrder),
        ],
    );
}

#[test]
fn numbers_do_not_wrap_at_32_bits() {
    check(
        U32_MAX - 1,
        false,
        true,
        &[
            (U32_MAX - 1, InOrder),
            (U32_MAX, InOrder),
            (U32_MAX + 1, InOrder),
            (U32_MAX + 2, InOrder),
        ],
    );
    check(
        U32_MAX - 1,
        false,
        true,
        &[(U32_MAX - 1, InOrder), (U32_MAX, InOrder), (0, Gap)],
    );
}

#[test]
fn without_replay_detection_a_duplicate_is_only_out_of_order() {
    check(250, false, true, &[(250, InOrder), (250, Unsequenced)]);
}

#[test]
fn duplicates_are_found_with_and_without_sequence_detection() {
    check(
        0,
        true,
        true,
        &[
            (5, Gap),
            (3, Unsequenced),
            (8, Gap),
            (3, Duplicate),
            (0, Unsequenced),
            (0, Duplicate),
            (5, Duplicate),
            (8, Duplicate),
            (9, InOrder),
        ],
    );
    check(
        0,
        true,
        false,
        &[
            (5, InOrder),
            (3, InOrder),
            (8, InOrder),
            (3, Duplicate),
            (0, InOrder),
            (0, Duplicate),
            (5, Duplicate),
            (8, Duplicate),
            (9, InOrder),
        ],
    );
}

#[test]
fn duplicates_are_found_across_the_wrap() {
    check(
        U64_MAX - 5,
        true,
        true,
        &[
            (U64_MAX, Gap),
            (U64_MAX - 2, Unsequenced),
            (0, InOrder),
            (U64_MAX, Duplicate),
            (2, Gap),
            (0, Duplicate),
            (1, Unsequenced),
            (U64_MAX - 2, Duplicate),
            // Before the initial number, hence far ahead of it.
            (U64_MAX - 6, Gap),
        ],
    );
}

#[test]
fn replays_are_detected_64_numbers_back_and_no_further() {
    check(
        1000,
        true,
        false,
        &[
            (1163, InOrder),
            (1100, InOrder),
            (1100, Duplicate),
            (1163, Duplicate),
            (1099, Old),
            (1100, Duplicate),
            (1150, InOrder),
            (1150, Duplicate),
            (1000, Old),
            (999, InOrder),
        ],
    );
}

#[test]
fn a_jump_to_the_end_does_not_reopen_the_window() {
    // The number before the initial one is the highest there is; a counter of "next" would
    // wrap to zero here and take every recorded token for new.
    check(
        7,
        true,
        false,
        &[
            (7, InOrder),
            (6, InOrder),
            (7, Old),
            (8, Old),
            (6, Duplicate),
        ],
    );
}

proptest! {
    #[test]
    fn no_number_within_the_window_passes_twice(
        initial: u64,
        offsets in prop::collection::vec(0u64..200, 1..100),
    ) {
        let mut window = SequenceWindow::new(initial, true, false);
        let mut seen = alloc::collections::BTreeSet::new();
        for offset in offsets {
            let status = window.check(initial.wrapping_add(offset));
            if !seen.insert(offset) {
                prop_assert!(matches!(status, Duplicate | Old));
            }
        }
    }
}
