//! Kerberos V5 messages as ASN.1 DER: RFC 4120 and its extensions, GSS-API framing, SPNEGO.
//!
//! A message is a struct that has its ASN.1 text above it. [`Message`] reads and writes it:
//!
//! ```
//! use orthros_asn1::{EncryptedData, EncryptionType, Exactly, Message, NameType, PrincipalName, Ticket, UInt32};
//!
//! let ticket = Ticket {
//!     tkt_vno: Exactly,
//!     realm: "EXAMPLE.COM".into(),
//!     sname: PrincipalName {
//!         name_type: NameType::SRV_HST,
//!         name_string: vec!["host".into(), "a.example.com".into()],
//!     },
//!     enc_part: EncryptedData {
//!         etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
//!         kvno: Some(UInt32(2)),
//!         cipher: vec![0; 16].into(),
//!     },
//! };
//! let mut octets = ticket.encode()?;
//! assert_eq!(Ticket::decode(&octets)?, ticket);
//!
//! octets[4] = 0xA1;
//! let error = Ticket::decode(&octets).unwrap_err();
//! assert_eq!(error.to_string(), "tag is a1 instead of a0 at offset 4 in tkt_vno");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! There is no meaning here: which ticket is good for what is for others to say. Only what can't
//! vary is in the types: a decoded message has the right `pvno` and `msg-type` ([`Exactly`]), its
//! times exist ([`KerberosTime`]), and its keys are zeroized when they are dropped ([`SecretOctets`]).
//! Names are octets ([`KerberosString`]). What a checksum covers, and every ticket on its way
//! through, keeps the octets that it came in ([`Raw`]).
//!
//! # Which messages
//!
//! - RFC 4120: tickets, the AS, TGS and AP exchanges, KRB-SAFE, KRB-PRIV, KRB-CRED, KRB-ERROR, its
//!   preauthentication and its authorization data with all that contain other such data.
//! - RFC 6113: FAST, authentication sets and the encrypted challenge.
//! - RFC 7751: CAMMAC.
//! - RFC 9588: SPAKE.
//! - RFC 6560: one-time passwords.
//! - RFC 4556, RFC 8070 and RFC 8636: what PKINIT puts around CMS.
//! - draft-swift-win2k-krb-user2user: how a client gets a server's ticket-granting ticket.
//! - RFC 3244: what changes and sets passwords.
//! - MS-KKDCP and IAKERB: what carries messages to a KDC that the client can't reach.
//! - MS-KILE and MS-SFU: KERB-PA-PAC-REQUEST, PA-PAC-OPTIONS, PA-FOR-USER and PA-S4U-X509-USER.
//! - RFC 2743: the frame of an initial context token ([`gss`]).
//! - RFC 4178 and MS-SPNG: SPNEGO ([`spnego`]).
//! - MS-NEGOEX: where its messages begin and end ([`negoex`]).
//!
//! # What is accepted
//!
//! DER, and beyond it exactly this, because peers send it:
//!
//! - Flags of fewer than 32 bits, which are zero-extended, and of more, of which the first 32 count.
//! - Numbers of 32 bits (`kvno`, `seq-number`, `nonce`) as signed or unsigned, with redundant leading
//!   octets ([`UInt32`]).
//! - Fields of a later version behind those of a SEQUENCE whose ASN.1 has an extension marker (`...`),
//!   as X.680 has it; the same behind those of [`Ticket`] and [`EncryptionKey`], which have no marker.
//!   They are context-specific, each with a higher number than the one before it, and DER. They are
//!   passed over, and kept where octets are ([`Raw`]).
//! - A [`Verifier`] of a later version. Of the other CHOICEs with a marker ([`PaFxFastRequest`],
//!   [`PaFxFastReply`], [`PaSpake`], [`PaPkAsRep`]) an unknown alternative is an error that says so
//!   ([`DecodeErrorKind::UnknownAlternative`]).
//! - An e-cksum under `[13]` behind the fields of [`KrbError`], which drafts of RFC 4120 had.
//! - The tag of [`EncTgsRepPart`] where [`EncAsRepPart`] should be.
//! - Any octets in a `GeneralString`, such as UTF-8.
//!
//! Everything else is refused, a field behind those of a type without the marker for one, by a [`DecodeError`] that
//! says what is wrong at which offset and in which field. What is written is DER. No length that is read sizes an
//! allocation before it is compared with what is there, values nest to a fixed depth, and lists and texts are no
//! longer than [`limits`] says.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod algorithm;
mod ap;
mod authorization;
mod basic;
mod cammac;
mod carriers;
mod cred;
mod der;
mod error;
mod extensions;
mod fast;
mod fields;
pub mod gss;
mod kdc;
mod kpasswd;
mod krb_error;
pub mod limits;
mod message;
pub mod negoex;
mod numbers;
mod otp;
mod pkinit;
mod preauth;
mod s4u;
mod session;
mod spake;
pub mod spnego;
mod ticket;
mod user_to_user;

