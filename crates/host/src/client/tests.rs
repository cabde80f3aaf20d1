//! The drivers with caches in memory and a KDC that says what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use orthros_asn1::{
    EncryptedData, ErrorCode, Exactly, KerberosTime, KrbError, Message, Microseconds, NameType,
    PrincipalName, TgsReq, Ticket,
};
use orthros_krb5::{ExchangeError, KdcReply, KdcRequest, ReplyError, Transport, TransportError};
use orthros_types::ccache::KdcOffset;
use orthros_types::config::Config;
use orthros_types::{Credential, EncryptionType, KeyBlock, MinorStatus, TicketFlags, TicketTimes};

use super::*;
use crate::cache::Cache;
use crate::clock::ManualClock;
use crate::transport::KdcTransport;
use orthros_krb5::crypto::SecretVec;
use orthros_types::Principal;

/// KDCs that answer requests in turn, and are out of reach once they have nothing more to say.
#[derive(Debug, Default)]
struct Scripted {
    replies: Mutex<VecDeque<Vec<u8>>>,
    primary_replies: Mutex<VecDeque<Vec<u8>>>,
    all_are_primary: bool,
    requests: Mutex<Vec<(KdcSelection, KdcRequest)>>,
}

impl Scripted {
    fn saying(replies: &[Vec<u8>]) -> Arc<Self> {
        Self::with_primary(replies, &[])
    }

    fn with_primary(replies: &[Vec<u8>], primary_replies: &[Vec<u8>]) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies.iter().cloned().collect()),
            primary_replies: Mutex::new(primary_replies.iter().cloned().collect()),
            ..Self::default()
        })
    }

    /// How many requests any KDC has answered, and how many a primary one.
    fn answered(&self) -> [usize; 2] {
        let requests = self.requests.lock().unwrap();
        [KdcSelection::Any, KdcSelection::Primary]
            .map(|wanted| requests.iter().filter(|(kdcs, _)| *kdcs == wanted).count())
    }
}

impl KdcTransport for Scripted {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let replies = match kdcs {
            KdcSelection::Any | KdcSelection::Password => &self.replies,
            KdcSelection::Primary => &self.primary_replies,
        };
        let realm = String::from_utf8_lossy(&request.realm).into_owned();
        let message = replies
            .lock()
            .unwrap()
            .pop_front()
            .ok_or(TransportError::NoKdc { realm })?;
        self.requests.lock().unwrap().push((kdcs, request.clone()));
        Ok(KdcReply {
            message,
            from_primary: self.all_are_primary || kdcs == KdcSelection::Primary,
        })
    }
}

fn environment(kdc: &Arc<Scripted>) -> Environment {
    Environment::builder()
        .transport(kdc.clone())
        .clock(Arc::new(ManualClock::at(NOW)))
        .default_cache("MEMORY:test")
        .build()
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn ticket(server: &str, seconds_left: i64) -> Credential {
    Credential {
        client: principal(ALICE),
        server: principal(server),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: Timestamp::from_seconds(NOW.seconds() - 3600),
            starttime: None,
            endtime: Timestamp::from_seconds(NOW.seconds() + seconds_left),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: Vec::new(),
        second_ticket: Vec::new(),
    }
}

/// The default cache with these tickets, of a KDC whose clock is `offset` seconds ahead.
fn cache(environment: &Environment, offset: i32, tickets: &[Credential]) -> Cache {
    let cache = environment.default_cache().unwrap();
    let offset = KdcOffset {
        seconds: offset,
        microseconds: 0,
    };
    cache
        .initialize(&principal(ALICE), Some(offset), tickets)
        .unwrap();
    cache
}

fn service_ticket(
    environment: &Environment,
    cache: &Cache,
    service: &str,
) -> Result<Credential, AcquireError> {
    environment.service_ticket(cache, &principal(service), &ServiceTicketOptions::default())
}

/// What a KDC says that refuses.
fn refusal(error_code: ErrorCode) -> Vec<u8> {
    let error = KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: KerberosTime::from_seconds(NOW.seconds()).unwrap(),
        susec: Microseconds::new(0).unwrap(),
        error_code,
        crealm: None,
        cname: None,
        realm: "R".into(),
        sname: PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: vec!["krbtgt".into(), "R".into()],
        },
        e_text: None,
        e_data: None,
    };
    error.encode().unwrap()
}

