//! FAST, RFC 6113.

use orthros_asn1::{
    AsRep, Checksum, EncAsRepPart, EncTgsRepPart, EncryptedData, ErrorCode, FastArmorType,
    FastOptions, KdcOptions, Message as _, PaDataType, PaEncTsEnc, TgsRep, TicketFlags,
};
use orthros_crypto::{Key, KeyUsage};

use crate::support::{
    AES256, Armor, AsAsk, Held, TgsAsk, World, etype_info, find, name, padata, principal,
    random_key, timestamp,
};

/// A realm, armor of bob's ticket, and alice's key.
fn setting() -> (World, Armor, Key) {
    let world = World::new();
    let armor = Armor::new(&world.tgt("bob", KdcOptions::empty()));
    let key = world.entry("alice").keys[0].key.clone();
    (world, armor, key)
}

fn refused(world: &World, armor: &Armor, ask: &AsAsk) -> ErrorCode {
    world.error(&armor.as_req(world, ask)).error_code
}

#[test]
fn an_encrypted_challenge_proves_client_and_kdc_to_each_other() {
    let (world, armor, key) = setting();
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &key));
    let AsRep(reply) = AsRep::decode(&world.reply(&armor.as_req(&world, &ask))).unwrap();
    assert_eq!(reply.cname, name("alice"));
    let armored = armor.open(reply.padata.as_ref().unwrap());
    let reply_key = armored.reply_key(&key);
    let plaintext = reply_key
        .decrypt(KeyUsage::AS_REP_ENC_PART, &reply.enc_part.cipher)
        .unwrap();
    let EncAsRepPart(part) = EncAsRepPart::decode(&plaintext).unwrap();
    assert!(part.flags.contains(TicketFlags::PRE_AUTHENT));
    let answer = find(&armored.response.padata, PaDataType::ENCRYPTED_CHALLENGE).unwrap();
    let answer = EncryptedData::decode(answer).unwrap();
    let plaintext = armor
        .challenge_key(b"kdcchallengearmor", &key)
        .decrypt(KeyUsage::ENC_CHALLENGE_KDC, &answer.cipher)
        .unwrap();
    let stamp = PaEncTsEnc::decode(&plaintext).unwrap();
    assert_eq!(stamp.patimestamp.seconds(), world.now.seconds());
}

#[test]
fn an_armored_reply_is_tied_to_its_ticket_and_request() {
    let (world, armor, key) = setting();
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &key));
    let AsRep(reply) = AsRep::decode(&world.reply(&armor.as_req(&world, &ask))).unwrap();
    let response = armor.open(reply.padata.as_ref().unwrap()).response;
    assert_eq!(response.nonce, ask.body().nonce);
    let finished = response.finished.unwrap();
    assert_eq!(finished.cname, name("alice"));
    assert_eq!(finished.crealm, principal("alice").to_realm());
    let tag = &finished.ticket_checksum.checksum;
    armor
        .key
        .verify_checksum(KeyUsage::FAST_FINISHED, reply.ticket.octets(), tag)
        .unwrap();
}

#[test]
fn a_challenge_in_another_of_the_clients_keys_is_good() {
    let (world, armor, _) = setting();
    let second = world.entry("alice").keys[1].key.clone();
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &second));
    AsRep::decode(&world.reply(&armor.as_req(&world, &ask))).unwrap();
}

#[test]
fn hints_under_armor_are_for_the_challenge() {
    let (world, armor, _) = setting();
    let request = armor.as_req(&world, &AsAsk::bare("alice"));
    let (error, hints) = armor.open_error(&world.error(&request));
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    assert_eq!(error.cname, Some(name("alice")));
    assert_eq!(etype_info(&hints).len(), 2);
    assert!(find(&hints, PaDataType::ENCRYPTED_CHALLENGE).is_some());
    assert_eq!(find(&hints, PaDataType::ENC_TIMESTAMP), None);
    assert!(find(&hints, PaDataType::FX_COOKIE).is_some());
}

#[test]
fn a_challenge_under_another_password_is_refused_under_armor() {
    let (world, armor, _) = setting();
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &random_key(AES256, 7)));
    let (error, _) = armor.open_error(&world.error(&armor.as_req(&world, &ask)));
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_challenge_beyond_the_clock_skew_is_refused_as_that() {
    let (mut world, armor, key) = setting();
    let stale = armor.challenge(&world, &key);
    world.now = crate::support::after(301);
    let ask = AsAsk::bare("alice").padata(stale);
    assert_eq!(refused(&world, &armor, &ask), ErrorCode::KRB_AP_ERR_SKEW);
}

#[test]
fn an_encrypted_timestamp_under_armor_counts_for_nothing() {
    let (world, armor, key) = setting();
    let ask = AsAsk::bare("alice").with_timestamp(&key, world.now);
    let code = refused(&world, &armor, &ask);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
}

#[test]
fn a_hidden_client_is_named_under_the_armor_only() {
    let (world, mut armor, key) = setting();
    armor.options = FastOptions::HIDE_CLIENT_NAMES;
    let error = world.error(&armor.as_req(&world, &AsAsk::bare("alice")));
    assert_eq!(error.cname.unwrap(), name("WELLKNOWN/ANONYMOUS"));
    assert_eq!(error.crealm.as_deref(), Some(&b"WELLKNOWN:ANONYMOUS"[..]));
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &key));
    let AsRep(reply) = AsRep::decode(&world.reply(&armor.as_req(&world, &ask))).unwrap();
    assert_eq!(reply.cname, name("WELLKNOWN/ANONYMOUS"));
    let response = armor.open(reply.padata.as_ref().unwrap()).response;
    assert_eq!(response.finished.unwrap().cname, name("alice"));
    assert_eq!(world.open(&reply.ticket).cname, name("alice"));
}

