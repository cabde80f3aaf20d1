//! MIT's KDC, and ours with its keys.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use orthros_asn1::{KdcOptions, KerberosTime};
use orthros_kdc::{PrincipalEntry, PrincipalFlags, PrincipalKey};
use orthros_testing::mit::Realm;
use orthros_types::keytab::Keytab;
use orthros_types::{Principal, Timestamp};

use super::Difference;
use super::seen::{self, Fields};
use crate::support::{AsAsk, DAY, HOUR, Held, TgsAsk, World, WorldBuilder};

/// Both KDCs.
pub(super) struct Both {
    mit: Realm,
    pub(super) world: World,
    /// What was not expected.
    findings: RefCell<Vec<String>>,
}

type Change = fn(&mut PrincipalEntry);

/// Principals, options of MIT's `addprinc`, and what they mean here.
const PRINCIPALS: [(&str, &str, Change); 14] = [
    ("alice", "+requires_preauth", |entry| {
        entry.flags |= PrincipalFlags::REQUIRES_PREAUTH;
    }),
    ("bob", "", |_| {}),
    ("locked", "-allow_tix", |entry| {
        entry.flags |= PrincipalFlags::LOCKED;
    }),
    ("expired", "-expire 2001-01-01", |entry| {
        entry.expiry = Some(Timestamp::from_seconds(1));
    }),
    ("stale", "-pwexpire 2001-01-01", |entry| {
        entry.password_expiry = Some(Timestamp::from_seconds(1));
    }),
    ("must-change", "+needchange", |entry| {
        entry.flags |= PrincipalFlags::REQUIRES_PASSWORD_CHANGE;
    }),
    ("host/a", "", |_| {}),
    ("host/locked", "-allow_tix", |entry| {
        entry.flags |= PrincipalFlags::LOCKED;
    }),
    ("host/u2u", "-allow_svr", |entry| {
        entry.flags |= PrincipalFlags::DISALLOW_SERVICE;
    }),
    ("host/expired", "-expire 2001-01-01", |entry| {
        entry.expiry = Some(Timestamp::from_seconds(1));
    }),
    ("host/as-only", "-allow_tgs_req", |entry| {
        entry.flags |= PrincipalFlags::DISALLOW_TGT_BASED;
    }),
    ("host/trusted", "+ok_as_delegate", |entry| {
        entry.flags |= PrincipalFlags::OK_AS_DELEGATE;
    }),
    ("host/plain", "", |_| {}),
    ("carol", "", |_| {}),
];

impl Both {
    pub(super) fn start() -> Self {
        let enctypes = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"];
        // Unlike ours, MIT's KDC has no group for SPAKE by default.
        let mut builder = Realm::builder()
            .enctypes(&enctypes)
            .libdefault("spake_preauth_groups", "edwards25519");
        for (principal, options, _) in PRINCIPALS {
            builder = builder.principal(principal, &format!("{options} -pw secret"));
        }
        let mit = builder.start().unwrap();
        let mut names: Vec<&str> = PRINCIPALS.iter().map(|(name, ..)| *name).collect();
        names.push("krbtgt/ORTHROS.TEST");
        let keytab = mit.extract_keytab("all.keytab", &names).unwrap();
        let keytab = Keytab::decode(&fs::read(keytab).unwrap()).unwrap();
        let mut world = WorldBuilder::new();
        for name in names {
            let known = PRINCIPALS.iter().find(|(known, ..)| *known == name);
            let mut entry = entry(&keytab, name);
            if let Some((_, _, change)) = known {
                change(&mut entry);
            }
            world.put(entry);
        }
        world.policy.max_renewable_life = orthros_types::Duration::from_seconds(7 * DAY);
        let mut world = world.build();
        world.now = now();
        Self {
            mit,
            world,
            findings: RefCell::default(),
        }
    }

    /// Fails if anything was not as expected.
    pub(super) fn finish(self) {
        let findings = self.findings.into_inner();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.now
    }

    /// So many seconds after that.
    pub(super) fn at(&self, seconds: i64) -> KerberosTime {
        KerberosTime::from_seconds(self.now().seconds() + seconds).unwrap()
    }

