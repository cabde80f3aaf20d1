//! Major statuses (RFC 2744 section 3.9.1) and how statuses are shown.

use core::fmt;

mod display;

pub use display::{StatusType, display_status};

/// A major status in RFC 2744's layout: a calling error in bits 24 to 31, a routine error in bits 16 to 23,
/// supplementary bits in bits 0 to 15.
///
/// ```
/// use orthros::{MajorStatus, RoutineError, Supplementary};
///
/// assert_eq!(MajorStatus::DEFECTIVE_TOKEN.raw(), 9 << 16);
/// assert_eq!(MajorStatus::DEFECTIVE_TOKEN.routine_error(), Some(RoutineError::DefectiveToken));
/// assert_eq!(MajorStatus::from_raw(10).supplementary(), Supplementary::DUPLICATE_TOKEN | Supplementary::UNSEQ_TOKEN);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MajorStatus(u32);

impl MajorStatus {
    /// It went well.
    pub const COMPLETE: Self = Self(0);

    /// A parameter that is read could not be.
    pub const CALL_INACCESSIBLE_READ: Self = CallingError::InaccessibleRead.status();
    /// A parameter that is written could not be.
    pub const CALL_INACCESSIBLE_WRITE: Self = CallingError::InaccessibleWrite.status();
    /// A parameter is malformed.
    pub const CALL_BAD_STRUCTURE: Self = CallingError::BadStructure.status();

    /// See [`RoutineError::BadMechanism`].
    pub const BAD_MECH: Self = RoutineError::BadMechanism.status();
    /// See [`RoutineError::BadName`].
    pub const BAD_NAME: Self = RoutineError::BadName.status();
    /// See [`RoutineError::BadNameType`].
    pub const BAD_NAMETYPE: Self = RoutineError::BadNameType.status();
    /// See [`RoutineError::BadBindings`].
    pub const BAD_BINDINGS: Self = RoutineError::BadBindings.status();
    /// See [`RoutineError::BadStatus`].
    pub const BAD_STATUS: Self = RoutineError::BadStatus.status();
    /// See [`RoutineError::BadSignature`].
    pub const BAD_SIG: Self = RoutineError::BadSignature.status();
    /// The newer name of [`BAD_SIG`](Self::BAD_SIG).
    pub const BAD_MIC: Self = Self::BAD_SIG;
    /// See [`RoutineError::NoCredential`].
    pub const NO_CRED: Self = RoutineError::NoCredential.status();
    /// See [`RoutineError::NoContext`].
    pub const NO_CONTEXT: Self = RoutineError::NoContext.status();
    /// See [`RoutineError::DefectiveToken`].
    pub const DEFECTIVE_TOKEN: Self = RoutineError::DefectiveToken.status();
    /// See [`RoutineError::DefectiveCredential`].
    pub const DEFECTIVE_CREDENTIAL: Self = RoutineError::DefectiveCredential.status();
    /// See [`RoutineError::CredentialsExpired`].
    pub const CREDENTIALS_EXPIRED: Self = RoutineError::CredentialsExpired.status();
    /// See [`RoutineError::ContextExpired`].
    pub const CONTEXT_EXPIRED: Self = RoutineError::ContextExpired.status();
    /// See [`RoutineError::Failure`].
    pub const FAILURE: Self = RoutineError::Failure.status();
    /// A credential is there but can't be used now; the number of [`FAILURE`](Self::FAILURE), as MIT has it.
    pub const CRED_UNAVAIL: Self = Self::FAILURE;
    /// See [`RoutineError::BadQop`].
    pub const BAD_QOP: Self = RoutineError::BadQop.status();
    /// See [`RoutineError::Unauthorized`].
    pub const UNAUTHORIZED: Self = RoutineError::Unauthorized.status();
    /// See [`RoutineError::Unavailable`].
    pub const UNAVAILABLE: Self = RoutineError::Unavailable.status();
    /// See [`RoutineError::DuplicateElement`].
    pub const DUPLICATE_ELEMENT: Self = RoutineError::DuplicateElement.status();
    /// See [`RoutineError::NameNotMechName`].
    pub const NAME_NOT_MN: Self = RoutineError::NameNotMechName.status();

    /// See [`Supplementary::CONTINUE_NEEDED`].
    pub const CONTINUE_NEEDED: Self = Self(Supplementary::CONTINUE_NEEDED.bits());
    /// See [`Supplementary::DUPLICATE_TOKEN`].
    pub const DUPLICATE_TOKEN: Self = Self(Supplementary::DUPLICATE_TOKEN.bits());
    /// See [`Supplementary::OLD_TOKEN`].
    pub const OLD_TOKEN: Self = Self(Supplementary::OLD_TOKEN.bits());
    /// See [`Supplementary::UNSEQ_TOKEN`].
    pub const UNSEQ_TOKEN: Self = Self(Supplementary::UNSEQ_TOKEN.bits());
    /// See [`Supplementary::GAP_TOKEN`].
    pub const GAP_TOKEN: Self = Self(Supplementary::GAP_TOKEN.bits());

