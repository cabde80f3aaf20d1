//! KRB-SAFE, KRB-PRIV and KRB-CRED with MIT's library at the other end, both ways round.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use orthros_testing::mit::{
    DEFAULT_ENCTYPES, KRB5_DO_SEQUENCE, KRB5_DO_TIME, Krb5End, Krb5Peer, Realm,
};
use orthros_testing::{require_mit, require_python_gssapi};
use orthros_types::ccache::{CacheFile, CacheFormat, Header, encode_credential};
use orthros_types::{Credential, TicketFlags};

use super::*;

/// A realm with one service per enctype, and a client that knows no other.
struct World {
    realm: Realm,
    store: EndlessReplays,
}

impl World {
    fn start() -> Self {
        let user = Realm::builder().user("alice", "secret");
        let realm = DEFAULT_ENCTYPES.iter().fold(user, |builder, enctype| {
            builder.service_with_enctypes(&format!("{enctype}/localhost"), &[enctype])
        });
        Self {
            realm: realm.start().unwrap(),
            store: EndlessReplays::default(),
        }
    }

    fn peer(&self, enctype: &str) -> Krb5Peer {
        let config = self.realm.pinned_conf(enctype).unwrap();
        let mut kinit = self.realm.command("kinit");
        kinit.env("KRB5_CONFIG", &config);
        let finished = self.realm.run(kinit.args(["-f", "alice"]), b"secret\n");
        let finished = finished.unwrap();
        assert!(finished.status.success(), "{finished}");
        let peer = self.realm.krb5_peer(|command| {
            command.env("KRB5_CONFIG", config);
        });
        peer.unwrap()
    }

    fn open(&self, end: &mut Session, message: &[u8]) -> Result<Vec<u8>, SessionError> {
        let opened = end.decrypt(message, now(), Some(&self.store))?;
        Ok(opened.to_vec())
    }

    fn verify(&self, end: &mut Session, message: &[u8]) -> Result<Vec<u8>, SessionError> {
        end.verify(message, now(), Some(&self.store))
    }
}

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::new(now.as_secs().try_into().unwrap(), now.subsec_micros()).unwrap()
}

/// Two ends of which one is MIT's: ours, and which of the library's two is its peer.
fn ends(peer: &mut Krb5Peer, enctype: &str, flags: u32, role: Role) -> (Session, Krb5End) {
    let session = peer.begin(enctype, flags).unwrap();
    let kind = Enctype::from_number(session.enctype).unwrap();
    assert_eq!(kind.name(), enctype);
    let (theirs, own, other) = match role {
        Role::Initiator => (
            Krb5End::Acceptor,
            session.initiator_number,
            session.acceptor_number,
        ),
        Role::Acceptor => (
            Krb5End::Initiator,
            session.acceptor_number,
            session.initiator_number,
        ),
    };
    let numbers = SequenceNumbers { own, peer: other };
    let has = |flag| flags & flag != 0;
    let mut options = SessionOptions::numbered(role, numbers);
    options.sequence = has(KRB5_DO_SEQUENCE).then_some(numbers);
    options.clock_skew = has(KRB5_DO_TIME).then_some(SKEW);
    let peer_options = SessionOptions::numbered(opposite(role), numbers);
    let address = |address: &HostAddress| (address.addr_type.0, address.address.to_vec());
    let (ours, remote) = (
        address(&options.local_address),
        address(&peer_options.local_address),
    );
    peer.addresses(theirs, (remote.0, &remote.1), (ours.0, &ours.1))
        .unwrap();
    let key = Key::new(kind, &session.key).unwrap();
    (Session::new(key, options).unwrap(), theirs)
}

fn opposite(role: Role) -> Role {
    match role {
        Role::Initiator => Role::Acceptor,
        Role::Acceptor => Role::Initiator,
    }
}

const ROLES: [Role; 2] = [Role::Initiator, Role::Acceptor];

#[test]
fn mits_library_and_ours_tell_each_other_signed_and_sealed_messages_in_each_enctype() {
    require_mit!();
    require_python_gssapi!();
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let mut peer = world.peer(enctype);
        for flags in [
            KRB5_DO_SEQUENCE,
            KRB5_DO_TIME,
            KRB5_DO_SEQUENCE | KRB5_DO_TIME,
        ] {
            for role in ROLES {
                let (mut ours, theirs) = ends(&mut peer, enctype, flags, role);
                for length in [0, 1, 100, 40_000] {
                    let message = vec![b'm'; length];
                    let sealed = ours.encrypt(&message, now(), &mut random()).unwrap();
                    assert_eq!(peer.open(theirs, &sealed).unwrap(), message);
                    let signed = ours.sign(&message, now()).unwrap();
                    assert_eq!(peer.verify(theirs, &signed).unwrap(), message);
                    let sealed = peer.seal(theirs, &message).unwrap();
                    assert_eq!(world.open(&mut ours, &sealed).unwrap(), message);
                    let signed = peer.sign(theirs, &message).unwrap();
                    assert_eq!(world.verify(&mut ours, &signed).unwrap(), message);
                }
            }
        }
    }
}

