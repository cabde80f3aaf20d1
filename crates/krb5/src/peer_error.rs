//! KRB-ERROR as it comes (RFC 4120 section 5.9.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{DecodeError, ErrorCode, KrbError, Message, MethodData, PaData, TypedData};

use crate::wire;
use orthros_types::{MinorStatus, Principal, Shown, Timestamp};

/// The KRB-ERROR by which a peer says no: a KDC in place of a ticket, an acceptor in place of a context.
///
/// None of it is authenticated, unless it came under armor: it can have been written anywhere on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerError {
    /// The error code.
    pub code: ErrorCode,
    /// The peer's own words (e-text), with what is no UTF-8 replaced, cut to what is [shown](Shown).
    pub text: Option<String>,
    /// The client that the peer speaks of (crealm and cname), if it names one.
    pub client: Option<Principal>,
    /// The realm of the client (crealm), which a referral sends without a name.
    pub client_realm: Option<Vec<u8>>,
    /// The service that the peer speaks of (realm and sname).
    pub service: Principal,
    /// What the peer's clock showed (stime and susec). After [`ErrorCode::KRB_AP_ERR_SKEW`] an initiator may begin
    /// again once with a clock set by it.
    pub server_time: Timestamp,
    /// Details (e-data) of a KDC.
    pub data: ErrorData,
}

/// The e-data of a KRB-ERROR, which is one of two sequences, something else, or not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorData {
    /// There is none.
    None,
    /// METHOD-DATA: the preauthentication that the KDC offers or wants.
    MethodData(Vec<PaData>),
    /// TYPED-DATA.
    TypedData(TypedData),
    /// Bytes in no form that RFC 4120 knows.
    Opaque(Vec<u8>),
}

impl PeerError {
    /// Takes what a KDC sent, whose details steer the client: where METHOD-DATA is due and there is something else,
    /// that is an error.
    pub(crate) fn of_kdc(mut message: KrbError) -> Result<Self, DecodeError> {
        let data = ErrorData::decode(message.error_code, message.e_data.take().map(|data| data.0))?;
        Ok(Self {
            data,
            ..Self::of_acceptor(message)
        })
    }

    /// Takes what an acceptor sent, whose details mean nothing to an initiator and are not kept.
    pub(crate) fn of_acceptor(message: KrbError) -> Self {
        let client = match (&message.crealm, &message.cname) {
            (Some(realm), Some(name)) => Some(wire::principal(realm, name)),
            _ => None,
        };
        Self {
            code: message.error_code,
            text: message.e_text.map(|text| Shown::new(&*text).text()),
            client,
            client_realm: message.crealm.map(|realm| realm.0),
            service: wire::principal(&message.realm, &message.sname),
            server_time: wire::timestamp_with(message.stime, message.susec),
            data: ErrorData::None,
        }
    }

    /// This error's number in MIT's table.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        MinorStatus::from_rfc_code(self.code)
    }

    /// Whether the reply would not have fitted into a datagram: the request is to be sent again over a stream.
    pub(crate) fn is_too_big(&self) -> bool {
        self.code == ErrorCode::KRB_ERR_RESPONSE_TOO_BIG
    }

    /// The preauthentication data that came along; empty if none did.
    pub(crate) fn method_data(&self) -> &[PaData] {
        match &self.data {
            ErrorData::MethodData(data) => data,
            _ => &[],
        }
    }
}

impl ErrorData {
    /// METHOD-DATA and TYPED-DATA have different tags inside, so that trying tells them apart.
    ///
    /// Where the code promises METHOD-DATA, anything else is an error with its position.
    fn decode(code: ErrorCode, bytes: Option<Vec<u8>>) -> Result<Self, DecodeError> {
        let Some(bytes) = bytes else {
            return Ok(Self::None);
        };
        let method_data = MethodData::decode(&bytes).map(Self::MethodData);
        if method_data.is_ok() || code == ErrorCode::KDC_ERR_PREAUTH_REQUIRED {
            return method_data;
        }
        Ok(match TypedData::decode(&bytes) {
            Ok(data) => Self::TypedData(data),
            Err(_) => Self::Opaque(bytes),
        })
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.minor_status())?;
        match &self.text {
            Some(text) => write!(f, " (\"{}\")", Shown::new(text)),
            None => Ok(()),
        }
    }
}

impl core::error::Error for PeerError {}
