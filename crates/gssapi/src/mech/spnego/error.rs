//! What can go wrong in a negotiation.

use core::fmt;

use orthros_asn1::spnego::{NegState, NegTokenResp, NegotiationToken};
use orthros_asn1::{DecodeError, EncodeError, Message as _, ObjectIdentifier};

use crate::{Error, MajorStatus, MinorStatus, Oid};

/// Why a negotiation ends without a context.
#[derive(Debug, thiserror::Error)]
pub(super) enum NegotiationError {
    #[error("SPNEGO token is malformed: {0}")]
    Malformed(DecodeError),
    #[error("SPNEGO token of {0} bytes is longer than any that has a use")]
    TooLong(usize),
    #[error("SPNEGO token can't be encoded: {0}")]
    Unencodable(EncodeError),
    #[error("SPNEGO token is a first one where an answer is due, or an answer where the first is")]
    Kind,
    #[error("the {peer} {}", nothing_in_common(.offered, *.number))]
    NothingInCommon {
        /// `initiator` or `acceptor`.
        peer: &'static str,
        /// The first mechanism that it offers.
        offered: Option<ObjectIdentifier>,
        number: usize,
    },
    #[error("the acceptor takes none of the mechanisms that were offered to it")]
    NothingAccepted,
    #[error("the peer has ended the negotiation")]
    Rejected,
    #[error("the acceptor chose mechanism {}, which was not offered", Named(.0))]
    Choice(ObjectIdentifier),
    #[error("the initiator chose mechanism {}, which is the acceptor's to do", Named(.0))]
    InitiatorsChoice(ObjectIdentifier),
    #[error("SPNEGO token has no token of the mechanism in it, which needs one")]
    NoMechToken,
    #[error("SPNEGO token has a token of the mechanism in it, which needs none")]
    UnaskedMechToken,
    #[error("SPNEGO token lacks the MIC over the list of mechanisms, which the peer owes")]
    NoMic,
}

/// A mechanism with its name, where administrators look for that.
struct Named<'a>(&'a ObjectIdentifier);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = MECHANISMS
            .iter()
            .find(|(oid, _)| oid.octets() == self.0.contents());
        match name {
            Some((_, name)) => write!(f, "{} ({name})", self.0),
            None => self.0.fmt(f),
        }
    }
}

/// What clients of Windows and macOS offer in addition to Kerberos, or in its place.
const MECHANISMS: [(Oid, &str); 3] = [
    (Oid::new(&[1, 3, 6, 1, 4, 1, 311, 2, 2, 10]), "NTLM"),
    (Oid::new(&[1, 3, 6, 1, 4, 1, 311, 2, 2, 30]), "NegoEx"),
    (Oid::new(&[1, 3, 6, 1, 5, 2, 5]), "IAKERB"),
];

fn nothing_in_common(offered: &Option<ObjectIdentifier>, number: usize) -> String {
    match offered {
        None => "offers no mechanism at all".to_owned(),
        Some(first) if number == 1 => {
            format!("offers {} only, and not Kerberos", Named(first))
        }
        Some(first) => format!(
            "offers {} and {} more, none of them Kerberos",
            Named(first),
            number - 1
        ),
    }
}

impl NegotiationError {
    fn statuses(&self) -> (MajorStatus, MinorStatus) {
        match self {
            Self::NothingInCommon { .. } | Self::NothingAccepted => {
                (MajorStatus::BAD_MECH, NEGOTIATION_FAILED)
            }
            Self::NoMechToken => (MajorStatus::DEFECTIVE_TOKEN, NO_TOKEN_FROM_ACCEPTOR),
            Self::Rejected | Self::Unencodable(_) => (MajorStatus::FAILURE, NO_MINOR),
            _ => (MajorStatus::DEFECTIVE_TOKEN, NO_MINOR),
        }
    }

    /// Whether the peer knows already.
    fn comes_from_peer(&self) -> bool {
        matches!(self, Self::NothingAccepted | Self::Rejected)
    }
}

/// The error has a token that tells the peer, unless the peer said it.
impl From<NegotiationError> for Error {
    fn from(defect: NegotiationError) -> Self {
        let (major, minor) = defect.statuses();
        let is_known = defect.comes_from_peer();
        let error = Self::new(major, minor)
            .of_mech(Oid::SPNEGO)
            .caused_by(defect);
        if is_known { error } else { rejecting(error) }
    }
}

/// An error whose token tells the peer that the negotiation is over, with what the mechanism has to say.
pub(super) fn rejecting(error: Error) -> Error {
    let rejection = NegTokenResp {
        neg_state: Some(NegState::Reject),
        response_token: error.token().map(Into::into),
        ..NegTokenResp::default()
    };
    // What can't be encoded is not sent.
    error.with_token(NegotiationToken::Resp(rejection).encode().ok())
}

/// The numbers that MIT's SPNEGO has for it.
const NEGOTIATION_FAILED: MinorStatus = MinorStatus::from_number(0x2000_0004);
const NO_TOKEN_FROM_ACCEPTOR: MinorStatus = MinorStatus::from_number(0x2000_0005);
const NO_MINOR: MinorStatus = MinorStatus::from_number(0);
