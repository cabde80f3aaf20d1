//! `S4U2Self` and `S4U2Proxy`, MS-SFU.

mod resource_based;

use orthros_asn1::{
    Checksum, CksumType, EncTicketPart, ErrorCode, KdcOptions, Message as _, PaData, PaDataType,
    PaForUser, PaS4uX509User, Raw, S4uUserId, S4uUserOptions, TicketFlags, UInt32,
};
use orthros_crypto::KeyUsage;
use orthros_kdc::PrincipalFlags;
use orthros_types::{NameType, Principal};

use crate::support::{
    Granted, HOUR, Held, TgsAsk, World, WorldBuilder, after, at, find, name, padata, principal,
};

const FRONT: &str = "HTTP/b.orthros.test";
const BACK: &str = "host/a.orthros.test";

/// A realm whose front end may delegate to the back end, and be trusted with what it says of users.
fn world() -> World {
    builder().build()
}

fn builder() -> WorldBuilder {
    WorldBuilder::new()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal(BACK)];
        })
        .flags(FRONT, PrincipalFlags::OK_TO_AUTH_AS_DELEGATE)
}

fn front(world: &World) -> Held {
    world.tgt(FRONT, KdcOptions::FORWARDABLE)
}

/// PA-FOR-USER.
pub(crate) fn for_user(ask: &TgsAsk, user: &Principal) -> PaData {
    let mut element = PaForUser {
        user_name: user.to_principal_name(),
        user_realm: user.to_realm(),
        cksum: Checksum {
            cksumtype: CksumType::HMAC_MD5,
            checksum: Vec::new().into(),
        },
        auth_package: "Kerberos".into(),
    };
    let mut covered = user.name_type().0.to_le_bytes().to_vec();
    covered.extend(user.components().concat());
    covered.extend(user.realm());
    covered.extend(b"Kerberos");
    let checksum = ask
        .held
        .key
        .hmac_md5(KeyUsage::PA_FOR_USER_CHECKSUM, &covered);
    element.cksum.checksum = checksum.as_slice().into();
    padata(PaDataType::FOR_USER, &element.encode().unwrap())
}

/// PA-S4U-X509-USER.
pub(crate) fn x509_user(ask: &TgsAsk, user: &Principal, nonce: UInt32) -> PaData {
    let user_id = Raw::new(S4uUserId {
        nonce,
        cname: Some(user.to_principal_name()),
        crealm: user.to_realm(),
        subject_certificate: None,
        options: Some(S4uUserOptions::USE_REPLY_KEY_USAGE),
    })
    .unwrap();
    let key = ask.reply_key();
    let tag = key.checksum(KeyUsage::S4U_X509_USER_REQUEST, user_id.octets());
    let element = PaS4uX509User {
        user_id,
        checksum: Checksum {
            cksumtype: CksumType(key.enctype().checksum_type().number()),
            checksum: tag.as_ref().into(),
        },
    };
    padata(PaDataType::FOR_X509_USER, &element.encode().unwrap())
}

/// The front end asks for a ticket of `user` to itself.
pub(crate) fn self_ask(world: &World, user: &Principal) -> TgsAsk {
    let ask = TgsAsk::new(&front(world))
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    let element = for_user(&ask, user);
    ask.padata(element)
}

/// The front end asks for a ticket to the back end, with this evidence.
fn proxy_ask(world: &World, evidence: &Held) -> TgsAsk {
    TgsAsk::new(&front(world))
        .service(BACK)
        .options(KdcOptions::CNAME_IN_ADDL_TKT | KdcOptions::FORWARDABLE)
        .additional(&evidence.ticket)
}

/// What alice has sent to the front end: a forwardable ticket.
fn evidence(world: &World) -> Held {
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE)
        .granted(world)
        .into()
}

fn ticket_of(world: &World, granted: &Granted) -> EncTicketPart {
    world.open(&granted.ticket)
}

#[test]
fn a_service_gets_a_ticket_to_itself_for_a_user() {
    let world = world();
    let granted = self_ask(&world, &principal("alice")).granted(&world);
    assert_eq!(granted.cname, name("alice"));
    let part = ticket_of(&world, &granted);
    assert_eq!(part.cname, name("alice"));
    assert_eq!(granted.ticket.sname, name(FRONT));
    assert!(part.flags.contains(TicketFlags::FORWARDABLE));
    assert!(find(&granted.padata, PaDataType::FOR_X509_USER).is_none());
}

