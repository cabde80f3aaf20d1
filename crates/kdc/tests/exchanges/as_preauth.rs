//! Preauthentication, and the hints to it.

use orthros_asn1::{Checksum, EncryptionType, ErrorCode, Message as _, PaDataType, TicketFlags};
use orthros_crypto::{Enctype, KeyUsage};
use orthros_kdc::{PrincipalFlags, PrincipalKey};

use crate::support::{
    AES128, AES256, AES256_SHA384, AsAsk, World, WorldBuilder, after, etype, etype_info, find,
    method_data, padata, principal, random_key,
};

#[test]
fn a_client_that_must_preauthenticate_is_told_how() {
    let error = AsAsk::bare("alice").refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    let data = method_data(&error);
    let types: Vec<_> = data.iter().map(|element| element.padata_type).collect();
    let expected = [
        PaDataType::FX_FAST,
        PaDataType::ETYPE_INFO2,
        PaDataType::SPAKE,
        PaDataType::ENC_TIMESTAMP,
        PaDataType::FX_COOKIE,
    ];
    assert_eq!(types, expected);
}

#[test]
fn hints_come_in_the_clients_order_and_only_for_keys_that_it_has() {
    let etypes = [AES256_SHA384, AES128, AES256, AES128];
    let error = AsAsk::bare("alice").etypes(&etypes).refused(&World::new());
    let info = etype_info(&method_data(&error));
    let hinted: Vec<_> = info.iter().map(|entry| entry.etype).collect();
    assert_eq!(hinted, [etype(AES128), etype(AES256)]);
}

#[test]
fn hints_name_the_salt_and_say_nothing_of_default_parameters() {
    let error = AsAsk::bare("alice").refused(&World::new());
    let info = etype_info(&method_data(&error));
    assert_eq!(&**info[0].salt.as_ref().unwrap(), b"pepper");
    assert_eq!(info[0].s2kparams, None);
}

#[test]
fn hints_name_parameters_that_are_not_the_default() {
    let params = 8192_u32.to_be_bytes().to_vec();
    let world = WorldBuilder::new()
        .with("alice", |alice| {
            let (salt, params) = (b"salt".to_vec(), Some(params.clone()));
            let key = PrincipalKey::from_salted_password(b"pw", salt, params, 3, AES128);
            alice.keys = vec![key.unwrap()];
        })
        .build();
    let info = etype_info(&method_data(&AsAsk::bare("alice").refused(&world)));
    assert_eq!(info[0].s2kparams.as_deref(), Some(&*params));
    let granted = AsAsk::new(&world, "alice").granted(&world);
    assert_eq!(etype_info(&granted.padata), info);
}

#[test]
fn the_default_salt_is_the_realm_and_the_components() {
    let world = WorldBuilder::new()
        .with("alice", |alice| {
            let owner = principal("carol/admin");
            let key = PrincipalKey::from_password(&owner, b"pw", 3, AES128);
            alice.keys = vec![key.unwrap()];
        })
        .build();
    let info = etype_info(&method_data(&AsAsk::bare("alice").refused(&world)));
    assert_eq!(&**info[0].salt.as_ref().unwrap(), b"ORTHROS.TESTcaroladmin");
}

#[test]
fn a_random_key_has_no_salt_in_its_hint() {
    let world = WorldBuilder::new()
        .flags("bob", PrincipalFlags::REQUIRES_PREAUTH)
        .build();
    let info = etype_info(&method_data(&AsAsk::bare("bob").refused(&world)));
    assert_eq!(info[0].salt, None);
}

#[test]
fn an_encrypted_timestamp_authenticates_the_client_and_the_ticket_says_so() {
    let world = World::new();
    let granted = AsAsk::new(&world, "alice").granted(&world);
    let part = world.open(&granted.ticket);
    assert!(
        part.flags
            .contains(TicketFlags::PRE_AUTHENT | TicketFlags::INITIAL)
    );
    assert_eq!(part.flags, granted.part.flags);
}

