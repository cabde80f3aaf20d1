//! The client of `orthros-krb5` gets tickets of the KDC: two readings of the same RFCs, which share encodings and
//! cryptography.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use orthros_asn1::PaDataType;
use orthros_crypto::spake::Group;
use orthros_crypto::{Enctype, SecretVec};
use orthros_kdc::{
    HostRealm, Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source,
    Store as _, Transport,
};
use orthros_krb5::client::{
    Answer, CacheUpdate, ClientError, ClientMachine, ClientSnapshot, InitialTicketRequest, Need,
    PasswordChange, Progress, SecretSource, ServiceTicketOptions, ServiceTicketRequest,
};
use orthros_krb5::observe::{Event, Observer};
use orthros_krb5::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError, FastArmor, FastUse,
    InitialTicket, KdcRequest, TgsExchange, TgsRequestOptions, TgsStep,
};
use orthros_krb5::{KdcReply, KdcSelection, PasswordResult};
use orthros_testing::random::SeededRandom;
use orthros_types::config::Config;
use orthros_types::{Credential, Duration, NameType, Principal, TicketFlags, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_795_608_000);
const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;

/// KDCs of some realms, which trust one another in a row.
struct Realms {
    kdcs: Vec<(&'static str, Kdc)>,
    now: Timestamp,
    random: SeededRandom,
}

impl Realms {
    /// One realm in each name, with `alice`, whose password is `secret`, and a host.
    fn new(names: &[&'static str]) -> Self {
        let mut random = SeededRandom::new(1);
        let mut kdcs = Vec::new();
        for name in names {
            let store = MemoryStore::new();
            let alice = Principal::new(*name, ["alice"]);
            let key = PrincipalKey::from_password(&alice, b"secret", 1, AES128).unwrap();
            let mut alice = PrincipalEntry::new(alice, vec![key]);
            alice.flags |= PrincipalFlags::REQUIRES_PREAUTH;
            store.put(alice).unwrap();
            let host = format!("host.{}", name.to_lowercase());
            let services = [
                Principal::local_ticket_granting(*name),
                Principal::host_based("host", host, *name),
            ];
            for service in services {
                let key = PrincipalKey::random(1, AES128, &mut random).unwrap();
                store.put(PrincipalEntry::new(service, vec![key])).unwrap();
            }
            kdcs.push((*name, Kdc::new(policy(name, names), Arc::new(store))));
        }
        for pair in kdcs.windows(2) {
            for (issuer, served) in [(pair[0].0, pair[1].0), (pair[1].0, pair[0].0)] {
                let tgs = Principal::ticket_granting(served, issuer);
                let key = PrincipalKey::random(1, AES128, &mut random).unwrap();
                for (_, kdc) in pair {
                    let entry = PrincipalEntry::new(tgs.clone(), vec![key.clone()]);
                    kdc.store().put(entry).unwrap();
                }
            }
        }
        Self {
            kdcs,
            now: NOW,
            random,
        }
    }

    fn answer(&mut self, request: &KdcRequest) -> Vec<u8> {
        let realm = request.realm.as_slice();
        let (_, kdc) = self
            .kdcs
            .iter()
            .find(|(name, _)| name.as_bytes() == realm)
            .expect("request goes to a realm that is there");
        let source = Source {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            transport: Transport::Stream,
        };
        let answer = kdc.handle(&request.message, &source, self.now, &mut self.random);
        answer.reply.expect("requests of our client are Kerberos")
    }

    fn log_in(
        &mut self,
        options: AsRequestOptions,
        password: &str,
    ) -> Result<InitialTicket, ExchangeError> {
        let secret = ClientSecret::Password(SecretVec::from(password.as_bytes()));
        let mut exchange = AsExchange::new(options, secret)?;
        let mut reply = None;
        loop {
            let input = reply.as_deref().map_or(AsInput::Begin, AsInput::Reply);
            match exchange.step(input, self.now, &mut self.random)? {
                AsStep::Send(request) => reply = Some(self.answer(&request)),
                AsStep::Done(ticket) => return Ok(*ticket),
                AsStep::NeedPassword { .. } => panic!("the password is known"),
            }
        }
    }

    fn tgt(&mut self, change: impl FnOnce(&mut AsRequestOptions)) -> Credential {
        let mut options = AsRequestOptions::new(alice());
        change(&mut options);
        self.log_in(options, "secret").unwrap().credential
    }

    fn run(&mut self, mut exchange: TgsExchange) -> Result<Credential, ExchangeError> {
        let mut reply: Option<Vec<u8>> = None;
        loop {
            match exchange.step(reply.as_deref(), self.now, &mut self.random)? {
                TgsStep::Send(request) => reply = Some(self.answer(&request)),
                TgsStep::Done(ticket) => return Ok(ticket.credential),
            }
        }
    }
}

fn policy(realm: &str, realms: &[&str]) -> RealmPolicy {
    let mut policy = RealmPolicy::new(realm);
    policy.host_realms = realms
        .iter()
        .map(|name| HostRealm {
            domain: format!(".{}", name.to_lowercase()).into_bytes(),
            realm: name.as_bytes().to_vec(),
        })
        .collect();
    policy
}

fn alice() -> Principal {
    Principal::new("A.EXAMPLE", ["alice"])
}

fn host(realm: &str) -> Principal {
    Principal::host_based("host", format!("host.{}", realm.to_lowercase()), realm)
}

#[test]
fn a_client_logs_in_with_its_password() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let ticket = realms
        .log_in(AsRequestOptions::new(alice()), "secret")
        .unwrap();
    assert_eq!(ticket.credential.client, alice());
    assert!(ticket.credential.server.is_local_ticket_granting());
    assert!(ticket.credential.flags.contains(TicketFlags::PRE_AUTHENT));
}

#[test]
fn a_wrong_password_is_found_out_by_both() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let error = realms
        .log_in(AsRequestOptions::new(alice()), "wrong")
        .unwrap_err();
    assert!(matches!(error, ExchangeError::Refused(_)), "{error:?}");
}

