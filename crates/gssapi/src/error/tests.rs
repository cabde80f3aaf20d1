//! What errors say, and of which class they are.

use super::{CallError, Error, ErrorKind, NO_MINOR};
use crate::{MajorStatus, MinorStatus, Oid, Supplementary};

#[test]
fn every_documented_class_comes_from_its_major_status() {
    for (major, kind) in [
        (MajorStatus::BAD_BINDINGS, ErrorKind::BadBindings),
        (MajorStatus::BAD_MECH, ErrorKind::BadMechanism),
        (MajorStatus::BAD_NAME, ErrorKind::BadName),
        (MajorStatus::BAD_NAMETYPE, ErrorKind::BadNameType),
        (MajorStatus::BAD_QOP, ErrorKind::BadQop),
        (MajorStatus::BAD_SIG, ErrorKind::BadSignature),
        (MajorStatus::BAD_STATUS, ErrorKind::BadStatus),
        (MajorStatus::CALL_BAD_STRUCTURE, ErrorKind::BadStructure),
        (MajorStatus::CONTEXT_EXPIRED, ErrorKind::ContextExpired),
        (
            MajorStatus::CREDENTIALS_EXPIRED,
            ErrorKind::CredentialsExpired,
        ),
        (
            MajorStatus::DEFECTIVE_CREDENTIAL,
            ErrorKind::DefectiveCredential,
        ),
        (MajorStatus::DEFECTIVE_TOKEN, ErrorKind::DefectiveToken),
        (MajorStatus::DUPLICATE_ELEMENT, ErrorKind::DuplicateElement),
        (MajorStatus::FAILURE, ErrorKind::Failure),
        (
            MajorStatus::CALL_INACCESSIBLE_READ,
            ErrorKind::InaccessibleRead,
        ),
        (
            MajorStatus::CALL_INACCESSIBLE_WRITE,
            ErrorKind::InaccessibleWrite,
        ),
        (MajorStatus::NAME_NOT_MN, ErrorKind::NameNotMechName),
        (MajorStatus::NO_CONTEXT, ErrorKind::NoContext),
        (MajorStatus::NO_CRED, ErrorKind::NoCredential),
        (MajorStatus::UNAUTHORIZED, ErrorKind::Unauthorized),
        (MajorStatus::UNAVAILABLE, ErrorKind::Unavailable),
        (MajorStatus::DUPLICATE_TOKEN, ErrorKind::DuplicateToken),
        (MajorStatus::OLD_TOKEN, ErrorKind::OldToken),
        (MajorStatus::UNSEQ_TOKEN, ErrorKind::UnseqToken),
        (MajorStatus::GAP_TOKEN, ErrorKind::GapToken),
    ] {
        assert_eq!(Error::new(major, NO_MINOR).kind(), kind);
    }
}

#[test]
fn a_finer_class_says_more_than_failure_and_nothing_else() {
    let of = |major: MajorStatus| {
        let error = Error::new(major, NO_MINOR);
        error.of_kind(Some(ErrorKind::NoKey)).kind()
    };
    assert_eq!(of(MajorStatus::FAILURE), ErrorKind::NoKey);
    assert_eq!(of(MajorStatus::NO_CRED), ErrorKind::NoCredential);
    assert_eq!(of(MajorStatus::BAD_SIG), ErrorKind::BadSignature);
}

#[test]
fn messages_out_of_sequence_are_errors_to_callers_in_c() {
    for (what, kind) in [
        (Supplementary::DUPLICATE_TOKEN, ErrorKind::DuplicateToken),
        (Supplementary::OLD_TOKEN, ErrorKind::OldToken),
        (Supplementary::UNSEQ_TOKEN, ErrorKind::UnseqToken),
        (Supplementary::GAP_TOKEN, ErrorKind::GapToken),
    ] {
        let error = Error::from(CallError::OutOfSequence(what));
        assert_eq!(error.kind(), kind);
        assert!(error.major().is_error());
        assert_eq!(error.major().supplementary(), what);
    }
}

#[test]
fn the_message_joins_both_statuses() {
    let bare = Error::new(MajorStatus::NO_CONTEXT, NO_MINOR);
    assert_eq!(bare.to_string(), "no established context");
    let expired = Error::new(MajorStatus::FAILURE, MinorStatus::KRB5KRB_AP_ERR_SKEW);
    assert_eq!(
        expired.to_string(),
        "mechanism failure: the clocks are too far apart"
    );
    let caused = Error::from(CallError::Mechanism(Oid::new(&[1, 2, 3])));
    assert_eq!(
        caused.to_string(),
        "unsupported mechanism: mechanism 1.2.3 is not supported"
    );
}

#[test]
fn debug_shows_how_long_a_token_is_and_not_the_token() {
    let error = Error::new(MajorStatus::FAILURE, NO_MINOR)
        .of_mech(Oid::KRB5)
        .with_token(Some(vec![0xAB; 100]));
    let debug = format!("{error:?}");
    assert!(debug.contains("token_len: Some(100)"), "{debug}");
    assert!(!debug.contains("171"), "{debug}");
}
