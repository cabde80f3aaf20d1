//! What an acceptor is told of its client by the PAC of the ticket, and which PACs it does not believe.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::cell::Cell;

use orthros::pac::{
    ClientInfo, FileTime, GroupAttributes, GroupMembership, LogonInfo, Pac, PacBufferType, Sid,
};
use orthros::{
    AcceptContext, ContextFlags, Environment, Error, ErrorKind, MechName, SecurityContext, Step,
};
use orthros_asn1::{
    AdType, AuthorizationData, AuthorizationDataEntry, EncTicketPart, Message as _,
};
use orthros_krb5::ap::{InitiatorOptions, initiate};
use orthros_krb5::crypto::{Enctype, Key};
use orthros_pac::PacBuilder;
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::Timestamp;

const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const DOMAIN: &str = "S-1-5-21-1-2-3";

struct World {
    realm: VirtualRealm,
    environment: Environment,
    /// How many requests there were: each is another one.
    requests: Cell<u64>,
    _directory: tempfile::TempDir,
}

impl World {
    fn new(enctype: Enctype) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let realm = VirtualRealm::new(enctype);
        Self {
            environment: environment(&realm, directory.path()),
            requests: Cell::new(0),
            _directory: directory,
            realm,
        }
    }

    fn service_key(&self) -> Key {
        self.realm.keytab().entries()[0].key.key().unwrap()
    }

    /// The context that an acceptor has with a client whose ticket the KDC has changed so.
    fn accept(&self, change: impl FnOnce(&mut EncTicketPart)) -> Result<SecurityContext, Error> {
        let ticket = self.realm.service_ticket_with(change);
        let options = InitiatorOptions {
            flags: ContextFlags::MUTUAL,
            ..InitiatorOptions::default()
        };
        self.requests.set(self.requests.get() + 1);
        let random = &mut SeededRandom::new(self.requests.get());
        let token = initiate(&ticket, &options, self.realm.now(), random);
        let acceptor = AcceptContext::builder().environment(&self.environment);
        match acceptor.build().unwrap().step(&token.unwrap().token)? {
            Step::Done { context, .. } => Ok(context),
            Step::Continue(_) => panic!("there is only one token"),
        }
    }

    /// A PAC for a ticket, signed with this key.
    fn pac(&self, part: &EncTicketPart, name: &str, server_key: &Key) -> Vec<u8> {
        let authtime = Timestamp::from_seconds(part.authtime.seconds());
        let client = ClientInfo {
            client_id: FileTime::from_timestamp(authtime).unwrap(),
            name: name.to_owned(),
        };
        PacBuilder::new()
            .with(PacBufferType::LOGON_INFO, logon_info().encode().unwrap())
            .unwrap()
            .with(PacBufferType::CLIENT_INFO, client.encode().unwrap())
            .unwrap()
            .with(PacBufferType(17), [2, 0, 0, 0, 1, 0, 0, 0])
            .unwrap()
            .sign(server_key, &key(9))
            .unwrap()
    }

    /// The client as its PAC has it.
    fn client(&self) -> String {
        String::from_utf8(self.realm.client().components()[0].clone()).unwrap()
    }

    /// The context of a client with a PAC as it should be.
    fn accept_with_pac(&self) -> SecurityContext {
        let signed = |part: &mut EncTicketPart| {
            let pac = self.pac(part, &self.client(), &self.service_key());
            part.authorization_data = Some(vec![relevant(&[pac])]);
        };
        self.accept(signed).unwrap()
    }
}

fn key(seed: u8) -> Key {
    Key::new(ENCTYPE, &[seed; 32]).unwrap()
}

fn sid(text: &str) -> Sid {
    text.parse().unwrap()
}

fn logon_info() -> LogonInfo {
    let group = |relative_id| GroupMembership {
        relative_id,
        attributes: GroupAttributes::USUAL,
    };
    LogonInfo {
        effective_name: "client".into(),
        user_id: 1103,
        group_ids: vec![group(513), group(1104)],
        logon_domain_id: Some(sid(DOMAIN)),
        ..LogonInfo::default()
    }
}

/// AD-IF-RELEVANT with these for PACs.
fn relevant(pacs: &[Vec<u8>]) -> AuthorizationDataEntry {
    let inner: AuthorizationData = pacs.iter().map(|pac| bare(pac)).collect();
    AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: inner.encode().unwrap().into(),
    }
}

fn bare(pac: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type: AdType::WIN2K_PAC,
        ad_data: pac.into(),
    }
}

