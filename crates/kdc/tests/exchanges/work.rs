//! Work is linear in a request's length, whichever of its lists is long: counted in allocations, and in questions
//! to the store.

use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use orthros_asn1::{
    AdType, AuthorizationDataEntry, ChangePasswdData, EncKrbPrivPart, EncTicketPart,
    EncryptionType, Exactly, HostAddress, KdcOptions, KrbPriv, Message as _, NameType, PaDataType,
    PaForUser, PrincipalName, SecretOctets, TicketFlags,
};
use orthros_crypto::KeyUsage;
use orthros_kdc::{Kdc, PrincipalEntry, RealmPolicy};
use orthros_testing::counting_store::CountingStore;
use orthros_testing::random::SeededRandom;
use orthros_types::{AddressType, Principal};

use crate::support::{
    AES256, Armor, AsAsk, Held, REALM, TgsAsk, World, WorldBuilder, keys, padata, principal_of,
    random_key, seal,
};

/// A realm that counts.
struct Counted {
    world: World,
    store: Arc<CountingStore>,
}

impl Counted {
    fn new() -> Self {
        Self::of(World::new())
    }

    fn of(mut world: World) -> Self {
        let policy: RealmPolicy = world.kdc.policy().clone();
        let store = Arc::new(CountingStore::new(world.store.clone()));
        world.kdc = Kdc::new(policy, store.clone());
        Self { world, store }
    }

    fn tgt(&self) -> Held {
        let options = KdcOptions::RENEWABLE | KdcOptions::FORWARDABLE;
        self.world.tgt("bob", options)
    }

    /// Asks, and checks the work that it makes against the request's length.
    fn ask(&self, what: &str, request: &[u8]) -> AllocationInfo {
        let before = self.store.look_ups();
        let world = &self.world;
        let random = &mut SeededRandom::new(1);
        let work = measure(|| {
            let is_password = !matches!(request.first(), Some(0x6A | 0x6C));
            let answer = if is_password {
                let (source, now) = (&world.source, world.now);
                world.kdc.change_password(request, source, now, random)
            } else {
                world.kdc.handle(request, &world.source, world.now, random)
            };
            // Replies are no amplifiers.
            let reply = answer.reply.unwrap_or_default();
            assert!(reply.len() < 2 * request.len() + 4096, "{what}");
        });
        let asked = self.store.look_ups() - before;
        let length = request.len() as u64;
        assert!(
            work.bytes_max < 200 * length + 200_000,
            "{what}, {length} octets: {work:?}"
        );
        assert!(
            work.bytes_total < 400 * length + 400_000,
            "{what}, {length} octets: {work:?}"
        );
        assert!(
            work.count_total < 20 * length + 2000,
            "{what}, {length} octets: {work:?}"
        );
        assert!(asked <= 270, "{what}: {asked} questions to the store");
        work
    }

    /// Asks with lists of several lengths: those that are short enough to be read, the longest that a datagram
    /// holds, the longest that a stream does. Twice the list makes no more than twice the work.
    fn ask_growing(&self, what: &str, request: impl Fn(&World, usize) -> Vec<u8>) {
        let mut last: Option<AllocationInfo> = None;
        for octets in [
            500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000, 240_000,
        ] {
            let work = self.ask(what, &request(&self.world, octets));
            if let Some(last) = last {
                assert!(
                    work.bytes_total <= 5 * last.bytes_total / 2 + 100_000,
                    "{what}"
                );
                assert!(
                    work.count_total <= 5 * last.count_total / 2 + 1000,
                    "{what}"
                );
            }
            last = Some(work);
        }
    }
}

/// A name of this many components of one octet, which take three each.
fn long_name(octets: usize) -> PrincipalName {
    let components = vec![b"a".as_slice().into(); octets / 3];
    PrincipalName {
        name_type: NameType::PRINCIPAL,
        name_string: components,
    }
}

/// `a.a.a.a` and so on.
fn deep(octets: usize, end: &str) -> String {
    "a.".repeat(octets / 2) + end
}

fn addresses(octets: usize) -> Vec<HostAddress> {
    let address = HostAddress {
        addr_type: AddressType::IPV4,
        address: [127, 0, 0, 2].as_slice().into(),
    };
    vec![address; octets / 17]
}

fn elements(octets: usize, ad_type: AdType) -> Vec<AuthorizationDataEntry> {
    let empty = [0x30, 0].as_slice();
    let element = AuthorizationDataEntry {
        ad_type,
        ad_data: empty.into(),
    };
    vec![element; octets / 13]
}

