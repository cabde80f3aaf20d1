//! What became of a password change (RFC 3244 section 2).

use alloc::string::String;
use core::fmt;

use super::PasswordPolicy;
use crate::exchange::ReplyError;
use orthros_types::Shown;

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordOutcome {
    /// Whether the password is changed, and why not.
    pub result: PasswordResult,
    /// What to tell the user.
    pub advice: PasswordAdvice,
}

/// The result code of RFC 3244.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordResult {
    /// `KRB5_KPASSWD_SUCCESS`.
    Success,
    /// `KRB5_KPASSWD_MALFORMED`: the server can't read the request.
    Malformed,
    /// `KRB5_KPASSWD_HARDERROR`: the server failed.
    HardError,
    /// `KRB5_KPASSWD_AUTHERROR`: the server does not believe the ticket.
    AuthError,
    /// `KRB5_KPASSWD_SOFTERROR`: this password is not good enough, or comes too soon.
    SoftError,
    /// `KRB5_KPASSWD_ACCESSDENIED`: the client may not set that password.
    AccessDenied,
    /// `KRB5_KPASSWD_BAD_VERSION`: the server does not know this version of the protocol.
    BadVersion,
    /// `KRB5_KPASSWD_INITIAL_FLAG_NEEDED`: the ticket is not from an AS exchange.
    InitialFlagNeeded,
}

/// The result string, which comes in two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordAdvice {
    /// Text, with what is no UTF-8 replaced, cut to what is [shown](Shown). Often empty.
    Text(String),
    /// What Active Directory wants of passwords.
    Policy(PasswordPolicy),
}

impl PasswordOutcome {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, ReplyError> {
        let ([high, low], string) = bytes
            .split_first_chunk::<2>()
            .ok_or(ReplyError::PasswordResultMissing)?;
        let code = u16::from_be_bytes([*high, *low]);
        let result = RESULTS
            .get(usize::from(code))
            .ok_or(ReplyError::PasswordResult(code))?;
        let advice = match PasswordPolicy::decode(string) {
            Some(policy) => PasswordAdvice::Policy(policy),
            None => PasswordAdvice::Text(Shown::new(string).text()),
        };
        Ok(Self {
            result: *result,
            advice,
        })
    }
}

/// In the order of their codes.
const RESULTS: [PasswordResult; 8] = [
    PasswordResult::Success,
    PasswordResult::Malformed,
    PasswordResult::HardError,
    PasswordResult::AuthError,
    PasswordResult::SoftError,
    PasswordResult::AccessDenied,
    PasswordResult::BadVersion,
    PasswordResult::InitialFlagNeeded,
];

impl fmt::Display for PasswordResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "password changed",
            Self::Malformed => "the server can't read the request",
            Self::HardError => "the server failed",
            Self::AuthError => "the server does not accept the ticket",
            Self::SoftError => "password change rejected",
            Self::AccessDenied => "this password may not be changed by that client",
            Self::BadVersion => "the server does not know this version of the protocol",
            Self::InitialFlagNeeded => "a ticket got with a password is needed",
        })
    }
}

impl fmt::Display for PasswordAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The text may come from anywhere; it must not be able to drive a terminal.
            Self::Text(text) => {
                let mut printable = text.chars().filter(|c| !c.is_control() || *c == '\n');
                printable.try_for_each(|c| fmt::Write::write_char(f, c))
            }
            Self::Policy(policy) => policy.fmt(f),
        }
    }
}

impl fmt::Display for PasswordOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.result)?;
        match &self.advice {
            PasswordAdvice::Text(text) if text.is_empty() => Ok(()),
            advice => write!(f, ": {advice}"),
        }
    }
}
