//! The types that messages share: names, addresses, keys, ciphertexts, checksums.
//! RFC 4120 sections 5.2.2 to 5.2.9.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    AdType, AddressType, CksumType, EncryptionType, KerberosString, NameType, Octets, SecretOctets,
    TdType, UInt32,
};

/// The name of a realm.
///
/// ```text
/// Realm ::= KerberosString
/// ```
pub type Realm = KerberosString;

/// A name within a realm, RFC 4120 section 5.2.2.
///
/// ```text
/// PrincipalName ::= SEQUENCE {
///         name-type       [0] Int32,
///         name-string     [1] SEQUENCE OF KerberosString
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrincipalName {
    /// What kind of name it is: a hint, not a part of the name.
    #[rasn(tag(explicit(0)))]
    pub name_type: NameType,
    /// The components.
    #[rasn(tag(explicit(1)))]
    pub name_string: Vec<KerberosString>,
}

/// A network address, RFC 4120 section 5.2.5.
///
/// ```text
/// HostAddress ::= SEQUENCE {
///         addr-type       [0] Int32,
///         address         [1] OCTET STRING
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostAddress {
    /// The family, which says how `address` is laid out.
    #[rasn(tag(explicit(0)))]
    pub addr_type: AddressType,
    /// The address, in network order.
    #[rasn(tag(explicit(1)))]
    pub address: Octets,
}

/// Several addresses. Empty means the same as absent.
///
/// ```text
/// HostAddresses ::= SEQUENCE OF HostAddress
/// ```
pub type HostAddresses = Vec<HostAddress>;

/// Restrictions on a ticket and statements about its client, RFC 4120 section 5.2.6.
///
/// ```text
/// AuthorizationData ::= SEQUENCE OF SEQUENCE {
///         ad-type         [0] Int32,
///         ad-data         [1] OCTET STRING
/// }
/// ```
pub type AuthorizationData = Vec<AuthorizationDataEntry>;

/// One element of [`AuthorizationData`].
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorizationDataEntry {
    /// What `ad_data` is.
    #[rasn(tag(explicit(0)))]
    pub ad_type: AdType,
    /// Often DER in its turn; for [`AdType::IF_RELEVANT`] another [`AuthorizationData`].
    #[rasn(tag(explicit(1)))]
    pub ad_data: Octets,
}

/// A ciphertext, RFC 4120 section 5.2.9.
///
/// ```text
/// EncryptedData ::= SEQUENCE {
///         etype   [0] Int32 -- EncryptionType --,
///         kvno    [1] UInt32 OPTIONAL,
///         cipher  [2] OCTET STRING -- ciphertext
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncryptedData {
    /// The algorithm of the key.
    #[rasn(tag(explicit(0)))]
    pub etype: EncryptionType,
    /// The version of the key, where it is a long-term one.
    #[rasn(tag(explicit(1)))]
    pub kvno: Option<UInt32>,
    /// The octets, as RFC 3961 has them: confounder and checksum included.
    #[rasn(tag(explicit(2)))]
    pub cipher: Octets,
}

/// A key, RFC 4120 section 5.2.9.
///
/// ```text
/// EncryptionKey ::= SEQUENCE {
///         keytype         [0] Int32 -- actually encryption type --,
///         keyvalue        [1] OCTET STRING
/// }
/// ```
///
/// Fields that a peer adds behind these are passed over.
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct EncryptionKey {
    /// The algorithm that the key is for.
    #[rasn(tag(explicit(0)))]
    pub keytype: EncryptionType,
    /// The key. Zeroized on drop.
    #[rasn(tag(explicit(1)))]
    pub keyvalue: SecretOctets,
}

/// A checksum, RFC 4120 section 5.2.9.
///
/// ```text
/// Checksum ::= SEQUENCE {
///         cksumtype       [0] Int32,
///         checksum        [1] OCTET STRING
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum {
    /// The algorithm.
    #[rasn(tag(explicit(0)))]
    pub cksumtype: CksumType,
    /// Its output.
    #[rasn(tag(explicit(1)))]
    pub checksum: Octets,
}

/// Details of an error, one of the forms of `e_data`; RFC 4120 section 5.9.1.
///
/// ```text
/// TYPED-DATA ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
///         data-type       [0] Int32,
///         data-value      [1] OCTET STRING OPTIONAL
/// }
/// ```
pub type TypedData = Vec<TypedDataEntry>;

/// One element of [`TypedData`].
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypedDataEntry {
    /// What `data_value` is.
    #[rasn(tag(explicit(0)))]
    pub data_type: TdType,
    /// The detail.
    #[rasn(tag(explicit(1)))]
    pub data_value: Option<Octets>,
}
