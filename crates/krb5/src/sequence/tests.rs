//! What MIT's `t_seqstate.c` does not cover; its cases are in `tests/sequence.rs`.

use proptest::prelude::*;

use super::SequenceStatus::{self, Duplicate, Gap, InOrder, Old, Unsequenced};
use super::SequenceWindow;

#[track_caller]
fn check(initial: u64, replay: bool, sequence: bool, numbers: &[(u64, SequenceStatus)]) {
    let mut window = SequenceWindow::new(initial, replay, sequence);
    for (index, &(number, expected)) in numbers.iter().enumerate() {
        assert_eq!(window.check(number), expected, "token {index}: {number}");
    }
}

#[test]
fn a_missing_first_token_is_a_gap_with_both_detections() {
    check(200, true, true, &[(201, Gap), (200, Unsequenced)]);
}

#[test]
fn with_both_detections_what_is_behind_the_window_is_only_out_of_order() {
    let far = [
        (163, Gap),
        (99, Unsequenced),
        (100, Unsequenced),
        (100, Duplicate),
    ];
    check(0, true, true, &far);
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
