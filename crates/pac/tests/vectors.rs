//! PACs of Windows and of Samba, from MIT's and Samba's own tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_asn1::{AdIfRelevant, EncTicketPart, Message as _, Ticket};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_pac::{
    Claim, ClaimSource, ClaimValues, Claims, CompressionFormat, DelegationInfo, FileTime,
    LogonInfo, Pac, PacBufferType, PacBuilder, PacSignatureError, Sid, UpnFlags,
};
use orthros_testing::vectors::{Stanza, stanzas};
use orthros_types::{Principal, Timestamp};

fn key(case: &Stanza, whose: &str) -> Option<Key> {
    let number = case.text(&format!("{whose}_enctype")).parse().unwrap();
    let bytes = case.octets(&format!("{whose}_key"));
    Some(Key::new(Enctype::from_number(number)?, &bytes).unwrap())
}

fn client(case: &Stanza) -> Principal {
    Principal::parse(case.text("client"), None).unwrap()
}

fn authtime(case: &Stanza) -> Timestamp {
    Timestamp::from_seconds(case.text("authtime").parse().unwrap())
}

fn sids(text: &str) -> Vec<Sid> {
    text.split(' ').map(|sid| sid.parse().unwrap()).collect()
}

#[test]
fn pacs_of_windows_are_verified_with_their_keys_and_clients() {
    let mut verified = 0;
    for case in stanzas("mit-pac/pacs.txt") {
        let bytes = case.octets("pac");
        let pac = Pac::parse(&bytes).unwrap();
        // MIT's test compares the name with its realm in those of another realm.
        let is_foreign = case.text("name").ends_with("across realms");
        assert_eq!(
            pac.check_client(&client(&case), authtime(&case)).is_ok(),
            !is_foreign,
            "{}",
            case.place()
        );
        let later = Timestamp::from_seconds(authtime(&case).seconds() + 1);
        assert!(pac.check_client(&client(&case), later).is_err());
        let Some(key) = key(&case, "server") else {
            continue;
        };
        pac.verify_server_signature(&key).unwrap();
        verified += 1;
    }
    assert!(verified >= 4, "only {verified}");
}

#[test]
fn each_of_windows_pacs_is_read_and_the_logon_info_written_is_read_the_same() {
    for case in stanzas("mit-pac/pacs.txt") {
        let bytes = case.octets("pac");
        let pac = Pac::parse(&bytes).unwrap();
        let info = pac.logon_info().unwrap().unwrap();
        let name = String::from_utf8(client(&case).components()[0].clone()).unwrap();
        assert!(
            name.to_lowercase()
                .starts_with(&info.effective_name.to_lowercase())
        );
        assert_eq!(info.user_sid().unwrap().domain(), info.logon_domain_id);
        assert_eq!(LogonInfo::decode(&info.encode().unwrap()).unwrap(), info);
    }
}

#[test]
fn malformed_pacs_are_refused() {
    for case in stanzas("mit-pac/malformed.txt") {
        let bytes = case.octets("pac");
        assert!(Pac::parse(&bytes).is_err(), "{}", case.place());
    }
    for case in stanzas("mit-pac/malformed_delegation_info.txt") {
        let buffer = case.octets("buffer");
        assert!(DelegationInfo::decode(&buffer).is_err(), "{}", case.place());
    }
}

#[test]
fn the_services_that_acted_for_a_client_are_read() {
    for case in stanzas("mit-pac/delegation_info.txt") {
        let info = DelegationInfo::decode(&case.octets("buffer")).unwrap();
        assert_eq!(info.s4u2proxy_target, case.text("target"));
        let services: Vec<&str> = case.text("services").split(' ').collect();
        assert_eq!(info.transited_services, services);
    }
}

/// The encrypted part of the ticket of Windows Server 2022, and what else is known of it.
fn windows_ticket() -> (Stanza, EncTicketPart) {
    let [case] = <[Stanza; 1]>::try_from(stanzas("mit-pac/ticket.txt")).unwrap();
    let ticket = Ticket::decode(&case.octets("ticket")).unwrap();
    let server = key(&case, "server").unwrap();
    let plaintext = server
        .decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
        .unwrap();
    (case, EncTicketPart::decode(&plaintext).unwrap())
}