#[test]
fn an_enterprise_name_logs_in_as_the_principal_that_it_means() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let name = Principal::new("A.EXAMPLE", ["alice@A.EXAMPLE"]);
    let options = AsRequestOptions::new(name.with_name_type(NameType::ENTERPRISE));
    let ticket = realms.log_in(options, "secret").unwrap();
    assert_eq!(ticket.credential.client, alice());
}

#[test]
fn a_ticket_granting_ticket_gets_a_service_ticket() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::new(&tgt, host("A.EXAMPLE"), options).unwrap();
    let ticket = realms.run(exchange).unwrap();
    assert_eq!(ticket.server, host("A.EXAMPLE"));
    assert_eq!(ticket.client, alice());
}

#[test]
fn a_ticket_is_renewed() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|options| {
        options.lifetime = Duration::from_hours(1);
        options.renewable_lifetime = Some(Duration::from_hours(48));
    });
    realms.now = NOW.saturating_add(Duration::from_seconds(1800));
    let exchange = TgsExchange::renew(&tgt, TgsRequestOptions::default()).unwrap();
    let renewed = realms.run(exchange).unwrap();
    let expected = realms.now.saturating_add(Duration::from_hours(1));
    assert_eq!(renewed.times.endtime, expected);
    assert_eq!(renewed.times.renew_till, tgt.times.renew_till);
}

#[test]
fn a_postdated_ticket_is_validated() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|options| options.start_after = Some(Duration::from_hours(1)));
    assert!(tgt.flags.contains(TicketFlags::INVALID));
    realms.now = NOW.saturating_add(Duration::from_hours(1));
    let exchange = TgsExchange::validate(&tgt, TgsRequestOptions::default()).unwrap();
    let validated = realms.run(exchange).unwrap();
    assert!(!validated.flags.contains(TicketFlags::INVALID));
}

#[test]
fn a_ticket_is_forwarded() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|options| options.forwardable = true);
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::forward(&tgt, &[], options).unwrap();
    let forwarded = realms.run(exchange).unwrap();
    assert!(forwarded.flags.contains(TicketFlags::FORWARDED));
}

#[test]
fn a_proxy_is_got() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|options| options.proxiable = true);
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::proxy(&tgt, host("A.EXAMPLE"), &[], options).unwrap();
    let proxy = realms.run(exchange).unwrap();
    assert!(proxy.flags.contains(TicketFlags::PROXY));
}

#[test]
fn a_user_to_user_ticket_is_got() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::user_to_user(&tgt, alice(), &tgt.ticket, options).unwrap();
    let ticket = realms.run(exchange).unwrap();
    assert_eq!(ticket.server, alice());
}