    /// A request of ten hours, without preauthentication.
    pub(super) fn bare(&self, client: &str) -> AsAsk {
        AsAsk {
            till: self.at(10 * HOUR),
            ..AsAsk::bare(client)
        }
    }

    /// The same with an encrypted timestamp.
    pub(super) fn preauthenticated(&self, client: &str) -> AsAsk {
        let key = self.world.entry(client).keys[0].key.clone();
        self.bare(client).with_timestamp(&key, self.now())
    }

    /// A ticket-granting ticket, of our KDC's making, which is as good for MIT's.
    pub(super) fn tgt(&self, client: &str, options: KdcOptions) -> Held {
        let ask = AsAsk {
            till: KerberosTime::EPOCH,
            ..self.preauthenticated(client).options(options)
        };
        ask.granted(&self.world).into()
    }

    /// What MIT's KDC answers, over TCP; nothing where it closes the connection.
    fn ask_mit(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.mit.kdc_address()).unwrap();
        let length = u32::try_from(request.len()).unwrap();
        stream.write_all(&length.to_be_bytes()).unwrap();
        stream.write_all(request).unwrap();
        let mut length = [0; 4];
        if stream.read_exact(&mut length).is_err() {
            return Vec::new();
        }
        let mut reply = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
        stream.read_exact(&mut reply).unwrap();
        reply
    }

    /// Asks both, and compares: exactly what is listed may differ, and must.
    pub(super) fn compare_as(&self, case: &str, ask: &AsAsk, known: &[Difference]) {
        let request = ask.encode();
        let see = |reply: &[u8]| seen::as_reply(&self.world, ask, reply);
        let (theirs, ours) = (
            see(&self.ask_mit(&request)),
            see(&self.world.reply(&request)),
        );
        let finding = compare(case, &theirs, &ours, known);
        self.findings.borrow_mut().extend(finding);
    }

    /// The same with a TGS-REQ.
    pub(super) fn compare_tgs(&self, case: &str, ask: &TgsAsk, known: &[Difference]) {
        let request = ask.encode(&self.world);
        let see = |reply: &[u8]| seen::tgs_reply(&self.world, ask, reply);
        let (theirs, ours) = (
            see(&self.ask_mit(&request)),
            see(&self.world.reply(&request)),
        );
        let finding = compare(case, &theirs, &ours, known);
        self.findings.borrow_mut().extend(finding);
    }
}

/// What differs and should not, or should and does not.
fn compare(case: &str, theirs: &Fields, ours: &Fields, known: &[Difference]) -> Option<String> {
    let fields: BTreeSet<&str> = theirs.keys().chain(ours.keys()).copied().collect();
    let differs = |field: &&str| theirs.get(*field) != ours.get(*field);
    let differing: BTreeSet<&str> = if theirs.get("outcome") == ours.get("outcome") {
        fields.into_iter().filter(differs).collect()
    } else {
        BTreeSet::from(["outcome"])
    };
    let expected: BTreeSet<&str> = known.iter().map(|(field, _)| *field).collect();
    let wrong = differing.symmetric_difference(&expected);
    let lines: Vec<String> = wrong
        .map(|field| {
            let (theirs, ours) = (theirs.get(field), ours.get(field));
            format!("{case}: {field}\n    MIT: {theirs:?}\n    ours: {ours:?}")
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn entry(keytab: &Keytab, name: &str) -> PrincipalEntry {
    let principal = Principal::new("ORTHROS.TEST", name.split('/'));
    let keys = keytab
        .entries()
        .iter()
        .filter(|entry| entry.principal == principal);
    let salt: Vec<u8> = format!("ORTHROS.TEST{}", name.replace('/', "")).into();
    let keys = keys.map(|entry| PrincipalKey {
        kvno: entry.kvno,
        key: entry.key.key().unwrap(),
        salt: Some(salt.clone()),
        s2kparams: None,
    });
    PrincipalEntry::new(principal.clone(), keys.collect())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(since.as_secs().try_into().unwrap())
}