    /// From RFC 2744's 32 bits, whatever they hold.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// RFC 2744's 32 bits.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Whether it is an error: a calling or a routine error is there, known or not (`GSS_ERROR`).
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 >> 16 != 0
    }

    /// The calling error, where there is a known one.
    #[must_use]
    pub const fn calling_error(self) -> Option<CallingError> {
        CallingError::from_number(self.0 >> 24)
    }

    /// The routine error, where there is a known one.
    #[must_use]
    pub const fn routine_error(self) -> Option<RoutineError> {
        RoutineError::from_number(self.0 >> 16 & 0xFF)
    }

    /// The supplementary bits, unknown ones too.
    #[must_use]
    pub const fn supplementary(self) -> Supplementary {
        Supplementary::from_bits_retain(self.0 & 0xFFFF)
    }
}

impl fmt::Display for MajorStatus {
    /// The texts of all its parts, with `; ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, text) in display::major_texts(*self).iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(text)?;
        }
        Ok(())
    }
}

impl From<CallingError> for MajorStatus {
    fn from(error: CallingError) -> Self {
        error.status()
    }
}

impl From<RoutineError> for MajorStatus {
    fn from(error: RoutineError) -> Self {
        error.status()
    }
}

impl From<Supplementary> for MajorStatus {
    fn from(bits: Supplementary) -> Self {
        Self(bits.bits() & 0xFFFF)
    }
}

/// Errors in how a routine was called. Rust's types rule them out here; they can come in as raw numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallingError {
    /// A parameter that is read could not be.
    InaccessibleRead,
    /// A parameter that is written could not be.
    InaccessibleWrite,
    /// A parameter is malformed.
    BadStructure,
}

impl CallingError {
    const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::InaccessibleRead,
            2 => Self::InaccessibleWrite,
            3 => Self::BadStructure,
            _ => return None,
        })
    }

    const fn status(self) -> MajorStatus {
        MajorStatus(
            match self {
                Self::InaccessibleRead => 1,
                Self::InaccessibleWrite => 2,
                Self::BadStructure => 3,
            } << 24,
        )
    }
}

/// The errors of GSS-API routines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoutineError {
    /// The mechanism is not supported.
    BadMechanism,
    /// A name is malformed.
    BadName,
    /// A name is of a type that is not supported.
    BadNameType,
    /// The channel bindings of the two sides differ.
    BadBindings,
    /// A status number is not one.
    BadStatus,
    /// The MIC of a token does not verify.
    BadSignature,
    /// There is no credential, or it is not for this use.
    NoCredential,
    /// There is no established context.
    NoContext,
    /// A token is malformed.
    DefectiveToken,
    /// A credential is malformed.
    DefectiveCredential,
    /// The credentials have expired.
    CredentialsExpired,
    /// The context has expired.
    ContextExpired,
    /// The mechanism failed; the minor status says how.
    Failure,
    /// The quality of protection is not supported.
    BadQop,
    /// Local policy forbids it.
    Unauthorized,
    /// It can't be done here, or with this context.
    Unavailable,
    /// The credential element is there already.
    DuplicateElement,
    /// The name is not a mechanism name.
    NameNotMechName,
}

impl RoutineError {
    const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::BadMechanism,
            2 => Self::BadName,
            3 => Self::BadNameType,
            4 => Self::BadBindings,
            5 => Self::BadStatus,
            6 => Self::BadSignature,
            7 => Self::NoCredential,
            8 => Self::NoContext,
            9 => Self::DefectiveToken,
            10 => Self::DefectiveCredential,
            11 => Self::CredentialsExpired,
            12 => Self::ContextExpired,
            13 => Self::Failure,
            14 => Self::BadQop,
            15 => Self::Unauthorized,
            16 => Self::Unavailable,
            17 => Self::DuplicateElement,
            18 => Self::NameNotMechName,
            _ => return None,
        })
    }

    const fn status(self) -> MajorStatus {
        MajorStatus(
            match self {
                Self::BadMechanism => 1,
                Self::BadName => 2,
                Self::BadNameType => 3,
                Self::BadBindings => 4,
                Self::BadStatus => 5,
                Self::BadSignature => 6,
                Self::NoCredential => 7,
                Self::NoContext => 8,
                Self::DefectiveToken => 9,
                Self::DefectiveCredential => 10,
                Self::CredentialsExpired => 11,
                Self::ContextExpired => 12,
                Self::Failure => 13,
                Self::BadQop => 14,
                Self::Unauthorized => 15,
                Self::Unavailable => 16,
                Self::DuplicateElement => 17,
                Self::NameNotMechName => 18,
            } << 16,
        )
    }
}

bitflags::bitflags! {
    /// What a call says in addition to its result (RFC 2744 section 3.9.1).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Supplementary: u32 {
        /// The context needs another token from the peer.
        const CONTINUE_NEEDED = 1;
        /// The token was seen before.
        const DUPLICATE_TOKEN = 2;
        /// The token is too old to say whether it was seen before.
        const OLD_TOKEN = 4;
        /// A later token was seen before this one.
        const UNSEQ_TOKEN = 8;
        /// A token between the last one and this one is missing.
        const GAP_TOKEN = 16;

        const _ = !0;
    }
}

#[cfg(test)]
mod tests;