fn pac_of(ticket: &EncTicketPart) -> Vec<u8> {
    let data = ticket.authorization_data.as_ref().unwrap();
    let relevant = AdIfRelevant::decode(&data[0].ad_data).unwrap();
    relevant[0].ad_data.to_vec()
}

#[test]
fn all_signatures_of_windows_server_2022_are_verified_and_none_with_another_key() {
    let (case, ticket) = windows_ticket();
    let [server, kdc] = ["server", "kdc"].map(|whose| key(&case, whose).unwrap());
    let bytes = pac_of(&ticket);
    let pac = Pac::parse(&bytes).unwrap();
    pac.verify_server_signature(&server).unwrap();
    pac.verify_kdc_signature(&kdc).unwrap();
    pac.verify_full_signature(&kdc).unwrap();
    pac.verify_ticket_signature(&kdc, &ticket).unwrap();

    let mismatch = |of| Err(PacSignatureError::Mismatch(of));
    assert_eq!(
        pac.verify_server_signature(&kdc),
        mismatch(PacBufferType::SERVER_SIGNATURE)
    );
    assert_eq!(
        pac.verify_kdc_signature(&server),
        mismatch(PacBufferType::KDC_SIGNATURE)
    );
    assert_eq!(
        pac.verify_full_signature(&server),
        mismatch(PacBufferType::FULL_SIGNATURE)
    );
    assert_eq!(
        pac.verify_ticket_signature(&server, &ticket),
        mismatch(PacBufferType::TICKET_SIGNATURE)
    );
    let mut other = ticket.clone();
    other.flags.toggle(orthros_asn1::TicketFlags::FORWARDABLE);
    assert_eq!(
        pac.verify_ticket_signature(&kdc, &other),
        mismatch(PacBufferType::TICKET_SIGNATURE)
    );
    other.authorization_data = None;
    assert_eq!(
        pac.verify_ticket_signature(&kdc, &other),
        Err(PacSignatureError::NotInTicket)
    );

    let authtime = Timestamp::from_seconds(ticket.authtime.seconds());
    let verified = pac.verify(&server, &client(&case), authtime).unwrap();
    let info = verified.logon_info().unwrap();
    assert_eq!(info.effective_name, "Administrator");
    assert_eq!(verified.user_sid().unwrap().rid(), Some(500));
    assert!(verified.has_sid(&info.logon_domain_id.unwrap().with_rid(512).unwrap()));
    assert_eq!(verified.pac().requestor(), Ok(None));
    assert_eq!(verified.upn_dns_info().unwrap().sid, verified.user_sid());
}

#[test]
fn signatures_made_over_the_same_buffers_are_those_of_windows() {
    let (case, mut ticket) = windows_ticket();
    let [server, kdc] = ["server", "kdc"].map(|whose| key(&case, whose).unwrap());
    let bytes = pac_of(&ticket);
    let original = Pac::parse(&bytes).unwrap();
    let mut builder = PacBuilder::new();
    for (kind, contents) in original.buffers() {
        let is_signature = [
            PacBufferType::SERVER_SIGNATURE,
            PacBufferType::KDC_SIGNATURE,
            PacBufferType::TICKET_SIGNATURE,
            PacBufferType::FULL_SIGNATURE,
        ]
        .contains(&kind);
        if !is_signature {
            builder = builder.with(kind, contents).unwrap();
        }
    }
    ticket.authorization_data = None;
    builder.sign_ticket(&mut ticket, &server, &kdc).unwrap();
    let bytes = pac_of(&ticket);
    let made = Pac::parse(&bytes).unwrap();
    made.verify_server_signature(&server).unwrap();
    made.verify_kdc_signature(&kdc).unwrap();
    made.verify_full_signature(&kdc).unwrap();
    made.verify_ticket_signature(&kdc, &ticket).unwrap();
    // That one does not depend on the order of the buffers.
    let of = PacBufferType::TICKET_SIGNATURE;
    assert_eq!(made.buffer(of), original.buffer(of));
}

