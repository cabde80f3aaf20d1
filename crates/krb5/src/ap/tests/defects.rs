//! What other implementations got wrong, and every check of RFC 4120 section 3.2.3, one test each.

use alloc::string::ToString;
use alloc::vec::Vec;

use orthros_asn1::{
    AddressType, Authenticator, Checksum, CksumType, EncryptionType, ErrorCode, HostAddress,
    KerberosTime, Message, TicketFlags,
};
use orthros_crypto::{Enctype, KeyUsage};

use super::super::*;
use super::world::{HOUR, Issue, NOW, SKEW, Service, client, key, request};
use super::world::{with_authenticator, with_ticket};
use crate::MalformedTokenError;
use crate::wire;
use orthros_types::config::{Config, Profile, SourceFile};
use orthros_types::{ChannelBindings, Duration, Principal};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const SECOND: Duration = Duration::from_seconds(1);

fn time(time: orthros_types::Timestamp) -> KerberosTime {
    KerberosTime::from_seconds(time.seconds()).unwrap()
}

/// What becomes of a request whose authenticator names `other` where the ticket names `issued`.
fn refusal_of_client(issued: &Principal, other: &Principal) -> ApCheckError {
    let mut issue = Issue::new(AES256);
    issue.part.crealm = wire::realm(issued);
    issue.part.cname = wire::principal_name(issued);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.crealm = wire::realm(other);
        authenticator.cname = wire::principal_name(other);
    });
    Service::new(AES256).refuses(&token)
}

#[test]
fn an_authenticator_of_another_client_is_refused() {
    let mallory = Principal::new("ORTHROS.TEST", ["mallory"]);
    let defect = refusal_of_client(&client(), &mallory);
    assert_eq!(defect.error_code(), ErrorCode::KRB_AP_ERR_BADMATCH);
    assert_eq!(
        defect.to_string(),
        "authenticator is of mallory@ORTHROS.TEST, the ticket is for alice@ORTHROS.TEST"
    );
}

#[test]
fn an_authenticator_of_another_realm_is_refused() {
    let elsewhere = client().with_realm("ELSE.TEST");
    let defect = refusal_of_client(&client(), &elsewhere);
    assert!(matches!(defect, ApCheckError::ClientMismatch { .. }));
}

#[test]
fn names_are_not_flattened() {
    let two = Principal::new("ORTHROS.TEST", ["admin", "root"]);
    let one = Principal::new("ORTHROS.TEST", ["admin/root"]);
    assert!(matches!(
        refusal_of_client(&two, &one),
        ApCheckError::ClientMismatch { .. }
    ));
}

#[test]
fn names_that_are_no_utf_8_are_not_alike() {
    let one = Principal::new("ORTHROS.TEST", [Vec::from([0xff])]);
    let other = Principal::new("ORTHROS.TEST", [Vec::from([0xfe])]);
    assert!(matches!(
        refusal_of_client(&one, &other),
        ApCheckError::ClientMismatch { .. }
    ));
}

#[test]
fn an_authenticator_in_another_key_is_refused() {
    let issue = Issue::new(AES256);
    let mut thief = Issue::new(AES256);
    thief.session_key = key(AES256, 70);
    let token = with_ticket(&request(&thief.credential()), &issue.credential().ticket);
    assert_eq!(
        Service::new(AES256).refuses(&token).error_code(),
        ErrorCode::KRB_AP_ERR_BAD_INTEGRITY
    );
}

#[test]
fn an_expired_ticket_is_refused_after_the_clock_skew() {
    let mut issue = Issue::new(AES256);
    // The initiator's clock does not keep it from sending.
    let lie = |issue: &Issue| {
        let mut credential = issue.credential();
        credential.times.endtime = NOW.saturating_add(HOUR);
        request(&credential)
    };
    issue.part.endtime = time(NOW.saturating_sub(SKEW));
    assert!(Service::new(AES256).accept(&lie(&issue)).is_ok());
    issue.part.endtime = time(NOW.saturating_sub(SKEW).saturating_sub(SECOND));
    assert_eq!(
        Service::new(AES256).refuses(&lie(&issue)).error_code(),
        ErrorCode::KRB_AP_ERR_TKT_EXPIRED
    );
}

#[test]
fn a_ticket_that_is_not_valid_yet_is_refused_before_the_clock_skew() {
    let mut issue = Issue::new(AES256);
    let lie = |issue: &Issue| {
        let mut credential = issue.credential();
        credential.times.starttime = None;
        credential.times.authtime = NOW;
        request(&credential)
    };
    issue.part.starttime = Some(time(NOW.saturating_add(SKEW)));
    assert!(Service::new(AES256).accept(&lie(&issue)).is_ok());
    let later = time(NOW.saturating_add(SKEW).saturating_add(SECOND));
    issue.part.starttime = Some(later);
    assert_eq!(
        Service::new(AES256).refuses(&lie(&issue)).error_code(),
        ErrorCode::KRB_AP_ERR_TKT_NYV
    );
    // Without a start time the time of authentication counts.
    issue.part.starttime = None;
    issue.part.authtime = later;
    assert!(matches!(
        Service::new(AES256).refuses(&lie(&issue)),
        ApCheckError::TicketNotYetValid { .. }
    ));
}