fn assert_knows_the_groups(context: &SecurityContext) {
    let pac = context.pac().unwrap().unwrap();
    let sids: Vec<String> = pac.sids().map(|sid| sid.to_string()).collect();
    assert_eq!(
        sids,
        ["1103", "513", "1104"].map(|number| format!("{DOMAIN}-{number}"))
    );
    assert_eq!(pac.logon_info().unwrap().effective_name, "client");
}

#[test]
fn the_clients_groups_are_known_for_each_enctype() {
    for enctype in Enctype::ALL.iter().copied() {
        assert_knows_the_groups(&World::new(enctype).accept_with_pac());
    }
}

#[test]
fn a_ticket_without_a_pac_has_none_and_no_attributes() {
    let world = World::new(ENCTYPE);
    let outside = |part: &mut EncTicketPart| {
        let pac = world.pac(part, &world.client(), &world.service_key());
        part.authorization_data = Some(vec![bare(&pac), bare(b"not even one")]);
    };
    let nested = |part: &mut EncTicketPart| {
        let pac = world.pac(part, &world.client(), &world.service_key());
        let inner = vec![relevant(&[pac])];
        part.authorization_data = Some(vec![AuthorizationDataEntry {
            ad_type: AdType::IF_RELEVANT,
            ad_data: inner.encode().unwrap().into(),
        }]);
    };
    for context in [
        world.accept(|_| ()).unwrap(),
        world.accept(outside).unwrap(),
        world.accept(nested).unwrap(),
    ] {
        assert!(context.pac().unwrap().is_none());
        assert!(context.initiator_name().attributes().is_empty());
        let error = context
            .initiator_name()
            .attribute("urn:mspac:")
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}

#[test]
fn a_ticket_with_garbage_for_a_pac_is_refused_and_the_initiator_told() {
    let world = World::new(ENCTYPE);
    for garbage in [&b""[..], b"garbage", &[0; 8], &[1, 0, 0, 0, 0, 0, 0, 0]] {
        let refused = world.accept(|part| {
            part.authorization_data = Some(vec![relevant(&[garbage.to_vec()])]);
        });
        let error = refused.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::DefectiveToken);
        assert!(error.to_string().contains("PAC"), "{error}");
        assert!(error.token().is_some());
    }
}

#[test]
fn a_ticket_with_two_pacs_is_refused() {
    let world = World::new(ENCTYPE);
    let layouts: [fn(Vec<u8>) -> AuthorizationData; 2] = [
        |pac| vec![relevant(&[pac.clone(), pac])],
        |pac| vec![relevant(&[pac]), relevant(&[b"another".to_vec()])],
    ];
    for layout in layouts {
        let refused = world.accept(|part| {
            let pac = world.pac(part, &world.client(), &world.service_key());
            part.authorization_data = Some(layout(pac));
        });
        let error = refused.err().unwrap();
        assert!(error.to_string().contains("more than one PAC"), "{error}");
        assert!(error.token().is_some());
    }
}

#[test]
fn a_pac_that_is_not_the_kdcs_for_this_client_is_not_believed_and_the_context_stands() {
    let world = World::new(ENCTYPE);
    let (client, service_key) = (world.client(), world.service_key());
    let check = |change: &dyn Fn(&EncTicketPart) -> Vec<u8>, kind, text: &str| {
        let context = world.accept(|part| {
            let pac = change(part);
            part.authorization_data = Some(vec![relevant(&[pac])]);
        });
        let context = context.unwrap();
        let error = context.pac().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert!(context.initiator_name().attributes().is_empty());
        assert!(
            context
                .initiator_name()
                .attribute("urn:mspac:logon-info")
                .is_err()
        );
    };
    let bad_signature = ErrorKind::BadSignature;
    check(
        &|part| world.pac(part, &client, &key(9)),
        bad_signature,
        "not made with this key",
    );
    let weaker = Key::new(Enctype::AES128_CTS_HMAC_SHA1_96, &[1; 16]).unwrap();
    check(
        &|part| world.pac(part, &client, &weaker),
        bad_signature,
        "checksum type 15",
    );
    check(
        &|part| {
            let mut pac = world.pac(part, &client, &service_key);
            *pac.get_mut(200).unwrap() ^= 1;
            pac
        },
        bad_signature,
        "was changed",
    );
    check(
        &|part| world.pac(part, "administrator", &service_key),
        ErrorKind::Unauthorized,
        "administrator",
    );
    check(
        &|part| {
            let mut earlier = part.clone();
            let authtime = earlier.authtime.seconds() - 1;
            earlier.authtime = orthros_asn1::KerberosTime::from_seconds(authtime).unwrap();
            world.pac(&earlier, &client, &service_key)
        },
        ErrorKind::Unauthorized,
        "authenticated itself",
    );
    check(
        &|_| {
            let broken = PacBuilder::new().with(PacBufferType::CLIENT_INFO, [1, 2]);
            broken.unwrap().sign(&service_key, &key(9)).unwrap()
        },
        ErrorKind::DefectiveToken,
        "client info of the PAC is malformed",
    );
}