/// Authorization data that is so many levels deep in AD-IF-RELEVANT.
fn nested(octets: usize) -> Vec<AuthorizationDataEntry> {
    let mut data = Vec::new();
    for _ in 0..octets / 30 {
        if data.len() > octets {
            break;
        }
        let element = AuthorizationDataEntry {
            ad_type: AdType::IF_RELEVANT,
            ad_data: data.into(),
        };
        data = vec![element].encode().unwrap();
    }
    vec![AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: data.into(),
    }]
}

/// Distinct enctypes, none of which is known.
fn etypes(octets: usize) -> Vec<EncryptionType> {
    let last = i32::try_from(octets / 5).unwrap();
    (1000..1000 + last).map(EncryptionType).collect()
}

#[test]
fn a_long_list_in_an_as_request_makes_linear_work() {
    let counted = Counted::new();
    let bare = || AsAsk::bare("bob");
    counted.ask_growing("enctypes", |_, octets| {
        let mut ask = bare();
        ask.etypes.splice(..0, etypes(octets));
        ask.encode()
    });
    counted.ask_growing("addresses", |_, octets| {
        let mut ask = bare();
        ask.addresses = Some(addresses(octets));
        ask.encode()
    });
    counted.ask_growing("padata", |_, octets| {
        let mut ask = bare();
        ask.padata = vec![padata(PaDataType(-9), b""); octets / 11];
        ask.encode()
    });
    counted.ask_growing("wrong timestamp", |_, octets| {
        let noise = seal(
            &random_key(AES256, 9),
            KeyUsage(1),
            &elements(octets, AdType(-1)),
        );
        let element = padata(PaDataType::ENC_TIMESTAMP, &noise.encode().unwrap());
        AsAsk::bare("alice").padata(element).encode()
    });
    counted.ask_growing("client's name", |_, octets| {
        let mut ask = bare();
        ask.client = Some(long_name(octets));
        ask.encode()
    });
    counted.ask_growing("client's enterprise name", |_, octets| {
        let mut ask = bare();
        let text = "@".repeat(octets);
        ask.client = Some(PrincipalName {
            name_type: NameType::ENTERPRISE,
            name_string: vec![text.as_bytes().into()],
        });
        ask.options(KdcOptions::CANONICALIZE).encode()
    });
    counted.ask_growing("service's name", |_, octets| {
        let mut ask = bare();
        ask.service = Some(long_name(octets));
        ask.encode()
    });
    counted.ask_growing("name that needs escapes", |_, octets| {
        let mut ask = bare();
        let component = vec![0x1B; octets];
        ask.service = Some(Principal::new(REALM, [component]).to_principal_name());
        ask.encode()
    });
    counted.ask_growing("realm", |_, octets| {
        let mut ask = bare();
        ask.realm = deep(octets, REALM);
        ask.encode()
    });
}

#[test]
fn a_long_list_under_armor_makes_linear_work() {
    let counted = Counted::new();
    let armor = Armor::new(&counted.tgt());
    counted.ask_growing("padata", |world, octets| {
        let mut ask = AsAsk::bare("bob");
        ask.padata = vec![padata(PaDataType(-9), b""); octets / 11];
        armor.as_req(world, &ask)
    });
    counted.ask_growing("enctypes", |world, octets| {
        let mut ask = AsAsk::bare("bob");
        ask.etypes.splice(..0, etypes(octets));
        armor.as_req(world, &ask)
    });
    counted.ask_growing("challenge", |world, octets| {
        let noise = seal(
            &random_key(AES256, 9),
            KeyUsage(1),
            &elements(octets, AdType(-1)),
        );
        let element = padata(PaDataType::ENCRYPTED_CHALLENGE, &noise.encode().unwrap());
        armor.as_req(world, &AsAsk::bare("alice").padata(element))
    });
    counted.ask_growing("names", |world, octets| {
        let mut ask = AsAsk::bare("bob");
        ask.client = Some(long_name(octets / 2));
        ask.service = Some(long_name(octets / 2));
        armor.as_req(world, &ask)
    });
}

