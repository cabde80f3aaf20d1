//! How much of what may be repeated a message may have, in one table.
//!
//! RFC 4120 sets no limit to a list or a name, and neither does MIT krb5. But a list takes more memory
//! than its octets: an empty component of a name is two octets in a message and 24 in memory, and
//! what goes through a list for each element of another one takes quadratic time. So each list is
//! counted before its first element is read, and what is longer than here is refused with
//! [`TooMany`](crate::DecodeErrorKind::TooMany), or [`TooLong`](crate::DecodeErrorKind::TooLong) for
//! text, at its place.
//!
//! The limits are several times what any peer is known to send. They bind the reader, not the writer:
//! what is written is of the caller's own making, and a test of a KDC must be able to write too much.
//! Octets that are only carried (ciphertexts, checksums, the data in preauthentication and
//! authorization data, such as a PAC) have no limit here: they are as long in memory as in the message.

/// Declares the constants and the table that the reader looks into: each limit with the Rust names
/// of the elements that it is for.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $limit:literal of $($element:literal),+;)*) => {
        $($(#[$doc])* pub const $name: usize = $limit;)*

        /// Each type that is an element of a list, as `rasn` names it, with the most that a list has.
        const LISTS: &[(&str, usize)] = &[$($(($element, $name)),+),*];
    };
}

lists! {
    /// Components of a name ([`PrincipalName`](crate::PrincipalName)). Real ones have up to four.
    NAME_COMPONENTS: 32 of "KerberosString";
    /// Encryption types of a request, of an [`EtypeList`](crate::EtypeList). Real lists have up to 20.
    ENCRYPTION_TYPES: 64 of "EncryptionType";
    /// Elements of [`EtypeInfo`](crate::EtypeInfo) and [`EtypeInfo2`](crate::EtypeInfo2): one for
    /// each encryption type, twice where keys have several salts.
    ETYPE_INFO: 64 of "EtypeInfoEntry", "EtypeInfo2Entry";
    /// Elements of [`MethodData`](crate::MethodData), in whatever message. Real ones have up to 15.
    PADATA: 64 of "PaData";
    /// Elements of [`AuthorizationData`](crate::AuthorizationData) at each level.
    AUTHORIZATION_DATA: 128 of "AuthorizationDataEntry";
    /// Addresses of a ticket: a host with many interfaces asks for all of its own.
    HOST_ADDRESSES: 256 of "HostAddress";
    /// Additional tickets of a request, tickets of a KRB-CRED and what belongs to each of these.
    TICKETS: 64 of "Ticket", "KrbCredInfo";
    /// Elements of [`LastReq`](crate::LastReq), of which RFC 4120 knows seven kinds.
    LAST_REQ: 32 of "LastReqEntry";
    /// Elements of [`TypedData`](crate::TypedData).
    TYPED_DATA: 64 of "TypedDataEntry";
    /// Elements of a [`PaAuthenticationSet`](crate::PaAuthenticationSet).
    AUTHENTICATION_SET: 32 of "PaAuthenticationSetElem";
    /// Indicators of an [`AdAuthenticationIndicator`](crate::AdAuthenticationIndicator).
    AUTHENTICATION_INDICATORS: 64 of "UTF8String";
    /// Other verifiers of an [`AdCammac`](crate::AdCammac).
    VERIFIERS: 32 of "Verifier";
    /// Groups and second factors of SPAKE. RFC 9588 has four groups and one factor.
    SPAKE: 32 of "SpakeGroup", "SpakeSecondFactor";
    /// Tokens of a [`PaOtpChallenge`](crate::PaOtpChallenge).
    OTP_TOKENS: 64 of "OtpTokenInfo";
    /// Algorithms that a client knows: for CMS, for hashes of one-time passwords, to derive a key.
    ALGORITHMS: 64 of "AlgorithmIdentifier", "KdfAlgorithmId";
    /// Certifiers that a client trusts, which may be all of its system.
    CERTIFIERS: 512 of "ExternalPrincipalIdentifier";
    /// Mechanisms that a peer offers in SPNEGO. Real offers have up to five.
    MECHANISMS: 64 of "ObjectIdentifier";
}

/// Messages in a token of NEGOEX ([`NegoexMessage`](crate::negoex::NegoexMessage)).
pub const NEGOEX_MESSAGES: usize = 64;

/// Octets of one text: a component, a realm, a salt, a `UTF8String`. Active Directory's longest name,
/// a user principal name, has 1024 characters.
pub const TEXT_OCTETS: usize = 4096;

/// Octets of [`TransitedEncoding`](crate::TransitedEncoding)'s contents: a hundred realms of usual
/// length, sixteen of the longest that DNS can name.
pub const TRANSITED_OCTETS: usize = 4096;

/// Octets of an [`ObjectIdentifier`](crate::ObjectIdentifier)'s contents.
pub const OBJECT_IDENTIFIER_OCTETS: usize = 256;

/// How many elements a list has at most whose elements are of the type that `rasn` calls `name`. None
/// for a type that has no row above, which the reader makes an error at compile time.
pub(crate) const fn of_list(name: Option<&str>) -> Option<usize> {
    let Some(name) = name else { return None };
    let mut lists = LISTS;
    while let [(element, limit), rest @ ..] = lists {
        if is_same(name.as_bytes(), element.as_bytes()) {
            return Some(*limit);
        }
        lists = rest;
    }
    None
}

/// `a == b`, which is not yet to be had at compile time.
pub(crate) const fn is_same(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
        if *first_a != *first_b {
            return false;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.is_empty() && b.is_empty()
}