#[test]
fn a_client_that_need_not_preauthenticate_gets_a_ticket_that_says_so() {
    let world = World::new();
    let granted = AsAsk::bare("bob").granted(&world);
    assert!(!granted.part.flags.contains(TicketFlags::PRE_AUTHENT));
    assert!(granted.part.flags.contains(TicketFlags::INITIAL));
}

#[test]
fn a_client_that_need_not_preauthenticate_may() {
    let world = World::new();
    let granted = AsAsk::new(&world, "bob").granted(&world);
    assert!(granted.part.flags.contains(TicketFlags::PRE_AUTHENT));
}

#[test]
fn a_service_that_requires_preauthentication_has_every_client_asked_for_it() {
    let world = WorldBuilder::new()
        .flags("host/a.orthros.test", PrincipalFlags::REQUIRES_PREAUTH)
        .build();
    let error = AsAsk::bare("bob")
        .service("host/a.orthros.test")
        .refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
}

#[test]
fn a_timestamp_under_another_password_is_refused_with_the_hints() {
    let world = World::new();
    let ask = AsAsk::bare("alice").with_timestamp(&random_key(AES256, 9), world.now);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    assert_eq!(etype_info(&method_data(&error)).len(), 2);
}

#[test]
fn a_wrong_timestamp_is_refused_even_where_none_is_required() {
    let world = World::new();
    let ask = AsAsk::bare("bob").with_timestamp(&random_key(AES256, 9), world.now);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_timestamp_in_an_enctype_that_the_client_has_no_key_of_is_refused() {
    let world = World::new();
    let ask = AsAsk::bare("alice").with_timestamp(&random_key(AES256_SHA384, 9), world.now);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_timestamp_in_an_old_key_is_refused() {
    let old = random_key(AES256, 5);
    let world = WorldBuilder::new()
        .with("alice", |alice| {
            let mut key = alice.keys[0].clone();
            (key.kvno, key.key) = (1, old.clone());
            alice.keys.insert(0, key);
        })
        .build();
    let ask = AsAsk::bare("alice").with_timestamp(&old, world.now);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_timestamp_beyond_the_clock_skew_is_refused_as_that() {
    let world = World::new();
    let key = world.entry("alice").keys[0].key.clone();
    for (seconds, refused) in [(300, false), (301, true), (-300, false), (-301, true)] {
        let ask = AsAsk::bare("alice").with_timestamp(&key, after(seconds));
        if refused {
            let error = ask.refused(&world);
            assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_SKEW, "{seconds}");
            assert_eq!(error.stime.seconds(), world.now.seconds());
        } else {
            ask.granted(&world);
        }
    }
}

#[test]
fn a_timestamp_that_is_no_timestamp_is_refused() {
    let element = padata(PaDataType::ENC_TIMESTAMP, b"\x30\x00");
    let error = AsAsk::bare("alice").padata(element).refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_GENERIC);
}

#[test]
fn preauthentication_that_is_not_known_counts_for_nothing() {
    let element = padata(PaDataType(4711), b"\x30\x00");
    let error = AsAsk::bare("alice").padata(element).refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
}

#[test]
fn an_encrypted_challenge_without_armor_counts_for_nothing() {
    let element = padata(PaDataType::ENCRYPTED_CHALLENGE, b"\x30\x00");
    let error = AsAsk::bare("alice").padata(element).refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
}

#[test]
fn the_reply_is_in_the_first_enctype_of_the_client_that_it_has_a_key_of() {
    let world = World::new();
    for (etypes, expected) in [
        (&[AES256, AES128][..], AES256),
        (&[AES128, AES256], AES128),
        (&[AES256_SHA384, AES128], AES128),
    ] {
        let granted = AsAsk::bare("bob").etypes(etypes).granted(&world);
        let info = etype_info(&granted.padata);
        let used: Vec<_> = info.iter().map(|entry| entry.etype).collect();
        assert_eq!(used, [etype(expected)]);
    }
}

#[test]
fn the_reply_names_the_version_of_the_clients_key() {
    let world = World::new();
    assert_eq!(AsAsk::new(&world, "alice").granted(&world).kvno, Some(2));
}

#[test]
fn the_session_key_is_of_the_clients_first_enctype_that_the_service_knows() {
    let world = WorldBuilder::new()
        .with("krbtgt/ORTHROS.TEST", |tgs| {
            tgs.keys.retain(|key| key.key.enctype() == AES128);
        })
        .build();
    let granted = AsAsk::bare("bob").granted(&world);
    assert_eq!(granted.part.key.keytype, etype(AES128));
}

#[test]
fn the_ticket_is_in_the_services_first_key_whatever_the_client_knows() {
    let world = World::new();
    let granted = AsAsk::bare("bob").etypes(&[AES128]).granted(&world);
    assert_eq!(granted.ticket.enc_part.etype, etype(AES256));
    assert_eq!(granted.ticket.enc_part.kvno.map(u32::from), Some(3));
    assert_eq!(world.open(&granted.ticket).key, granted.part.key);
}

#[test]
fn enctypes_that_are_not_known_are_passed_over() {
    let mut ask = AsAsk::bare("bob");
    ask.etypes.insert(0, EncryptionType(23));
    ask.etypes.insert(0, EncryptionType(-4711));
    let granted = ask.granted(&World::new());
    assert_eq!(granted.part.key.keytype, etype(AES256));
}

#[test]
fn no_enctype_in_common_is_refused_as_that() {
    let world = World::new();
    for etypes in [vec![], vec![EncryptionType(23)], vec![etype(AES256_SHA384)]] {
        let mut ask = AsAsk::bare("alice");
        ask.etypes = etypes;
        let error = ask.refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_ETYPE_NOSUPP);
    }
}

