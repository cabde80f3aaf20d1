//! What a TGS-REQ shows.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use orthros_asn1::{
    AdIfRelevant, AdType, AuthorizationDataEntry, ErrorCode, HostAddress, KdcOptions, Message as _,
    PaDataType, Raw, TicketFlags,
};
use orthros_kdc::{MemoryLookaside, Outcome};
use orthros_testing::replay::EndlessReplays;
use orthros_types::AddressType;

use crate::support::{
    AES128, AES256, DAY, HOUR, Held, TgsAsk, World, after, at, name, padata, random_key,
};

/// A realm, and bob's ticket-granting ticket.
fn bob() -> (World, Held) {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    (world, tgt)
}

#[test]
fn a_ticket_granting_ticket_gets_a_service_ticket() {
    let (world, tgt) = bob();
    let granted = TgsAsk::new(&tgt).granted(&world);
    assert_eq!(granted.cname, name("bob"));
    assert_eq!(granted.ticket.sname, name("host/a.orthros.test"));
    let part = world.open(&granted.ticket);
    assert_eq!(part.cname, name("bob"));
    assert_eq!(part.key, granted.part.key);
    assert_eq!(part.flags, granted.part.flags);
    assert!(!part.flags.contains(TicketFlags::INITIAL));
    assert_eq!(granted.part.sname, granted.ticket.sname);
    assert_eq!(granted.kvno, None);
}

#[test]
fn without_a_subkey_the_reply_is_in_the_session_key() {
    let (world, tgt) = bob();
    let mut ask = TgsAsk::new(&tgt);
    ask.subkey = None;
    ask.granted(&world);
}

#[test]
fn the_subkey_may_be_of_another_enctype_than_the_session_key() {
    let (world, tgt) = bob();
    let mut ask = TgsAsk::new(&tgt);
    ask.subkey = Some(random_key(AES128, 1));
    ask.granted(&world);
}

#[test]
fn a_request_that_shows_nothing_is_refused() {
    let (world, tgt) = bob();
    let request = orthros_asn1::TgsReq(orthros_asn1::KdcReq {
        pvno: orthros_asn1::Exactly,
        msg_type: orthros_asn1::Exactly,
        padata: None,
        req_body: TgsAsk::new(&tgt).body(),
    });
    let error = world.error(&request.encode().unwrap());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PADATA_TYPE_NOSUPP);
}

#[test]
fn a_ticket_of_a_service_that_nobody_knows_is_not_ours() {
    let (world, tgt) = bob();
    let mut ticket = tgt.ticket.value().clone();
    ticket.sname = name("krbtgt/NOWHERE");
    let held = Held {
        ticket: Raw::new(ticket).unwrap(),
        ..tgt
    };
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_NOT_US);
}

#[test]
fn a_ticket_in_a_key_that_the_service_does_not_have_is_refused_by_what_is_missing() {
    let (world, tgt) = bob();
    for (etype, kvno, code) in [
        (18, 4, ErrorCode::KRB_AP_ERR_BADKEYVER),
        (20, 3, ErrorCode::KRB_AP_ERR_NOKEY),
        (17, 3, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
    ] {
        let mut ticket = tgt.ticket.value().clone();
        ticket.enc_part.etype = orthros_asn1::EncryptionType(etype);
        ticket.enc_part.kvno = Some(orthros_asn1::UInt32(kvno));
        let held = Held {
            ticket: Raw::new(ticket).unwrap(),
            ..tgt.clone()
        };
        assert_eq!(TgsAsk::new(&held).refused(&world).error_code, code);
    }
}

#[test]
fn a_ticket_without_a_key_version_is_tried_with_the_newest() {
    let (world, tgt) = bob();
    let mut ticket = tgt.ticket.value().clone();
    ticket.enc_part.kvno = None;
    let held = Held {
        ticket: Raw::new(ticket).unwrap(),
        ..tgt
    };
    TgsAsk::new(&held).granted(&world);
}

#[test]
fn a_ticket_in_an_old_key_of_the_service_is_good() {
    let (world, tgt) = bob();
    let mut tgs = (*world.entry("krbtgt/ORTHROS.TEST")).clone();
    tgs.keys.extend(crate::support::keys(4, &[AES256], 99));
    orthros_kdc::Store::put(&*world.store, tgs).unwrap();
    TgsAsk::new(&tgt).granted(&world);
    let renewed = world.tgt("bob", KdcOptions::empty());
    assert_eq!(renewed.ticket.enc_part.kvno.map(u32::from), Some(4));
}

#[test]
fn a_flipped_bit_in_ticket_or_authenticator_is_refused() {
    let (world, tgt) = bob();
    let mut ticket = tgt.ticket.value().clone();
    ticket.enc_part.cipher.0[20] ^= 1;
    let held = Held {
        ticket: Raw::new(ticket).unwrap(),
        ..tgt.clone()
    };
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
    let stranger = Held {
        key: random_key(AES256, 5),
        ..tgt
    };
    let error = TgsAsk::new(&stranger).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
}

#[test]
fn an_authenticator_of_another_client_is_refused() {
    let (world, tgt) = bob();
    let ask = TgsAsk::new(&tgt);
    let other_name = ask
        .clone()
        .spoil(|authenticator| authenticator.cname = name("alice"));
    let other_realm = ask.spoil(|authenticator| authenticator.crealm = "OTHER.TEST".into());
    for ask in [other_name, other_realm] {
        let error = ask.refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BADMATCH);
    }
}

