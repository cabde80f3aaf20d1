//! PACs that are cut, changed and made up.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_asn1::{EncTicketPart, Message as _, Ticket};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_pac::{
    ClientInfo, DeviceInfo, FileTime, GroupAttributes, GroupMembership, LogonInfo, Pac,
    PacBufferProblem, PacBufferType, PacBuilder, PacError, PacSignatureError, PacVerificationError,
    Sid, SidAndAttributes, UserFlags,
};
use orthros_testing::vectors::stanzas;
use orthros_types::{Principal, Timestamp};
use proptest::prelude::*;

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const AUTHTIME: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn key(enctype: Enctype, seed: u8) -> Key {
    Key::new(enctype, &vec![seed; enctype.key_len()]).unwrap()
}

fn sid(text: &str) -> Sid {
    text.parse().unwrap()
}

fn alice() -> Principal {
    Principal::new("AD.TEST", ["alice"])
}

fn group(relative_id: u32) -> GroupMembership {
    GroupMembership {
        relative_id,
        attributes: GroupAttributes::USUAL,
    }
}

fn logon_info() -> LogonInfo {
    LogonInfo {
        effective_name: "alice".into(),
        full_name: "Älice".into(),
        logon_domain_name: "AD".into(),
        user_id: 1103,
        primary_group_id: 513,
        group_ids: vec![group(513), group(1104)],
        user_flags: UserFlags::EXTRA_SIDS | UserFlags::RESOURCE_GROUPS,
        logon_domain_id: Some(sid("S-1-5-21-1-2-3")),
        extra_sids: vec![SidAndAttributes {
            sid: sid("S-1-18-1"),
            attributes: GroupAttributes::USUAL,
        }],
        resource_group_domain_id: Some(sid("S-1-5-21-4-5-6")),
        resource_group_ids: vec![group(7)],
        ..LogonInfo::default()
    }
}

fn client_info() -> ClientInfo {
    ClientInfo {
        client_id: FileTime::from_timestamp(AUTHTIME).unwrap(),
        name: "alice".into(),
    }
}

fn builder() -> PacBuilder {
    PacBuilder::new()
        .with(PacBufferType::LOGON_INFO, logon_info().encode().unwrap())
        .unwrap()
        .with(PacBufferType::CLIENT_INFO, client_info().encode().unwrap())
        .unwrap()
}

fn signed(enctype: Enctype) -> Vec<u8> {
    builder().sign(&key(enctype, 1), &key(AES256, 2)).unwrap()
}

/// Each PAC that is known, and one made here.
fn all() -> Vec<Vec<u8>> {
    let mut all = vec![signed(AES256)];
    for file in ["mit-pac/pacs.txt", "samba/pac.txt", "samba/recorded.txt"] {
        all.extend(stanzas(file).iter().map(|case| case.octets("pac")));
    }
    all
}