#[test]
fn a_user_in_the_newer_form_is_named_in_the_reply() {
    let world = world();
    let ask = TgsAsk::new(&front(&world)).service(FRONT);
    let element = x509_user(&ask, &principal("alice"), ask.body().nonce);
    let ask = ask.padata(element);
    let granted = ask.granted(&world);
    assert_eq!(granted.cname, name("alice"));
    let reply = find(&granted.padata, PaDataType::FOR_X509_USER).unwrap();
    let reply = PaS4uX509User::decode(reply).unwrap();
    assert_eq!(reply.user_id.cname, Some(name("alice")));
    assert_eq!(reply.user_id.nonce, ask.body().nonce);
    let usage = KeyUsage::S4U_X509_USER_REPLY;
    ask.reply_key()
        .verify_checksum(usage, reply.user_id.octets(), &reply.checksum.checksum)
        .unwrap();
}

#[test]
fn a_user_whom_the_checksum_does_not_cover_is_refused() {
    let world = world();
    let ask = TgsAsk::new(&front(&world)).service(FRONT);
    let stolen = for_user(
        &TgsAsk::new(&world.tgt("bob", KdcOptions::empty())),
        &principal("alice"),
    );
    let other_nonce = x509_user(&ask, &principal("alice"), UInt32(1));
    for element in [stolen, other_nonce] {
        let error = ask.clone().padata(element).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    }
    let mut keyless = for_user(&ask, &principal("alice"));
    let mut element = PaForUser::decode(&keyless.padata_value).unwrap();
    element.cksum.cksumtype = CksumType::RSA_MD5;
    keyless.padata_value = element.encode().unwrap().into();
    let error = ask.padata(keyless).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

/// What Heimdal's client sends.
#[test]
fn a_user_under_the_checksum_of_the_sessions_own_key_is_taken() {
    let world = world();
    let ask = TgsAsk::new(&front(&world)).service(FRONT);
    let with = |key: &orthros_crypto::Key, number: i32| {
        let element = for_user(&ask, &principal("alice"));
        let mut element = PaForUser::decode(&element.padata_value).unwrap();
        let mut covered = element.user_name.name_type.0.to_le_bytes().to_vec();
        covered.extend(b"aliceORTHROS.TESTKerberos");
        let tag = key.checksum(KeyUsage::PA_FOR_USER_CHECKSUM, &covered);
        element.cksum = Checksum {
            cksumtype: CksumType(number),
            checksum: tag.as_ref().into(),
        };
        let element = padata(PaDataType::FOR_USER, &element.encode().unwrap());
        ask.clone().padata(element)
    };
    let key = &ask.held.key;
    let own = key.enctype().checksum_type().number();
    assert_eq!(with(key, own).granted(&world).cname, name("alice"));
    let stranger = crate::support::random_key(key.enctype(), 5);
    let error = with(&stranger, own).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    let other = crate::support::AES128.checksum_type().number();
    let error = with(key, other).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

#[test]
fn a_service_gets_tickets_for_users_to_nobody_but_itself() {
    let world = world();
    let mut ask = self_ask(&world, &principal("alice"));
    ask.service = Some(name(BACK));
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_BADMATCH);
}

#[test]
fn a_service_with_targets_that_is_not_trusted_gets_tickets_for_users_that_are_not_forwardable() {
    let world = WorldBuilder::new()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal(BACK)];
        })
        .build();
    let granted = self_ask(&world, &principal("alice")).granted(&world);
    assert!(!granted.part.flags.contains(TicketFlags::FORWARDABLE));
}

#[test]
fn a_user_who_is_not_to_be_forwarded_is_not() {
    let world = builder()
        .flags("alice", PrincipalFlags::DISALLOW_FORWARDABLE)
        .build();
    let granted = self_ask(&world, &principal("alice")).granted(&world);
    assert!(!granted.part.flags.contains(TicketFlags::FORWARDABLE));
}

#[test]
fn a_user_who_is_unknown_locked_or_expired_is_refused() {
    let error = self_ask(&world(), &principal("mallory")).refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let world = builder().flags("alice", PrincipalFlags::LOCKED).build();
    let error = self_ask(&world, &principal("alice")).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_CLIENT_REVOKED);
    let world = builder()
        .with("alice", |a| a.expiry = Some(after(-1)))
        .build();
    let error = self_ask(&world, &principal("alice")).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_NAME_EXP);
}

#[test]
fn a_user_with_an_expired_password_is_served() {
    let world = builder()
        .with("alice", |alice| alice.password_expiry = Some(after(-1)))
        .build();
    self_ask(&world, &principal("alice")).granted(&world);
}

