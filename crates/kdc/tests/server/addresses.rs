//! Where a server listens, and from where it answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orthros_kdc::server::{Realm, Server};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};

/// A request that gets an answer.
fn request(realm: &Realm) -> Vec<u8> {
    let options = AsRequestOptions::new(realm.principal("alice").unwrap());
    let mut client = AsExchange::new(options, ClientSecret::Ask).unwrap();
    let environment = realm.environment();
    let random = &mut environment.random();
    match client.step(AsInput::Begin, environment.now(), random) {
        Ok(AsStep::Send(request)) => request.message.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// Where the reply to a request that is sent from `here` comes from.
fn answers_from(realm: &Realm, here: IpAddr, server: SocketAddr) -> SocketAddr {
    let socket = UdpSocket::bind((here, 0)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    socket.send_to(&request(realm), server).unwrap();
    let (length, from) = socket.recv_from(&mut [0; 4096]).unwrap();
    assert!(length > 0);
    from
}

fn has_ipv6() -> bool {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[test]
fn a_reply_leaves_from_the_address_that_was_asked() {
    let mut unspecified = vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED)];
    if has_ipv6() {
        unspecified.push(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    }
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for address in unspecified {
        let realm = Realm::builder("EXAMPLE.TEST")
            .server(Server::builder().listen(SocketAddr::new(address, 0)));
        let realm = realm.start().unwrap();
        let port = realm.address().port();
        for last in 1..4 {
            let server = SocketAddr::from(([127, 0, 0, last], port));
            assert_eq!(answers_from(&realm, here, server), server, "{address}");
        }
        if address.is_ipv6() {
            let server = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
            let here = IpAddr::V6(Ipv6Addr::LOCALHOST);
            assert_eq!(answers_from(&realm, here, server), server);
        }
    }
}

#[test]
fn a_client_of_ipv4_has_its_address_on_a_socket_of_ipv6_too() {
    if !has_ipv6() {
        return;
    }
    let peers = Arc::new(Mutex::new(Vec::new()));
    let told = peers.clone();
    let realm = Realm::builder("EXAMPLE.TEST")
        .server(
            Server::builder()
                .listen((Ipv6Addr::UNSPECIFIED, 0).into())
                .on_request(move |request| told.lock().unwrap().push(request.peer.address())),
        )
        .start()
        .unwrap();
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, realm.address().port()));
    answers_from(&realm, here, server);
    realm.stop();
    assert_eq!(*peers.lock().unwrap(), [here]);
}

#[test]
fn a_realm_listens_on_all_addresses_that_it_is_given_and_its_clients_know_them() {
    let mut addresses: Vec<SocketAddr> =
        vec![([127, 88, 0, 3], 0).into(), ([127, 88, 0, 4], 0).into()];
    if has_ipv6() {
        addresses.push((Ipv6Addr::LOCALHOST, 0).into());
    }
    let mut server = Server::builder();
    for address in &addresses {
        server = server.listen(*address).listen_for_passwords(*address);
    }
    let realm = Realm::builder("EXAMPLE.TEST").server(server);
    let realm = realm.start().unwrap();
    assert_eq!(realm.addresses().len(), addresses.len());
    assert_eq!(realm.password_addresses().len(), addresses.len());
    for (bound, asked) in realm.addresses().iter().zip(&addresses) {
        assert_eq!(bound.ip(), asked.ip());
        assert_eq!(answers_from(&realm, asked.ip(), *bound), *bound);
        let line = format!("        kdc = {bound}\n");
        assert!(realm.krb5_conf().contains(&line), "{}", realm.krb5_conf());
    }
}

#[test]
fn both_unspecified_addresses_share_a_port() {
    if !has_ipv6() {
        return;
    }
    // Of ports that the system has just given another one; that may be taken again, so that there are some attempts.
    let start = || {
        let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        Realm::builder("EXAMPLE.TEST")
            .server(
                Server::builder()
                    .listen((Ipv4Addr::UNSPECIFIED, port).into())
                    .listen((Ipv6Addr::UNSPECIFIED, port).into()),
            )
            .start()
    };
    let realm = (0..20).find_map(|_| start().ok());
    let realm = realm.expect("both can be listened on");
    for here in [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ] {
        let server = SocketAddr::new(here, realm.address().port());
        assert_eq!(answers_from(&realm, here, server), server);
    }
}
