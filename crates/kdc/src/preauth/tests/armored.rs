//! Several rounds under FAST armor: element and cookie are under it, too, and it strengthens the mechanism's reply
//! key.

use orthros_asn1::{
    ApOptions, ApReq, Authenticator, Checksum, CksumType, FastArmorType, FastOptions, KrbFastArmor,
    KrbFastArmoredReq, KrbFastReq, KrbFastResponse, PaFxFastReply, PaFxFastRequest,
};

use super::*;

/// A ticket-granting ticket of `bob` as armor for others.
struct ArmorTicket {
    ticket: KdcRep<11>,
    session_key: Key,
    subkey: Key,
}

impl ArmorTicket {
    fn new(realm: &Realm) -> Self {
        let (challenge, cookie) = realm.challenge("bob");
        let ticket = realm.granted("bob", realm.response("bob", &challenge, cookie));
        let key = reply_key(&realm.key("bob"), &challenge);
        Self {
            session_key: session_key(&key, &ticket),
            ticket,
            subkey: AES256.random_key(&mut SeededRandom::new(77)).unwrap(),
        }
    }

    fn key(&self) -> Key {
        let subkey = &self.subkey;
        subkey.fx_cf2(b"subkeyarmor", &self.session_key, b"ticketarmor")
    }

    /// PA-FX-FAST with these elements of `alice` under it.
    fn armor(&self, padata: MethodData) -> MethodData {
        let random = &mut SeededRandom::new(5);
        let key = self.key();
        let inner = KrbFastReq {
            fast_options: FastOptions::empty(),
            padata,
            req_body: body("alice"),
        };
        let tag = key.checksum(KeyUsage::FAST_REQ_CHECKSUM, body("alice").octets());
        let request = PaFxFastRequest::ArmoredData(KrbFastArmoredReq {
            armor: Some(KrbFastArmor {
                armor_type: FastArmorType::AP_REQUEST,
                armor_value: self.ap_req().into(),
            }),
            req_checksum: Checksum {
                cksumtype: CksumType(AES256.checksum_type().number()),
                checksum: tag.as_ref().into(),
            },
            enc_fast_req: wire::encrypt(&inner, &key, None, KeyUsage::FAST_ENC, random).unwrap(),
        });
        vec![wire::padata(PaDataType::FX_FAST, &request).unwrap()]
    }

    fn ap_req(&self) -> Vec<u8> {
        let random = &mut SeededRandom::new(6);
        let now = Timestamp::from_seconds(NOW);
        let authenticator = Authenticator {
            authenticator_vno: Exactly,
            crealm: self.ticket.crealm.clone(),
            cname: self.ticket.cname.clone(),
            cksum: None,
            cusec: wire::microseconds(now),
            ctime: wire::kerberos_time(now),
            subkey: Some(wire::encryption_key(&self.subkey)),
            seq_number: None,
            authorization_data: None,
        };
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let ap_req = ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: ApOptions::empty(),
            ticket: self.ticket.ticket.clone(),
            authenticator: wire::encrypt(&authenticator, &self.session_key, None, usage, random)
                .unwrap(),
        };
        ap_req.encode().unwrap()
    }

    /// What stands under the armor of a reply.
    fn open(&self, padata: &[PaData]) -> KrbFastResponse {
        let element = wire::find(padata, PaDataType::FX_FAST).expect("reply is armored");
        let PaFxFastReply::ArmoredData(reply) = PaFxFastReply::decode(element).unwrap();
        let cipher = &reply.enc_fast_rep.cipher;
        let plaintext = self.key().decrypt(KeyUsage::FAST_REP, cipher).unwrap();
        KrbFastResponse::decode(&plaintext).unwrap()
    }
}

fn session_key(reply_key: &Key, reply: &KdcRep<11>) -> Key {
    let part = reply_key.decrypt(KeyUsage::AS_REP_ENC_PART, &reply.enc_part.cipher);
    let EncAsRepPart(part) = EncAsRepPart::decode(&part.unwrap()).unwrap();
    wire::key(&RealmPolicy::new(""), &part.key).unwrap()
}

#[test]
fn two_rounds_work_under_armor_which_strengthens_their_reply_key() {
    let realm = Realm::new();
    let armor = ArmorTicket::new(&realm);
    let hello = armor.armor(vec![element(TWO_ROUNDS, HELLO.to_vec())]);
    let (code, data) = realm.refused("alice", hello, 0);
    assert_eq!(code, ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED);
    // Outside of the armor there is neither.
    assert_eq!(wire::find(&data, TWO_ROUNDS), None);
    assert_eq!(wire::find(&data, PaDataType::FX_COOKIE), None);
    let inner = armor.open(&data).padata;
    let of = |wanted| wire::find(&inner, wanted).unwrap().to_vec();
    let (challenge, cookie) = (of(TWO_ROUNDS), of(PaDataType::FX_COOKIE));
    let response = armor.armor(realm.response("alice", &challenge, cookie));
    let reply = realm.granted("alice", response);
    let inner = armor.open(&reply.padata.clone().unwrap());
    assert_eq!(wire::find(&inner.padata, TWO_ROUNDS), Some(WELCOME));
    let strengthen = wire::key(&RealmPolicy::new(""), &inner.strengthen_key.unwrap()).unwrap();
    let replaced = reply_key(&realm.key("alice"), &challenge);
    let strengthened = strengthen.fx_cf2(b"strengthenkey", &replaced, b"replykey");
    session_key(&strengthened, &reply);
}

#[test]
fn a_cookie_of_a_conversation_under_armor_is_refused_outside_of_it_and_the_other_way_round() {
    let realm = Realm::new();
    let armor = ArmorTicket::new(&realm);
    let (code, data) = realm.refused(
        "alice",
        armor.armor(vec![element(TWO_ROUNDS, HELLO.to_vec())]),
        0,
    );
    assert_eq!(code, ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED);
    let inner = armor.open(&data).padata;
    let of = |wanted| wire::find(&inner, wanted).unwrap().to_vec();
    let response = realm.response("alice", &of(TWO_ROUNDS), of(PaDataType::FX_COOKIE));
    let (code, _) = realm.refused("alice", response, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    let (challenge, cookie) = realm.challenge("alice");
    let response = armor.armor(realm.response("alice", &challenge, cookie));
    let (code, _) = realm.refused("alice", response, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}