#[test]
fn an_invalid_ticket_is_refused() {
    let mut issue = Issue::new(AES256);
    issue.part.flags |= TicketFlags::INVALID;
    assert!(matches!(
        Service::new(AES256).refuses(&request(&issue.credential())),
        ApCheckError::TicketInvalid { .. }
    ));
}

#[test]
fn flags_of_forty_bits_do_not_hide_that_a_ticket_is_invalid() {
    let mut issue = Issue::new(AES256);
    for invalid in [false, true] {
        issue.part.flags.set(TicketFlags::INVALID, invalid);
        let plaintext = with_forty_flags(&issue.part.encode().unwrap());
        let token = request(&issue.credential_of(&plaintext));
        let accepted = Service::new(AES256).accept(&token);
        match accepted {
            Ok(_) => assert!(!invalid),
            Err(error) => assert!(invalid && error.to_string().ends_with("marked invalid")),
        }
    }
}

/// An `EncTicketPart` whose flags have eight bits more than others know of.
fn with_forty_flags(part: &[u8]) -> Vec<u8> {
    let flags_at = part
        .windows(5)
        .position(|window| window == [0xa0, 0x07, 0x03, 0x05, 0x00])
        .unwrap();
    let longer = [
        &[0xa0, 0x08, 0x03, 0x06, 0x00],
        &part[flags_at + 5..flags_at + 9],
        &[0x80],
        &part[flags_at + 9..],
    ]
    .concat();
    let definite = |tag, contents: &[u8]| {
        let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
        match length {
            [0, short @ ..0x80] => [&[tag, short], contents].concat(),
            [0, long] => [&[tag, 0x81, long], contents].concat(),
            [high, low] => [&[tag, 0x82, high, low], contents].concat(),
        }
    };
    definite(0x63, &definite(0x30, &longer))
}

#[test]
fn a_clock_that_is_too_far_off_is_noticed_in_both_directions() {
    let token = request(&Issue::new(AES256).credential());
    for offset in [300, -300] {
        let now = NOW.saturating_add(Duration::from_seconds(offset));
        assert!(Service::new(AES256).accept_at(&token, now).is_ok());
    }
    for offset in [301, -301] {
        let now = NOW.saturating_add(Duration::from_seconds(offset));
        let refused = Service::new(AES256).accept_at(&token, now).unwrap_err();
        assert_eq!(refused.error().error_code(), ErrorCode::KRB_AP_ERR_SKEW);
    }
}

#[test]
fn a_replayed_request_is_refused_as_long_as_it_is_fresh() {
    let token = request(&Issue::new(AES256).credential());
    let service = Service::new(AES256);
    // Received early, by a slow clock: it stays fresh for twice the skew.
    let early = NOW.saturating_sub(SKEW);
    assert!(service.accept_at(&token, early).is_ok());
    for offset in [0, 1, 300, 301, 599, 600] {
        let now = early.saturating_add(Duration::from_seconds(offset));
        let refused = service.accept_at(&token, now).unwrap_err();
        assert_eq!(
            refused.error().error_code(),
            ErrorCode::KRB_AP_ERR_REPEAT,
            "{offset} seconds later"
        );
    }
    let stale = early.saturating_add(Duration::from_seconds(601));
    let refused = service.accept_at(&token, stale).unwrap_err();
    assert_eq!(refused.error().error_code(), ErrorCode::KRB_AP_ERR_SKEW);
}

#[test]
fn a_huge_skew_does_not_turn_replay_detection_off() {
    let token = request(&Issue::new(AES256).credential());
    for seconds in [i64::MAX, i64::MAX - 1, 1 << 40, i64::from(u32::MAX)] {
        let mut service = Service::new(AES256);
        service.skew = Duration::from_seconds(seconds);
        assert!(service.accept(&token).is_ok());
        assert!(matches!(
            service.refuses(&token),
            ApCheckError::Replay { .. }
        ));
    }
}

#[test]
fn a_negative_skew_accepts_nothing() {
    let token = request(&Issue::new(AES256).credential());
    let mut service = Service::new(AES256);
    service.skew = Duration::from_seconds(-1);
    assert!(matches!(service.refuses(&token), ApCheckError::Skew { .. }));
}

