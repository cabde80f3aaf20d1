//! Texts for statuses (RFC 2744 section 5.11, `gss_display_status`).

use orthros_types::MinorStatus;

use super::{CallingError, MajorStatus, RoutineError, Supplementary};

/// Which kind of status a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusType {
    /// A major status (`GSS_C_GSS_CODE`).
    Gss,
    /// A minor status of the Kerberos mechanism (`GSS_C_MECH_CODE`), as the unsigned number that C has.
    Mechanism,
}

/// The texts of a status number: one for each part of a major status, one for a minor status.
#[must_use]
pub fn display_status(status_type: StatusType, number: u32) -> Vec<String> {
    match status_type {
        StatusType::Gss => major_texts(MajorStatus::from_raw(number)),
        StatusType::Mechanism => vec![MinorStatus::from_gss(number).to_string()],
    }
}

pub(super) fn major_texts(status: MajorStatus) -> Vec<String> {
    let mut texts = Vec::new();
    let (calling, routine) = (status.raw() >> 24, status.raw() >> 16 & 0xFF);
    if calling != 0 {
        texts.push(status.calling_error().map_or_else(
            || format!("unknown calling error {calling}"),
            |error| calling_text(error).to_owned(),
        ));
    }
    if routine != 0 {
        texts.push(status.routine_error().map_or_else(
            || format!("unknown routine error {routine}"),
            |error| routine_text(error).to_owned(),
        ));
    }
    for bit in (0..16)
        .map(|bit| 1 << bit)
        .filter(|bit| status.raw() & bit != 0)
    {
        texts.push(supplementary_text(bit));
    }
    if texts.is_empty() {
        texts.push("complete".to_owned());
    }
    texts
}

fn calling_text(error: CallingError) -> &'static str {
    match error {
        CallingError::InaccessibleRead => "a required input parameter could not be read",
        CallingError::InaccessibleWrite => "a required output parameter could not be written",
        CallingError::BadStructure => "a parameter was malformed",
    }
}

fn routine_text(error: RoutineError) -> &'static str {
    match error {
        RoutineError::BadMechanism => "unsupported mechanism",
        RoutineError::BadName => "invalid name",
        RoutineError::BadNameType => "unsupported type of name",
        RoutineError::BadBindings => "channel bindings differ",
        RoutineError::BadStatus => "invalid status number",
        RoutineError::BadSignature => "invalid MIC",
        RoutineError::NoCredential => "no usable credential",
        RoutineError::NoContext => "no established context",
        RoutineError::DefectiveToken => "invalid token",
        RoutineError::DefectiveCredential => "invalid credential",
        RoutineError::CredentialsExpired => "credentials have expired",
        RoutineError::ContextExpired => "context has expired",
        RoutineError::Failure => "mechanism failure",
        RoutineError::BadQop => "unsupported quality of protection",
        RoutineError::Unauthorized => "not allowed by local policy",
        RoutineError::Unavailable => "operation not available",
        RoutineError::DuplicateElement => "credential element exists already",
        RoutineError::NameNotMechName => "name is not a mechanism name",
    }
}

fn supplementary_text(bit: u32) -> String {
    match Supplementary::from_bits_retain(bit) {
        Supplementary::CONTINUE_NEEDED => "another token is needed".to_owned(),
        Supplementary::DUPLICATE_TOKEN => "token is a replay".to_owned(),
        Supplementary::OLD_TOKEN => "token is too old to be checked".to_owned(),
        Supplementary::UNSEQ_TOKEN => "token comes after a later one".to_owned(),
        Supplementary::GAP_TOKEN => "an expected token is missing".to_owned(),
        other => format!("unknown supplementary bit {:#x}", other.bits()),
    }
}