#[test]
fn a_long_list_in_a_tgs_request_makes_linear_work() {
    let counted = Counted::new();
    let tgt = counted.tgt();
    let ask = || TgsAsk::new(&tgt);
    counted.ask_growing("enctypes", |world, octets| {
        let mut ask = ask();
        ask.etypes.splice(..0, etypes(octets));
        ask.encode(world)
    });
    counted.ask_growing("addresses", |world, octets| {
        let mut ask = ask()
            .options(KdcOptions::FORWARDED)
            .service("krbtgt/ORTHROS.TEST");
        ask.addresses = Some(addresses(octets));
        ask.encode(world)
    });
    counted.ask_growing("padata", |world, octets| {
        let mut ask = ask();
        ask.padata = vec![padata(PaDataType(-9), b""); octets / 11];
        ask.encode(world)
    });
    counted.ask_growing("additional tickets", |world, octets| {
        let mut ask = ask().options(KdcOptions::ENC_TKT_IN_SKEY);
        let length = tgt.ticket.octets().len();
        ask.additional = vec![tgt.ticket.clone(); octets / length];
        ask.encode(world)
    });
    for ad_type in [AdType(-1), AdType::IF_RELEVANT, AdType::CAMMAC] {
        counted.ask_growing("authorization data", |world, octets| {
            let mut ask = ask();
            ask.authorization_data = Some(elements(octets, ad_type));
            ask.encode(world)
        });
    }
    counted.ask_growing("nested authorization data", |world, octets| {
        let mut ask = ask();
        ask.authorization_data = Some(nested(octets));
        ask.encode(world)
    });
    counted.ask_growing("service's name", |world, octets| {
        ask().named(long_name(octets)).encode(world)
    });
    counted.ask_growing("service's realm", |world, octets| {
        ask()
            .service(&format!("krbtgt/{}", deep(octets, REALM)))
            .encode(world)
    });
    counted.ask_growing("user's name", |world, octets| {
        let user = PaForUser {
            user_name: long_name(octets),
            user_realm: REALM.into(),
            cksum: orthros_asn1::Checksum {
                cksumtype: orthros_asn1::CksumType::HMAC_MD5,
                checksum: [7; 16].as_slice().into(),
            },
            auth_package: "Kerberos".into(),
        };
        let element = padata(PaDataType::FOR_USER, &user.encode().unwrap());
        ask().padata(element).encode(world)
    });
}

#[test]
fn a_realm_nearest_to_a_deep_one_is_found_with_few_questions() {
    let counted = Counted::new();
    let tgt = counted.tgt();
    for octets in [100, 400, 450, 480, 600] {
        let service = format!("krbtgt/{}", deep(octets, REALM));
        let request = TgsAsk::new(&tgt).service(&service).encode(&counted.world);
        counted.ask("realm", &request);
    }
}

/// A ticket for itself that a service has made up, sent for renewal.
fn forged(counted: &Counted, what: &str, change: impl Fn(&mut EncTicketPart, usize)) {
    let service = "host/a.orthros.test";
    let genuine: Held = TgsAsk::new(&counted.tgt()).granted(&counted.world).into();
    counted.ask_growing(what, |world, octets| {
        let held = world.forge(&genuine, |part| {
            part.flags |= TicketFlags::RENEWABLE | TicketFlags::FORWARDABLE;
            part.renew_till = Some(part.endtime);
            change(part, octets);
        });
        let ask = TgsAsk::new(&held).service(service);
        ask.options(KdcOptions::RENEW).encode(world)
    });
}

#[test]
fn a_long_list_in_a_ticket_made_up_by_its_service_makes_linear_work() {
    let counted = Counted::new();
    for pattern in [".,", ",", "a.,", "/a,", "ORTHROS.TEST,", "ORTHROS.TEST,,"] {
        forged(&counted, pattern, |part, octets| {
            let contents = pattern.repeat(octets / pattern.len());
            part.transited.contents = contents.as_bytes().into();
        });
    }
    forged(
        &counted,
        "transited realms between deep ones",
        |part, octets| {
            part.crealm = deep(200, REALM).as_str().into();
            let pattern = format!("{},,{REALM},,", deep(200, REALM));
            let contents = pattern.repeat(octets / pattern.len());
            part.transited.contents = contents.as_bytes().into();
        },
    );
    forged(&counted, "client's realm", |part, octets| {
        part.crealm = deep(octets, REALM).as_str().into();
        part.transited.contents = b",ORTHROS.TEST".as_slice().into();
    });
    forged(&counted, "client's name", |part, octets| {
        part.cname = long_name(octets);
    });
    forged(&counted, "addresses", |part, octets| {
        part.caddr = Some(addresses(octets));
    });
    for ad_type in [AdType(-1), AdType::IF_RELEVANT, AdType::CAMMAC] {
        forged(&counted, "authorization data", |part, octets| {
            part.authorization_data = Some(elements(octets, ad_type));
        });
    }
    forged(&counted, "nested authorization data", |part, octets| {
        part.authorization_data = Some(nested(octets));
    });
}

