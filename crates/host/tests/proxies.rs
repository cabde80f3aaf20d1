//! KDC proxies: that of `FreeIPA` in front of servers of MIT, asked by a client over plain HTTP that the test brings,
//! and proxies that are up to no good.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use orthros_host::{Environment, EnvironmentBuilder, HttpClient, HttpError, HttpRequest};
use orthros_krb5::PasswordResult;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::failover::LARGEST_PROXY_REPLY;
use orthros_krb5::observe::{Event, Observer};
use orthros_testing::mit::Realm;
use orthros_testing::peers;
use orthros_testing::process::Daemon;
use orthros_testing::require_mit;
use orthros_types::Principal;
use orthros_types::config::HttpAnchor;

/// HTTP without TLS to a server on the loopback, whatever the URL's host; notes what it is asked to do.
#[derive(Debug)]
struct PlainHttp {
    server: SocketAddr,
    urls: Mutex<Vec<String>>,
    anchors: Mutex<Vec<HttpAnchor>>,
}

impl PlainHttp {
    fn to(server: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            server,
            urls: Mutex::default(),
            anchors: Mutex::default(),
        })
    }

    fn urls(&self) -> Vec<String> {
        self.urls.lock().unwrap().drain(..).collect()
    }
}

impl HttpClient for PlainHttp {
    fn post(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError> {
        self.urls.lock().unwrap().push(request.url.to_owned());
        *self.anchors.lock().unwrap() = request.anchors.to_vec();
        let path = request.url.strip_prefix("https://proxy.test/").unwrap();
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => HttpError::TimedOut,
            _ => HttpError::Failed(error.into()),
        };
        let mut stream = TcpStream::connect(self.server).map_err(failed)?;
        let left = request.deadline.saturating_duration_since(Instant::now());
        stream.set_read_timeout(Some(left)).unwrap();
        let head = format!(
            "POST /{path} HTTP/1.0\r\nHost: proxy.test\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            HttpRequest::CONTENT_TYPE,
            request.body.len()
        );
        let sent = [head.as_bytes(), request.body].concat();
        stream.write_all(&sent).map_err(failed)?;
        let mut response = Vec::new();
        let most = u64::try_from(request.limit + 4096).unwrap();
        let read = stream.take(most).read_to_end(&mut response);
        read.map_err(failed)?;
        let end = response.windows(4).position(|four| four == b"\r\n\r\n");
        let body = response.split_off(end.unwrap() + 4);
        let head = String::from_utf8(response).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if body.len() > request.limit {
            return Err(HttpError::TooLong);
        }
        if status == 200 {
            Ok(body)
        } else {
            Err(HttpError::Status(status))
        }
    }
}

/// A host that knows of the realm nothing but its proxy.
fn environment(client: Arc<dyn HttpClient>, libdefaults: &str, relations: &str) -> Environment {
    builder(client, libdefaults, relations).build()
}

fn builder(client: Arc<dyn HttpClient>, libdefaults: &str, relations: &str) -> EnvironmentBuilder {
    let proxy = "https://proxy.test/KdcProxy";
    let text = format!(
        "[libdefaults]\n default_realm = ORTHROS.TEST\n dns_lookup_kdc = false\n{libdefaults}\n\
         [realms]\n ORTHROS.TEST = {{\n  kdc = {proxy}\n  kpasswd_server = {proxy}\n{relations}\n }}\n"
    );
    Environment::builder()
        .config_text("krb5.conf", &text)
        .unwrap()
        .http_client(client)
        .default_cache("MEMORY:proxies")
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, Some(b"ORTHROS.TEST")).unwrap()
}

fn password(text: &str) -> SecretVec {
    SecretVec::from(text.as_bytes())
}

fn acquire(environment: &Environment, secret: &str) -> Result<(), String> {
    let options = environment.initial_options(principal("alice")).unwrap();
    let acquired = environment.acquire_with_password(options, password(secret));
    acquired.map(drop).map_err(|error| error.to_string())
}

