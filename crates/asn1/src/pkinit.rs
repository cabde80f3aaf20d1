//! Preauthentication with public keys: what PKINIT puts around CMS, RFC 4556, with RFC 8070 and RFC 8636.
//!
//! What is signed and enveloped is CMS (RFC 5652), and is octets here.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    AlgorithmIdentifier, AnyValue, BitString, Checksum, EncryptionKey, EncryptionType,
    KerberosTime, Microseconds, ObjectIdentifier, Octets, PrincipalName, Realm, UInt32,
};

/// The data of [`PaDataType::PK_AS_REQ`](crate::PaDataType::PK_AS_REQ), RFC 4556 section 3.2.1.
///
/// ```text
/// PA-PK-AS-REQ ::= SEQUENCE {
///         signedAuthPack          [0] IMPLICIT OCTET STRING,
///         trustedCertifiers       [1] SEQUENCE OF ExternalPrincipalIdentifier OPTIONAL,
///         kdcPkId                 [2] IMPLICIT OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaPkAsReq {
    /// CMS `SignedData` around an [`AuthPack`].
    #[rasn(tag(0))]
    pub signed_auth_pack: Octets,
    /// The authorities that the client trusts to certify the KDC.
    #[rasn(tag(explicit(1)))]
    pub trusted_certifiers: Option<Vec<ExternalPrincipalIdentifier>>,
    /// Which certificate of the KDC the client has.
    #[rasn(tag(2))]
    pub kdc_pk_id: Option<Octets>,
}

/// A certificate or its owner, RFC 4556 section 3.2.1. Lists of these are also the data of
/// [`TdType::TRUSTED_CERTIFIERS`](crate::TdType::TRUSTED_CERTIFIERS), and of
/// [`AdType::INITIAL_VERIFIED_CAS`](crate::AdType::INITIAL_VERIFIED_CAS).
///
/// ```text
/// ExternalPrincipalIdentifier ::= SEQUENCE {
///         subjectName             [0] IMPLICIT OCTET STRING OPTIONAL,
///         issuerAndSerialNumber   [1] IMPLICIT OCTET STRING OPTIONAL,
///         subjectKeyIdentifier    [2] IMPLICIT OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExternalPrincipalIdentifier {
    /// An X.509 Name.
    #[rasn(tag(0))]
    pub subject_name: Option<Octets>,
    /// A CMS `IssuerAndSerialNumber`.
    #[rasn(tag(1))]
    pub issuer_and_serial_number: Option<Octets>,
    /// The subjectKeyIdentifier extension of an X.509 certificate.
    #[rasn(tag(2))]
    pub subject_key_identifier: Option<Octets>,
}

/// What the client signs, RFC 4556 section 3.2.1 and RFC 8636 section 4.
///
/// ```text
/// AuthPack ::= SEQUENCE {
///         pkAuthenticator         [0] PKAuthenticator,
///         clientPublicValue       [1] SubjectPublicKeyInfo OPTIONAL,
///         supportedCMSTypes       [2] SEQUENCE OF AlgorithmIdentifier OPTIONAL,
///         clientDHNonce           [3] DHNonce OPTIONAL,
///         ...,
///         supportedKDFs           [4] SEQUENCE OF KDFAlgorithmId OPTIONAL,
///         ...
/// }
///
/// DHNonce ::= OCTET STRING
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthPack {
    /// What ties the signature to the request.
    #[rasn(tag(explicit(0)))]
    pub pk_authenticator: PkAuthenticator,
    /// The client's Diffie-Hellman value, an X.509 `SubjectPublicKeyInfo` in its octets.
    #[rasn(tag(explicit(1)))]
    pub client_public_value: Option<AnyValue>,
    /// CMS algorithms that the client knows, the best first.
    #[rasn(tag(explicit(2)))]
    pub supported_cms_types: Option<Vec<AlgorithmIdentifier>>,
    /// The client's nonce, where it would have the KDC reuse its Diffie-Hellman value.
    #[rasn(tag(explicit(3)))]
    pub client_dh_nonce: Option<Octets>,
    /// Functions that the client can derive the reply key with, the best first.
    #[rasn(tag(explicit(4)))]
    pub supported_kdfs: Option<Vec<KdfAlgorithmId>>,
}