#[test]
fn a_cached_ticket_needs_no_kdc() {
    let kdc = Scripted::saying(&[]);
    let environment = environment(&kdc);
    let cached = ticket("HTTP/www@R", 60);
    let cache = cache(&environment, 0, std::slice::from_ref(&cached));
    assert_eq!(
        service_ticket(&environment, &cache, "HTTP/www@R").unwrap(),
        cached
    );
    // A realm that was left open is the client's own, where the cache knows the service there.
    let open = principal("HTTP/www@R").with_realm("");
    let found = environment.service_ticket(&cache, &open, &ServiceTicketOptions::default());
    assert_eq!(found.unwrap(), cached);
    assert_eq!(kdc.answered(), [0, 0]);
}

#[test]
fn a_ticket_is_as_old_as_the_kdcs_clock_says() {
    let kdc = Scripted::saying(&[]);
    let environment = environment(&kdc);
    let only_cached = ServiceTicketOptions {
        cached_only: true,
        ..ServiceTicketOptions::default()
    };
    let find = |offset| {
        let cache = cache(&environment, offset, &[ticket("HTTP/www@R", 60)]);
        environment.service_ticket(&cache, &principal("HTTP/www@R"), &only_cached)
    };
    assert!(find(60).is_ok());
    assert!(matches!(find(61), Err(AcquireError::NotCached { .. })));
    assert_eq!(kdc.answered(), [0, 0]);
}

#[test]
fn a_client_that_does_not_follow_the_kdcs_clock_goes_by_its_own() {
    let environment = Environment::builder()
        .config_text("krb5.conf", "[libdefaults]\n kdc_timesync = 0\n")
        .unwrap()
        .clock(Arc::new(ManualClock::at(NOW)))
        .default_cache("MEMORY:test")
        .build();
    let cache = cache(&environment, 3600, &[ticket("HTTP/www@R", 60)]);
    assert!(service_ticket(&environment, &cache, "HTTP/www@R").is_ok());
}

#[test]
fn without_a_ticket_granting_ticket_nobody_is_asked() {
    let kdc = Scripted::saying(&[]);
    let environment = environment(&kdc);
    let absent = environment.default_cache().unwrap();
    let error = service_ticket(&environment, &absent, "HTTP/www@R").unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_FCC_NOFILE);

    let empty = cache(&environment, 0, &[]);
    let error = service_ticket(&environment, &empty, "HTTP/www@R").unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_NOTFOUND);
    assert_eq!(
        error.to_string(),
        "credential cache MEMORY:test has no ticket for krbtgt/R@R; kinit gets one"
    );

    let expired = cache(&environment, 0, &[ticket("krbtgt/R@R", -1)]);
    let error = service_ticket(&environment, &expired, "HTTP/www@R").unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED
    );
    assert_eq!(
        error.to_string(),
        "the ticket for krbtgt/R@R in credential cache MEMORY:test has expired; kinit gets a new one"
    );
    assert_eq!(kdc.answered(), [0, 0]);
}

#[test]
fn what_the_kdc_refuses_is_an_error_of_its_own() {
    let kdc = Scripted::saying(&[refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN)]);
    let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    let error = environment(&kdc)
        .acquire_with_password(options, password)
        .unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN
    );
    assert!(error.to_string().contains(ALICE), "{error}");
    assert_eq!(kdc.answered(), [1, 0]);
}

