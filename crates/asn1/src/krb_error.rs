//! KRB-ERROR, RFC 4120 section 5.9.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    ErrorCode, Exactly, KerberosString, KerberosTime, MessageType, Microseconds, Octets,
    PrincipalName, Realm,
};

/// A refusal, by a KDC or by a service; RFC 4120 section 5.9.1. Nothing protects it.
///
/// ```text
/// KRB-ERROR ::= [APPLICATION 30] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (30),
///         ctime           [2] KerberosTime OPTIONAL,
///         cusec           [3] Microseconds OPTIONAL,
///         stime           [4] KerberosTime,
///         susec           [5] Microseconds,
///         error-code      [6] Int32,
///         crealm          [7] Realm OPTIONAL,
///         cname           [8] PrincipalName OPTIONAL,
///         realm           [9] Realm -- service realm --,
///         sname           [10] PrincipalName -- service name --,
///         e-text          [11] KerberosString OPTIONAL,
///         e-data          [12] OCTET STRING OPTIONAL
/// }
/// ```
///
/// An e-cksum under `[13]`, which drafts of RFC 4120 had and old peers send, is passed over.
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 30)))]
pub struct KrbError {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_ERROR.0 }>,
    /// The client's time, from its message.
    #[rasn(tag(explicit(2)))]
    pub ctime: Option<KerberosTime>,
    /// Its microseconds.
    #[rasn(tag(explicit(3)))]
    pub cusec: Option<Microseconds>,
    /// The sender's time.
    #[rasn(tag(explicit(4)))]
    pub stime: KerberosTime,
    /// Its microseconds.
    #[rasn(tag(explicit(5)))]
    pub susec: Microseconds,
    /// Why the message was refused.
    #[rasn(tag(explicit(6)))]
    pub error_code: ErrorCode,
    /// The realm of the client.
    #[rasn(tag(explicit(7)))]
    pub crealm: Option<Realm>,
    /// The client.
    #[rasn(tag(explicit(8)))]
    pub cname: Option<PrincipalName>,
    /// The realm of the service.
    #[rasn(tag(explicit(9)))]
    pub realm: Realm,
    /// The service.
    #[rasn(tag(explicit(10)))]
    pub sname: PrincipalName,
    /// A text for people.
    #[rasn(tag(explicit(11)))]
    pub e_text: Option<KerberosString>,
    /// A text for programs: [`MethodData`](crate::MethodData) with
    /// [`ErrorCode::KDC_ERR_PREAUTH_REQUIRED`], otherwise that, [`TypedData`](crate::TypedData) or
    /// anything.
    #[rasn(tag(explicit(12)))]
    pub e_data: Option<Octets>,
}
