//! Realms that DNS alone knows: dnsmasq has the records, MIT's servers are behind them, and MIT's `kinit` asks the
//! same zone.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use orthros_host::{DnsClient, Environment, StubResolver, SystemRandomness};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::dns::{DnsAnswer, DnsError, DnsQuestion, ResolverConfig};
use orthros_krb5::{AttemptOutcome, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_testing::mit::Realm;
use orthros_testing::peers;
use orthros_testing::port::free_port;
use orthros_testing::process::Daemon;
use orthros_testing::require_mit;
use orthros_types::Principal;

/// Starts dnsmasq on a loopback port with these lines of configuration besides.
fn name_server(directory: &Path, lines: &str) -> (Daemon, SocketAddr) {
    let dnsmasq = peers::dnsmasq().unwrap();
    let port = free_port().unwrap();
    let config = directory.join("dnsmasq.conf");
    let always = "listen-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nuser=\nlocal-ttl=60\npid-file=\n";
    fs::write(&config, format!("port={port}\n{always}{lines}")).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut command = Command::new(dnsmasq);
    command.arg("--no-daemon").arg("-C").arg(config);
    (Daemon::start(&mut command, "started").unwrap(), address)
}

fn missing_dnsmasq(test: &str) -> bool {
    peers::dnsmasq()
        .inspect_err(|missing| peers::skip(test, missing))
        .is_err()
}

/// A stub resolver that notes what it is asked.
#[derive(Debug)]
struct Noted {
    resolver: StubResolver,
    asked: Mutex<Vec<String>>,
}

impl Noted {
    fn new(name_server: SocketAddr) -> Arc<Self> {
        let mut config = ResolverConfig::default();
        config.name_servers = vec![name_server];
        Arc::new(Self {
            resolver: StubResolver::new(config, Arc::new(SystemRandomness)),
            asked: Mutex::default(),
        })
    }

    fn take(&self) -> Vec<String> {
        self.asked.lock().unwrap().drain(..).collect()
    }
}

impl DnsClient for Noted {
    fn ask(
        &self,
        question: &DnsQuestion,
        deadline: Option<Instant>,
    ) -> Result<DnsAnswer, DnsError> {
        self.asked.lock().unwrap().push(question.to_string());
        self.resolver.ask(question, deadline)
    }

    fn candidates(&self, name: &str) -> Vec<String> {
        self.resolver.candidates(name)
    }
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

/// The environment of a host without any configuration.
fn unconfigured(dns: Arc<dyn DnsClient>) -> Environment {
    Environment::builder()
        .config_text("krb5.conf", "")
        .unwrap()
        .dns(dns)
        .default_cache("MEMORY:dns")
        .local_hostname("client.orthros.test")
        .build()
}

fn password(text: &str) -> SecretVec {
    SecretVec::from(text.as_bytes())
}

/// As `kinit` of a name without a realm does.
fn acquire(environment: &Environment, secret: &str) -> Result<(), String> {
    let alice = environment.in_default_realm(|realm| Principal::parse("alice", realm));
    let options = environment.initial_options(alice.unwrap()).unwrap();
    let acquired = environment.acquire_with_password(options, password(secret));
    acquired.map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_realm_of_which_dns_alone_knows_gives_tickets_without_any_configuration() {
    require_mit!();
    if missing_dnsmasq("a_realm_of_which_dns_alone_knows_gives_tickets_without_any_configuration") {
        return;
    }
    let realm = Realm::builder().user("alice", "secret").start().unwrap();
    let port = realm.kdc_address().port();
    let mut lines = String::new();
    for protocol in ["udp", "tcp"] {
        let _ = writeln!(
            lines,
            "srv-host=_kerberos._{protocol}.orthros.test,localhost,{port},0,0"
        );
    }
    let (_server, address) = name_server(realm.directory(), &lines);
    let dns = Noted::new(address);
    let environment = unconfigured(dns.clone());
    assert_eq!(environment.default_realm().unwrap(), "ORTHROS.TEST");
    acquire(&environment, "secret").unwrap();
    assert_eq!(
        dns.take()[..2],
        [
            "_kerberos.ORTHROS.TEST URI",
            "_kerberos._udp.ORTHROS.TEST SRV"
        ]
    );
    // A wrong password is asked of a primary KDC again only where DNS has one that is another.
    let error = acquire(&environment, "wrong").unwrap_err();
    assert!(error.contains("alice@ORTHROS.TEST"), "{error}");
    let asked = dns.take();
    let masters = asked
        .iter()
        .filter(|question| question.starts_with("_kerberos-master."));
    assert_eq!(masters.count(), 2, "{asked:?}");
}

#[test]
fn a_uri_record_leads_to_a_kdc() {
    require_mit!();
    if missing_dnsmasq("a_uri_record_leads_to_a_kdc") {
        return;
    }
    let realm = Realm::builder().user("alice", "secret").start().unwrap();
    let uri = format!("krb5srv:m:tcp:{}", realm.kdc_address());
    let data = [&[0, 0, 0, 0], uri.as_bytes()].concat();
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines = format!("dns-rr=_kerberos.orthros.test,256,{hex}\n");
    let (_server, address) = name_server(realm.directory(), &lines);
    let dns = Noted::new(address);
    let environment = unconfigured(dns.clone());
    acquire(&environment, "secret").unwrap();
    assert_eq!(dns.take()[0], "_kerberos.ORTHROS.TEST URI");
}

/// Counts what is asked, and has nothing.
#[derive(Debug, Default)]
struct Counted(AtomicUsize);

impl DnsClient for Counted {
    fn ask(&self, _: &DnsQuestion, _: Option<Instant>) -> Result<DnsAnswer, DnsError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(DnsError::Unanswered {
            attempts: Vec::new(),
        })
    }

    fn candidates(&self, _: &str) -> Vec<String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Vec::new()
    }
}

#[test]
fn dns_is_not_asked_by_a_client_whose_realm_is_configured() {
    require_mit!();
    let realm = Realm::builder()
        .user("alice", "secret")
        .service("HTTP/www.test")
        .start()
        .unwrap();
    // With discovery by DNS at its default, which is on.
    let text = realm.krb5_conf().replace("dns_lookup_kdc = false", "");
    let dns = Arc::new(Counted::default());
    let environment = Environment::builder()
        .config_text("krb5.conf", &text)
        .unwrap()
        .dns(dns.clone())
        .default_cache("MEMORY:counted")
        .build();
    assert!(environment.config().dns_lookup_kdc());
    let options = environment
        .initial_options(principal("alice@ORTHROS.TEST"))
        .unwrap();
    let ticket = environment
        .acquire_with_password(options.clone(), password("secret"))
        .unwrap();
    let cache = environment.default_cache().unwrap();
    let client = principal("alice@ORTHROS.TEST");
    cache
        .initialize(&client, None, &[ticket.credential])
        .unwrap();
    for service in [
        "HTTP/www.test@ORTHROS.TEST",
        "HTTP/unknown.test@ORTHROS.TEST",
    ] {
        let options = environment.service_options().unwrap();
        let got = environment.service_ticket(&cache, &principal(service), &options);
        assert_eq!(got.is_ok(), service.contains("www"));
    }
    environment
        .acquire_with_password(options, password("wrong"))
        .unwrap_err();
    assert_eq!(dns.0.load(Ordering::Relaxed), 0);
}

/// Set in the process that is to say which servers it has tried.
const LISTS: &str = "ORTHROS_TEST_LISTS_KDCS";

/// The addresses of the KDCs that a process without a configuration tries, in order.
fn list_kdcs() {
    let environment = Environment::process().unwrap();
    let request = KdcRequest {
        realm: b"ORDER.TEST".to_vec(),
        message: vec![0x6a, 0],
        transport: Transport::Datagram,
    };
    match environment.ask_kdc(&request, KdcSelection::Any) {
        Err(TransportError::Unreachable { attempts, .. }) => {
            for attempt in attempts {
                assert!(
                    matches!(attempt.outcome, AttemptOutcome::Failed(_)),
                    "{attempt}"
                );
                println!("\ntried {attempt}");
            }
        }
        other => println!("\nother: {other:?}"),
    }
}

#[test]
fn kdcs_are_tried_in_mits_order() {
    if env::var_os(LISTS).is_some() {
        return list_kdcs();
    }
    require_mit!();
    let test = "kdcs_are_tried_in_mits_order";
    if missing_dnsmasq(test) {
        return;
    }
    if let Err(missing) = peers::namespaces() {
        peers::skip(test, &missing);
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
    let zone = "listen-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nuser=\npid-file=\n\
                srv-host=_kerberos._udp.order.test,one.order.test,88,2,0\n\
                srv-host=_kerberos._udp.order.test,two.order.test,750,1,0\n\
                srv-host=_kerberos._tcp.order.test,three.order.test,88,1,0\n\
                host-record=one.order.test,127.0.0.11\nhost-record=two.order.test,127.0.0.12\n\
                host-record=three.order.test,127.0.0.13\n";
    fs::write(path("dnsmasq.conf"), zone).unwrap();
    // Both clients in one network of their own, with one name server and no KDC.
    let script = "set -e; ip link set lo up; cd \"$1\"; mount --bind resolv.conf /etc/resolv.conf\n\
                  dnsmasq --keep-in-foreground -C dnsmasq.conf & server=$!; trap 'kill $server' EXIT\n\
                  for _ in $(seq 100); do (: < /dev/tcp/127.0.0.1/53) 2>/dev/null && break; sleep 0.1; done\n\
                  echo secret | KRB5_TRACE=/dev/stdout kinit -c MEMORY: alice@ORDER.TEST || true\n\
                  \"$2\" --exact kdcs_are_tried_in_mits_order --nocapture";
    let outcome = Command::new("unshare")
        .args(["--net", "--mount", "bash", "-c", script, "bash"])
        .arg(directory.path())
        .arg(env::current_exe().unwrap())
        .env(LISTS, "1")
        .env("KRB5_CONFIG", path("none.conf"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    // "Sending initial UDP request to dgram 127.0.0.12:750", "Initiating TCP connection to stream 127.0.0.13:88".
    let mits = said.lines().filter_map(|line| {
        let udp = line.split_once("Sending initial UDP request to dgram ");
        let tcp = line.split_once("Initiating TCP connection to stream ");
        let protocol = if udp.is_some() { "udp" } else { "tcp" };
        udp.or(tcp)
            .map(|(_, address)| format!("{address} ({protocol})"))
    });
    let ours = said.lines().filter_map(|line| {
        let attempt = line.strip_prefix("tried ")?;
        attempt
            .split_once(": ")
            .map(|(address, _)| address.to_owned())
    });
    let (mits, ours): (Vec<_>, Vec<_>) = (mits.collect(), ours.collect());
    assert_eq!(
        ours,
        mits,
        "{said}\n{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
    assert_eq!(
        ours,
        [
            "127.0.0.12:750 (udp)",
            "127.0.0.11:88 (udp)",
            "127.0.0.13:88 (tcp)"
        ]
    );
}