/// Starts `kdcproxy` behind Python's own HTTP server, in front of the realm's servers.
fn kdcproxy(realm: &Realm) -> (Daemon, SocketAddr) {
    let config = realm.path("kdcproxy.conf");
    let text = format!(
        "[global]\nuse_dns = false\n[{}]\nkerberos = kerberos+tcp://{}\nkpasswd = kpasswd+tcp://{}\n",
        realm.name(),
        realm.kdc_address(),
        realm.password_address()
    );
    fs::write(&config, text).unwrap();
    let mut command = Command::new(peers::kdcproxy().unwrap());
    command.args(["-c", SERVE]).env("KDCPROXY_CONFIG", &config);
    let daemon = Daemon::start(&mut command, "serving\n").unwrap();
    let printed = daemon.printed();
    let port = printed.lines().find_map(|line| line.strip_prefix("port "));
    let address = (Ipv4Addr::LOCALHOST, port.unwrap().parse().unwrap());
    (daemon, address.into())
}

const SERVE: &str = "
from wsgiref.simple_server import make_server
from kdcproxy import Application
server = make_server('127.0.0.1', 0, Application())
print('port', server.server_port)
print('serving', flush=True)
server.serve_forever()
";

#[test]
fn tickets_and_a_new_password_come_through_kdcproxy() {
    require_mit!();
    let test = "tickets_and_a_new_password_come_through_kdcproxy";
    if let Err(missing) = peers::kdcproxy() {
        peers::skip(test, &missing);
        return;
    }
    let realm = Realm::builder()
        .user("alice", "secret")
        .service("host/server.orthros.test")
        .kadmind()
        .start()
        .unwrap();
    let (_proxy, address) = kdcproxy(&realm);
    let client = PlainHttp::to(address);
    let environment = environment(client.clone(), "", "");
    // A ticket for the KDC, one for a service ..
    let options = environment.initial_options(principal("alice")).unwrap();
    let ticket = environment
        .acquire_with_password(options, password("secret"))
        .unwrap();
    let cache = environment.default_cache().unwrap();
    cache
        .initialize(&principal("alice"), None, &[ticket.credential])
        .unwrap();
    let service = principal("host/server.orthros.test");
    let options = environment.service_options().unwrap();
    environment
        .service_ticket(&cache, &service, &options)
        .unwrap();
    // .. and a new password, with which the KDC refuses the old one.
    let options = environment
        .password_ticket_options(principal("alice"))
        .unwrap();
    let ticket = environment
        .acquire_with_password(options, password("secret"))
        .unwrap();
    let outcome = environment.change_password(&ticket, password("Another-1"), None);
    assert_eq!(outcome.unwrap().result, PasswordResult::Success);
    acquire(&environment, "Another-1").unwrap();
    let refused = acquire(&environment, "secret").unwrap_err();
    assert!(refused.contains("password"), "{refused}");
    let urls = client.urls();
    assert!(urls.len() >= 6, "{urls:?}");
    assert!(
        urls.iter().all(|url| url == "https://proxy.test/KdcProxy"),
        "{urls:?}"
    );
}

/// What asking a proxy comes to that reads a request and gives this response, then closes the stream.
fn asked(response: Vec<u8>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = PlainHttp::to(listener.local_addr().unwrap());
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 65536]).unwrap();
            // The client may have read enough before all is written.
            let _ = stream.write_all(&response);
        });
        acquire(&environment(client, "", ""), "secret").unwrap_err()
    })
}

#[test]
fn responses_that_bring_no_reply_say_what_is_wrong() {
    let ok = b"HTTP/1.0 200 OK\r\n\r\n";
    let other_realm = b"\x30\x16\xa0\x0a\x04\x08\0\0\0\x04\x6b\x02\x30\x00\xa1\x08\x1b\x06HOSTIL";
    let wrong_length = b"\x30\x0c\xa0\x0a\x04\x08\0\0\0\x05\x6b\x02\x30\x00";
    for (response, expected) in [
        (b"HTTP/1.0 503 No\r\n\r\n".to_vec(), "HTTP status 503"),
        (
            b"HTTP/1.0 302 Go\r\nLocation: /\r\n\r\n".to_vec(),
            "HTTP status 302",
        ),
        ([&ok[..], b"<html>"].concat(), "no KDC-PROXY-MESSAGE"),
        (ok.to_vec(), "no KDC-PROXY-MESSAGE"),
        ([&ok[..], other_realm].concat(), "answered for realm HOSTIL"),
        ([&ok[..], wrong_length].concat(), "not as long as it says"),
        (
            [&ok[..], &vec![0; LARGEST_PROXY_REPLY + 1]].concat(),
            "answered with more than a reply can be",
        ),
    ] {
        let error = asked(response);
        let place = "https://proxy.test/KdcProxy (https): ";
        assert!(error.contains(place) && error.contains(expected), "{error}");
    }
}

