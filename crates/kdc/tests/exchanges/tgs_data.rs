//! Authorization data.

use orthros_asn1::{
    AdAndOr, AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, ErrorCode,
    KdcOptions, Message as _,
};

use crate::support::{TgsAsk, World};

const ONLY_A_KDC_SAYS: [AdType; 6] = [
    AdType::CAMMAC,
    AdType::AUTHENTICATION_INDICATOR,
    AdType::WIN2K_PAC,
    AdType::KDC_ISSUED,
    AdType::INITIAL_VERIFIED_CAS,
    // AD-SIGNTICKET of MIT and Heimdal.
    AdType(512),
];

fn element(ad_type: i32, data: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type: AdType(ad_type),
        ad_data: data.into(),
    }
}

fn ignorable(inner: &AdIfRelevant) -> AuthorizationDataEntry {
    element(AdType::IF_RELEVANT.0, &inner.encode().unwrap())
}

/// What is in a service ticket that was got with these data.
fn carried(
    held: Option<AuthorizationData>,
    asked: Option<AuthorizationData>,
    subkey: bool,
) -> Option<AuthorizationData> {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let tgt = world.forge(&tgt, |part| part.authorization_data = held);
    let mut ask = TgsAsk::new(&tgt);
    ask.authorization_data = asked;
    if !subkey {
        ask.subkey = None;
    }
    world.open(&ask.granted(&world).ticket).authorization_data
}

#[test]
fn the_data_of_the_shown_ticket_are_copied() {
    let held = vec![element(4711, b"held")];
    assert_eq!(carried(Some(held.clone()), None, true), Some(held));
}

#[test]
fn the_data_of_the_request_follow_them() {
    let (held, asked) = (element(4711, b"held"), element(4712, b"asked"));
    for subkey in [true, false] {
        let both = carried(Some(vec![held.clone()]), Some(vec![asked.clone()]), subkey);
        assert_eq!(both, Some(vec![held.clone(), asked.clone()]));
    }
}

#[test]
fn no_data_are_no_data() {
    assert_eq!(carried(None, None, true), None);
    assert_eq!(carried(None, Some(Vec::new()), true), None);
}

#[test]
fn what_only_a_kdc_can_say_is_left_out_of_what_is_asked_for() {
    for ad_type in ONLY_A_KDC_SAYS {
        let forged = element(ad_type.0, b"forged");
        let asked = vec![
            ignorable(&vec![forged.clone()]),
            element(4711, b"x"),
            forged,
        ];
        assert_eq!(
            carried(None, Some(asked), true),
            Some(vec![element(4711, b"x")])
        );
    }
}

#[test]
fn what_only_a_kdc_can_say_is_left_out_however_deep_it_lies() {
    for ad_type in ONLY_A_KDC_SAYS {
        let mut forged = element(ad_type.0, b"forged");
        for depth in 0..200 {
            if depth % 2 == 0 {
                forged = ignorable(&vec![element(4712, b"y"), forged]);
            } else {
                let alternatives = AdAndOr {
                    condition_count: 1,
                    elements: vec![forged],
                };
                forged = element(AdType::AND_OR.0, &alternatives.encode().unwrap());
            }
            if !(12..=197).contains(&depth) {
                let asked = vec![forged.clone(), element(4711, b"x")];
                let left = Some(vec![element(4711, b"x")]);
                assert_eq!(carried(None, Some(asked), true), left, "{ad_type} {depth}");
            }
        }
    }
}

#[test]
fn a_container_that_can_not_be_read_is_left_out() {
    for ad_type in [AdType::IF_RELEVANT, AdType::AND_OR] {
        let asked = vec![element(ad_type.0, b"\x30\x80\x00\x00")];
        assert_eq!(carried(None, Some(asked), true), None);
    }
}

#[test]
fn data_in_a_container_that_hides_nothing_are_copied() {
    let inner = ignorable(&vec![element(4711, b"x")]);
    let asked = vec![ignorable(&vec![inner, element(4712, b"y")])];
    assert_eq!(carried(None, Some(asked.clone()), true), Some(asked));
}

#[test]
fn data_that_the_kdc_must_know_and_does_not_are_refused() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let mut ask = TgsAsk::new(&tgt);
    let mut mandatory = element(AdType::MANDATORY_FOR_KDC.0, b"\x30\x00");
    for _ in 0..3 {
        ask.authorization_data = Some(vec![mandatory.clone()]);
        assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
        mandatory = ignorable(&vec![mandatory]);
    }
}

#[test]
fn data_under_another_key_are_refused() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let mut ask = TgsAsk::new(&tgt);
    ask.authorization_data = Some(vec![element(4711, b"x")]);
    let sealed_for_subkey = ask.body();
    ask.subkey = None;
    let ap_req = ask.ap_req(&world, &sealed_for_subkey);
    let error = world.error(&ask.frame(&ap_req, sealed_for_subkey));
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
}
