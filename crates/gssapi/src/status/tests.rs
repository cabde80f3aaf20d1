//! The layout of statuses, and their texts.

use super::{CallingError, MajorStatus, RoutineError, StatusType, Supplementary, display_status};

#[test]
fn a_raw_status_is_taken_apart() {
    let status = MajorStatus::from_raw(0x0109_0003);
    assert_eq!(status.calling_error(), Some(CallingError::InaccessibleRead));
    assert_eq!(status.routine_error(), Some(RoutineError::DefectiveToken));
    assert_eq!(
        status.supplementary(),
        Supplementary::CONTINUE_NEEDED | Supplementary::DUPLICATE_TOKEN
    );
    assert!(status.is_error());
    assert!(!MajorStatus::GAP_TOKEN.is_error());
}

#[test]
fn an_unknown_error_is_an_error_without_a_name() {
    let status = MajorStatus::from_raw(0xFFFF_0000);
    assert!(status.is_error());
    assert_eq!(status.calling_error(), None);
    assert_eq!(status.routine_error(), None);
    assert_eq!(
        status.to_string(),
        "unknown calling error 255; unknown routine error 255"
    );
}

#[test]
fn every_part_of_a_major_status_has_a_text() {
    let texts = display_status(StatusType::Gss, 0x0109_0003);
    assert_eq!(texts.len(), 4);
    assert_eq!(display_status(StatusType::Gss, 0).len(), 1);
}

#[test]
fn a_mechanism_status_has_one_text() {
    let expired = display_status(StatusType::Mechanism, 0x96C7_3A20);
    assert_eq!(expired, ["the ticket has expired"]);
    assert_eq!(display_status(StatusType::Mechanism, 5), ["unknown code 5"]);
}