#[test]
fn a_proxy_that_stalls_ends_with_request_timeout() {
    // It takes connections, and nobody reads them.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = PlainHttp::to(listener.local_addr().unwrap());
    let hurried = environment(client, "request_timeout = 1s", "");
    let error = acquire(&hurried, "secret").unwrap_err();
    assert!(error.contains("(https): timed out"), "{error}");
}

/// Notes until when it may wait, and does not wait.
#[derive(Debug, Default)]
struct Impatient(Mutex<Vec<Duration>>);

impl HttpClient for Impatient {
    fn post(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError> {
        let left = request.deadline.saturating_duration_since(Instant::now());
        self.0.lock().unwrap().push(left);
        Err(HttpError::TimedOut)
    }
}

#[test]
fn a_proxy_is_given_as_long_as_an_established_stream_or_what_is_left() {
    for (libdefaults, most) in [
        ("", 10),
        (" request_timeout = 20s", 10),
        (" request_timeout = 3s", 3),
    ] {
        let client = Arc::new(Impatient::default());
        acquire(&environment(client.clone(), libdefaults, ""), "secret").unwrap_err();
        let left = client.0.lock().unwrap().clone();
        assert!(!left.is_empty());
        for left in left {
            assert!(left <= Duration::from_secs(most), "{left:?}");
            assert!(left > Duration::from_secs(most - 3), "{left:?}");
        }
    }
}

#[test]
fn the_client_gets_the_realms_anchors_and_bad_ones_are_named() {
    let refusing = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = PlainHttp::to(refusing.local_addr().unwrap());
    drop(refusing);
    let anchors = "  http_anchors = FILE:/etc/ca.pem\n  http_anchors = DIR:/etc/cas";
    acquire(&environment(client.clone(), "", anchors), "secret").unwrap_err();
    let expected = [
        HttpAnchor::File("/etc/ca.pem".to_owned()),
        HttpAnchor::Directory("/etc/cas".to_owned()),
    ];
    assert_eq!(*client.anchors.lock().unwrap(), expected);
    for bad in ["ENV:CA", "/etc/ca.pem", "FILE:"] {
        let bad = format!("  http_anchors = {bad}");
        let error = acquire(&environment(client.clone(), "", &bad), "secret").unwrap_err();
        let expected = "neither FILE:path nor DIR:path of certificates";
        assert!(
            error.contains("http_anchors") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn a_trace_says_which_proxy_was_asked_and_what_came_of_it() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = lines.clone();
    let observer = Observer::new(Arc::new(move |event: &Event<'_>| {
        written.lock().unwrap().push(event.to_string());
    }));
    let client = Arc::new(Impatient::default());
    let environment = builder(client, "", "").observer(observer).build();
    acquire(&environment, "secret").unwrap_err();
    let lines = lines.lock().unwrap();
    let place = "https://proxy.test/KdcProxy";
    for expected in [
        format!("Sending HTTPS request to {place}"),
        format!("HTTPS error on {place}: timed out"),
    ] {
        assert!(lines.contains(&expected), "{lines:?}");
    }
}

#[test]
fn without_an_http_client_the_error_says_what_is_missing() {
    let environment = Environment::builder()
        .config_text(
            "krb5.conf",
            "[realms]\n ORTHROS.TEST = {\n  kdc = https://proxy.test/KdcProxy\n }\n",
        )
        .unwrap()
        .build();
    let error = acquire(&environment, "secret").unwrap_err();
    assert!(
        error.contains("https://proxy.test/KdcProxy (https): this program has no HTTP client")
            && error.contains("EnvironmentBuilder::http_client"),
        "{error}"
    );
}