#[test]
fn a_service_two_realms_away_is_reached_through_the_one_between() {
    let mut realms = Realms::new(&["A.EXAMPLE", "EXAMPLE", "B.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::new(&tgt, host("B.EXAMPLE"), options).unwrap();
    let ticket = realms.run(exchange).unwrap();
    assert_eq!(ticket.server, host("B.EXAMPLE"));
    assert_eq!(ticket.client, alice());
    let checked = TicketFlags::TRANSITED_POLICY_CHECKED;
    assert!(ticket.flags.contains(checked));
}

#[test]
fn a_service_whose_realm_is_not_known_is_found_by_referrals() {
    let mut realms = Realms::new(&["A.EXAMPLE", "EXAMPLE", "B.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    let service = host("B.EXAMPLE").with_realm("");
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::new(&tgt, service, options).unwrap();
    let ticket = realms.run(exchange).unwrap();
    assert_eq!(ticket.client, alice());
}

#[test]
fn a_service_that_nobody_knows_is_refused() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    let nowhere = Principal::host_based("host", "nowhere", "A.EXAMPLE");
    let exchange = TgsExchange::new(&tgt, nowhere, TgsRequestOptions::default()).unwrap();
    let error = realms.run(exchange).unwrap_err();
    assert!(matches!(error, ExchangeError::Refused(_)), "{error:?}");
}

#[test]
fn a_client_logs_in_under_armor_whether_it_insists_or_not() {
    for usage in [FastUse::Required, FastUse::Preferred] {
        let mut realms = Realms::new(&["A.EXAMPLE"]);
        let ticket = realms.tgt(|_| {});
        let mut options = AsRequestOptions::new(alice());
        options.armor = Some(FastArmor {
            ticket,
            usage,
            kdc_offset: Duration::ZERO,
        });
        let armored = realms.log_in(options.clone(), "secret").unwrap();
        assert_eq!(armored.credential.client, alice());
        let error = realms.log_in(options, "wrong").unwrap_err();
        assert!(matches!(error, ExchangeError::Refused(_)), "{error:?}");
    }
}

/// The mechanism by which `alice` logs in, with these groups on both sides and this optimistic challenge; and how many
/// requests that took.
fn preauthenticated(
    client: &[Group],
    kdc: &[Group],
    challenge: Option<Group>,
    armor: bool,
) -> (Result<InitialTicket, ExchangeError>, usize) {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let armor = armor.then(|| realms.tgt(|_| {})).map(|ticket| FastArmor {
        ticket,
        usage: FastUse::Required,
        kdc_offset: Duration::ZERO,
    });
    let store = realms.kdcs[0].1.store().clone();
    let mut policy = policy("A.EXAMPLE", &["A.EXAMPLE"]);
    policy.spake_groups = kdc.to_vec();
    policy.spake_challenge = challenge;
    let kdc = Kdc::new(policy, store);
    let mut options = AsRequestOptions::new(alice());
    options.spake_groups = client.to_vec();
    options.armor = armor;
    let secret = ClientSecret::Password(SecretVec::from(&b"secret"[..]));
    let mut exchange = AsExchange::new(options, secret).unwrap();
    let mut random = SeededRandom::new(4);
    let mut reply = Vec::new();
    for requests in 0.. {
        let input = match requests {
            0 => AsInput::Begin,
            _ => AsInput::Reply(&reply),
        };
        let request = match exchange.step(input, NOW, &mut random) {
            Ok(AsStep::Send(request)) => request,
            Ok(AsStep::Done(ticket)) => return (Ok(*ticket), requests),
            Ok(other) => panic!("{other:?}"),
            Err(error) => return (Err(error), requests),
        };
        let source = Source {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            transport: Transport::Stream,
        };
        let answer = kdc.handle(&request.message, &source, NOW, &mut random);
        reply = answer.reply.unwrap();
    }
    unreachable!()
}

#[test]
fn a_client_logs_in_by_spake_in_the_first_group_of_its_that_the_realm_has() {
    let (ed, p256) = (Group::Edwards25519, Group::P256);
    for armor in [false, true] {
        for (client, kdc, challenge, requests) in [
            // Without preauthentication, groups, response.
            (&[ed][..], &[ed][..], None, 3),
            (&[p256, ed], &[ed, p256], None, 3),
            (&[Group::P521, Group::P384], &[Group::P384], None, 3),
            // An optimistic challenge saves a request, and costs none where it is rejected.
            (&[ed], &[ed], Some(ed), 2),
            (&[p256], &[ed, p256], Some(ed), 3),
        ] {
            let (ticket, needed) = preauthenticated(client, kdc, challenge, armor);
            assert_eq!(ticket.unwrap().preauth, Some(PaDataType::SPAKE));
            assert_eq!(needed, requests, "{client:?} {kdc:?} {challenge:?}");
        }
    }
}

#[test]
fn a_client_without_a_group_in_common_logs_in_by_the_next_mechanism() {
    let (ed, p256) = (Group::Edwards25519, Group::P256);
    for (armor, next) in [
        (false, PaDataType::ENC_TIMESTAMP),
        (true, PaDataType::ENCRYPTED_CHALLENGE),
    ] {
        for (client, kdc, challenge) in [
            (&[][..], &[ed][..], None),
            (&[ed], &[], None),
            (&[ed], &[p256], None),
            (&[ed], &[p256], Some(p256)),
        ] {
            let (ticket, _) = preauthenticated(client, kdc, challenge, armor);
            assert_eq!(ticket.unwrap().preauth, Some(next), "{client:?} {kdc:?}");
        }
    }
}

/// The lines that an observer is told of while `alice` logs in and asks for a ticket.
fn lines(realms: &mut Realms, change: impl FnOnce(&mut AsRequestOptions)) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = lines.clone();
    let observer = Observer::new(Arc::new(move |event: &Event<'_>| {
        told.lock().unwrap().push(event.to_string());
    }));
    let mut options = AsRequestOptions::new(alice());
    options.observer = observer.clone();
    change(&mut options);
    if let Ok(tgt) = realms.log_in(options, "secret") {
        let options = TgsRequestOptions {
            observer,
            ..TgsRequestOptions::default()
        };
        let exchange = TgsExchange::new(&tgt.credential, host("A.EXAMPLE"), options).unwrap();
        realms.run(exchange).unwrap();
    }
    Arc::into_inner(lines).unwrap().into_inner().unwrap()
}

#[test]
fn an_observer_is_told_how_a_ticket_is_got() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let expected = [
        "Getting initial credentials for alice@A.EXAMPLE",
        "Sending unauthenticated request",
        "Received error from KDC: -1765328359/",
        "Processing preauth types: PA-FX-FAST (136), PA-ETYPE-INFO2 (19), PA-SPAKE (151), PA-ENC-TIMESTAMP (2), PA-FX-COOKIE (133)",
        "Selected etype info: etype aes128-cts-hmac-sha1-96, salt \"A.EXAMPLEalice\"",
        "Preauthenticating with PA-SPAKE (151)",
        "Produced preauth for next request: PA-FX-COOKIE (133), PA-SPAKE (151), PA-REQ-ENC-PA-REP (149)",
        "Received error from KDC: -1765328293/",
        "Processing preauth types: PA-SPAKE (151), PA-FX-COOKIE (133)",
        "Produced preauth for next request: PA-FX-COOKIE (133), PA-SPAKE (151), PA-REQ-ENC-PA-REP (149)",
        "Decrypted AS reply for alice@A.EXAMPLE -> krbtgt/A.EXAMPLE@A.EXAMPLE; session key is: aes128-cts-hmac-sha1-96; FAST negotiation: available",
        "Requesting tickets for host/host.a.example@A.EXAMPLE using TGT krbtgt/A.EXAMPLE@A.EXAMPLE",
        "TGS reply is for alice@A.EXAMPLE -> host/host.a.example@A.EXAMPLE with session key aes128-cts-hmac-sha1-96",
    ];
    let lines = lines(&mut realms, |_| {});
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
}

