//! SPAKE preauthentication, a password-authenticated key exchange; RFC 9588.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{EncryptedData, Octets, SpakeGroup, SpakeSecondFactorType};

/// The data of [`PaDataType::SPAKE`](crate::PaDataType::SPAKE), RFC 9588 section 4.
///
/// ```text
/// PA-SPAKE ::= CHOICE {
///         support         [0] SPAKESupport,
///         challenge       [1] SPAKEChallenge,
///         response        [2] SPAKEResponse,
///         encdata         [3] EncryptedData, -- SPAKESecondFactor
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
#[rasn(choice)]
pub enum PaSpake {
    /// The client's first message.
    #[rasn(tag(explicit(0)), identifier = "support")]
    Support(SpakeSupport),
    /// The KDC's first message.
    #[rasn(tag(explicit(1)), identifier = "challenge")]
    Challenge(SpakeChallenge),
    /// The client's answer.
    #[rasn(tag(explicit(2)), identifier = "response")]
    Response(SpakeResponse),
    /// Any further message of either: a [`SpakeSecondFactor`], encrypted.
    #[rasn(tag(explicit(3)), identifier = "encdata")]
    Encdata(EncryptedData),
}

/// The groups that a client can use, RFC 9588 section 4.1.
///
/// ```text
/// SPAKESupport ::= SEQUENCE {
///         groups          [0] SEQUENCE (SIZE (1..MAX)) OF Int32,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpakeSupport {
    /// The groups, the best first.
    #[rasn(tag(explicit(0)))]
    pub groups: Vec<SpakeGroup>,
}

/// The KDC's choice and its public value, RFC 9588 section 4.2.
///
/// ```text
/// SPAKEChallenge ::= SEQUENCE {
///         group           [0] Int32,
///         pubkey          [1] OCTET STRING,
///         factors         [2] SEQUENCE (SIZE (1..MAX)) OF SPAKESecondFactor,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpakeChallenge {
    /// The group.
    #[rasn(tag(explicit(0)))]
    pub group: SpakeGroup,
    /// The KDC's public value, an element of the group.
    #[rasn(tag(explicit(1)))]
    pub pubkey: Octets,
    /// The second factors that the client may choose from.
    #[rasn(tag(explicit(2)))]
    pub factors: Vec<SpakeSecondFactor>,
}

/// A second factor, RFC 9588 section 4.2.
///
/// ```text
/// SPAKESecondFactor ::= SEQUENCE {
///         type            [0] Int32,
///         data            [1] OCTET STRING OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpakeSecondFactor {
    /// Which factor: the ASN.1 name is `type`.
    #[rasn(tag(explicit(0)))]
    pub factor_type: SpakeSecondFactorType,
    /// What the factor needs. None for [`SpakeSecondFactorType::SF_NONE`].
    #[rasn(tag(explicit(1)))]
    pub data: Option<Octets>,
}

/// The client's public value and its factor, RFC 9588 section 4.3.
///
/// ```text
/// SPAKEResponse ::= SEQUENCE {
///         pubkey          [0] OCTET STRING,
///         factor          [1] EncryptedData, -- SPAKESecondFactor
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpakeResponse {
    /// The client's public value, an element of the group.
    #[rasn(tag(explicit(0)))]
    pub pubkey: Octets,
    /// A [`SpakeSecondFactor`], encrypted in a key that the exchange gave.
    #[rasn(tag(explicit(1)))]
    pub factor: EncryptedData,
}
