//! What a client's PAC costs an acceptor: `SecurityContext::pac` with 300 groups, verified and read, and beside it the
//! checksum over as many bytes, which nothing that verifies can do without.
//!
//! Groups of the client's own domain are numbers of eight bytes, those of others whole SIDs.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

use std::hint::black_box;

use orthros::pac::{
    ClientInfo, FileTime, GroupAttributes, GroupMembership, LogonInfo, PacBufferType, Sid,
    SidAndAttributes,
};
use orthros::{AcceptContext, SecurityContext, Step};
use orthros_asn1::{AdType, AuthorizationDataEntry, EncTicketPart, Message as _};
use orthros_benches::{Row, Time, is_wanted, measure, print, print_head};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_krb5::ap::{InitiatorOptions, initiate};
use orthros_pac::PacBuilder;
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::Timestamp;

fn main() {
    print_head();
    let mut ratios = Vec::new();
    for enctype in Enctype::ALL.iter().copied() {
        for (with, info) in [("300 groups", numbers()), ("300 SIDs", sids())] {
            let with = format!("{with}, {enctype}");
            let (context, key) = accepted(enctype, &info);
            let pac = context.pac().expect("it is verified").expect("it is there");
            let bytes = pac.pac().as_bytes().to_vec();
            assert_eq!(pac.sids().count(), 301);
            let checksum = row("pac : checksum", &with, bytes.len(), || {
                black_box(key.checksum(KeyUsage(17), black_box(&bytes)));
            });
            let whole = row("pac : pac()", &with, bytes.len(), || {
                let pac = black_box(&context).pac();
                assert!(pac.is_ok_and(|pac| pac.is_some()));
            });
            ratios.extend(checksum.zip(whole).map(|times| (with, times)));
        }
    }
    for (with, (checksum, whole)) in ratios {
        let ratio = whole.median / checksum.median;
        println!(
            "{:<20} {with:<40} {ratio:>8.2} of the checksum",
            "pac : pac()"
        );
    }
}

fn row(what: &str, with: &str, octets: usize, operation: impl FnMut()) -> Option<Time> {
    is_wanted(&[what, with]).then(|| {
        let time = measure(operation);
        print(&Row {
            what,
            with,
            octets,
            time,
            floor: None,
        });
        time
    })
}

fn domain() -> Sid {
    Sid::new(5, &[21, 1, 2, 3]).expect("four are few")
}

/// A user in 300 groups of its own domain.
fn numbers() -> LogonInfo {
    let group = |relative_id| GroupMembership {
        relative_id,
        attributes: GroupAttributes::USUAL,
    };
    LogonInfo {
        user_id: 1103,
        logon_domain_id: Some(domain()),
        group_ids: (0..300).map(group).collect(),
        ..LogonInfo::default()
    }
}

/// A user in 300 groups of other domains.
fn sids() -> LogonInfo {
    let extra = |number| SidAndAttributes {
        sid: domain().with_rid(number).expect("there is room"),
        attributes: GroupAttributes::USUAL,
    };
    LogonInfo {
        user_id: 1103,
        logon_domain_id: Some(domain()),
        extra_sids: (0..300).map(extra).collect(),
        ..LogonInfo::default()
    }
}

/// The context that a service has with this user, and its key.
fn accepted(enctype: Enctype, info: &LogonInfo) -> (SecurityContext, Key) {
    let directory = tempfile::tempdir().expect("there is room for a keytab");
    let realm = VirtualRealm::new(enctype);
    let environment = environment(&realm, directory.path());
    let keytab = realm.keytab();
    let entry = keytab.entries().first().expect("the service has a key");
    let key = entry.key.key().expect("of an enctype that is here");
    let ticket = realm.service_ticket_with(|part| put_pac(part, info, &key));
    let random = &mut SeededRandom::new(7);
    let token = initiate(&ticket, &InitiatorOptions::default(), realm.now(), random);
    let token = token.expect("the ticket is good").token;
    let acceptor = AcceptContext::builder().environment(&environment).build();
    match acceptor.expect("the keytab is there").step(&token) {
        Ok(Step::Done { context, .. }) => (context, key),
        _ => unreachable!("the token is good"),
    }
}

fn put_pac(part: &mut EncTicketPart, info: &LogonInfo, key: &Key) {
    let authtime = Timestamp::from_seconds(part.authtime.seconds());
    let client = ClientInfo {
        client_id: FileTime::from_timestamp(authtime).expect("it is of this century"),
        name: "alice".into(),
    };
    let buffers = [
        (PacBufferType::LOGON_INFO, info.encode()),
        (PacBufferType::CLIENT_INFO, client.encode()),
    ];
    let pac = buffers
        .into_iter()
        .try_fold(PacBuilder::new(), |pac, (kind, buffer)| {
            pac.with(kind, buffer.expect("it can be written"))
        });
    let pac = pac
        .and_then(|pac| pac.sign(key, key))
        .expect("it can be signed");
    let inner = vec![AuthorizationDataEntry {
        ad_type: AdType::WIN2K_PAC,
        ad_data: pac.into(),
    }];
    part.authorization_data = Some(vec![AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: inner.encode().expect("it has an encoding").into(),
    }]);
}