#[test]
fn an_observer_is_told_why_a_mechanism_gives_way() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let lines = lines(&mut realms, |options| {
        options.spake_groups = vec![Group::P384];
    });
    let failed = lines
        .iter()
        .position(|line| line.starts_with("Preauth mechanism PA-SPAKE (151) failed: "));
    let failed = failed.unwrap_or_else(|| panic!("{lines:#?}"));
    let next = lines[failed..]
        .iter()
        .position(|line| line == "Preauthenticating with PA-ENC-TIMESTAMP (2)");
    assert!(next.is_some(), "{lines:#?}");
}

#[test]
fn a_service_ticket_is_got_under_armor() {
    let mut realms = Realms::new(&["A.EXAMPLE", "EXAMPLE", "B.EXAMPLE"]);
    let tgt = realms.tgt(|_| {});
    for realm in ["A.EXAMPLE", "B.EXAMPLE"] {
        let options = TgsRequestOptions {
            fast: Some(FastUse::Required),
            ..TgsRequestOptions::default()
        };
        let exchange = TgsExchange::new(&tgt, host(realm), options).unwrap();
        assert_eq!(realms.run(exchange).unwrap().server, host(realm));
    }
}

/// The loop of an asynchronous driver, and all of it.
async fn drive<M: ClientMachine>(
    mut machine: M,
    ask_kdc: &mut impl AsyncFnMut(KdcRequest, KdcSelection) -> Option<KdcReply>,
) -> (Result<M::Output, ClientError>, CacheUpdate) {
    let mut random = SeededRandom::new(8);
    let mut answer = Answer::Begin;
    loop {
        answer = match machine.step(answer, NOW, &mut random) {
            Progress::Need(Need::Kdc { request, kdcs }) => ask_kdc(request, kdcs)
                .await
                .map_or(Answer::NoKdc, Answer::Kdc),
            Progress::Need(Need::HostName(_)) => Answer::HostName(None),
            Progress::Need(Need::Dns(question)) => panic!("{question}"),
            Progress::Need(Need::Password { .. }) => Answer::Password(b"secret".as_slice().into()),
            Progress::Need(Need::Keys { .. }) => Answer::NoKeys,
            Progress::Done(done) => return (done.result, done.update),
        }
    }
}