#[test]
fn only_what_is_accepted_is_remembered() {
    let token = request(&Issue::new(AES256).credential());
    let mut service = Service::new(AES256);
    service.bindings = Some(ChannelBindings::default());
    service.require_bindings = true;
    assert_eq!(service.refuses(&token), ApCheckError::ChannelBindings);
    assert_eq!(service.store.len(), 0);
    service.require_bindings = false;
    assert!(service.accept(&token).is_ok());
    assert_eq!(service.store.len(), 1);
}

#[test]
fn without_a_working_replay_cache_no_client_is_accepted() {
    let token = request(&Issue::new(AES256).credential());
    let mut service = Service::new(AES256);
    service.store.is_broken = true;
    let refused = service.accept(&token).unwrap_err();
    assert!(matches!(refused.error(), ApError::ReplayCache(_)));
    assert_eq!(
        refused.to_string(),
        "replay cache is not usable: disk on fire"
    );
}

#[test]
fn a_recorded_session_does_not_replay_to_an_acceptor_that_forgot_it() {
    let issue = Issue::new(AES256);
    let (token, waiting) = super::world::mutual(&issue.credential());
    let first = Service::new(AES256).accept_with(&token, NOW, 71).unwrap();
    let mut initiator = waiting.step(&first.token.unwrap()).unwrap();
    let recorded = initiator.messages.sender().get_mic_vec(b"pay").unwrap();
    // A restart: another replay cache, and another subkey of the acceptor.
    let mut second = Service::new(AES256)
        .accept_with(&token, NOW, 72)
        .unwrap()
        .context;
    assert_eq!(
        second.messages.receiver().verify_mic(b"pay", &recorded),
        Err(crate::message::MessageError::Integrity)
    );
}

#[test]
fn realms_that_were_not_checked_are_refused_by_name() {
    let mut issue = Issue::new(AES256);
    issue.part.transited.contents = b"BETWEEN.TEST".to_vec().into();
    let defect = Service::new(AES256).refuses(&request(&issue.credential()));
    assert!(matches!(defect, ApCheckError::Transited { .. }));
    assert!(defect.to_string().ends_with("not trusted: BETWEEN.TEST"));
    issue.part.flags |= TicketFlags::TRANSITED_POLICY_CHECKED;
    let token = request(&issue.credential());
    assert!(Service::new(AES256).accept(&token).is_ok());
}

#[test]
fn realms_that_the_configuration_trusts_may_vouch_for_a_client() {
    let mut issue = Issue::new(AES256);
    issue.part.crealm = "FAR.TEST".into();
    issue.part.transited.contents = b"BETWEEN.TEST".to_vec().into();
    let mut credential = issue.credential();
    credential.client = credential.client.with_realm("FAR.TEST");
    let token = request(&credential);
    let mut service = Service::new(AES256);
    assert!(matches!(
        service.refuses(&token),
        ApCheckError::Transited { .. }
    ));
    for (between, is_trusted) in [("BETWEEN.TEST", true), ("OTHER.TEST", false)] {
        let text = alloc::format!("[capaths]\n FAR.TEST = {{\n  ORTHROS.TEST = {between}\n }}\n");
        let file = SourceFile::new("krb5.conf", text.as_bytes());
        let profile = Profile::parse(&file, |_| Err("no includes")).unwrap();
        service.realm_paths = Some(Config::new(profile));
        assert_eq!(service.accept(&token).is_ok(), is_trusted, "{between}");
    }
}

#[test]
fn a_lone_zero_octet_names_no_realm() {
    let mut issue = Issue::new(AES256);
    issue.part.transited.contents = alloc::vec![0].into();
    let token = request(&issue.credential());
    assert!(Service::new(AES256).accept(&token).is_ok());
}

#[test]
fn realms_behind_a_zero_octet_are_not_overlooked() {
    let mut issue = Issue::new(AES256);
    issue.part.transited.contents = b"\0BETWEEN.TEST".to_vec().into();
    let defect = Service::new(AES256).refuses(&request(&issue.credential()));
    assert!(matches!(defect, ApCheckError::Transited { .. }));
}

#[test]
fn addresses_count_only_against_an_ipv4_address_in_the_bindings() {
    let mut issue = Issue::new(AES256);
    issue.part.caddr = Some(alloc::vec![HostAddress {
        addr_type: AddressType::IPV4,
        address: [192, 0, 2, 1][..].into(),
    }]);
    let token = request(&issue.credential());
    assert!(Service::new(AES256).accept(&token).is_ok());
    let accepted_from = |address_type, address: [u8; 4]| {
        let mut service = Service::new(AES256);
        service.bindings = Some(ChannelBindings {
            initiator_address_type: address_type,
            initiator_address: address.into(),
            ..ChannelBindings::default()
        });
        service.accept(&token)
    };
    assert!(accepted_from(2, [192, 0, 2, 1]).is_ok());
    assert!(accepted_from(0, [192, 0, 2, 2]).is_ok());
    let refused = accepted_from(2, [192, 0, 2, 2]).unwrap_err();
    assert_eq!(refused.error().error_code(), ErrorCode::KRB_AP_ERR_BADADDR);
}