#[test]
fn neither_library_takes_the_others_message_twice_or_changed() {
    require_mit!();
    require_python_gssapi!();
    let world = World::start();
    let enctype = DEFAULT_ENCTYPES[0];
    let mut peer = world.peer(enctype);
    for flags in [KRB5_DO_SEQUENCE, KRB5_DO_TIME] {
        let (mut ours, theirs) = ends(&mut peer, enctype, flags, Role::Initiator);
        let sealed = peer.seal(theirs, b"once").unwrap();
        let changed = |message: &[u8]| {
            let mut changed = message.to_vec();
            *changed.last_mut().unwrap() ^= 1;
            changed
        };
        let error = world.open(&mut ours, &changed(&sealed)).unwrap_err();
        assert!(matches!(error, SessionError::Integrity(_)), "{error}");
        world.open(&mut ours, &sealed).unwrap();
        world.open(&mut ours, &sealed).unwrap_err();
        let signed = ours.sign(b"once", now()).unwrap();
        peer.verify(theirs, &changed(&signed)).unwrap_err();
        peer.verify(theirs, &signed).unwrap();
        peer.verify(theirs, &signed).unwrap_err();
    }
}

#[test]
fn a_ticket_that_mits_library_forwards_serves_its_receiver() {
    require_mit!();
    require_python_gssapi!();
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let mut peer = world.peer(enctype);
        for flags in [KRB5_DO_SEQUENCE, KRB5_DO_TIME] {
            let (mut ours, theirs) = ends(&mut peer, enctype, flags, Role::Acceptor);
            let message = peer.forward(theirs).unwrap();
            let tickets = ours.decrypt_credentials(&message, now(), Some(&world.store));
            let [ticket] = &tickets.unwrap()[..] else {
                panic!("not one ticket");
            };
            assert!(ticket.flags.contains(TicketFlags::FORWARDED));
            assert_eq!(ticket.client.to_string(), "alice@ORTHROS.TEST");
            // Behind it comes the peer's next message.
            let sealed = peer.seal(theirs, b"next").unwrap();
            assert_eq!(world.open(&mut ours, &sealed).unwrap(), b"next");

            let mut cache = Header::new(ticket.client.clone(), None).encode().unwrap();
            cache.extend(&*encode_credential(ticket, CacheFormat::Version4).unwrap());
            let path = world.realm.path("received");
            fs::write(&path, cache).unwrap();
            let mut kvno = world.realm.command("kvno");
            kvno.env("KRB5_CONFIG", world.realm.pinned_conf(enctype).unwrap());
            kvno.env("KRB5CCNAME", path)
                .arg(format!("{enctype}/localhost"));
            let finished = world.realm.run(&mut kvno, b"").unwrap();
            assert!(finished.status.success(), "{finished}");
        }
    }
}

#[test]
fn mits_library_takes_the_tickets_that_ours_gives() {
    require_mit!();
    require_python_gssapi!();
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let mut peer = world.peer(enctype);
        let given = credentials(&world.realm.ccache());
        assert_eq!(given.len(), 1);
        for flags in [KRB5_DO_SEQUENCE, KRB5_DO_TIME] {
            let (mut ours, theirs) = ends(&mut peer, enctype, flags, Role::Initiator);
            let message = ours
                .encrypt_credentials(&given, now(), &mut random())
                .unwrap();
            let path = world.realm.path("given");
            let cache = format!("FILE:{}", path.display());
            let count = peer.take_credentials(theirs, &message, &cache).unwrap();
            assert_eq!(usize::try_from(count), Ok(given.len()));
            assert_eq!(credentials(&path), given);
            peer.take_credentials(theirs, &message, &cache).unwrap_err();
        }
    }
}

/// The ticket-granting tickets in a cache.
fn credentials(cache: &std::path::Path) -> Vec<Credential> {
    let cache = fs::read(cache).unwrap();
    let cache = CacheFile::open(&cache).unwrap();
    let credentials = cache.credentials().map(Result::unwrap);
    credentials
        .filter(Credential::is_local_ticket_granting)
        .collect()
}