#[test]
fn buffers_that_cant_be_read_are_attributes_where_the_pac_is_the_kdcs() {
    let world = World::new(ENCTYPE);
    let context = world.accept(|part| {
        let authtime = Timestamp::from_seconds(part.authtime.seconds());
        let client = ClientInfo {
            client_id: FileTime::from_timestamp(authtime).unwrap(),
            name: world.client(),
        };
        let pac = PacBuilder::new()
            .with(PacBufferType::LOGON_INFO, *b"of a later version")
            .unwrap()
            .with(PacBufferType::CLIENT_INFO, client.encode().unwrap())
            .unwrap()
            .sign(&world.service_key(), &key(9))
            .unwrap();
        part.authorization_data = Some(vec![relevant(&[pac])]);
    });
    let context = context.unwrap();
    let error = context.pac().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveToken);
    assert!(error.to_string().contains("logon info"), "{error}");
    let raw = context.initiator_name().attribute("urn:mspac:logon-info");
    assert_eq!(raw.unwrap().values, [b"of a later version".to_vec()]);
}

/// To another process and there.
fn moved(context: SecurityContext, environment: &Environment) -> SecurityContext {
    SecurityContext::import_in(&context.export().unwrap(), environment).unwrap()
}

#[test]
fn an_exported_context_keeps_its_pac_and_that_it_was_verified() {
    let world = World::new(ENCTYPE);
    let context = moved(world.accept_with_pac(), &world.environment);
    assert_knows_the_groups(&context);
    assert_knows_the_groups(&moved(context, &world.environment));
}

#[test]
fn an_exported_context_whose_pac_did_not_hold_says_so() {
    let world = World::new(ENCTYPE);
    let context = world.accept(|part| {
        let pac = world.pac(part, &world.client(), &key(9));
        part.authorization_data = Some(vec![relevant(&[pac])]);
    });
    let context = moved(context.unwrap(), &world.environment);
    let error = context.pac().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("had not verified it"), "{error}");
    assert!(context.initiator_name().attributes().is_empty());
}

#[test]
fn the_service_key_is_not_exported() {
    let world = World::new(ENCTYPE);
    let token = world.accept_with_pac().export().unwrap();
    let service_key = world.service_key();
    let mut windows = token.windows(service_key.as_bytes().len());
    assert!(!windows.any(|window| window == service_key.as_bytes()));
}

#[test]
fn the_initiators_name_has_the_buffers_under_mits_names() {
    let world = World::new(ENCTYPE);
    let context = world.accept_with_pac();
    let name = context.initiator_name();
    assert_eq!(
        name.attributes(),
        [
            "urn:mspac:",
            "urn:mspac:logon-info",
            "urn:mspac:client-info",
            "urn:mspac:17",
            "urn:mspac:server-checksum",
            "urn:mspac:privsvr-checksum",
        ]
    );
    let value = |attribute: &str| {
        let attribute = name.attribute(attribute).unwrap();
        assert!(attribute.is_authenticated && attribute.is_complete);
        let [value] = <[Vec<u8>; 1]>::try_from(attribute.values).unwrap();
        value
    };
    let whole = value("urn:mspac:");
    let pac = Pac::parse(&whole).unwrap();
    assert_eq!(pac.buffers().count(), 5);
    assert_eq!(
        LogonInfo::decode(&value("URN:mspac:Logon-Info")).unwrap(),
        logon_info()
    );
    assert_eq!(value("urn:mspac:1"), value("urn:mspac:logon-info"));
    assert_eq!(value("urn:mspac:17"), [2, 0, 0, 0, 1, 0, 0, 0]);
    for none in [
        "urn:mspac",
        "urn:mspac:16",
        "urn:mspac:-1",
        "urn:mspac:device-info",
        "auth-indicators",
        "",
        "é",
    ] {
        let error = name.attribute(none).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{none}");
    }
    // A name that was made of the client's says nothing of it.
    let imported = MechName::import(&name.export()).unwrap();
    assert_eq!(imported, *name);
    assert!(imported.attributes().is_empty());
}
