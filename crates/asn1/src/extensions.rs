//! What may follow the fields that a SEQUENCE declares, in one table.
//!
//! A type whose ASN.1 has an extension marker (`...`) may get fields in a later version of its
//! specification, and X.680 section 25 has a reader that does not know them pass over them. So do MIT
//! krb5 and Heimdal. What is passed over must look like an addition: values in DER with
//! context-specific tags, each of a higher number than the field before it. As tag numbers end at 30,
//! there are no more than 31. They are gone from the decoded value, and stay where its octets are kept,
//! in a [`Raw`](crate::Raw).
//!
//! A type without the marker has what its specification says and no more, but for the three types at
//! the end of the table.

use crate::limits::is_same;

/// What may follow the last declared field of a SEQUENCE.
#[derive(Clone, Copy)]
pub(crate) enum Additions {
    /// Nothing.
    None,
    /// Fields of a later version.
    Any,
    /// One field, with this context-specific tag number.
    Only(u8),
}

/// The types that have the marker, by the names that they have here.
const MARKED: &[&str] = &[
    // RFC 4178 and MS-SPNG
    "NegTokenInit",
    "NegTokenResp",
    // RFC 4556, RFC 8070 and RFC 8636
    "AuthPack",
    "DhRepInfo",
    "ExternalPrincipalIdentifier",
    "KdcDhKeyInfo",
    "KdfAlgorithmId",
    "PaPkAsReq",
    "PkAuthenticator",
    "PkinitSuppPubInfo",
    "ReplyKeyPack",
    // RFC 6113
    "KrbFastArmor",
    "KrbFastArmoredRep",
    "KrbFastArmoredReq",
    "KrbFastFinished",
    "KrbFastReq",
    "KrbFastResponse",
    "PaAuthenticationSetElem",
    // RFC 6560
    "OtpTokenInfo",
    "PaOtpChallenge",
    "PaOtpEncRequest",
    "PaOtpPinChange",
    "PaOtpRequest",
    // RFC 9588
    "SpakeChallenge",
    "SpakeResponse",
    "SpakeSupport",
    // MS-SFU
    "S4uUserId",
    // draft-ietf-kitten-iakerb
    "IakerbFinished",
    "IakerbHeader",
];

/// The types that have no marker, and are sent with more fields all the same: what is in a ticket and
/// in a session key is for its issuer to say, and MIT krb5 passes over what it does not know.
const UNMARKED: &[&str] = &["Ticket", "EncryptionKey"];

/// What may follow the fields of the type that `rasn` calls `name`.
pub(crate) const fn behind(name: Option<&str>) -> Additions {
    let Some(name) = name else {
        return Additions::None;
    };
    let name = match name.as_bytes() {
        // What is within the tag of a type that is explicitly tagged is another type to `rasn`.
        [b'I', b'n', b'n', b'e', b'r', name @ ..] | name => name,
    };
    if is_among(name, MARKED) || is_among(name, UNMARKED) {
        Additions::Any
    } else if is_same(name, b"KrbError") {
        // e-cksum, of drafts between RFC 1510 and RFC 4120: nothing checks it, as nothing can.
        Additions::Only(13)
    } else {
        Additions::None
    }
}

const fn is_among(name: &[u8], mut names: &[&str]) -> bool {
    while let [first, rest @ ..] = names {
        if is_same(name, first.as_bytes()) {
            return true;
        }
        names = rest;
    }
    false
}