/// What ties a signature to its request, RFC 4556 section 3.2.1 and RFC 8070 section 4.
///
/// ```text
/// PKAuthenticator ::= SEQUENCE {
///         cusec                   [0] INTEGER (0..999999),
///         ctime                   [1] KerberosTime,
///         nonce                   [2] INTEGER (0..4294967295),
///         paChecksum              [3] OCTET STRING OPTIONAL,
///         ...,
///         freshnessToken          [4] OCTET STRING OPTIONAL,
///         ...,
///         paChecksum2             [5] PAChecksum2 OPTIONAL, -- MIT krb5 and MS-PKCA
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PkAuthenticator {
    /// Microseconds of `ctime`.
    #[rasn(tag(explicit(0)))]
    pub cusec: Microseconds,
    /// The client's time.
    #[rasn(tag(explicit(1)))]
    pub ctime: KerberosTime,
    /// The nonce of the request.
    #[rasn(tag(explicit(2)))]
    pub nonce: UInt32,
    /// The SHA-1 of the request's body.
    #[rasn(tag(explicit(3)))]
    pub pa_checksum: Option<Octets>,
    /// What the KDC sent as [`PaDataType::AS_FRESHNESS`](crate::PaDataType::AS_FRESHNESS).
    #[rasn(tag(explicit(4)))]
    pub freshness_token: Option<Octets>,
    /// Another hash of the request's body.
    #[rasn(tag(explicit(5)))]
    pub pa_checksum2: Option<PaChecksum2>,
}

/// A hash of a request's body, of which the algorithm is named; MS-PKCA section 2.2.3.
///
/// ```text
/// PAChecksum2 ::= SEQUENCE {
///         checksum                [0] OCTET STRING,
///         algorithmIdentifier     [1] AlgorithmIdentifier
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaChecksum2 {
    /// The hash.
    #[rasn(tag(explicit(0)))]
    pub checksum: Octets,
    /// Its algorithm.
    #[rasn(tag(explicit(1)))]
    pub algorithm_identifier: AlgorithmIdentifier,
}

/// A function that derives a reply key, RFC 8636 section 4.
///
/// ```text
/// KDFAlgorithmId ::= SEQUENCE {
///         kdf-id                  [0] OBJECT IDENTIFIER,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KdfAlgorithmId {
    /// Its name.
    #[rasn(tag(explicit(0)))]
    pub kdf_id: ObjectIdentifier,
}

/// The data of [`PaDataType::PK_AS_REP`](crate::PaDataType::PK_AS_REP), RFC 4556 section 3.2.3.
///
/// ```text
/// PA-PK-AS-REP ::= CHOICE {
///         dhInfo                  [0] DHRepInfo,
///         encKeyPack              [1] IMPLICIT OCTET STRING,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
#[rasn(choice)]
pub enum PaPkAsRep {
    /// The KDC's Diffie-Hellman value.
    #[rasn(tag(explicit(0)), identifier = "dh_info")]
    DhInfo(DhRepInfo),
    /// CMS `EnvelopedData` around `SignedData` around a [`ReplyKeyPack`].
    #[rasn(tag(1), identifier = "enc_key_pack")]
    EncKeyPack(Octets),
}

/// The KDC's Diffie-Hellman value, RFC 4556 section 3.2.3.1 and RFC 8636 section 4.
///
/// ```text
/// DHRepInfo ::= SEQUENCE {
///         dhSignedData            [0] IMPLICIT OCTET STRING,
///         serverDHNonce           [1] DHNonce OPTIONAL,
///         ...,
///         kdf                     [2] KDFAlgorithmId OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct DhRepInfo {
    /// CMS `SignedData` around a [`KdcDhKeyInfo`].
    #[rasn(tag(0))]
    pub dh_signed_data: Octets,
    /// The KDC's nonce, where it reuses its value.
    #[rasn(tag(explicit(1)))]
    pub server_dh_nonce: Option<Octets>,
    /// The function that derives the reply key; absent, that of RFC 4556.
    #[rasn(tag(explicit(2)))]
    pub kdf: Option<KdfAlgorithmId>,
}

