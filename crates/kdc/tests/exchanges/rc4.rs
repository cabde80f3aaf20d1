//! RC4 where the realm's policy has it, with what its clients send; and each way in where it has not.

use orthros_asn1::{
    Checksum, CksumType, ErrorCode, EtypeInfo, KdcOptions, Message as _, PaData, PaDataType,
    PaS4uX509User,
};
use orthros_crypto::{Enctype, md4, md5};
use orthros_kdc::{PrincipalFlags, PrincipalKey};

use crate::delegation::{for_user, x509_user};
use crate::support::{
    AES256, Armor, AsAsk, Held, PASSWORD, TgsAsk, World, WorldBuilder, encryption_key, etype,
    etype_info, find, keys, method_data, name, principal, random_key,
};

const RC4: Enctype = Enctype::ARCFOUR_HMAC;
const FRONT: &str = "HTTP/b.orthros.test";

/// Alice has a key of RC4 besides, of a salt that it does not use.
fn builder() -> WorldBuilder {
    WorldBuilder::new().with("alice", |alice| {
        let (password, salt) = (PASSWORD.as_bytes(), b"pepper".to_vec());
        let key = PrincipalKey::from_salted_password(password, salt, None, 2, RC4).unwrap();
        alice.keys.push(key);
    })
}

fn permitting() -> World {
    builder()
        .policy(|policy| policy.enctypes.push(RC4))
        .flags(FRONT, PrincipalFlags::OK_TO_AUTH_AS_DELEGATE)
        .build()
}

/// The client's ticket-granting ticket with a session key of RC4 in it.
fn tgt(world: &World, client: &str) -> Held {
    let held = world.tgt(client, KdcOptions::empty());
    world.forge(&held, |part| part.key = encryption_key(&random_key(RC4, 7)))
}

/// A request with that ticket and a subkey of RC4.
fn ask(world: &World, client: &str) -> TgsAsk {
    let mut ask = TgsAsk::new(&tgt(world, client));
    ask.subkey = Some(random_key(RC4, 8));
    ask
}

