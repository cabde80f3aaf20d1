//! What carries messages between a client and a KDC that it can't reach: over HTTPS (MS-KKDCP) and
//! through the service (IAKERB).

use alloc::string::String;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{Checksum, Octets, Realm, UInt32};

/// A request to a KDC or its reply, by way of a proxy; MS-KKDCP section 2.2.2.
///
/// ```text
/// KDC-PROXY-MESSAGE ::= SEQUENCE {
///         kerb-message    [0] OCTET STRING,
///         target-domain   [1] KERB-REALM OPTIONAL,
///         dclocator-hint  [2] INTEGER OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KdcProxyMessage {
    /// The message, behind its length in four octets as on TCP.
    #[rasn(tag(explicit(0)))]
    pub kerb_message: Octets,
    /// The realm that a request is for.
    #[rasn(tag(explicit(1)))]
    pub target_domain: Option<Realm>,
    /// Flags for the search of a domain controller.
    #[rasn(tag(explicit(2)))]
    pub dclocator_hint: Option<UInt32>,
}

/// What stands before a message to a KDC or its reply, by way of the service;
/// draft-ietf-kitten-iakerb section 3.
///
/// ```text
/// IAKERB-HEADER ::= SEQUENCE {
///         -- NOTE: first tag is [1], not [0]
///         target-realm    [1] UTF8String,
///         cookie          [2] OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct IakerbHeader {
    /// The realm that the message is for.
    #[rasn(tag(explicit(1)))]
    pub target_realm: String,
    /// State of the service that the client returns.
    #[rasn(tag(explicit(2)))]
    pub cookie: Option<Octets>,
}

/// What ties a context to the messages that went through the service before it, in the
/// authenticator's checksum; draft-ietf-kitten-iakerb section 4.
///
/// ```text
/// IAKERB-FINISHED ::= SEQUENCE {
///         -- NOTE: first tag is [1], not [0]
///         gss-mic         [1] Checksum,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct IakerbFinished {
    /// A checksum over all of these messages, in the key of the context.
    #[rasn(tag(explicit(1)))]
    pub gss_mic: Checksum,
}
