//! GSS-API contexts and messages with MIT's samples, which speak the protocol of our `gss-client` and `gss-server`.

use std::fs;
use std::process::Command;

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm, SampleServer};
use orthros_testing::require_mit;

use crate::{SERVICE, kinit, orthros, realm, succeed};

const SERVICE_NAME: &str = "host@localhost";

/// MIT's options for: sealed, signed, and in the clear, each answered with a MIC; ours have a dash more.
const PROTECTIONS: [&[&str]; 3] = [&[], &["-nx"], &["-nw"]];

/// One octet, one more than a block, and the largest that the issue asks for.
const SIZES: [usize; 3] = [1, 17, 65_536];

#[test]
fn our_client_and_mits_server_agree_on_every_message() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let realm = prepared(enctype);
        let server = realm.gss_server(SERVICE_NAME, &[]).unwrap();
        each_message(&realm, |options, file| {
            let client = our_client(&realm, server.port(), options, file);
            succeed(&realm, &mut { client }, "");
        });
    }
}

#[test]
fn mits_client_and_our_server_agree_on_every_message() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let realm = prepared(enctype);
        let server = our_server(&realm);
        each_message(&realm, |options, file| {
            let mut options = options.to_vec();
            options.push("-f");
            let mut client = realm.gss_client(server.port(), &options, SERVICE_NAME, file);
            let client = succeed(&realm, &mut client, "");
            assert!(client.stdout.contains("Signature verified."), "{client}");
        });
    }
}

#[test]
fn our_client_and_our_server_agree_on_every_message() {
    require_mit!();
    let realm = prepared(DEFAULT_ENCTYPES[0]);
    let server = our_server(&realm);
    each_message(&realm, |options, file| {
        let client = our_client(&realm, server.port(), options, file);
        succeed(&realm, &mut { client }, "");
    });
}

#[test]
fn a_server_without_the_services_key_is_refused_its_start() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    let mut server = orthros(
        &realm,
        ["gss-server", "--port", "0", "--once", "nosuch@localhost"],
    );
    let server = realm.run(&mut server, b"").unwrap();
    assert_eq!(server.status.code(), Some(1), "{server}");
    assert!(server.stderr.contains("nosuch"), "{server}");
}

/// A realm of one enctype, with a ticket that we got.
fn prepared(enctype: &str) -> Realm {
    let realm = realm(&[enctype]);
    kinit(&realm);
    succeed(&realm, &mut orthros(&realm, ["kvno", SERVICE]), "");
    realm
}

/// Every protection and size, mutually authenticated and not.
fn each_message(realm: &Realm, exchange: impl Fn(&[&str], &str)) {
    for size in SIZES {
        let file = realm.path(&format!("message-{size}"));
        fs::write(&file, "m".repeat(size)).unwrap();
        for protection in PROTECTIONS {
            for authentication in [&[][..], &["-nomutual"]] {
                let options = [protection, authentication].concat();
                exchange(&options, file.to_str().unwrap());
            }
        }
    }
}

fn our_server(realm: &Realm) -> SampleServer {
    let server = |port: u16| {
        let port = port.to_string();
        orthros(realm, ["gss-server", "--port", &port, SERVICE_NAME])
    };
    SampleServer::start(server, "Listening on port").unwrap()
}

/// It ends with an error unless the server's MIC fits what it sent.
fn our_client(realm: &Realm, port: u16, options: &[&str], file: &str) -> Command {
    let mut client = orthros(realm, ["gss-client", "--port", &port.to_string(), "-f"]);
    client.args(options.iter().map(|option| format!("-{option}")));
    client.args(["localhost", SERVICE_NAME, file]);
    client
}