#[test]
fn an_answer_too_big_for_a_datagram_is_asked_for_by_stream() {
    let too_big = refusal(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG);
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let kdc = Scripted::saying(&[too_big, unknown]);
    let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    environment(&kdc)
        .acquire_with_password(options, password)
        .unwrap_err();
    let requests = kdc.requests.lock().unwrap();
    let [(_, first), (_, second)] = requests.as_slice() else {
        panic!("{} requests", requests.len());
    };
    assert_eq!(
        [first.transport, second.transport],
        [Transport::Datagram, Transport::Stream]
    );
    assert_eq!(first.message, second.message);
}

#[test]
fn a_primary_kdc_has_the_last_word() {
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let revoked = refusal(ErrorCode::KDC_ERR_CLIENT_REVOKED);
    let kdc = Scripted::with_primary(&[unknown], &[revoked]);
    let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    let error = environment(&kdc)
        .acquire_with_password(options, password)
        .unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KDC_ERR_CLIENT_REVOKED
    );
    assert_eq!(kdc.answered(), [1, 1]);
}

#[test]
fn a_primary_kdc_is_not_asked_twice() {
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let kdc = Arc::new(Scripted {
        replies: Mutex::new([unknown.clone()].into()),
        primary_replies: Mutex::new([unknown].into()),
        all_are_primary: true,
        ..Scripted::default()
    });
    let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    environment(&kdc)
        .acquire_with_password(options, password)
        .unwrap_err();
    assert_eq!(kdc.answered(), [1, 0]);
}

#[test]
fn a_kdc_that_says_nonsense_or_nothing_is_a_typed_error() {
    for reply in [
        &b""[..],
        b"nonsense",
        &[0x6b, 0x02, 0x30, 0x00],
        &refusal(ErrorCode::KRB_ERR_GENERIC)[..20],
    ] {
        let kdc = Scripted::saying(&[reply.to_vec()]);
        let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
        let error = environment(&kdc)
            .acquire_asking(options, |_| panic!("nothing to prove yet"))
            .unwrap_err();
        assert!(
            matches!(&error, AcquireError::Exchange(ExchangeError::Misbehaved(error))
                if matches!(**error, ReplyError::Syntax { .. } | ReplyError::NotKerberos { .. })),
            "{error}"
        );
    }
    let kdc = Scripted::saying(&[]);
    let options = environment(&kdc).initial_options(principal(ALICE)).unwrap();
    let error = environment(&kdc)
        .acquire_asking(options, |_| panic!("nothing to prove yet"))
        .unwrap_err();
    assert!(matches!(error, AcquireError::Transport(_)), "{error}");
}

#[test]
fn a_keytab_without_the_clients_key_asks_nobody() {
    let kdc = Scripted::saying(&[]);
    let environment = environment(&kdc);
    let dir = tempfile::tempdir().unwrap();
    let keytab = environment.keytab(dir.path().join("keytab")).unwrap();
    let options = environment.initial_options(principal(ALICE)).unwrap();
    let error = environment
        .acquire_with_keytab(options, &keytab)
        .unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KT_NOTFOUND);
    assert_eq!(kdc.answered(), [0, 0]);
}

#[test]
fn a_realm_with_automatic_armor_is_sent_nothing_without_armor() {
    let kdc = Scripted::saying(&[refusal(ErrorCode::KDC_ERR_PREAUTH_REQUIRED)]);
    let environment = Environment::builder()
        .config_text(
            "krb5.conf",
            "[realms]\n R = {\n  auto_fast_armor = true\n }\n",
        )
        .unwrap()
        .transport(kdc.clone())
        .build();
    let options = environment.initial_options(principal(ALICE)).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    let error = environment
        .acquire_with_password(options, password)
        .unwrap_err();
    assert!(
        matches!(&error, AcquireError::AutomaticArmor { realm } if realm == "R"),
        "{error}"
    );
    assert_eq!(error.minor_status(), MinorStatus::KRB5_ERR_FAST_REQUIRED);
    assert_eq!(kdc.answered(), [0, 0]);
}

