//! The elements of authorization data that contain authorization data: RFC 4120 section 5.2.6.

use alloc::string::String;
use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{AuthorizationData, Checksum, EncryptionType, PrincipalName, Raw, Realm};

/// Elements that a reader which does not know them may ignore, the data of
/// [`AdType::IF_RELEVANT`](crate::AdType::IF_RELEVANT); RFC 4120 section 5.2.6.1.
///
/// ```text
/// AD-IF-RELEVANT ::= AuthorizationData
/// ```
pub type AdIfRelevant = AuthorizationData;

/// Encryption types that a client would have for the acceptor's subkey, the best first; the data of
/// [`AdType::ETYPE_NEGOTIATION`](crate::AdType::ETYPE_NEGOTIATION); RFC 4537 section 3.
///
/// ```text
/// EtypeList ::= SEQUENCE OF Int32
/// ```
///
/// ```
/// use orthros_asn1::{EncryptionType, EtypeList, Message};
///
/// let list: EtypeList = vec![EncryptionType(20), EncryptionType(18)];
/// assert_eq!(list.encode()?, [0x30, 6, 2, 1, 20, 2, 1, 18]);
/// # Ok::<(), orthros_asn1::EncodeError>(())
/// ```
pub type EtypeList = Vec<EncryptionType>;

/// Elements that a KDC must know, or refuse the request; the data of
/// [`AdType::MANDATORY_FOR_KDC`](crate::AdType::MANDATORY_FOR_KDC); RFC 4120 section 5.2.6.4.
///
/// ```text
/// AD-MANDATORY-FOR-KDC ::= AuthorizationData
/// ```
pub type AdMandatoryForKdc = AuthorizationData;

/// Elements under a checksum of the KDC, the data of
/// [`AdType::KDC_ISSUED`](crate::AdType::KDC_ISSUED); RFC 4120 section 5.2.6.2.
///
/// ```text
/// AD-KDCIssued ::= SEQUENCE {
///         ad-checksum     [0] Checksum,
///         i-realm         [1] Realm OPTIONAL,
///         i-sname         [2] PrincipalName OPTIONAL,
///         elements        [3] AuthorizationData
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct AdKdcIssued {
    /// A checksum over `elements`, in the session key of the ticket.
    #[rasn(tag(explicit(0)))]
    pub ad_checksum: Checksum,
    /// The realm of the issuer, if it is not the KDC that issued the ticket.
    #[rasn(tag(explicit(1)))]
    pub i_realm: Option<Realm>,
    /// The issuer.
    #[rasn(tag(explicit(2)))]
    pub i_sname: Option<PrincipalName>,
    /// The elements. Their octets are what the checksum covers.
    #[rasn(tag(explicit(3)))]
    pub elements: Raw<AuthorizationData>,
}

/// Elements of which some number must hold, the data of
/// [`AdType::AND_OR`](crate::AdType::AND_OR); RFC 4120 section 5.2.6.3.
///
/// ```text
/// AD-AND-OR ::= SEQUENCE {
///         condition-count [0] Int32,
///         elements        [1] AuthorizationData
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AdAndOr {
    /// How many of the elements must hold: one for "or", all for "and".
    #[rasn(tag(explicit(0)))]
    pub condition_count: i32,
    /// The elements.
    #[rasn(tag(explicit(1)))]
    pub elements: AuthorizationData,
}

/// How strongly the client was authenticated, in words of the realm's administrator, the data of
/// [`AdType::AUTHENTICATION_INDICATOR`](crate::AdType::AUTHENTICATION_INDICATOR); RFC 8129 section 3.
///
/// ```text
/// AD-AUTHENTICATION-INDICATOR ::= SEQUENCE OF UTF8String
/// ```
pub type AdAuthenticationIndicator = Vec<String>;
