//! Preauthentication data, RFC 4120 section 5.2.7.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    EncryptedData, EncryptionType, KerberosString, KerberosTime, Microseconds, Octets, PaDataType,
};

/// A typed hole in the messages of a KDC, RFC 4120 section 5.2.7.
///
/// ```text
/// PA-DATA ::= SEQUENCE {
///         -- NOTE: first tag is [1], not [0]
///         padata-type     [1] Int32,
///         padata-value    [2] OCTET STRING -- might be encoded AP-REQ
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaData {
    /// What `padata_value` is.
    #[rasn(tag(explicit(1)))]
    pub padata_type: PaDataType,
    /// Mostly DER in its turn.
    #[rasn(tag(explicit(2)))]
    pub padata_value: Octets,
}

/// The preauthentication that a KDC accepts, RFC 4120 section 5.9.1.
///
/// ```text
/// METHOD-DATA ::= SEQUENCE OF PA-DATA
/// ```
pub type MethodData = Vec<PaData>;

/// A [`PaEncTsEnc`] in the client's key, RFC 4120 section 5.2.7.2.
///
/// ```text
/// PA-ENC-TIMESTAMP ::= EncryptedData -- PA-ENC-TS-ENC
/// ```
pub type PaEncTimestamp = EncryptedData;

/// The client's time, RFC 4120 section 5.2.7.2.
///
/// ```text
/// PA-ENC-TS-ENC ::= SEQUENCE {
///         patimestamp     [0] KerberosTime -- client's time --,
///         pausec          [1] Microseconds OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaEncTsEnc {
    /// The client's time.
    #[rasn(tag(explicit(0)))]
    pub patimestamp: KerberosTime,
    /// Its microseconds.
    #[rasn(tag(explicit(1)))]
    pub pausec: Option<Microseconds>,
}

/// The older form of [`EtypeInfo2`], RFC 4120 section 5.2.7.4: it has no parameters, and its salt
/// is not said to be text.
///
/// ```text
/// ETYPE-INFO ::= SEQUENCE OF ETYPE-INFO-ENTRY
/// ```
pub type EtypeInfo = Vec<EtypeInfoEntry>;

/// One element of [`EtypeInfo`], RFC 4120 section 5.2.7.4.
///
/// ```text
/// ETYPE-INFO-ENTRY ::= SEQUENCE {
///         etype           [0] Int32,
///         salt            [1] OCTET STRING OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct EtypeInfoEntry {
    /// The encryption type.
    #[rasn(tag(explicit(0)))]
    pub etype: EncryptionType,
    /// The salt; absent means the default one.
    #[rasn(tag(explicit(1)))]
    pub salt: Option<Octets>,
}

/// How a client makes its key from its password, RFC 4120 section 5.2.7.5. The best first.
///
/// ```text
/// ETYPE-INFO2 ::= SEQUENCE SIZE (1..MAX) OF ETYPE-INFO2-ENTRY
/// ```
pub type EtypeInfo2 = Vec<EtypeInfo2Entry>;

/// How it is made for one encryption type, RFC 4120 section 5.2.7.5.
///
/// ```text
/// ETYPE-INFO2-ENTRY ::= SEQUENCE {
///         etype           [0] Int32,
///         salt            [1] KerberosString OPTIONAL,
///         s2kparams       [2] OCTET STRING OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct EtypeInfo2Entry {
    /// The encryption type.
    #[rasn(tag(explicit(0)))]
    pub etype: EncryptionType,
    /// The salt; absent means the default one.
    #[rasn(tag(explicit(1)))]
    pub salt: Option<KerberosString>,
    /// Parameters of the string-to-key function; absent means its default.
    #[rasn(tag(explicit(2)))]
    pub s2kparams: Option<Octets>,
}

/// Whether the client wants a PAC in its ticket, MS-KILE section 2.2.3.
///
/// ```text
/// KERB-PA-PAC-REQUEST ::= SEQUENCE {
///         include-pac     [0] BOOLEAN
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaPacRequest {
    /// With a PAC, or without.
    #[rasn(tag(explicit(0)))]
    pub include_pac: bool,
}