#[test]
fn a_client_of_rc4_alone_is_told_in_the_old_form_too_how_its_key_is_made() {
    let world = permitting();
    let hints = |enctypes: &[Enctype]| {
        let refused = AsAsk::bare("alice").etypes(enctypes).refused(&world);
        assert_eq!(refused.error_code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
        method_data(&refused)
    };
    let told = hints(&[RC4]);
    assert_eq!(etype_info(&told)[0].etype, etype(RC4));
    let old = EtypeInfo::decode(find(&told, PaDataType::ETYPE_INFO).unwrap()).unwrap();
    let salt = old[0].salt.as_deref();
    assert_eq!((old.len(), old[0].etype), (1, etype(RC4)));
    assert_eq!(salt, Some(&b"pepper"[..]));
    // RFC 4120 section 5.2.7.4: not where the client has a newer enctype.
    for enctypes in [&[RC4, AES256][..], &[AES256]] {
        let told = hints(enctypes);
        assert_eq!(etype_info(&told)[0].etype, etype(AES256));
        assert_eq!(find(&told, PaDataType::ETYPE_INFO), None);
    }
}

#[test]
fn a_ticket_by_password_names_the_key_in_the_old_form_too() {
    let world = permitting();
    let key = world.entry("alice").keys[2].key.clone();
    let ask = AsAsk::bare("alice").etypes(&[RC4]);
    let ask = ask.with_timestamp(&key, world.now);
    // The ticket-granting service has no key of RC4, so that the session key is in question, not the client's.
    assert_eq!(
        ask.refused(&world).error_code,
        ErrorCode::KDC_ERR_ETYPE_NOSUPP
    );
    let world = builder()
        .policy(|policy| policy.enctypes.push(RC4))
        .with("krbtgt/ORTHROS.TEST", |krbtgt| {
            krbtgt.keys.extend(keys(3, &[RC4], 9));
        })
        .build();
    let granted = ask.granted(&world);
    assert_eq!(granted.part.key.keytype, etype(RC4));
    assert_eq!(granted.ticket.enc_part.etype, etype(AES256));
    assert!(find(&granted.padata, PaDataType::ETYPE_INFO).is_some());
}

#[test]
fn keys_of_rc4_in_requests_are_refused_where_the_policy_has_it_not() {
    let world = builder().build();
    let refused = ErrorCode::KDC_ERR_ETYPE_NOSUPP;
    let held = world.tgt("alice", KdcOptions::empty());
    let mut subkey = TgsAsk::new(&held);
    subkey.subkey = Some(random_key(RC4, 8));
    let mut session_key = TgsAsk::new(&tgt(&world, "alice"));
    session_key.subkey = None;
    for ask in [subkey, session_key] {
        let error = ask.refused(&world);
        assert_eq!(error.error_code, refused);
        let text = String::from_utf8_lossy(&error.e_text.unwrap()).into_owned();
        assert!(text.contains("enctypes of the realm"), "{text}");
    }
    let hints = AsAsk::bare("alice").etypes(&[RC4]).refused(&world);
    assert_eq!(hints.error_code, refused);
    let asked = TgsAsk::new(&held).etypes(&[RC4]).refused(&world);
    assert_eq!(asked.error_code, refused);
    let armored = Armor::new(&tgt(&world, "alice")).without_subkey();
    let error = world.error(&armored.as_req(&world, &AsAsk::bare("alice")));
    assert_eq!(error.error_code, refused);
}

#[test]
fn preauthentication_in_rc4_is_refused_where_the_policy_has_it_not() {
    let world = builder().build();
    let key = world.entry("alice").keys[2].key.clone();
    let ask = AsAsk::bare("alice").with_timestamp(&key, world.now);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    assert!(
        etype_info(&method_data(&error))
            .iter()
            .all(|entry| entry.etype != etype(RC4))
    );
}

#[test]
fn a_ticket_sealed_in_an_old_key_of_rc4_is_refused_where_the_policy_has_it_not() {
    let krbtgt = "krbtgt/ORTHROS.TEST";
    let world = |permitted: bool| {
        let builder = builder().with(krbtgt, |krbtgt| {
            krbtgt.keys.splice(0..0, keys(3, &[RC4], 9));
        });
        let builder = if permitted {
            builder.policy(|policy| policy.enctypes.push(RC4))
        } else {
            builder
        };
        builder.build()
    };
    for permitted in [true, false] {
        let world = world(permitted);
        let held = world.tgt("alice", KdcOptions::empty());
        // Sealed in the first key.
        let held = world.forge(&held, |_| {});
        assert_eq!(held.ticket.enc_part.etype, etype(RC4));
        let ask = TgsAsk::new(&held);
        if permitted {
            ask.granted(&world);
        } else {
            assert_eq!(ask.refused(&world).error_code, ErrorCode::KRB_AP_ERR_NOKEY);
        }
    }
}

/// What Heimdal's client sends.
#[test]
fn the_body_of_a_request_is_under_md5_in_authenticators_of_rc4_alone() {
    let world = permitting();
    let with = |mut ask: TgsAsk, covered: Option<&[u8]>| {
        let body = ask.body();
        let digest = md5(&[covered.unwrap_or(body.octets())]);
        ask.checksum = Some(Checksum {
            cksumtype: CksumType::RSA_MD5,
            checksum: digest.as_slice().into(),
        });
        ask
    };
    let granted = with(ask(&world, "alice"), None).granted(&world);
    assert_eq!(granted.cname, name("alice"));
    let other = with(ask(&world, "alice"), Some(b"other")).refused(&world);
    assert_eq!(other.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    // The session key says it, not the subkey.
    let held = world.tgt("alice", KdcOptions::empty());
    let mut of_aes = TgsAsk::new(&held);
    of_aes.subkey = Some(random_key(RC4, 8));
    let error = with(of_aes, None).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

/// PA-S4U-X509-USER as MIT's client sends it under RC4.
fn unkeyed(ask: &TgsAsk, user: &str) -> PaData {
    let keyed = x509_user(ask, &principal(user), ask.body().nonce);
    let mut element = PaS4uX509User::decode(&keyed.padata_value).unwrap();
    element.checksum = Checksum {
        cksumtype: CksumType::RSA_MD4,
        checksum: md4(element.user_id.octets()).as_slice().into(),
    };
    PaData {
        padata_value: element.encode().unwrap().into(),
        ..keyed
    }
}

#[test]
fn a_users_name_under_md4_counts_next_to_the_same_under_a_key() {
    let world = permitting();
    let ask = ask(&world, FRONT).service(FRONT);
    let with = |elements: &[PaData]| {
        let mut ask = ask.clone();
        ask.padata.extend_from_slice(elements);
        ask
    };
    let keyed = |user: &str| for_user(&ask, &principal(user));
    let unkeyed = |user: &str| unkeyed(&ask, user);
    let granted = with(&[unkeyed("alice"), keyed("alice")]).granted(&world);
    assert_eq!(granted.cname, name("alice"));
    // The reply repeats both checksums where nothing can be changed: MIT's client wants that.
    let asked = PaS4uX509User::decode(&unkeyed("alice").padata_value).unwrap();
    let reply = find(&granted.padata, PaDataType::FOR_X509_USER).unwrap();
    let reply = PaS4uX509User::decode(reply).unwrap();
    let both = [&*asked.checksum.checksum, &*reply.checksum.checksum].concat();
    let encrypted = granted.part.encrypted_pa_data.unwrap();
    assert_eq!(find(&encrypted, PaDataType::FOR_X509_USER), Some(&both[..]));

    let changed = with(&[unkeyed("bob"), keyed("alice")]).refused(&world);
    assert_eq!(changed.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    let alone = with(&[unkeyed("alice")]).refused(&world);
    assert_eq!(alone.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
    let mut damaged = unkeyed("alice");
    let mut element = PaS4uX509User::decode(&damaged.padata_value).unwrap();
    element.checksum.checksum = [0; 16].as_slice().into();
    damaged.padata_value = element.encode().unwrap().into();
    let damaged = with(&[damaged, keyed("alice")]).refused(&world);
    assert_eq!(damaged.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_users_name_under_md4_is_refused_under_keys_of_aes() {
    let world = permitting();
    let held = world.tgt(FRONT, KdcOptions::empty());
    let ask = TgsAsk::new(&held).service(FRONT);
    let elements = [unkeyed(&ask, "alice"), for_user(&ask, &principal("alice"))];
    let mut ask = ask;
    ask.padata.extend(elements);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}
