//! What real peers sent: every message, and all that is encrypted in it, comes out as it went in.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

mod opener;

use std::collections::BTreeMap;

use opener::{Opener, SIGNED};
use orthros_crypto::Enctype;
use orthros_testing::vectors;
use orthros_types::keytab::Keytab;

#[test]
fn all_that_mits_programs_said_is_read_and_written_as_it_was() {
    let expected = [
        ("AD-AUTHENTICATION-INDICATOR", 6),
        ("AD-CAMMAC", 6),
        ("AP-REP", 3),
        ("AP-REQ", 17),
        ("AS-REP", 4),
        ("AS-REQ", 9),
        ("Authenticator", 17),
        ("AuthorizationData", 36),
        ("Checksum", 4),
        ("ETYPE-INFO2", 7),
        ("EncAPRepPart", 3),
        ("EncKrbCredPart", 1),
        ("EncTGSRepPart", 11),
        ("EncTicketPart", 30),
        ("EncryptedData", 3),
        ("InitialContextToken", 8),
        ("KRB-CRED", 1),
        ("KRB-ERROR", 14),
        ("KrbFastReq", 13),
        ("KrbFastResponse", 13),
        ("METHOD-DATA", 7),
        ("NegotiationToken", 2),
        ("PA-ENC-TS-ENC", 3),
        ("PA-FOR-USER", 2),
        ("PA-FX-FAST-REPLY", 13),
        ("PA-FX-FAST-REQUEST", 13),
        ("PA-S4U-X509-USER", 3),
        ("TGS-REP", 7),
        ("TGS-REQ", 11),
    ];
    assert_eq!(open("captures/mit.txt"), BTreeMap::from(expected));
}

#[test]
fn all_that_heimdals_programs_said_is_read_and_written_as_it_was() {
    let expected = [
        // Heimdal holds nonces in signed variables.
        (SIGNED, 2),
        ("AP-REQ", 8),
        ("AS-REP", 3),
        ("AS-REQ", 6),
        ("Authenticator", 8),
        ("AuthorizationData", 15),
        ("Checksum", 3),
        ("ETYPE-INFO2", 3),
        ("EncASRepPart", 3),
        ("EncTGSRepPart", 4),
        ("EncTicketPart", 15),
        ("EncryptedData", 6),
        ("KRB-ERROR", 6),
        ("KrbFastReq", 2),
        ("KrbFastResponse", 2),
        ("METHOD-DATA", 3),
        ("PA-ENC-TS-ENC", 6),
        ("PA-FOR-USER", 1),
        ("PA-FX-FAST-REPLY", 2),
        ("PA-FX-FAST-REQUEST", 2),
        ("TGS-REP", 4),
        ("TGS-REQ", 6),
    ];
    assert_eq!(open("captures/heimdal.txt"), BTreeMap::from(expected));
}

/// Opens a file's messages in their order, with its keys. Gives how many there were of each type, inner ones included.
fn open(file: &str) -> BTreeMap<&'static str, usize> {
    let stanzas = vectors::stanzas(file);
    let (secrets, messages) = stanzas.split_first().unwrap();
    let keytab = Keytab::decode(&secrets.octets("keytab")).unwrap();
    let keys = keytab.entries().iter().filter_map(|entry| entry.key.key());
    // For enctypes that the KDC has no key of, as which a client may try its password.
    let (password, salt) = (secrets.text("password"), secrets.text("salt"));
    let made = Enctype::ALL.iter().flat_map(|enctype| {
        // Without a salt too, as Heimdal's client guesses where it does not read the KDC's hint.
        [salt, ""].map(|salt| {
            let made = enctype.string_to_key(password.as_bytes(), salt.as_bytes(), None);
            made.unwrap()
        })
    });
    let mut opener = Opener::new(keys.chain(made).collect());
    for message in messages {
        let place = format!("{}, {}", message.place(), message.text("conversation"));
        opener.at(place);
        match message.text("with") {
            "kdc" => opener.kdc_message(&message.octets("octets")),
            "gss" => opener.token(&message.octets("octets")),
            with => panic!("{}: with {with}", message.place()),
        }
    }
    opener.counts()
}
