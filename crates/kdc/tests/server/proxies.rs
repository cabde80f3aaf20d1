//! A client that reaches the server through a KDC proxy (MS-KKDCP) alone: an HTTP client in the test is both.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use orthros_asn1::{KdcProxyMessage, Message as _};
use orthros_host::{Environment, HttpClient, HttpError, HttpRequest};
use orthros_kdc::server::Realm;
use orthros_krb5::PasswordResult;

/// Forwards to the server that the path of the URL names.
#[derive(Debug)]
struct Forwarder {
    kdc: SocketAddr,
    passwords: SocketAddr,
    forwarded: Mutex<Vec<String>>,
}

impl Forwarder {
    fn of(realm: &Realm) -> Arc<Self> {
        Arc::new(Self {
            kdc: *realm.addresses().first().unwrap(),
            passwords: *realm.password_addresses().first().unwrap(),
            forwarded: Mutex::default(),
        })
    }
}

impl HttpClient for Forwarder {
    fn post(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, HttpError> {
        let server = match request.url {
            "https://proxy.test/kdc" => self.kdc,
            "https://proxy.test/passwords" => self.passwords,
            _ => return Err(HttpError::Status(404)),
        };
        self.forwarded.lock().unwrap().push(request.url.to_owned());
        let message = KdcProxyMessage::decode(request.body).unwrap();
        assert_eq!(message.target_domain.as_ref().unwrap().0, b"EXAMPLE.TEST");
        let mut stream = TcpStream::connect(server).unwrap();
        stream.write_all(&message.kerb_message).unwrap();
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut reply = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        stream.read_exact(&mut reply).unwrap();
        let message = KdcProxyMessage {
            kerb_message: [&length[..], &reply].concat().into(),
            ..message
        };
        Ok(message.encode().unwrap())
    }
}

#[test]
fn tickets_are_got_and_passwords_changed_through_a_proxy_alone() {
    let realm = Realm::builder("EXAMPLE.TEST")
        .user("alice", "password-1")
        .service("HTTP/localhost")
        .start()
        .unwrap();
    let forwarder = Forwarder::of(&realm);
    let text = "[libdefaults]\n dns_lookup_kdc = false\n[realms]\n EXAMPLE.TEST = {\n  \
                kdc = https://proxy.test/gone\n  kdc = https://proxy.test/kdc\n  \
                kpasswd_server = https://proxy.test/passwords\n }\n";
    let environment = Environment::builder()
        .config_text("krb5.conf", text)
        .unwrap()
        .http_client(forwarder.clone())
        .default_cache("MEMORY:proxies")
        .build();
    let alice = realm.principal("alice").unwrap();
    let login = |password: &str| {
        let options = environment.initial_options(alice.clone()).unwrap();
        environment.acquire_with_password(options, password.as_bytes().into())
    };
    let cache = environment.default_cache().unwrap();
    let ticket = login("password-1").unwrap();
    environment.store_initial(&cache, &ticket).unwrap();
    let service = realm.principal("HTTP/localhost").unwrap();
    let options = environment.service_options().unwrap();
    let got = environment.service_ticket(&cache, &service, &options);
    assert_eq!(got.unwrap().server, service);
    let options = environment.password_ticket_options(alice.clone()).unwrap();
    let ticket = environment
        .acquire_with_password(options, b"password-1"[..].into())
        .unwrap();
    let changed = environment.change_password(&ticket, b"password-2"[..].into(), None);
    assert_eq!(changed.unwrap().result, PasswordResult::Success);
    assert!(login("password-1").is_err() && login("password-2").is_ok());
    let forwarded = forwarder.forwarded.lock().unwrap();
    let passwords = forwarded.iter().filter(|url| url.ends_with("/passwords"));
    assert_eq!(passwords.count(), 1, "{forwarded:?}");
}