#[test]
fn an_enctype_that_the_realm_does_not_permit_is_passed_over() {
    let world = WorldBuilder::new()
        .policy(|policy| policy.enctypes.retain(|enctype| *enctype != AES256))
        .build();
    let granted = AsAsk::bare("bob").granted(&world);
    assert_eq!(granted.part.key.keytype, etype(AES128));
    assert_eq!(granted.ticket.enc_part.etype, etype(AES128));
    let error = AsAsk::bare("bob").etypes(&[AES256]).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_ETYPE_NOSUPP);
}

#[test]
fn a_reply_has_a_checksum_of_the_request_for_a_client_that_asks() {
    let world = World::new();
    let ask = AsAsk::new(&world, "alice").padata(padata(PaDataType::REQ_ENC_PA_REP, b""));
    let granted = ask.granted(&world);
    assert!(granted.part.flags.contains(TicketFlags::ENC_PA_REP));
    let enc_pa_rep = granted.part.encrypted_pa_data.unwrap();
    let checksum =
        Checksum::decode(find(&enc_pa_rep, PaDataType::REQ_ENC_PA_REP).unwrap()).unwrap();
    let key = &world.entry("alice").keys[0].key;
    key.verify_checksum(KeyUsage::AS_REQ_CHECKSUM, &ask.encode(), &checksum.checksum)
        .unwrap();
    assert_eq!(find(&enc_pa_rep, PaDataType::FX_FAST), Some(&b""[..]));
}

#[test]
fn a_reply_has_no_checksum_of_the_request_for_a_client_that_does_not_ask() {
    let world = World::new();
    let granted = AsAsk::new(&world, "alice").granted(&world);
    assert!(!granted.part.flags.contains(TicketFlags::ENC_PA_REP));
    assert_eq!(granted.part.encrypted_pa_data, None);
}

#[test]
fn each_enctype_works() {
    for enctype in Enctype::ALL {
        let world = WorldBuilder::new()
            .policy(|policy| policy.enctypes = Enctype::ALL.into())
            .with("bob", |bob| {
                bob.keys = crate::support::keys(1, &[*enctype], 8);
            })
            .with("krbtgt/ORTHROS.TEST", |tgs| {
                tgs.keys = crate::support::keys(1, &[*enctype], 9);
            })
            .build();
        let granted = AsAsk::new(&world, "bob")
            .etypes(&[*enctype])
            .granted(&world);
        assert_eq!(world.open(&granted.ticket).key.keytype, etype(*enctype));
    }
}
