//! Changing and setting passwords, RFC 3244.

#[path = "passwords/rules.rs"]
mod rules;

use orthros_asn1::{
    ApRep, ChangePasswdData, EncApRepPart, EncKrbPrivPart, Exactly, HostAddress, KdcOptions,
    KrbError, KrbPriv, Message as _, SecretOctets, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_kdc::{Answer, PrincipalFlags};
use orthros_testing::random::SeededRandom;
use orthros_types::{AddressType, Duration};

use crate::support::{
    AES128, AES256, AsAsk, DAY, Held, PASSWORD, TgsAsk, World, WorldBuilder, after, etype_info,
    method_data, name, random_key, seal,
};

const SEQUENCE: UInt32 = UInt32(815);

/// A request to change a password.
struct Change {
    held: Held,
    version: u16,
    user_data: Vec<u8>,
    subkey: Key,
    sequence: UInt32,
}

impl Change {
    fn new(world: &World, client: &str, password: &str) -> Self {
        let ask = AsAsk::new(world, client).service("kadmin/changepw");
        Self {
            held: ask.granted(world).into(),
            version: 1,
            user_data: password.into(),
            subkey: random_key(AES256, 55),
            sequence: SEQUENCE,
        }
    }

    fn set(world: &World, client: &str, target: Option<&str>, password: &str) -> Self {
        let data = ChangePasswdData {
            newpasswd: SecretOctets::new(password.into()),
            targname: target.map(name),
            targrealm: target.map(|_| "ORTHROS.TEST".into()),
        };
        Self {
            version: 0xFF80,
            user_data: data.encode().unwrap(),
            ..Self::new(world, client, "")
        }
    }

    fn encode(&self, world: &World) -> Vec<u8> {
        let subkey = Some(&self.subkey);
        let ap_req = self.held.ap_req(world, subkey, Some(SEQUENCE));
        let part = EncKrbPrivPart {
            user_data: SecretOctets::new(self.user_data.clone()),
            timestamp: None,
            usec: None,
            seq_number: Some(self.sequence),
            s_address: HostAddress {
                addr_type: AddressType::IPV4,
                address: [127, 0, 0, 1].as_slice().into(),
            },
            r_address: None,
        };
        let krb_priv = KrbPriv {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: seal(&self.subkey, KeyUsage::KRB_PRIV_ENC_PART, &part),
        };
        frame(self.version, &ap_req, &krb_priv.encode().unwrap())
    }

    /// The result code and the text in the reply.
    fn result(&self, world: &World) -> (u16, String) {
        let answer = answer(world, &self.encode(world));
        let reply = answer.reply.expect("there is a reply");
        let (version, ap_rep, body) = unframe(&reply);
        assert_eq!(version, 1);
        if ap_rep.is_empty() {
            let error = KrbError::decode(body).unwrap();
            return split(&error.e_data.unwrap());
        }
        let ap_rep = ApRep::decode(ap_rep).unwrap();
        let usage = KeyUsage::AP_REP_ENC_PART;
        let ap_rep = self
            .held
            .key
            .decrypt(usage, &ap_rep.enc_part.cipher)
            .unwrap();
        let ap_rep = EncApRepPart::decode(&ap_rep).unwrap();
        assert_eq!(ap_rep.ctime.seconds(), world.now.seconds());
        let sealed = KrbPriv::decode(body).unwrap();
        let usage = KeyUsage::KRB_PRIV_ENC_PART;
        let part = self.subkey.decrypt(usage, &sealed.enc_part.cipher).unwrap();
        let part = EncKrbPrivPart::decode(&part).unwrap();
        assert_eq!(part.seq_number, ap_rep.seq_number);
        split(part.user_data.expose())
    }
}

fn answer(world: &World, request: &[u8]) -> Answer {
    let random = &mut SeededRandom::new(3);
    world
        .kdc
        .change_password(request, &world.source, world.now, random)
}

fn frame(version: u16, ap_req: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(6 + ap_req.len() + body.len()).unwrap();
    let ap_req_length = u16::try_from(ap_req.len()).unwrap();
    let mut framed = Vec::new();
    for number in [length, version, ap_req_length] {
        framed.extend(number.to_be_bytes());
    }
    framed.extend(ap_req);
    framed.extend(body);
    framed
}

fn unframe(reply: &[u8]) -> (u16, &[u8], &[u8]) {
    let number = |at| u16::from_be_bytes([reply[at], reply[at + 1]]);
    assert_eq!(usize::from(number(0)), reply.len());
    let (ap_rep, body) = reply[6..].split_at(number(4).into());
    (number(2), ap_rep, body)
}

fn split(result: &[u8]) -> (u16, String) {
    let (code, text) = result.split_at(2);
    let code = u16::from_be_bytes([code[0], code[1]]);
    (code, String::from_utf8(text.to_vec()).unwrap())
}

/// The key that a password makes, with the salt that the KDC tells.
fn key_of(world: &World, client: &str, password: &str) -> Key {
    let info = etype_info(&method_data(&AsAsk::bare(client).refused(world)));
    let salt = info[0].salt.as_ref().unwrap();
    let enctype = Enctype::from_number(info[0].etype.0).unwrap();
    enctype
        .string_to_key(password.as_bytes(), salt, None)
        .unwrap()
}

fn logs_in(world: &World, client: &str, password: &str) -> bool {
    let key = key_of(world, client, password);
    let ask = AsAsk::bare(client).with_timestamp(&key, world.now);
    orthros_asn1::AsRep::decode(&world.reply(&ask.encode())).is_ok()
}

#[test]
fn a_client_changes_its_password() {
    let world = World::new();
    assert!(logs_in(&world, "alice", PASSWORD));
    let result = Change::new(&world, "alice", "new secret").result(&world);
    assert_eq!(result, (0, String::new()));
    assert!(logs_in(&world, "alice", "new secret"));
    assert!(!logs_in(&world, "alice", PASSWORD));
}

#[test]
fn new_keys_have_a_new_version_the_same_enctypes_and_the_default_salt() {
    let world = World::new();
    Change::new(&world, "alice", "new secret").result(&world);
    let alice = world.entry("alice");
    let keys: Vec<_> = alice
        .keys
        .iter()
        .map(|k| (k.kvno, k.key.enctype()))
        .collect();
    assert_eq!(keys, [(3, AES256), (3, AES128)]);
    assert_eq!(
        alice.keys[0].salt.as_deref(),
        Some(&b"ORTHROS.TESTalice"[..])
    );
}

#[test]
fn a_client_sets_its_own_password_with_and_without_its_name() {
    for target in [None, Some("alice")] {
        let world = World::new();
        let result = Change::set(&world, "alice", target, "new secret").result(&world);
        assert_eq!(result.0, 0);
        assert!(logs_in(&world, "alice", "new secret"));
    }
}

#[test]
fn only_who_may_sets_the_passwords_of_others() {
    let world = World::new();
    let change = Change::set(&world, "bob", Some("alice"), "new secret");
    assert_eq!(change.result(&world).0, 5);
    assert!(logs_in(&world, "alice", PASSWORD));
    let world = WorldBuilder::new()
        .flags("bob", PrincipalFlags::MAY_SET_PASSWORDS)
        .build();
    let change = Change::set(&world, "bob", Some("alice"), "new secret");
    assert_eq!(change.result(&world).0, 0);
    assert!(logs_in(&world, "alice", "new secret"));
}

#[test]
fn a_ticket_that_was_got_with_another_one_changes_nothing() {
    let world = World::new();
    let tgt = world.tgt("alice", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt).service("kadmin/changepw");
    let change = Change {
        held: ask.granted(&world).into(),
        ..Change::new(&world, "alice", "new secret")
    };
    assert_eq!(change.result(&world).0, 7);
    assert!(logs_in(&world, "alice", PASSWORD));
}

/// The ticket was got before.
#[test]
fn a_client_or_service_that_is_locked_expired_or_gone_changes_nothing() {
    type Edit = fn(&mut orthros_kdc::PrincipalEntry);
    let changes: [Option<Edit>; 4] = [
        Some(|entry| entry.flags |= PrincipalFlags::LOCKED),
        Some(|entry| entry.expiry = Some(after(-1))),
        Some(|entry| entry.valid_from = Some(after(1))),
        None,
    ];
    for who in ["alice", "kadmin/changepw"] {
        for change in changes {
            let world = World::new();
            let request = Change::new(&world, "alice", "new secret");
            let mut entry = (*world.entry(who)).clone();
            if let Some(change) = change {
                change(&mut entry);
                orthros_kdc::Store::put(&*world.store, entry).unwrap();
            } else {
                orthros_kdc::Store::remove(&*world.store, &entry.principal).unwrap();
            }
            assert_ne!(request.result(&world).0, 0, "{who}");
            let alice =
                orthros_kdc::Store::find(&*world.store, &crate::support::principal("alice"));
            let kept = alice.unwrap().is_none_or(|alice| alice.keys[0].kvno == 2);
            assert!(kept, "{who}");
        }
    }
}

#[test]
fn a_ticket_for_another_service_changes_nothing() {
    let world = World::new();
    let ask = AsAsk::new(&world, "alice").service("host/a.orthros.test");
    let change = Change {
        held: ask.granted(&world).into(),
        ..Change::new(&world, "alice", "new secret")
    };
    assert_eq!(change.result(&world).0, 3);
    assert!(logs_in(&world, "alice", PASSWORD));
}

#[test]
fn a_password_that_is_too_short_is_refused_with_the_reason() {
    let world = WorldBuilder::new()
        .policy(|policy| policy.min_password_len = 8)
        .build();
    let (code, text) = Change::new(&world, "alice", "7 chars").result(&world);
    assert_eq!(code, 4);
    assert_eq!(
        text,
        "password is not changed: password has fewer than 8 octets"
    );
    assert_eq!(Change::new(&world, "alice", "8 chars!").result(&world).0, 0);
}

#[test]
fn a_changed_password_is_good_again_for_as_long_as_the_realm_says() {
    let world = WorldBuilder::new()
        .policy(|policy| policy.max_password_life = Some(Duration::from_seconds(90 * DAY)))
        .flags("alice", PrincipalFlags::REQUIRES_PASSWORD_CHANGE)
        .with("alice", |alice| alice.password_expiry = Some(after(-1)))
        .build();
    assert_eq!(
        Change::new(&world, "alice", "new secret").result(&world).0,
        0
    );
    let alice = world.entry("alice");
    let expected = crate::support::NOW.saturating_add(Duration::from_seconds(90 * DAY));
    assert_eq!(alice.password_expiry, Some(expected));
    assert_eq!(alice.flags, PrincipalFlags::REQUIRES_PREAUTH);
    assert!(logs_in(&world, "alice", "new secret"));
}

#[test]
fn a_password_that_does_not_belong_to_the_authenticator_is_refused() {
    let world = World::new();
    let mut change = Change::new(&world, "alice", "new secret");
    change.sequence = UInt32(816);
    assert_eq!(change.result(&world).0, 3);
    assert!(logs_in(&world, "alice", PASSWORD));
}

#[test]
fn a_version_that_nobody_knows_is_refused_as_that() {
    let world = World::new();
    let mut change = Change::new(&world, "alice", "new secret");
    change.version = 2;
    assert_eq!(change.result(&world).0, 6);
}

#[test]
fn lengths_that_do_not_fit_get_no_answer() {
    let world = World::new();
    let request = Change::new(&world, "alice", "new secret").encode(&world);
    let mut longer_ap_req = request.clone();
    longer_ap_req[4] = 0xFF;
    for garbage in [
        b"",
        &request[..5],
        &request[1..],
        &request[..99],
        &longer_ap_req,
    ] {
        assert_eq!(answer(&world, garbage).reply, None);
    }
}

#[test]
fn what_is_no_ap_req_gets_no_answer() {
    let world = World::new();
    for ap_req in [&b""[..], b"\x30\x00"] {
        assert_eq!(answer(&world, &frame(1, ap_req, b"")).reply, None);
    }
}

#[test]
fn a_refusal_of_another_server_gets_no_answer() {
    let world = World::new();
    let mut change = Change::new(&world, "alice", "new secret");
    change.version = 2;
    let refusal = answer(&world, &change.encode(&world)).reply.unwrap();
    assert_eq!(answer(&world, &refusal).reply, None);
}

#[test]
fn the_record_says_who_changed_what_and_nothing_of_the_password() {
    let world = World::new();
    let request = Change::new(&world, "alice", "hunter2").encode(&world);
    let record = answer(&world, &request).record;
    assert_eq!(
        record.to_string(),
        "password change of alice@ORTHROS.TEST for kadmin/changepw@ORTHROS.TEST: granted"
    );
    assert!(!format!("{record:?}").contains("hunter2"));
}