#[test]
fn an_authenticator_beyond_the_clock_skew_is_refused() {
    let (world, tgt) = bob();
    TgsAsk::new(&tgt)
        .spoil(|authenticator| authenticator.ctime = at(300))
        .granted(&world);
    for spoil in [
        (|authenticator: &mut orthros_asn1::Authenticator| authenticator.ctime = at(301))
            as fn(&mut _),
        |authenticator| authenticator.ctime = at(-301),
    ] {
        let error = TgsAsk::new(&tgt).spoil(spoil).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_SKEW);
    }
}

#[test]
fn a_body_that_the_authenticator_does_not_cover_is_refused() {
    let (world, tgt) = bob();
    let mut ask = TgsAsk::new(&tgt);
    ask.other_body = true;
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_missing_or_keyless_checksum_is_refused() {
    let (world, tgt) = bob();
    let missing = TgsAsk::new(&tgt).spoil(|authenticator| authenticator.cksum = None);
    let keyless = TgsAsk::new(&tgt).spoil(|authenticator| {
        let checksum = authenticator.cksum.as_mut().unwrap();
        checksum.cksumtype = orthros_asn1::CksumType::RSA_MD5;
    });
    for ask in [missing, keyless] {
        let error = ask.refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
    }
}

#[test]
fn an_expired_ticket_is_refused_after_the_clock_skew() {
    let (mut world, tgt) = bob();
    world.now = after(10 * HOUR + 301);
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn a_ticket_that_expired_within_the_clock_skew_gets_none_that_lives() {
    let (mut world, tgt) = bob();
    world.now = after(10 * HOUR + 299);
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_NEVER_VALID);
}

#[test]
fn a_ticket_that_has_not_begun_is_refused() {
    let (world, tgt) = bob();
    let held = world.forge(&tgt, |part| part.starttime = Some(at(301)));
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_NYV);
}

#[test]
fn a_ticket_that_was_not_validated_is_refused() {
    let (world, tgt) = bob();
    let held = world.forge(&tgt, |part| part.flags |= TicketFlags::INVALID);
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_NYV);
}

#[test]
fn a_ticket_with_addresses_is_good_from_these_only() {
    let (mut world, tgt) = bob();
    let held = world.forge(&tgt, |part| {
        part.caddr = Some(vec![HostAddress {
            addr_type: AddressType::IPV4,
            address: [10, 0, 0, 1].as_slice().into(),
        }]);
    });
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BADADDR);
    world.source.address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let granted = TgsAsk::new(&held).granted(&world);
    let part = world.open(&granted.ticket);
    assert_eq!(part.caddr, world.open(&held.ticket).caddr);
    assert_eq!(granted.part.caddr, None);
}

#[test]
fn an_address_of_ipv4_is_the_same_in_the_form_of_ipv6() {
    let (mut world, tgt) = bob();
    let address = Ipv4Addr::new(10, 0, 0, 1);
    let mapped = address.to_ipv6_mapped();
    let bound = |addr_type, octets: &[u8]| {
        let caddr = Some(vec![HostAddress {
            addr_type,
            address: octets.into(),
        }]);
        world.forge(&tgt, |part| part.caddr = caddr)
    };
    let tickets = [
        bound(AddressType::IPV4, &address.octets()),
        bound(AddressType::IPV6, &mapped.octets()),
    ];
    for held in tickets {
        for sender in [IpAddr::V4(address), IpAddr::V6(mapped)] {
            world.source.address = sender;
            TgsAsk::new(&held).granted(&world);
        }
        world.source.address = IpAddr::V6(Ipv4Addr::new(10, 0, 0, 2).to_ipv6_mapped());
        let error = TgsAsk::new(&held).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BADADDR);
    }
}

#[test]
fn a_ticket_with_a_session_key_of_an_unknown_enctype_is_refused() {
    let (world, tgt) = bob();
    let mut part = world.open(&tgt.ticket);
    part.key.keytype = orthros_asn1::EncryptionType(4711);
    let key = world.entry("krbtgt/ORTHROS.TEST").keys[0].key.clone();
    let usage = orthros_crypto::KeyUsage::KDC_REP_TICKET;
    let mut ticket = tgt.ticket.value().clone();
    ticket.enc_part.cipher = crate::support::seal(&key, usage, &part).cipher;
    let held = Held {
        ticket: Raw::new(ticket).unwrap(),
        ..tgt
    };
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_ETYPE_NOSUPP);
}

