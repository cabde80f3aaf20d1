//! Which tickets of an exchange are kept.

use alloc::sync::Arc;

use orthros_types::ccache::CacheContents;
use orthros_types::config::{Config, Include, Profile, SourceFile};
use orthros_types::{EncryptionType, KeyBlock, TicketFlags, TicketTimes};

use super::*;
use crate::client::snapshot::START_REALM;

/// A cache of a client in realm A.
fn snapshot(text: &str) -> ClientSnapshot {
    let no_includes = |_: Include<'_>| Err("no includes");
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    ClientSnapshot {
        cache: "MEMORY:test".into(),
        contents: Arc::new(CacheContents::new(alice(), None, Vec::new())),
        config: Config::new(Profile::parse(&file, no_includes).unwrap()),
        search_domains: Arc::new([]),
    }
}

fn alice() -> Principal {
    Principal::new("A", ["alice"])
}

fn ticket(server: Principal) -> Credential {
    Credential {
        client: alice(),
        server,
        session_key: KeyBlock::new(EncryptionType(18), [7; 32].to_vec()),
        times: TicketTimes::default(),
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: Vec::new(),
        second_ticket: Vec::new(),
    }
}

fn is_kept(text: &str, server: Principal, is_on_path: bool) -> bool {
    let got = ServiceTicket {
        credential: ticket(server),
        realm_tickets: Vec::new(),
        is_on_path,
    };
    !snapshot(text).to_be_kept(&got).is_empty()
}

const WAY: &str = "[capaths]\n A = {\n  B = X\n }\n";

#[test]
fn a_ticket_granting_ticket_off_the_path_is_not_kept() {
    // What was asked for is kept under its name, whichever way led there.
    let service = Principal::new("B", ["HTTP", "bank"]);
    assert!(is_kept("", service.clone(), true) && is_kept("", service, false));
    let tgt = Principal::ticket_granting;
    assert!(is_kept("", tgt("B", "A"), true));
    assert!(is_kept("", tgt("B", "B"), true));
    assert!(is_kept(WAY, tgt("B", "X"), true));
    assert!(!is_kept("", tgt("B", "X"), true));
    assert!(!is_kept(WAY, tgt("B", "X"), false));
    assert!(!is_kept("", tgt("B", "B"), false));
}

#[test]
fn a_ticket_by_the_name_of_a_note_is_not_kept() {
    let note = Credential::config(alice(), START_REALM, None, Vec::new());
    assert!(!is_kept("", note.server, true));
}