#[test]
fn armor_that_is_asked_for_is_required() {
    let kdc = Scripted::saying(&[]);
    let environment = environment(&kdc);
    let cache = cache(&environment, 0, &[ticket("krbtgt/R@R", 60)]);
    let armor = environment.fast_armor(&cache, b"R").unwrap();
    assert_eq!(armor.usage, orthros_krb5::FastUse::Required);
    assert_eq!(kdc.answered(), [0, 0]);
}

/// Which service each request asks for.
fn services(kdc: &Scripted) -> Vec<String> {
    let requests = kdc.requests.lock().unwrap();
    let requests = requests.iter().map(|(_, request)| {
        let body = TgsReq::decode(&request.message)
            .unwrap()
            .0
            .req_body
            .into_value();
        let name = body.sname.unwrap().name_string;
        let name: Vec<_> = name
            .iter()
            .map(|component| String::from_utf8_lossy(&component.0).into_owned())
            .collect();
        format!(
            "{}@{}",
            name.join("/"),
            String::from_utf8_lossy(&body.realm.0)
        )
    });
    requests.collect()
}

#[test]
fn a_service_without_a_realm_is_looked_for_in_the_realm_of_its_host_s_domain() {
    let unknown = refusal(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    for (config, guessed) in [
        ("", "krbtgt/B.OTHER.TEST@R"),
        (
            "[libdefaults]\n realm_try_domains = 2\n[realms]\n OTHER.TEST = {\n  kdc = k\n }\n",
            "krbtgt/OTHER.TEST@R",
        ),
    ] {
        let kdc = Scripted::saying(&[unknown.clone(), unknown.clone(), unknown.clone()]);
        let environment = Environment::builder()
            .config_text("krb5.conf", config)
            .unwrap()
            .transport(kdc.clone())
            .clock(Arc::new(ManualClock::at(NOW)))
            .default_cache("MEMORY:test")
            .build();
        let mut tgt = ticket("krbtgt/R@R", 60);
        tgt.ticket = der(&tgt.server);
        let cache = cache(&environment, 0, &[tgt]);
        let service = Principal::new("", ["HTTP", "svc.b.other.test"]);
        let error = environment
            .service_ticket(&cache, &service, &ServiceTicketOptions::default())
            .unwrap_err();
        // What was asked for is what is unknown, not what was guessed.
        let text = "service HTTP/svc.b.other.test@R is not in the KDC's database";
        assert_eq!(error.to_string(), text);
        let first = "HTTP/svc.b.other.test@R";
        assert_eq!(services(&kdc), [first, first, guessed]);
    }
}

#[test]
fn a_service_of_a_named_realm_is_looked_for_in_no_other() {
    let unknown = refusal(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    let kdc = Scripted::saying(&[unknown.clone(), unknown.clone(), unknown]);
    let environment = environment(&kdc);
    let mut tgt = ticket("krbtgt/R@R", 60);
    tgt.ticket = der(&tgt.server);
    let cache = cache(&environment, 0, &[tgt]);
    service_ticket(&environment, &cache, "HTTP/svc.other.test@R").unwrap_err();
    let asked = "HTTP/svc.other.test@R";
    assert_eq!(services(&kdc), [asked, asked]);
}

/// A ticket that nobody can open.
fn der(server: &Principal) -> Vec<u8> {
    let components = server.components().iter();
    let ticket = Ticket {
        tkt_vno: Exactly,
        realm: server.realm().into(),
        sname: PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: components.map(|octets| octets.as_slice().into()).collect(),
        },
        enc_part: EncryptedData {
            etype: EncryptionType(18),
            kvno: None,
            cipher: vec![1; 64].into(),
        },
    };
    ticket.encode().unwrap()
}

const ALICE: &str = "alice@R";
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