#[test]
fn critical_options_that_nobody_knows_are_refused() {
    let (world, mut armor, _) = setting();
    armor.options = FastOptions::from_bits_retain(0x0001_0000);
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS);
    armor.options = FastOptions::from_bits_retain(0x0000_8001);
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
}

#[test]
fn armor_of_an_unknown_type_is_refused() {
    let (world, mut armor, _) = setting();
    armor.armor_type = FastArmorType(4711);
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn armor_without_a_subkey_is_refused() {
    let (world, armor, _) = setting();
    let armor = armor.without_subkey();
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn armor_of_a_service_ticket_is_refused() {
    let world = World::new();
    let service: Held = TgsAsk::new(&world.tgt("bob", KdcOptions::empty()))
        .granted(&world)
        .into();
    let code = refused(&world, &Armor::new(&service), &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
}

#[test]
fn a_request_that_its_armor_does_not_cover_is_refused() {
    let (world, mut armor, _) = setting();
    armor.other_body = true;
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_request_under_another_armor_key_is_refused() {
    let (world, mut armor, _) = setting();
    armor.key = random_key(AES256, 8);
    let code = refused(&world, &armor, &AsAsk::bare("alice"));
    assert_eq!(code, ErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
}

#[test]
fn the_checksum_of_an_armored_request_is_in_the_strengthened_key() {
    let (world, armor, key) = setting();
    let ask = AsAsk::bare("alice")
        .padata(armor.challenge(&world, &key))
        .padata(padata(PaDataType::REQ_ENC_PA_REP, b""));
    let request = armor.as_req(&world, &ask);
    let AsRep(reply) = AsRep::decode(&world.reply(&request)).unwrap();
    let reply_key = armor.open(reply.padata.as_ref().unwrap()).reply_key(&key);
    let usage = KeyUsage::AS_REP_ENC_PART;
    let plaintext = reply_key.decrypt(usage, &reply.enc_part.cipher).unwrap();
    let EncAsRepPart(part) = EncAsRepPart::decode(&plaintext).unwrap();
    let enc_pa_rep = part.encrypted_pa_data.unwrap();
    let checksum =
        Checksum::decode(find(&enc_pa_rep, PaDataType::REQ_ENC_PA_REP).unwrap()).unwrap();
    reply_key
        .verify_checksum(KeyUsage::AS_REQ_CHECKSUM, &request, &checksum.checksum)
        .unwrap();
}

/// A TGS-REQ of bob's under the armor of its own subkey.
fn armored_tgs(world: &World, explicit: bool) -> (TgsAsk, Armor, Vec<u8>) {
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt);
    let mut armor = Armor::new(&tgt);
    let subkey = ask.subkey.as_ref().unwrap();
    armor.key = subkey.fx_cf2(b"subkeyarmor", &tgt.key, b"ticketarmor");
    let mut outer = ask.clone().service("host/nowhere");
    let ap_req = outer.ap_req(world, &outer.body());
    let element = armor.element(world, &Vec::new(), ask.body(), &ap_req, explicit);
    outer.padata.push(element);
    let request = outer.frame(&ap_req, outer.body());
    (ask, armor, request)
}

#[test]
fn a_tgs_request_is_armored_by_its_own_subkey() {
    let world = World::new();
    let (ask, armor, request) = armored_tgs(&world, false);
    let TgsRep(reply) = TgsRep::decode(&world.reply(&request)).unwrap();
    assert_eq!(reply.ticket.sname, name("host/a.orthros.test"));
    let armored = armor.open(reply.padata.as_ref().unwrap());
    let plaintext = armored
        .reply_key(ask.reply_key())
        .decrypt(KeyUsage::TGS_REP_ENC_PART_SUBKEY, &reply.enc_part.cipher)
        .unwrap();
    let EncTgsRepPart(part) = EncTgsRepPart::decode(&plaintext).unwrap();
    assert_eq!(part.nonce, armored.response.nonce);
    assert_eq!(armored.response.finished.unwrap().cname, name("bob"));
}

#[test]
fn a_refused_tgs_request_is_refused_under_its_armor() {
    let world = World::new();
    let (_, armor, request) = armored_tgs(&world, false);
    let host = principal("host/a.orthros.test");
    orthros_kdc::Store::remove(&*world.store, &host).unwrap();
    let (error, _) = armor.open_error(&world.error(&request));
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_eq!(error.sname, name("host/a.orthros.test"));
}

#[test]
fn a_tgs_request_with_other_armor_is_refused() {
    let world = World::new();
    let (_, _, request) = armored_tgs(&world, true);
    let error = world.error(&request);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_challenge_is_no_timestamp() {
    let (world, armor, key) = setting();
    let sealed = timestamp(&key, KeyUsage::ENC_CHALLENGE_CLIENT, world.now);
    let element = padata(PaDataType::ENCRYPTED_CHALLENGE, &sealed.encode().unwrap());
    let code = refused(&world, &armor, &AsAsk::bare("alice").padata(element));
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}