/// Has every buffer decoded, and every error shown.
fn read_all(pac: &Pac<'_>) {
    let results = [
        pac.logon_info().err(),
        pac.client_info().err(),
        pac.upn_dns_info().err(),
        pac.delegation_info().err(),
        pac.attributes_info().err(),
        pac.requestor().err(),
        pac.device_info().err(),
        pac.client_claims().err(),
        pac.device_claims().err(),
    ];
    for error in results.into_iter().flatten() {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn the_user_and_its_groups_are_known_by_their_sids() {
    let bytes = signed(AES256);
    let pac = Pac::parse(&bytes).unwrap();
    let verified = pac.verify(&key(AES256, 1), &alice(), AUTHTIME).unwrap();
    let sids: Vec<String> = verified.sids().map(|sid| sid.to_string()).collect();
    assert_eq!(
        sids,
        [
            "S-1-5-21-1-2-3-1103",
            "S-1-5-21-1-2-3-513",
            "S-1-5-21-1-2-3-1104",
            "S-1-18-1",
            "S-1-5-21-4-5-6-7",
        ]
    );
    assert!(!verified.has_sid(&sid("S-1-5-21-4-5-6-1104")));
}

#[test]
fn a_membership_that_only_denies_grants_nothing() {
    let mut info = logon_info();
    info.group_ids[1].attributes |= GroupAttributes::USE_FOR_DENY_ONLY;
    info.user_flags.remove(UserFlags::RESOURCE_GROUPS);
    let bytes = PacBuilder::new()
        .with(PacBufferType::LOGON_INFO, info.encode().unwrap())
        .unwrap()
        .sign(&key(AES256, 1), &key(AES256, 2))
        .unwrap();
    let verified = Pac::parse(&bytes).unwrap().assume_verified().unwrap();
    assert!(verified.has_sid(&sid("S-1-5-21-1-2-3-513")));
    assert!(!verified.has_sid(&sid("S-1-5-21-1-2-3-1104")));
    assert!(
        !verified.has_sid(&sid("S-1-5-21-4-5-6-7")),
        "the flag is not set"
    );
    assert_eq!(info.group_sids().count(), 3);
}

#[test]
fn a_user_without_a_number_is_the_first_extra_sid() {
    let mut info = logon_info();
    info.user_id = 0;
    assert_eq!(info.user_sid(), Some(sid("S-1-18-1")));
    assert_eq!(info.group_sids().count(), 3);
    info.extra_sids.clear();
    assert_eq!(info.user_sid(), None);
}

#[test]
fn a_pac_cut_at_any_byte_is_refused() {
    for bytes in all() {
        let listed = Pac::parse(&bytes).unwrap();
        let end = listed
            .buffers()
            .map(|(_, contents)| contents.as_ptr_range().end);
        let used = end.max().unwrap() as usize - bytes.as_ptr() as usize;
        for end in 0..used {
            assert!(Pac::parse(&bytes[..end]).is_err(), "cut at {end} of {used}");
        }
        assert!(Pac::parse(&bytes[..used]).is_ok());
    }
}

#[test]
fn a_buffer_cut_at_any_byte_is_refused() {
    for bytes in all() {
        let pac = Pac::parse(&bytes).unwrap();
        let logon = pac.buffer(PacBufferType::LOGON_INFO).unwrap();
        for end in 0..logon.len() {
            assert!(LogonInfo::decode(&logon[..end]).is_err(), "cut at {end}");
        }
        let client = pac.buffer(PacBufferType::CLIENT_INFO).unwrap();
        let used = 10
            + 2 * pac
                .client_info()
                .unwrap()
                .unwrap()
                .name
                .encode_utf16()
                .count();
        for end in 0..used {
            assert!(ClientInfo::decode(&client[..end]).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn a_count_of_four_billion_anywhere_is_refused_or_read_as_what_it_is() {
    for bytes in all() {
        for place in (0..bytes.len() - 4).step_by(2) {
            for count in [u32::MAX, u32::MAX / 2 + 1, 0x2000_0000, 0x1fff_ffff] {
                let mut changed = bytes.clone();
                changed[place..place + 4].copy_from_slice(&count.to_le_bytes());
                if let Ok(pac) = Pac::parse(&changed) {
                    read_all(&pac);
                    // What it says is no matter: it returns.
                    let _ = pac.verify_server_signature(&key(AES256, 1));
                }
            }
        }
    }
}

#[test]
fn no_changed_byte_passes_the_signature() {
    for enctype in [AES256, Enctype::AES128_CTS_HMAC_SHA256_128] {
        let bytes = signed(enctype);
        let end = bytes.len();
        let kdc = Pac::parse(&bytes).unwrap();
        let kdc = kdc.buffer(PacBufferType::KDC_SIGNATURE).unwrap();
        let kdc = kdc.as_ptr() as usize - bytes.as_ptr() as usize + 4;
        for place in 0..end {
            let mut changed = bytes.clone();
            changed[place] ^= 0x40;
            let Ok(pac) = Pac::parse(&changed) else {
                continue;
            };
            let verified = pac.verify_server_signature(&key(enctype, 1));
            // The KDC's signature is made later. Behind it there is padding, which is covered.
            assert_eq!(
                verified.is_ok(),
                (kdc..kdc + 12).contains(&place),
                "changed at {place}"
            );
        }
    }
}

/// A PAC of this list, with eight bytes behind it for each of these.
fn listed(count: u32, version: u32, buffers: &[(u32, u32, u64)], length: usize) -> Vec<u8> {
    let mut bytes = [count.to_le_bytes(), version.to_le_bytes()].concat();
    for (kind, size, offset) in buffers {
        bytes.extend(kind.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
    }
    bytes.resize(bytes.len() + length, 0);
    bytes
}

#[test]
fn lists_that_contradict_themselves_are_refused_by_name() {
    type Parsed = Result<(), PacError>;
    let parse = |bytes: Vec<u8>| -> Parsed { Pac::parse(&bytes).map(|_| ()) };
    let refused = |bytes: Vec<u8>| parse(bytes).unwrap_err().to_string();
    assert_eq!(
        refused(listed(1, 1, &[(1, 8, 24)], 8)),
        "PAC of version 1, not 0"
    );
    assert_eq!(
        refused(listed(0, 0, &[], 8)),
        "PAC of 0 buffers, 1 to 64 are accepted"
    );
    assert_eq!(
        refused(listed(u32::MAX, 0, &[(1, 8, 24)], 8)),
        "PAC of 4294967295 buffers, 1 to 64 are accepted"
    );
    assert_eq!(
        refused(listed(2, 0, &[(1, 8, 24)], 8)),
        "PAC of 32 bytes ends within its list of buffers"
    );
    assert_eq!(
        refused(listed(2, 0, &[(1, 8, 40), (1, 8, 48)], 16)),
        "PAC has more than one logon info"
    );
    assert_eq!(
        refused(listed(2, 0, &[(1, 16, 40), (10, 8, 48)], 16)),
        "logon info and client info of the PAC overlap"
    );
    assert_eq!(
        refused(listed(1, 0, &[(99, 8, 28)], 16)),
        "buffer of type 99 of the PAC begins at offset 28, which is no multiple of 8"
    );
    for (size, offset) in [(8, 16), (9, 24), (0, 40), (u32::MAX, 24), (8, u64::MAX - 7)] {
        let text = refused(listed(1, 0, &[(1, size, offset)], 8));
        let expected =
            format!("logon info has {size} bytes at offset {offset} of a PAC that has 32");
        assert_eq!(text, expected);
    }
    assert_eq!(parse(listed(2, 0, &[(1, 0, 40), (2, 0, 40)], 0)), Ok(()));
}

#[test]
fn unknown_buffers_survive() {
    let bytes = builder()
        .with(PacBufferType(4711), *b"new")
        .unwrap()
        .sign(&key(AES256, 1), &key(AES256, 2))
        .unwrap();
    let pac = Pac::parse(&bytes).unwrap();
    assert_eq!(pac.buffer(PacBufferType(4711)), Some(&b"new"[..]));
    assert_eq!(pac.buffers().count(), 5);
}

#[test]
fn a_signature_of_another_type_or_length_is_refused_by_name() {
    let bytes = signed(Enctype::AES128_CTS_HMAC_SHA1_96);
    let pac = Pac::parse(&bytes).unwrap();
    let error = pac.verify_server_signature(&key(AES256, 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "server signature of the PAC is of checksum type 15, but the key makes hmac-sha1-96-aes256"
    );
    for length in [0, 3, 4, 15, 17, 19, 60, 80] {
        let mut signature = 16_i32.to_le_bytes().to_vec();
        signature.resize(length, 0);
        let size = u32::try_from(length).unwrap();
        let mut bytes = listed(2, 0, &[(6, size, 40), (7, 16, 128)], 104);
        bytes[40..44].copy_from_slice(&16_i32.to_le_bytes());
        let pac = Pac::parse(&bytes).unwrap();
        assert_eq!(
            pac.verify_server_signature(&key(AES256, 1)),
            Err(PacSignatureError::Length {
                signature: PacBufferType::SERVER_SIGNATURE,
                length,
            })
        );
    }
    let bytes = listed(1, 0, &[(1, 8, 24)], 8);
    let pac = Pac::parse(&bytes).unwrap();
    assert_eq!(
        pac.verify_server_signature(&key(AES256, 1)),
        Err(PacSignatureError::Missing(PacBufferType::SERVER_SIGNATURE))
    );
}

#[test]
fn the_number_of_a_read_only_domain_controller_may_follow_a_signature() {
    let server = key(AES256, 1);
    let mut bytes = listed(2, 0, &[(6, 18, 40), (7, 16, 64)], 40);
    bytes[40..44].copy_from_slice(&16_i32.to_le_bytes());
    let tag = server.checksum(KeyUsage(17), &bytes);
    bytes[44..56].copy_from_slice(&tag);
    bytes[56..58].copy_from_slice(&4711_u16.to_le_bytes());
    let pac = Pac::parse(&bytes).unwrap();
    pac.verify_server_signature(&server).unwrap();
}

#[test]
fn a_pac_of_another_client_or_time_is_refused_by_name() {
    let bytes = signed(AES256);
    let verify = |client: &Principal, time| {
        let pac = Pac::parse(&bytes).unwrap();
        pac.verify(&key(AES256, 1), client, time).map(|_| ())
    };
    let mallory = Principal::new("AD.TEST", ["mallory"]);
    assert_eq!(
        verify(&mallory, AUTHTIME).unwrap_err().to_string(),
        "PAC is of \"alice\", but the ticket's client is \"mallory\""
    );
    let renamed = Principal::new("AD.TEST", ["Alice"]);
    assert!(verify(&renamed, AUTHTIME).is_err());
    let later = Timestamp::from_seconds(AUTHTIME.seconds() + 1);
    assert!(matches!(
        verify(&alice(), later),
        Err(PacVerificationError::AuthTime { .. })
    ));
    // Its realm is not in the PAC.
    verify(&Principal::new("OTHER.TEST", ["alice"]), AUTHTIME).unwrap();

    let bytes = PacBuilder::new()
        .with(PacBufferType(99), [])
        .unwrap()
        .sign(&key(AES256, 1), &key(AES256, 2))
        .unwrap();
    let pac = Pac::parse(&bytes).unwrap();
    let error = pac.verify(&key(AES256, 1), &alice(), AUTHTIME).unwrap_err();
    assert_eq!(error, PacVerificationError::NoClientInfo);
}

#[test]
fn signatures_are_verified_as_they_are_made_for_every_enctype() {
    let ticket = &stanzas("mit-pac/ticket.txt")[0];
    let windows = key(AES256, 0);
    let windows = Key::new(windows.enctype(), &ticket.octets("server_key")).unwrap();
    let sealed = Ticket::decode(&ticket.octets("ticket")).unwrap().enc_part;
    let plaintext = windows
        .decrypt(KeyUsage::KDC_REP_TICKET, &sealed.cipher)
        .unwrap();
    let mut part = EncTicketPart::decode(&plaintext).unwrap();
    for server in Enctype::ALL.iter().map(|enctype| key(*enctype, 1)) {
        for kdc in Enctype::ALL.iter().map(|enctype| key(*enctype, 2)) {
            part.authorization_data = None;
            builder().sign_ticket(&mut part, &server, &kdc).unwrap();
            let data = part.authorization_data.as_ref().unwrap();
            let relevant = orthros_asn1::AdIfRelevant::decode(&data[0].ad_data).unwrap();
            let pac = Pac::parse(&relevant[0].ad_data).unwrap();
            pac.verify_server_signature(&server).unwrap();
            pac.verify_kdc_signature(&kdc).unwrap();
            pac.verify_full_signature(&kdc).unwrap();
            pac.verify_ticket_signature(&kdc, &part).unwrap();
        }
    }
}

#[test]
fn a_builder_takes_each_type_once_and_signs_once() {
    let twice = builder().with(PacBufferType::CLIENT_INFO, []);
    assert_eq!(
        twice.unwrap_err(),
        PacError::Duplicate(PacBufferType::CLIENT_INFO)
    );
    let signed = builder().with(PacBufferType::SERVER_SIGNATURE, []).unwrap();
    assert!(signed.sign(&key(AES256, 1), &key(AES256, 2)).is_err());
}

/// The device info of a machine in groups of two domains, field by field.
#[test]
fn device_info_has_the_groups_of_each_domain() {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let sid_of = |text: &str| {
        let sid = sid(text);
        let count = u32::try_from(sid.sub_authorities().len()).unwrap();
        [count.to_le_bytes().to_vec(), sid.to_bytes()].concat()
    };
    let body: Vec<Vec<u8>> = vec![
        // The pointer; the account's number and group; its domain, one group, no extra SID, two domains.
        words(&[0x20000, 1105, 515, 0x20004, 1, 0x20008, 0, 0, 2, 0x2000c]),
        sid_of("S-1-5-21-1-2-3"),
        words(&[1, 515, 7]),
        words(&[2, 0x20010, 1, 0x20014, 0x20018, 2, 0x2001c]),
        sid_of("S-1-5-21-4-5-6"),
        words(&[1, 8, 7]),
        sid_of("S-1-5-32"),
        words(&[2, 544, 7, 545, 7]),
    ];
    let body = body.concat();
    let length = u32::try_from(body.len()).unwrap();
    let head: Vec<u8> = words(&[0x0008_1001, 0xcccc_cccc, length, 0]);
    let buffer = [head, body].concat();
    let info = DeviceInfo::decode(&buffer).unwrap();
    assert_eq!(info.device_sid(), Some(sid("S-1-5-21-1-2-3-1105")));
    assert_eq!(info.account_group_ids, [group(515)]);
    let [first, second] = &info.domain_groups[..] else {
        panic!("there are two");
    };
    assert_eq!(first.domain_id, Some(sid("S-1-5-21-4-5-6")));
    assert_eq!(second.group_ids, [group(544), group(545)]);
    for end in 0..buffer.len() {
        assert!(DeviceInfo::decode(&buffer[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn groups_without_a_domain_are_refused() {
    let mut info = logon_info();
    info.logon_domain_id = None;
    let error = info.encode().unwrap_err();
    assert_eq!(error.problem, PacBufferProblem::NullPointer);
    info.logon_domain_id = Sid::new(5, &[1; 15]);
    assert!(
        info.encode().is_err(),
        "its SID has no room for a group's number"
    );
}

proptest! {
    #[test]
    fn a_changed_pac_never_panics(place: prop::sample::Index, bytes: [u8; 4], which: prop::sample::Index) {
        let all = all();
        let mut changed = which.get(&all).clone();
        let place = place.index(changed.len() - 4);
        changed[place..place + 4].copy_from_slice(&bytes);
        if let Ok(pac) = Pac::parse(&changed) {
            read_all(&pac);
        }
    }

    #[test]
    fn logon_info_comes_back(
        names: [String; 3],
        numbers: [u32; 5],
        groups: Vec<u32>,
        extra in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..=15), 0..5),
        resources: Vec<u32>,
    ) {
        let [name, full, server] = names;
        let [user_id, primary, control, flags, _] = numbers;
        let info = LogonInfo {
            effective_name: name,
            full_name: full,
            logon_server: server,
            user_id,
            primary_group_id: primary,
            user_account_control: control,
            user_flags: UserFlags::from_bits_retain(flags),
            logon_domain_id: Some(sid("S-1-5-21-1-2-3")),
            group_ids: groups.into_iter().map(group).collect(),
            extra_sids: extra
                .iter()
                .map(|numbers| SidAndAttributes {
                    sid: Sid::new(5, numbers).unwrap(),
                    attributes: GroupAttributes::USUAL,
                })
                .collect(),
            resource_group_domain_id: Some(sid("S-1-5-21-4-5-6")),
            resource_group_ids: resources.into_iter().map(group).collect(),
            ..LogonInfo::default()
        };
        prop_assert_eq!(LogonInfo::decode(&info.encode().unwrap()).unwrap(), info);
    }
}