/// An executor: polls to the end, and counts how often it had to.
fn block_on<T>(future: impl Future<Output = T>) -> (T, usize) {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for polls in 1.. {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, polls);
        }
    }
    unreachable!()
}

/// Lets others run once.
async fn yield_now() {
    let mut has_yielded = false;
    std::future::poll_fn(move |_| {
        if core::mem::replace(&mut has_yielded, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

#[test]
fn an_asynchronous_driver_is_one_loop_and_decides_nothing() {
    let mut realms = Realms::new(&["A.EXAMPLE"]);
    let changepw = Principal::new("A.EXAMPLE", ["kadmin", "changepw"]);
    let key = PrincipalKey::random(1, AES128, &mut realms.random).unwrap();
    let mut entry = PrincipalEntry::new(changepw.clone(), vec![key]);
    entry.flags |= PrincipalFlags::PASSWORD_CHANGE_SERVICE;
    realms.kdcs[0].1.store().put(entry).unwrap();
    let mut ask = async |request: KdcRequest, kdcs| {
        yield_now().await;
        let message = if kdcs == KdcSelection::Password {
            let source = Source {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                transport: Transport::Stream,
            };
            let kdc = &realms.kdcs[0].1;
            let answer = kdc.change_password(&request.message, &source, NOW, &mut realms.random);
            answer.reply?
        } else {
            realms.answer(&request)
        };
        Some(KdcReply {
            message,
            from_primary: true,
        })
    };
    let (outcome, polls) = block_on(async {
        let options = AsRequestOptions::new(alice());
        let initial = InitialTicketRequest::new(Config::default(), options, SecretSource::Prompt);
        let initial = drive(initial, &mut ask).await.0.unwrap();
        let snapshot = ClientSnapshot {
            cache: "none".into(),
            contents: Arc::new(CacheUpdate::begin(&initial, true)),
            config: Config::default(),
            search_domains: Arc::new([]),
        };
        let service = host("A.EXAMPLE");
        let options = ServiceTicketOptions::default();
        let request = ServiceTicketRequest::new(snapshot, service.clone(), options);
        let (ticket, update) = drive(request, &mut ask).await;
        assert_eq!(ticket.unwrap().server, service);
        assert!(matches!(update, CacheUpdate::Add(_)));
        let mut options = AsRequestOptions::new(alice());
        options.service = Some(changepw);
        let initial = InitialTicketRequest::new(Config::default(), options, SecretSource::Prompt);
        let initial = drive(initial, &mut ask).await.0.unwrap();
        let change = PasswordChange::new(&initial, b"new secret".as_slice().into(), None);
        drive(change.unwrap(), &mut ask).await.0.unwrap()
    });
    assert_eq!(outcome.result, PasswordResult::Success);
    assert!(polls > 5);
}
