//! The tables, character for character as MIT's klist 1.20 prints them.

use orthros_krb5::keytab::KeytabEntry;
use orthros_krb5::{
    Credential, EncryptionType, KeyBlock, Principal, TicketFlags, TicketTimes, Timestamp,
};

use super::table::{self, Columns};
use crate::local_time;

fn principal(name: &str) -> Principal {
    Principal::parse(name.as_bytes(), None).unwrap()
}

fn credential(renewable: bool) -> Credential {
    let at = Timestamp::from_seconds;
    Credential {
        client: principal("alice@EXAMPLE.TEST"),
        server: principal("krbtgt/EXAMPLE.TEST@EXAMPLE.TEST"),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: at(1_795_446_120),
            starttime: None,
            endtime: at(1_795_482_120),
            renew_till: renewable.then(|| at(1_795_532_520)),
        },
        is_skey: false,
        flags: TicketFlags::FORWARDABLE | TicketFlags::INITIAL | TicketFlags::PRE_AUTHENT,
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: Vec::new(),
        second_ticket: Vec::new(),
    }
}

fn lines(credential: &Credential, owner: &str, columns: Columns) -> Vec<String> {
    let text = table::ticket(credential, &principal(owner), columns);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_plain_ticket_is_one_line() {
    let credential = credential(false);
    let expected = format!(
        "{}  {}  krbtgt/EXAMPLE.TEST@EXAMPLE.TEST",
        local_time::format(1_795_446_120),
        local_time::format(1_795_482_120)
    );
    assert_eq!(
        lines(&credential, "alice@EXAMPLE.TEST", Columns::default()),
        [expected]
    );
}

#[test]
fn renewal_and_flags_share_a_line() {
    let columns = Columns {
        flags: true,
        ..Columns::default()
    };
    let lines = lines(&credential(true), "alice@EXAMPLE.TEST", columns);
    let until = local_time::format(1_795_532_520);
    assert_eq!(
        lines.get(1),
        Some(&format!("\trenew until {until}, Flags: FIA"))
    );
}

#[test]
fn a_ticket_of_another_client_says_whose() {
    let lines = lines(&credential(false), "bob@EXAMPLE.TEST", Columns::default());
    assert_eq!(
        lines.get(1).map(String::as_str),
        Some("\tfor client alice@EXAMPLE.TEST")
    );
}

#[test]
fn every_flag_has_its_letter_and_its_name() {
    assert_eq!(table::flag_letters(TicketFlags::all()), "FfPpDdiRIHATOa");
    assert_eq!(
        table::flag_names(TicketFlags::RENEWABLE | TicketFlags::PROXY),
        ["proxy", "renewable"]
    );
}

#[test]
fn a_key_is_named_and_never_shown() {
    let entry = KeytabEntry {
        principal: principal("HTTP/localhost@EXAMPLE.TEST"),
        timestamp: Timestamp::from_seconds(1_795_446_120),
        kvno: 3,
        key: KeyBlock::new(EncryptionType(20), vec![0xAB; 32]),
    };
    let columns = Columns {
        enctypes: true,
        ..Columns::default()
    };
    assert_eq!(
        table::key(&entry, columns),
        "   3 HTTP/localhost@EXAMPLE.TEST (aes256-cts-hmac-sha384-192) \n"
    );
    assert_eq!(table::enctype_name(EncryptionType(99)), "etype 99");
}
