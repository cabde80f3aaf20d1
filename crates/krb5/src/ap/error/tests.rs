//! What each error is for an initiator (RFC 4120's code) and for a caller (MIT's minor status).

use alloc::string::ToString;

use orthros_asn1::{AdType, CksumType, DecodeError, EncodeError, EncryptionType, Message, Ticket};
use orthros_crypto::Enctype;
use orthros_types::{Duration, Principal, Timestamp};

use super::*;
use crate::ap::AcceptorName;

const NOW: Timestamp = Timestamp::EPOCH;

fn client() -> Principal {
    Principal::new("R", ["client"])
}

fn syntax() -> DecodeError {
    Ticket::decode(b"").unwrap_err()
}

#[test]
fn malformed_input_has_its_code_and_its_minor_status() {
    use MalformedTokenError as E;
    let parse = MinorStatus::ASN1_PARSE_ERROR;
    let header = MinorStatus::G_BAD_TOK_HEADER;
    let length = MinorStatus::KG_BAD_LENGTH;
    let kind = MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE;
    let (generic, msg_type) = (ErrorCode::KRB_ERR_GENERIC, ErrorCode::KRB_AP_ERR_MSG_TYPE);
    let truncated = MinorStatus::G_TOK_TRUNC;
    let (what, field) = ("AP-REQ", "role");
    for (error, code, minor) in [
        (E::TooLong(300_000), generic, length),
        (E::Framing(syntax()), generic, header),
        (E::OtherMechanism, generic, MinorStatus::G_WRONG_MECH),
        (E::NoTokenId, generic, header),
        (E::TokenId([4, 1]), msg_type, kind),
        (
            E::Syntax {
                what,
                error: syntax(),
            },
            generic,
            parse,
        ),
        (E::ChecksumTooShort(3), generic, length),
        (E::BindingsLength(15), generic, length),
        (E::DelegationOption(2), generic, length),
        (E::Delegation("no key"), generic, parse),
        (E::DceStyle, generic, MinorStatus::from_number(0)),
        (E::ApOptions(3), msg_type, kind),
        (
            E::MessageTooShort {
                length: 3,
                least: 16,
            },
            generic,
            truncated,
        ),
        (
            E::MessageTokenId([4, 4]),
            generic,
            MinorStatus::G_WRONG_TOKID,
        ),
        (E::Filler, generic, header),
        (E::SealedMic, generic, header),
        (E::AcceptorSubkeyFlag, generic, header),
        (E::ExtraCount(4), generic, length),
        (E::RightRotationCount(4), generic, header),
        (
            E::BufferLength {
                buffer: "header",
                expected: 16,
                actual: 3,
            },
            generic,
            length,
        ),
        (E::InnerHeader, generic, header),
        (E::NotExported, generic, header),
        (
            E::ExportVersion {
                found: 1,
                supported: 2,
            },
            generic,
            header,
        ),
        (E::ExportChecksum, generic, header),
        (E::ExportTruncated { field, offset: 3 }, generic, truncated),
        (E::ExportField { field, offset: 3 }, generic, header),
        (E::ExportTrailing(1), generic, length),
    ] {
        check(&error.into(), code, minor);
    }
}

#[test]
fn a_failed_check_of_the_ticket_has_its_code_and_its_minor_status() {
    use ApCheckError as E;
    let (server, what) = (client(), "session key");
    let enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
    let of = MinorStatus::from_rfc_code;
    let generic = ErrorCode::KRB_ERR_GENERIC;
    let not_yet = ErrorCode::KRB_AP_ERR_TKT_NYV;
    let no_enctype = MinorStatus::KRB5_NOPERM_ETYPE;
    for (error, code, minor) in [
        (
            E::Key {
                what,
                enctype: EncryptionType(23),
            },
            generic,
            no_enctype,
        ),
        (
            E::TicketInvalid { client: client() },
            not_yet,
            MinorStatus::KRB5KRB_AP_ERR_TKT_INVALID,
        ),
        (
            E::TicketNotYetValid {
                client: client(),
                starttime: NOW,
                now: NOW,
            },
            not_yet,
            of(not_yet),
        ),
        (
            E::TicketExpired {
                client: client(),
                endtime: NOW,
                now: NOW,
            },
            ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            of(ErrorCode::KRB_AP_ERR_TKT_EXPIRED),
        ),
        (
            E::Address { client: client() },
            ErrorCode::KRB_AP_ERR_BADADDR,
            of(ErrorCode::KRB_AP_ERR_BADADDR),
        ),
        (
            E::Transited {
                client: client(),
                server: client(),
                realms: "A,B".to_string(),
            },
            ErrorCode::KRB_AP_PATH_NOT_ACCEPTED,
            MinorStatus::KRB5KRB_AP_ERR_ILL_CR_TKT,
        ),
        (
            E::AuthorizationData {
                what,
                client: client(),
                ad_type: AdType(99),
            },
            generic,
            of(generic),
        ),
        (
            E::TicketEnctype { server, enctype },
            ErrorCode::KDC_ERR_ETYPE_NOSUPP,
            no_enctype,
        ),
    ] {
        check(&error.into(), code, minor);
    }
}

