//! Authorization data with MACs of the KDC and for the service, RFC 7751.

use alloc::vec::Vec;

use rasn::types::{Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{AnyValue, AuthorizationData, Checksum, EncryptionType, PrincipalName, Raw, UInt32};

/// Elements under MACs of the KDC, the data of [`AdType::CAMMAC`](crate::AdType::CAMMAC);
/// RFC 7751 section 4.
///
/// ```text
/// AD-CAMMAC ::= SEQUENCE {
///         elements        [0] AuthorizationData,
///         kdc-verifier    [1] Verifier-MAC OPTIONAL,
///         svc-verifier    [2] Verifier-MAC OPTIONAL,
///         other-verifiers [3] SEQUENCE (SIZE (1..MAX))
///                                 OF Verifier OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct AdCammac {
    /// The elements. Their octets are what is covered.
    #[rasn(tag(explicit(0)))]
    pub elements: Raw<AuthorizationData>,
    /// A MAC in a key of the KDC, over the whole ticket with `elements` for its authorization data.
    #[rasn(tag(explicit(1)))]
    pub kdc_verifier: Option<VerifierMac>,
    /// A MAC over `elements` in the key of the service.
    #[rasn(tag(explicit(2)))]
    pub svc_verifier: Option<VerifierMac>,
    /// Further ones, for trusted services.
    #[rasn(tag(explicit(3)))]
    pub other_verifiers: Option<Vec<Verifier>>,
}

/// What proves that elements are as the KDC made them, RFC 7751 section 4.
///
/// ```text
/// Verifier ::= CHOICE {
///         mac     Verifier-MAC,
///         ...
/// }
/// ```
///
/// Each service checks the verifiers that it can, so that one of another kind does not spoil the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verifier {
    /// A keyed checksum.
    Mac(VerifierMac),
    /// An alternative of a later version, as it was received.
    Unknown(AnyValue),
}

/// A keyed checksum and which key it has, RFC 7751 section 4.
///
/// ```text
/// Verifier-MAC ::= SEQUENCE {
///         identifier      [0] PrincipalName OPTIONAL,
///         kvno            [1] UInt32 OPTIONAL,
///         enctype         [2] Int32 OPTIONAL,
///         mac             [3] Checksum
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct VerifierMac {
    /// Whose key it is, if that is not known from where the MAC stands.
    #[rasn(tag(explicit(0)))]
    pub identifier: Option<PrincipalName>,
    /// The version of the key.
    #[rasn(tag(explicit(1)))]
    pub kvno: Option<UInt32>,
    /// The algorithm of the key.
    #[rasn(tag(explicit(2)))]
    pub enctype: Option<EncryptionType>,
    /// The checksum.
    #[rasn(tag(explicit(3)))]
    pub mac: Checksum,
}

impl AsnType for Verifier {
    const TAG: Tag = Tag::EOC;
    const IDENTIFIER: Identifier = Identifier(Some("Verifier"));
}

impl Decode for Verifier {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        _: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        match decoder.decode_optional()? {
            Some(mac) => Ok(Self::Mac(mac)),
            None => AnyValue::decode(decoder).map(Self::Unknown),
        }
    }
}

impl Encode for Verifier {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        _: Identifier,
    ) -> Result<(), E::Error> {
        match self {
            Self::Mac(mac) => mac.encode(encoder),
            Self::Unknown(value) => value.encode(encoder),
        }
    }
}
