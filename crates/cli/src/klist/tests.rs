//! The tables, character for character as MIT's klist 1.20 prints them.

use orthros_types::keytab::KeytabEntry;
use orthros_types::{
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
}

/// MIT's klist marks what is deprecated; machines get the name alone.
#[test]
fn enctypes_that_are_not_built_in_have_names_all_the_same() {
    let mut entry = KeytabEntry {
        principal: principal("x@EXAMPLE.TEST"),
        timestamp: Timestamp::from_seconds(0),
        kvno: 1,
        key: KeyBlock::new(EncryptionType(23), vec![7; 16]),
    };
    let columns = Columns {
        enctypes: true,
        ..Columns::default()
    };
    assert_eq!(
        table::key(&entry, columns),
        "   1 x@EXAMPLE.TEST (DEPRECATED:arcfour-hmac) \n"
    );
    assert_eq!(table::enctype_name(EncryptionType(23)), "arcfour-hmac");
    entry.key = KeyBlock::new(EncryptionType(26), vec![7; 32]);
    assert_eq!(
        table::key(&entry, columns),
        "   1 x@EXAMPLE.TEST (camellia256-cts-cmac) \n"
    );
    assert_eq!(table::enctype_name(EncryptionType(99)), "etype 99");
    for number in [0, 99] {
        entry.key = KeyBlock::new(EncryptionType(number), vec![7; 32]);
        assert_eq!(
            table::key(&entry, columns),
            format!("   1 x@EXAMPLE.TEST (DEPRECATED:etype {number}) \n")
        );
    }
}

/// Whether alice's cache with a ticket of each of these services, good until then, is good at 100.
fn is_good(tickets: &[(&str, i64)]) -> bool {
    let ticket = |&(server, endtime): &(&str, i64)| {
        let mut ticket = credential(false);
        ticket.server = principal(server);
        ticket.times.endtime = Timestamp::from_seconds(endtime);
        ticket
    };
    let tickets: Vec<Credential> = tickets.iter().map(ticket).collect();
    let tickets: Vec<&Credential> = tickets.iter().collect();
    let owner = principal("alice@EXAMPLE.TEST");
    super::is_good(&owner, &tickets, Timestamp::from_seconds(100))
}

#[test]
fn a_cache_is_as_good_as_its_local_ticket_granting_tickets() {
    let local = "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST";
    let foreign = "krbtgt/OTHER.TEST@EXAMPLE.TEST";
    let service = "host/x@EXAMPLE.TEST";
    assert!(!is_good(&[]));
    assert!(is_good(&[(local, 101)]));
    assert!(!is_good(&[(local, 100)]));
    assert!(!is_good(&[(local, 99), (service, 200)]));
    assert!(is_good(&[(local, 99), (local, 200)]));
    // Without any, each ticket counts.
    assert!(is_good(&[(foreign, 99), (service, 200)]));
}