/// What the KDC signs, RFC 4556 section 3.2.3.1.
///
/// ```text
/// KDCDHKeyInfo ::= SEQUENCE {
///         subjectPublicKey        [0] BIT STRING,
///         nonce                   [1] INTEGER (0..4294967295),
///         dhKeyExpiration         [2] KerberosTime OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KdcDhKeyInfo {
    /// The KDC's public value, in the form of its group.
    #[rasn(tag(explicit(0)))]
    pub subject_public_key: BitString,
    /// The nonce of the request; 0 where the value is reused.
    #[rasn(tag(explicit(1)))]
    pub nonce: UInt32,
    /// Until when the KDC reuses its value.
    #[rasn(tag(explicit(2)))]
    pub dh_key_expiration: Option<KerberosTime>,
}

/// The reply key where there is no Diffie-Hellman, RFC 4556 section 3.2.3.2.
///
/// ```text
/// ReplyKeyPack ::= SEQUENCE {
///         replyKey                [0] EncryptionKey,
///         asChecksum              [1] Checksum,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct ReplyKeyPack {
    /// The key.
    #[rasn(tag(explicit(0)))]
    pub reply_key: EncryptionKey,
    /// A checksum over the AS-REQ, in that key.
    #[rasn(tag(explicit(1)))]
    pub as_checksum: Checksum,
}

/// A principal in an X.509 certificate, RFC 4556 section 3.2.2.
///
/// ```text
/// KRB5PrincipalName ::= SEQUENCE {
///         realm                   [0] Realm,
///         principalName           [1] PrincipalName
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Krb5PrincipalName {
    /// The realm.
    #[rasn(tag(explicit(0)))]
    pub realm: Realm,
    /// The name in it.
    #[rasn(tag(explicit(1)))]
    pub principal_name: PrincipalName,
}

/// What a reply key is derived with in addition to the Diffie-Hellman secret, RFC 8636 section 4.
///
/// ```text
/// OtherInfo ::= SEQUENCE {
///         algorithmID             AlgorithmIdentifier,
///         partyUInfo              [0] OCTET STRING,
///         partyVInfo              [1] OCTET STRING,
///         suppPubInfo             [2] OCTET STRING OPTIONAL,
///         suppPrivInfo            [3] OCTET STRING OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherInfo {
    /// The function that derives.
    pub algorithm_id: AlgorithmIdentifier,
    /// The client, a [`Krb5PrincipalName`].
    #[rasn(tag(explicit(0)))]
    pub party_u_info: Octets,
    /// The ticket-granting service, a [`Krb5PrincipalName`].
    #[rasn(tag(explicit(1)))]
    pub party_v_info: Octets,
    /// A [`PkinitSuppPubInfo`].
    #[rasn(tag(explicit(2)))]
    pub supp_pub_info: Option<Octets>,
    /// Nothing, in PKINIT.
    #[rasn(tag(explicit(3)))]
    pub supp_priv_info: Option<Octets>,
}

/// The exchange that a reply key is derived for, RFC 8636 section 4.
///
/// ```text
/// PkinitSuppPubInfo ::= SEQUENCE {
///         enctype                 [0] Int32,
///         as-REQ                  [1] OCTET STRING,
///         pk-as-rep               [2] OCTET STRING,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PkinitSuppPubInfo {
    /// The algorithm of the reply key.
    #[rasn(tag(explicit(0)))]
    pub enctype: EncryptionType,
    /// The AS-REQ, as sent.
    #[rasn(tag(explicit(1)))]
    pub as_req: Octets,
    /// The PA-PK-AS-REP, as sent.
    #[rasn(tag(explicit(2)))]
    pub pk_as_rep: Octets,
}