pub use algorithm::AlgorithmIdentifier;
pub use ap::{ApRep, ApReq, Authenticator, EncApRepPart};
pub use authorization::{
    AdAndOr, AdAuthenticationIndicator, AdIfRelevant, AdKdcIssued, AdMandatoryForKdc, EtypeList,
};
pub use basic::{
    AuthorizationData, AuthorizationDataEntry, Checksum, EncryptedData, EncryptionKey, HostAddress,
    HostAddresses, PrincipalName, Realm, TypedData, TypedDataEntry,
};
pub use cammac::{AdCammac, Verifier, VerifierMac};
pub use carriers::{IakerbFinished, IakerbHeader, KdcProxyMessage};
pub use cred::{EncKrbCredPart, KrbCred, KrbCredInfo};
pub use der::Value as DerValue;
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use fast::{
    EncryptedChallenge, KrbFastArmor, KrbFastArmoredRep, KrbFastArmoredReq, KrbFastFinished,
    KrbFastReq, KrbFastResponse, PaAuthenticationSet, PaAuthenticationSetElem, PaFxFastReply,
    PaFxFastRequest,
};
pub use fields::{
    AnyValue, ApOptions, BitString, CivilTime, Exactly, FastOptions, KdcOptions, KerberosString,
    KerberosTime, Microseconds, ObjectIdentifier, Octets, OtpFlags, PacOptions, Raw,
    S4uUserOptions, SecretOctets, SecretString, TicketFlags, UInt32,
};
pub use kdc::{
    AsRep, AsReq, EncAsRepPart, EncKdcRepPart, EncTgsRepPart, KdcRep, KdcReq, KdcReqBody, LastReq,
    LastReqEntry, TgsRep, TgsReq,
};
pub use kpasswd::ChangePasswdData;
pub use krb_error::KrbError;
pub use message::Message;
pub use numbers::{
    AdType, AddressType, CksumType, EncryptionType, ErrorCode, FastArmorType, LastReqType,
    MessageType, NameType, OtpFormat, PaDataType, SpakeGroup, SpakeSecondFactorType, TdType,
    TransitedType,
};
pub use otp::{OtpTokenInfo, PaOtpChallenge, PaOtpEncRequest, PaOtpPinChange, PaOtpRequest};
pub use pkinit::{
    AuthPack, DhRepInfo, ExternalPrincipalIdentifier, KdcDhKeyInfo, KdfAlgorithmId,
    Krb5PrincipalName, OtherInfo, PaChecksum2, PaPkAsRep, PaPkAsReq, PkAuthenticator,
    PkinitSuppPubInfo, ReplyKeyPack,
};
pub use preauth::{
    EtypeInfo, EtypeInfo2, EtypeInfo2Entry, EtypeInfoEntry, MethodData, PaData, PaEncTimestamp,
    PaEncTsEnc, PaPacRequest,
};
pub use s4u::{PaForUser, PaPacOptions, PaS4uX509User, S4uUserId};
pub use session::{EncKrbPrivPart, KrbPriv, KrbSafe, KrbSafeBody};
pub use spake::{PaSpake, SpakeChallenge, SpakeResponse, SpakeSecondFactor, SpakeSupport};
pub use ticket::{EncTicketPart, Ticket, TransitedEncoding};
pub use user_to_user::{KerbTgtReply, KerbTgtRequest};
