//! FAST, which puts preauthentication under the armor of another ticket's key, and the framework
//! around it; RFC 6113.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    Checksum, EncryptedData, EncryptionKey, FastArmorType, FastOptions, KdcReqBody, KerberosTime,
    MethodData, Microseconds, Octets, PaDataType, PrincipalName, Raw, Realm, UInt32,
};

/// The data of [`PaDataType::FX_FAST`] in a request, RFC 6113 section 5.4.2.
///
/// ```text
/// PA-FX-FAST-REQUEST ::= CHOICE {
///         armored-data    [0] KrbFastArmoredReq,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(choice)]
pub enum PaFxFastRequest {
    /// The request under armor.
    #[rasn(tag(explicit(0)), identifier = "armored_data")]
    ArmoredData(KrbFastArmoredReq),
}

/// A request under armor, RFC 6113 section 5.4.2.
///
/// ```text
/// KrbFastArmoredReq ::= SEQUENCE {
///         armor           [0] KrbFastArmor OPTIONAL,
///         req-checksum    [1] Checksum,
///         enc-fast-req    [2] EncryptedData, -- KrbFastReq --
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbFastArmoredReq {
    /// What the armor key comes from. Always there in an AS-REQ; absent in a TGS-REQ whose armor
    /// key comes from the subkey of its authenticator.
    #[rasn(tag(explicit(0)))]
    pub armor: Option<KrbFastArmor>,
    /// A checksum in the armor key: over the `req-body` of an AS-REQ, over the AP-REQ of a TGS-REQ.
    #[rasn(tag(explicit(1)))]
    pub req_checksum: Checksum,
    /// A [`KrbFastReq`] in the armor key.
    #[rasn(tag(explicit(2)))]
    pub enc_fast_req: EncryptedData,
}

/// What the armor key comes from, RFC 6113 section 5.4.1.
///
/// ```text
/// KrbFastArmor ::= SEQUENCE {
///         armor-type      [0] Int32,
///         armor-value     [1] OCTET STRING,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KrbFastArmor {
    /// What `armor_value` is.
    #[rasn(tag(explicit(0)))]
    pub armor_type: FastArmorType,
    /// An AP-REQ for [`FastArmorType::AP_REQUEST`].
    #[rasn(tag(explicit(1)))]
    pub armor_value: Octets,
}

/// What is asked under the armor, RFC 6113 section 5.4.2.
///
/// ```text
/// KrbFastReq ::= SEQUENCE {
///         fast-options    [0] FastOptions,
///         padata          [1] SEQUENCE OF PA-DATA,
///         req-body        [2] KDC-REQ-BODY,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbFastReq {
    /// How the KDC should deal with the request.
    #[rasn(tag(explicit(0)))]
    pub fast_options: FastOptions,
    /// The preauthentication.
    #[rasn(tag(explicit(1)))]
    pub padata: MethodData,
    /// The request, in place of the one outside of the armor. Its octets are what checksums of
    /// preauthentication mechanisms cover.
    #[rasn(tag(explicit(2)))]
    pub req_body: Raw<KdcReqBody>,
}

/// The data of [`PaDataType::FX_FAST`] in a reply or an error, RFC 6113 section 5.4.3.
///
/// ```text
/// PA-FX-FAST-REPLY ::= CHOICE {
///         armored-data    [0] KrbFastArmoredRep,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(choice)]
pub enum PaFxFastReply {
    /// The reply under armor.
    #[rasn(tag(explicit(0)), identifier = "armored_data")]
    ArmoredData(KrbFastArmoredRep),
}

/// A reply under armor, RFC 6113 section 5.4.3.
///
/// ```text
/// KrbFastArmoredRep ::= SEQUENCE {
///         enc-fast-rep    [0] EncryptedData, -- KrbFastResponse --
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbFastArmoredRep {
    /// A [`KrbFastResponse`] in the armor key.
    #[rasn(tag(explicit(0)))]
    pub enc_fast_rep: EncryptedData,
}

/// What is answered under the armor, RFC 6113 section 5.4.3.
///
/// ```text
/// KrbFastResponse ::= SEQUENCE {
///         padata          [0] SEQUENCE OF PA-DATA,
///         strengthen-key  [1] EncryptionKey OPTIONAL,
///         finished        [2] KrbFastFinished OPTIONAL,
///         nonce           [3] UInt32,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbFastResponse {
    /// The KDC's part of the preauthentication.
    #[rasn(tag(explicit(0)))]
    pub padata: MethodData,
    /// A key that the reply key is combined with. Never in an error.
    #[rasn(tag(explicit(1)))]
    pub strengthen_key: Option<EncryptionKey>,
    /// What ties the reply to its armor: in an AS-REP or TGS-REP, never in an error.
    #[rasn(tag(explicit(2)))]
    pub finished: Option<KrbFastFinished>,
    /// The nonce of the request.
    #[rasn(tag(explicit(3)))]
    pub nonce: UInt32,
}

/// What ties a reply to its armor, RFC 6113 section 5.4.3.
///
/// ```text
/// KrbFastFinished ::= SEQUENCE {
///         timestamp       [0] KerberosTime,
///         usec            [1] Microseconds,
///         crealm          [2] Realm,
///         cname           [3] PrincipalName,
///         ticket-checksum [4] Checksum,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbFastFinished {
    /// The KDC's time.
    #[rasn(tag(explicit(0)))]
    pub timestamp: KerberosTime,
    /// Its microseconds.
    #[rasn(tag(explicit(1)))]
    pub usec: Microseconds,
    /// The realm of the client.
    #[rasn(tag(explicit(2)))]
    pub crealm: Realm,
    /// The client.
    #[rasn(tag(explicit(3)))]
    pub cname: PrincipalName,
    /// A checksum over the ticket of the reply, in the armor key.
    #[rasn(tag(explicit(4)))]
    pub ticket_checksum: Checksum,
}

/// Mechanisms of which a client may use one combination, the data of
/// [`PaDataType::AUTHENTICATION_SET`]; RFC 6113 section 5.3.
///
/// A client sends the set that it chose back octet by octet: it keeps a [`Raw`] one.
///
/// ```text
/// PA-AUTHENTICATION-SET ::= SEQUENCE OF PA-AUTHENTICATION-SET-ELEM
/// ```
pub type PaAuthenticationSet = Vec<PaAuthenticationSetElem>;

/// One mechanism of a [`PaAuthenticationSet`], RFC 6113 section 5.3.
///
/// ```text
/// PA-AUTHENTICATION-SET-ELEM ::= SEQUENCE {
///         pa-type         [0] Int32,
///         pa-hint         [1] OCTET STRING OPTIONAL,
///         pa-value        [2] OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaAuthenticationSetElem {
    /// The mechanism.
    #[rasn(tag(explicit(0)))]
    pub pa_type: PaDataType,
    /// What helps a client to choose.
    #[rasn(tag(explicit(1)))]
    pub pa_hint: Option<Octets>,
    /// The KDC's first message, for the first mechanism of a set.
    #[rasn(tag(explicit(2)))]
    pub pa_value: Option<Octets>,
}

/// A [`PaEncTsEnc`](crate::PaEncTsEnc) in the challenge key, the data of
/// [`PaDataType::ENCRYPTED_CHALLENGE`]; RFC 6113 section 5.4.6.
///
/// ```text
/// EncryptedChallenge ::= EncryptedData -- PA-ENC-TS-ENC
/// ```
pub type EncryptedChallenge = EncryptedData;