/// What becomes of a request with this checksum field.
fn refusal_of_checksum(change: impl FnOnce(&Issue, &mut Checksum)) -> ApError {
    let issue = Issue::new(AES256);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        change(&issue, authenticator.cksum.as_mut().unwrap());
    });
    let mut service = Service::new(AES256);
    service.without_gss_checksum = true;
    let refused = service.accept(&token).unwrap_err();
    refused.into_parts().0
}

#[test]
fn a_real_checksum_over_something_is_refused() {
    let error = refusal_of_checksum(|issue, checksum| {
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR_CHECKSUM;
        checksum.cksumtype = CksumType(issue.session_key.enctype().checksum_type().number());
        checksum.checksum = issue.session_key.checksum(usage, b"data").as_ref().into();
    });
    assert_eq!(error.error_code(), ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_checksum_without_key_is_refused() {
    let error = refusal_of_checksum(|_, checksum| checksum.cksumtype = CksumType::RSA_MD5);
    assert_eq!(error.error_code(), ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

#[test]
fn a_checksum_field_that_is_too_short_is_refused() {
    let error = refusal_of_checksum(|_, checksum| checksum.checksum.0.truncate(23));
    assert!(matches!(
        error,
        ApError::Malformed(MalformedTokenError::ChecksumTooShort(_))
    ));
}

#[test]
fn a_subkey_that_can_not_be_used_is_refused() {
    type Change = fn(&mut Authenticator);
    let changes: [Change; 2] = [
        |authenticator| authenticator.subkey.as_mut().unwrap().keytype.0 = 23,
        |authenticator| {
            let subkey = authenticator.subkey.as_mut().unwrap();
            subkey.keyvalue = orthros_asn1::SecretOctets::new(alloc::vec![1; 31]);
        },
    ];
    for change in changes {
        let issue = Issue::new(AES256);
        let token = with_authenticator(&issue, &request(&issue.credential()), change);
        assert!(matches!(
            Service::new(AES256).refuses(&token),
            ApCheckError::Key {
                what: "initiator's subkey",
                ..
            }
        ));
    }
}

#[test]
fn a_session_key_or_subkey_that_is_not_permitted_is_refused() {
    let refused = |token: &[u8]| {
        let mut service = Service::new(AES256);
        assert!(service.accept(token).is_ok());
        service.permitted = &[Enctype::AES256_CTS_HMAC_SHA1_96];
        service.refuses(token)
    };
    let aes128 = EncryptionType(Enctype::AES128_CTS_HMAC_SHA1_96.number());
    let weak_subkey = with_authenticator(
        &Issue::new(AES256),
        &request(&Issue::new(AES256).credential()),
        |authenticator| {
            let subkey = authenticator.subkey.as_mut().unwrap();
            subkey.keytype = aes128;
            subkey.keyvalue = orthros_asn1::SecretOctets::new(alloc::vec![1; 16]);
        },
    );
    let mut issue = Issue::new(Enctype::AES128_CTS_HMAC_SHA1_96);
    issue.service_key = Issue::new(AES256).service_key;
    let weak_session = request(&issue.credential());
    for (token, what) in [
        (weak_subkey, "initiator's subkey"),
        (weak_session, "session key"),
    ] {
        let defect = refused(&token);
        let expected = ApCheckError::Key {
            what,
            enctype: aes128,
        };
        assert_eq!(defect, expected);
        assert_eq!(
            defect.minor_status(),
            orthros_types::MinorStatus::KRB5_NOPERM_ETYPE
        );
    }
}

#[test]
fn ap_options_that_are_not_four_octets_are_refused() {
    let issue = Issue::new(AES256);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.authorization_data =
            Some(alloc::vec![orthros_asn1::AuthorizationDataEntry {
                ad_type: orthros_asn1::AdType::AP_OPTIONS,
                ad_data: [0, 0x40, 0][..].into(),
            }]);
    });
    assert!(matches!(
        Service::new(AES256).accept(&token).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::ApOptions(3))
    ));
}

#[test]
fn nonsense_in_a_ticket_that_decrypts_is_refused() {
    let issue = Issue::new(AES256);
    let token = request(&issue.credential_of(b"nonsense"));
    assert!(matches!(
        Service::new(AES256).accept(&token).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::Syntax {
            what: "encrypted part of the ticket",
            ..
        })
    ));
}