#[test]
fn a_long_list_in_a_ticket_of_a_hostile_trusted_realm_makes_linear_work() {
    let mut builder = WorldBuilder::new();
    let shared = principal_of("krbtgt/ORTHROS.TEST", "HOSTILE.TEST");
    builder.put(PrincipalEntry::new(shared, keys(1, &[AES256], 66)));
    builder = builder.policy(|policy| policy.rejects_unchecked_paths = false);
    let counted = Counted::of(builder.build());
    let mallory = principal_of("mallory", "HOSTILE.TEST");
    let genuine = counted.world.foreign_tgt("HOSTILE.TEST", &mallory);
    let ask = |what: &str, change: &dyn Fn(&mut EncTicketPart, usize)| {
        counted.ask_growing(what, |world, octets| {
            let held = world.forge(&genuine, |part| change(part, octets));
            TgsAsk::new(&held).encode(world)
        });
    };
    for pattern in [
        ".,",
        ",",
        "TEST,",
        "TEST,,HOSTILE.TEST,,",
        ",,TEST,",
        "/,",
        "a.,",
    ] {
        ask(pattern, &|part, octets| {
            let contents = pattern.repeat(octets / pattern.len());
            part.transited.contents = contents.as_bytes().into();
        });
    }
    for (realm, octets) in [(deep(480, "TEST"), None), (String::new(), Some(()))] {
        ask("deep realms", &|part, length| {
            let realm = octets.map_or(realm.clone(), |()| deep(length / 2, "TEST"));
            part.crealm = realm.as_str().into();
            let pattern = format!(",TEST,,{realm},");
            let contents = pattern.repeat(length / 2 / pattern.len());
            part.transited.contents = contents.as_bytes().into();
        });
    }
    ask("client's name", &|part, octets| {
        part.cname = long_name(octets);
    });
    ask("addresses", &|part, octets| {
        part.caddr = Some(addresses(octets));
    });
    for ad_type in [AdType(-1), AdType::IF_RELEVANT, AdType::CAMMAC] {
        ask("authorization data", &|part, octets| {
            part.authorization_data = Some(elements(octets, ad_type));
        });
    }
    ask("nested authorization data", &|part, octets| {
        part.authorization_data = Some(nested(octets));
    });
}

/// A request to change a password. Its frame counts up to 64 KiB.
fn change(world: &World, version: u16, user_data: Vec<u8>) -> Vec<u8> {
    let ask = AsAsk::new(world, "alice").service("kadmin/changepw");
    let held: Held = ask.granted(world).into();
    let subkey = random_key(AES256, 55);
    let ap_req = held.ap_req(world, Some(&subkey), None);
    let part = EncKrbPrivPart {
        user_data: SecretOctets::new(user_data),
        timestamp: None,
        usec: None,
        seq_number: None,
        s_address: HostAddress {
            addr_type: AddressType::IPV4,
            address: [127, 0, 0, 1].as_slice().into(),
        },
        r_address: None,
    };
    let krb_priv = KrbPriv {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part: seal(&subkey, KeyUsage::KRB_PRIV_ENC_PART, &part),
    };
    let krb_priv = krb_priv.encode().unwrap();
    let number = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let length = number(6 + ap_req.len() + krb_priv.len());
    let header = [length, version.to_be_bytes(), number(ap_req.len())].concat();
    [header, ap_req, krb_priv].concat()
}

#[test]
fn a_long_change_of_a_password_makes_linear_work() {
    let counted = Counted::new();
    let world = &counted.world;
    for octets in [15_000, 30_000, 60_000] {
        counted.ask("password", &change(world, 1, vec![b'x'; octets]));
        let data = ChangePasswdData {
            newpasswd: SecretOctets::new(b"secret".to_vec()),
            targname: Some(long_name(octets)),
            targrealm: Some(REALM.into()),
        };
        let request = change(world, 0xFF80, data.encode().unwrap());
        counted.ask("whose password", &request);
    }
    let garbage: Vec<u8> = [0xFF, 0xFF, 0, 1, 0xFF, 0xF0]
        .into_iter()
        .chain([7; 65_529])
        .collect();
    counted.ask("garbage", &garbage);
}

#[test]
fn an_error_text_is_cut_however_long_the_names_in_it() {
    let world = World::new();
    let held: Held = TgsAsk::new(&world.tgt("bob", KdcOptions::empty()))
        .granted(&world)
        .into();
    let long = Principal::new(REALM, [vec![b'x'; 4000]]);
    let mut elsewhere = held.clone();
    let mut ticket = held.ticket.value().clone();
    ticket.sname = long.to_principal_name();
    elsewhere.ticket = orthros_asn1::Raw::new(ticket).unwrap();
    let error = TgsAsk::new(&elsewhere).refused(&world);
    let text = error.e_text.unwrap();
    assert!(text.starts_with(b"ticket is for "), "{text:?}");
    assert!(text.len() <= 1200);
}