#[test]
fn a_user_of_another_realm_is_refused() {
    let user = Principal::new("OTHER.TEST", ["eve"]);
    let error = self_ask(&world(), &user).refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn an_enterprise_name_is_mapped_to_its_user() {
    let user = Principal::new("ORTHROS.TEST", ["alice@ORTHROS.TEST"]);
    let user = user.with_name_type(NameType::ENTERPRISE);
    let granted = self_ask(&world(), &user).granted(&world());
    assert_eq!(granted.cname, name("alice"));
}

#[test]
fn options_about_the_shown_ticket_have_no_place_beside_a_user() {
    let world = world();
    let ask = self_ask(&world, &principal("alice")).options(KdcOptions::ENC_TKT_IN_SKEY);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn evidence_gets_a_ticket_for_its_client() {
    let world = world();
    let granted = proxy_ask(&world, &evidence(&world)).granted(&world);
    assert_eq!(granted.cname, name("alice"));
    let part = ticket_of(&world, &granted);
    assert_eq!(part.cname, name("alice"));
    assert_eq!(granted.ticket.sname, name(BACK));
    // The signature, as it is forwardable: nothing that was in the evidence.
    assert_eq!(part.authorization_data.unwrap().len(), 1);
}

#[test]
fn a_ticket_that_was_got_for_a_user_is_evidence() {
    let world = world();
    let own: Held = self_ask(&world, &principal("alice")).granted(&world).into();
    let granted = proxy_ask(&world, &own).granted(&world);
    assert_eq!(granted.cname, name("alice"));
}

#[test]
fn a_delegated_ticket_lives_no_longer_than_its_evidence() {
    let world = world();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let mut ask = TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    ask.till = at(HOUR);
    let evidence: Held = ask.granted(&world).into();
    let granted = proxy_ask(&world, &evidence).granted(&world);
    assert_eq!(granted.part.endtime, at(HOUR));
}

#[test]
fn evidence_that_the_service_made_up_is_refused() {
    let world = world();
    let real = evidence(&world);
    let other_client = world.forge(&real, |part| part.cname = name("bob"));
    let later_end = world.forge(&real, |part| part.endtime = at(100 * HOUR));
    for forged in [other_client, later_end] {
        let error = proxy_ask(&world, &forged).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    }
    let unsigned = world.forge(&real, |part| part.authorization_data = None);
    let error = proxy_ask(&world, &unsigned).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

#[test]
fn evidence_is_vouched_for_by_the_key_it_was_made_with_after_a_change() {
    let world = world();
    let real = evidence(&world);
    let mut tgs = (*world.entry("krbtgt/ORTHROS.TEST")).clone();
    let random = &mut orthros_testing::random::SeededRandom::new(9);
    tgs.rotate_keys(&[crate::support::AES256], random).unwrap();
    orthros_kdc::Store::put(&*world.store, tgs).unwrap();
    proxy_ask(&world, &real).granted(&world);
}

#[test]
fn evidence_for_another_service_is_refused() {
    let world = world();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let ask = TgsAsk::new(&tgt)
        .service(BACK)
        .options(KdcOptions::FORWARDABLE);
    let error = proxy_ask(&world, &ask.granted(&world).into()).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
}

#[test]
fn evidence_that_is_not_forwardable_is_refused() {
    let world = world();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let ask = TgsAsk::new(&tgt).service(FRONT);
    let error = proxy_ask(&world, &ask.granted(&world).into()).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn a_request_to_delegate_without_evidence_is_refused() {
    let world = world();
    let mut ask = proxy_ask(&world, &evidence(&world));
    ask.additional.clear();
    assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn a_service_delegates_only_to_those_in_its_list() {
    let world = builder()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal("bob")];
        })
        .build();
    let error = proxy_ask(&world, &evidence(&world)).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn a_delegation_target_is_one_under_each_of_its_names() {
    for (allowed, asked) in [
        ("host/alias", "host/alias"),
        ("host/alias", BACK),
        (BACK, "host/alias"),
    ] {
        let world = builder()
            .with(BACK, |back| back.aliases = vec![principal("host/alias")])
            .with(FRONT, |front| {
                front.delegation_targets = vec![principal(allowed)];
            })
            .build();
        let ask = proxy_ask(&world, &evidence(&world)).service(asked);
        assert_eq!(ask.granted(&world).cname, name("alice"));
    }
}

#[test]
fn ticket_granting_tickets_are_not_delegated() {
    let world = builder()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal("krbtgt/ORTHROS.TEST")];
        })
        .build();
    let ask = proxy_ask(&world, &evidence(&world)).service("krbtgt/ORTHROS.TEST");
    assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn expired_evidence_is_refused() {
    let mut world = world();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let mut ask = TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    ask.till = at(HOUR);
    let old: Held = ask.granted(&world).into();
    world.now = after(2 * HOUR);
    let error = proxy_ask(&world, &old).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn tickets_that_can_not_be_shown_again_are_not_signed() {
    let world = world();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let granted = TgsAsk::new(&tgt).service(BACK).granted(&world);
    assert_eq!(ticket_of(&world, &granted).authorization_data, None);
    let part = world.open(&evidence(&world).ticket);
    assert_eq!(part.authorization_data.unwrap().len(), 1);
}