#[test]
fn a_pac_of_sambas_is_read_as_samba_reads_it() {
    let [case] = <[Stanza; 1]>::try_from(stanzas("samba/pac.txt")).unwrap();
    let bytes = case.octets("pac");
    let pac = Pac::parse(&bytes).unwrap();
    let info = pac.logon_info().unwrap().unwrap();
    assert_eq!(info.effective_name, case.text("effective_name"));
    assert_eq!(info.logon_server, case.text("logon_server"));
    assert_eq!(info.logon_domain_name, case.text("logon_domain_name"));
    assert_eq!(info.user_sid(), sids(case.text("user")).first().copied());
    let groups: Vec<Sid> = info.group_sids().map(|group| group.sid).collect();
    assert_eq!(groups, sids(case.text("groups")));
    assert_eq!(info.kick_off_time, FileTime::NEVER);
    let set = info.password_last_set.timestamp().unwrap();
    assert_eq!(set.seconds().to_string(), case.text("password_last_set"));
    let upn = pac.upn_dns_info().unwrap().unwrap();
    assert_eq!(upn.upn, case.text("upn"));
    assert_eq!(upn.dns_domain_name, case.text("dns_domain_name"));
    assert_eq!(upn.flags, UpnFlags::CONSTRUCTED | UpnFlags::EXTENDED);
    assert_eq!(upn.sam_name.as_deref(), Some(case.text("sam_name")));
    assert_eq!(upn.sid, info.user_sid());
    let client = pac.client_info().unwrap().unwrap();
    assert_eq!(client.name, case.text("effective_name"));
    assert_eq!(client.client_id.timestamp(), Some(authtime(&case)));
}

#[test]
fn a_pac_that_sambas_kdc_made_is_verified_and_has_the_sids_that_its_directory_has() {
    let [case] = <[Stanza; 1]>::try_from(stanzas("samba/recorded.txt")).unwrap();
    let bytes = case.octets("pac");
    let verified = Pac::parse(&bytes)
        .unwrap()
        .verify(
            &key(&case, "server").unwrap(),
            &client(&case),
            authtime(&case),
        )
        .unwrap();
    let found: Vec<Sid> = verified.sids().collect();
    assert_eq!(found, sids(case.text("sids")));
    assert_eq!(verified.upn_dns_info().unwrap().upn, case.text("upn"));
}

#[test]
fn claims_are_read_in_the_clear_and_kept_where_they_are_compressed() {
    let [clear, compressed] = <[Stanza; 2]>::try_from(stanzas("samba/claims.txt")).unwrap();
    let Claims::Read(arrays) = Claims::decode(&clear.octets("buffer")).unwrap() else {
        panic!("these are not compressed");
    };
    let [array] = &arrays[..] else {
        panic!("there is one source");
    };
    assert_eq!(array.source, ClaimSource::AD);
    let words = |field| clear.text(field).split(' ').map(str::to_owned);
    let claim = |field, values| Claim {
        id: clear.text(field).to_owned(),
        values,
    };
    let numbers = words("uint64s").map(|number| number.parse().unwrap());
    assert_eq!(
        array.claims,
        [
            claim("boolean_id", ClaimValues::Boolean(vec![true])),
            claim("string_id", ClaimValues::String(words("strings").collect())),
            claim("uint64_id", ClaimValues::UInt64(numbers.collect())),
        ]
    );

    let Claims::Compressed {
        format,
        uncompressed_size,
        claims_set,
    } = Claims::decode(&compressed.octets("buffer")).unwrap()
    else {
        panic!("these are compressed");
    };
    assert_eq!(format, CompressionFormat::XPRESS_HUFF);
    assert_eq!(
        uncompressed_size.to_string(),
        compressed.text("uncompressed_size")
    );
    assert_eq!(
        claims_set.len().to_string(),
        compressed.text("compressed_size")
    );
}
