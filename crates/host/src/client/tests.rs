//! The drivers with caches in memory and a KDC that says what it is told to.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use orthros_asn1::{
    ErrorCode, Exactly, KerberosTime, KrbError, Message, Microseconds, NameType, PrincipalName,
};
use orthros_krb5::client::{ClientError, HostQuery, ServiceTicketOptions};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    ExchangeError, KdcReply, KdcRequest, KdcSelection, ReplyError, Transport, TransportError,
};
use orthros_types::ccache::KdcOffset;
use orthros_types::config::Config;
use orthros_types::{
    Credential, EncryptionType, KeyBlock, MinorStatus, Principal, TicketFlags, TicketTimes,
    Timestamp,
};

use super::*;
use crate::cache::Cache;
use crate::clock::ManualClock;
use crate::environment::Environment;
use crate::hostname::{HostRecord, Resolver};
use crate::transport::KdcTransport;

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
fn without_a_ticket_granting_ticket_no_kdc_is_asked() {
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
            matches!(
                &error,
                AcquireError::Client(ClientError::Exchange(ExchangeError::Misbehaved(error)))
                    if matches!(**error, ReplyError::Syntax { .. } | ReplyError::NotKerberos { .. })
            ),
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
fn a_keytab_without_the_clients_key_asks_no_kdc() {
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
        matches!(&error, AcquireError::Client(ClientError::AutomaticArmor { realm }) if realm == "R"),
        "{error}"
    );
    assert_eq!(error.minor_status(), MinorStatus::KRB5_ERR_FAST_REQUIRED);
    assert_eq!(kdc.answered(), [0, 0]);
}

const ALICE: &str = "alice@R";
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Knows one host, under an alias and by its address.
#[derive(Debug)]
struct OneHost;

impl Resolver for OneHost {
    fn forward(&self, host: &str) -> Option<HostRecord> {
        (host == "alias").then(|| HostRecord {
            canonical_name: Some("canonical.example".to_owned()),
            address: Ipv4Addr::LOCALHOST.into(),
        })
    }

    fn reverse(&self, address: IpAddr) -> Option<String> {
        (address == Ipv4Addr::LOCALHOST).then(|| "reverse.example".to_owned())
    }
}

#[test]
fn a_host_is_called_by_the_name_of_its_address_or_its_canonical_one() {
    let environment = Environment::builder().resolver(Arc::new(OneHost)).build();
    let name = |host: &str, by_address| {
        environment.resolve_name(&HostQuery {
            host: host.to_owned(),
            by_address,
        })
    };
    assert_eq!(name("alias", true).as_deref(), Some("reverse.example"));
    assert_eq!(name("alias", false).as_deref(), Some("canonical.example"));
    assert_eq!(name("other", true), None);
}