#[test]
fn a_failed_check_of_the_peer_has_its_code_and_its_minor_status() {
    use ApCheckError as E;
    let none = MinorStatus::from_number(0);
    let of = MinorStatus::from_rfc_code;
    let (generic, match_code) = (ErrorCode::KRB_ERR_GENERIC, ErrorCode::KRB_AP_ERR_BADMATCH);
    let inapplicable = ErrorCode::KRB_AP_ERR_INAPP_CKSUM;
    for (error, code, minor) in [
        (
            E::Integrity("authenticator"),
            ErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
            of(ErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
        ),
        (
            E::ClientMismatch {
                ticket: client(),
                authenticator: client(),
            },
            match_code,
            of(match_code),
        ),
        (
            E::Skew {
                client: client(),
                offset: Duration::ZERO,
                allowed: Duration::ZERO,
            },
            ErrorCode::KRB_AP_ERR_SKEW,
            of(ErrorCode::KRB_AP_ERR_SKEW),
        ),
        (
            E::Replay { client: client() },
            ErrorCode::KRB_AP_ERR_REPEAT,
            of(ErrorCode::KRB_AP_ERR_REPEAT),
        ),
        (E::ChannelBindings, generic, none),
        (
            E::NoGssChecksum { client: client() },
            inapplicable,
            of(inapplicable),
        ),
        (
            E::ChecksumType(CksumType(7)),
            inapplicable,
            of(inapplicable),
        ),
        (E::Checksum, ErrorCode::KRB_AP_ERR_MODIFIED, none),
        (
            E::ForeignDelegation {
                initiator: client(),
                client: client(),
            },
            match_code,
            of(match_code),
        ),
        (
            E::MutualFailed,
            ErrorCode::KRB_AP_ERR_MUT_FAIL,
            MinorStatus::KRB5_MUTUAL_FAILED,
        ),
    ] {
        check(&error.into(), code, minor);
    }
}

#[test]
fn a_callers_misuse_has_its_code_and_its_minor_status() {
    use ApMisuseError as E;
    let (generic, too_long) = (ErrorCode::KRB_ERR_GENERIC, ErrorCode::KRB_ERR_FIELD_TOOLONG);
    let long = MinorStatus::KRB5KRB_ERR_FIELD_TOOLONG;
    let format = MinorStatus::ASN1_BAD_FORMAT;
    for (error, code, minor) in [
        (
            E::TicketExpired {
                server: client(),
                endtime: NOW,
            },
            ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED,
        ),
        (
            E::TicketNotYetValid {
                server: client(),
                starttime: NOW,
            },
            ErrorCode::KRB_AP_ERR_TKT_NYV,
            MinorStatus::KRB5KRB_AP_ERR_TKT_NYV,
        ),
        (E::Ticket(syntax()), generic, MinorStatus::ASN1_PARSE_ERROR),
        (
            E::SessionKey(EncryptionType(23)),
            generic,
            MinorStatus::KRB5_PROG_ETYPE_NOSUPP,
        ),
        (E::Encode(EncodeError), generic, format),
        (E::Time(NOW), generic, format),
        (E::DelegationTooLong(70_000), too_long, long),
        (E::ExportTooLong("name"), too_long, long),
        (E::PseudoRandomTooLong(1), too_long, long),
    ] {
        check(&error.into(), code, minor);
    }
}

#[test]
fn a_missing_key_has_its_code_and_its_minor_status() {
    use KeyLookupReason as R;
    for (reason, code) in [
        (R::NoKeys, ErrorCode::KRB_AP_ERR_NOKEY),
        (R::NoTicketGrantingTicket, ErrorCode::KRB_AP_ERR_NO_TGT),
        (
            R::UserToUserRequired,
            ErrorCode::KRB_AP_ERR_USER_TO_USER_REQUIRED,
        ),
        (R::NoKeyOfName, ErrorCode::KRB_AP_ERR_NOKEY),
        (R::OtherName, ErrorCode::KRB_AP_ERR_NOT_US),
        (R::NoKeyOfServer, ErrorCode::KRB_AP_ERR_NOT_US),
        (R::NoKvno { newest: 2 }, ErrorCode::KRB_AP_ERR_BADKEYVER),
        (R::NoEnctype, ErrorCode::KRB_AP_ERR_BADKEYVER),
        (R::EnctypeNotSupported, ErrorCode::KDC_ERR_ETYPE_NOSUPP),
        (R::Integrity, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
    ] {
        let error = KeyLookupError {
            server: client(),
            name: AcceptorName::Any,
            kvno: None,
            enctype: EncryptionType(18),
            reason,
        };
        check(&error.into(), code, MinorStatus::from_rfc_code(code));
    }
}

#[test]
fn what_the_environment_lacks_is_a_generic_error_for_the_peer() {
    let generic = ErrorCode::KRB_ERR_GENERIC;
    check(
        &RandomError.into(),
        generic,
        MinorStatus::KRB5_CRYPTO_INTERNAL,
    );
    let cache = ReplayCacheError::new("disk on fire");
    check(&cache.into(), generic, MinorStatus::KRB5_RC_IO);
}

#[track_caller]
fn check(error: &ApError, code: ErrorCode, minor: MinorStatus) {
    assert_eq!(
        (error.error_code(), error.minor_status()),
        (code, minor),
        "{error}"
    );
}