#[test]
fn a_service_ticket_gets_no_other_ticket() {
    let (world, tgt) = bob();
    let service = TgsAsk::new(&tgt).granted(&world).into();
    let error = TgsAsk::new(&service)
        .service("HTTP/b.orthros.test")
        .refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_NOT_US);
}

#[test]
fn a_ticket_for_use_as_armor_only_gets_no_other_ticket() {
    let (world, tgt) = bob();
    let armor_only = AuthorizationDataEntry {
        ad_type: AdType::FX_FAST_ARMOR,
        ad_data: Vec::new().into(),
    };
    let within: AdIfRelevant = vec![armor_only.clone()];
    let within = AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: within.encode().unwrap().into(),
    };
    for element in [armor_only, within] {
        let held = world.forge(&tgt, |part| part.authorization_data = Some(vec![element]));
        let error = TgsAsk::new(&held).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_POLICY);
    }
}

#[test]
fn a_client_that_was_locked_or_removed_gets_nothing_more() {
    let (world, tgt) = bob();
    let mut bob = (*world.entry("bob")).clone();
    bob.flags |= orthros_kdc::PrincipalFlags::LOCKED;
    orthros_kdc::Store::put(&*world.store, bob.clone()).unwrap();
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_CLIENT_REVOKED);
    orthros_kdc::Store::remove(&*world.store, &bob.principal).unwrap();
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

#[test]
fn an_expired_password_does_not_end_tickets() {
    let (world, tgt) = bob();
    let mut bob = (*world.entry("bob")).clone();
    bob.password_expiry = Some(after(-DAY));
    orthros_kdc::Store::put(&*world.store, bob).unwrap();
    TgsAsk::new(&tgt).granted(&world);
}

#[test]
fn an_error_names_the_client_of_the_ticket() {
    let (world, tgt) = bob();
    let error = TgsAsk::new(&tgt).service("host/nowhere").refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_eq!(error.cname, Some(name("bob")));
    assert_eq!(error.sname, name("host/nowhere"));
}

#[test]
fn a_repeated_request_whose_reply_is_not_remembered_gets_another_ticket() {
    let (mut world, tgt) = bob();
    world.kdc = world
        .kdc
        .with_replay_cache(Arc::new(EndlessReplays::default()));
    let request = TgsAsk::new(&tgt).encode(&world);
    for _ in 0..2 {
        let granted = TgsAsk::new(&tgt).open(&world.reply(&request));
        assert_eq!(granted.cname, name("bob"));
    }
}

#[test]
fn a_retransmission_is_answered_with_100_000_other_requests_between() {
    let (mut world, tgt) = bob();
    world.kdc = world
        .kdc
        .with_replay_cache(Arc::new(EndlessReplays::default()))
        .with_lookaside(Arc::new(MemoryLookaside::with_limit(1 << 20)));
    let request = TgsAsk::new(&tgt).encode(&world);
    TgsAsk::new(&tgt).open(&world.reply(&request));
    // They differ in what is not covered: an element behind the AP-REQ.
    let ask = TgsAsk::new(&tgt);
    let ap_req = ask.ap_req(&world, &ask.body());
    for number in 0..100_000_u32 {
        let element = padata(PaDataType(-7), &number.to_be_bytes());
        let other = ask.clone().padata(element).frame(&ap_req, ask.body());
        assert!(matches!(
            world.answer(&other).record.outcome,
            Outcome::Granted
        ));
    }
    TgsAsk::new(&tgt).open(&world.reply(&request));
}

#[test]
fn a_request_that_was_refused_for_its_body_does_not_use_up_its_authenticator() {
    let (mut world, tgt) = bob();
    world.kdc = world
        .kdc
        .with_replay_cache(Arc::new(EndlessReplays::default()));
    let ask = TgsAsk::new(&tgt);
    let ap_req = ask.ap_req(&world, &ask.body());
    let stolen = ask.frame(&ap_req, ask.clone().service("HTTP/b.orthros.test").body());
    let error = world.error(&stolen);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    ask.open(&world.reply(&ask.frame(&ap_req, ask.body())));
}

#[test]
fn a_repeated_request_gets_the_same_reply_where_replies_are_remembered() {
    let (mut world, tgt) = bob();
    let lookaside = Arc::new(MemoryLookaside::default());
    world.kdc = world
        .kdc
        .with_replay_cache(Arc::new(EndlessReplays::default()))
        .with_lookaside(lookaside);
    let request = TgsAsk::new(&tgt).encode(&world);
    let first = world.reply(&request);
    let again = world.answer(&request);
    assert_eq!(again.reply, Some(first));
    assert!(matches!(again.record.outcome, Outcome::Repeated));
}
