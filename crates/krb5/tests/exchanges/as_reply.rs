//! Each check of an AS-REP (RFC 4120 section 3.1.5), by a reply that fails only that one.

use orthros_asn1::{
    AddressType, EncryptionType, Message as _, PaDataType, SecretOctets, TicketFlags, UInt32,
};
use orthros_crypto::KeyUsage;
use orthros_krb5::{AsRequestOptions, ReplyError};
use orthros_types::{Duration, HostAddress, MinorStatus, Principal};

use crate::support::*;

#[track_caller]
fn refused_with(options: AsRequestOptions, tamper: impl Fn(&mut Draft) + 'static) -> ReplyError {
    let mut kdc = Kdc::spoiling(tamper);
    defect(acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    }))
}

#[track_caller]
fn refused(tamper: impl Fn(&mut Draft) + 'static) -> ReplyError {
    refused_with(options(), tamper)
}

#[test]
fn reply_with_other_nonce_is_refused() {
    let defect = refused(|draft| draft.part.nonce = UInt32(draft.part.nonce.0 ^ 1));
    assert_eq!(defect, ReplyError::Nonce);
    assert_eq!(defect.minor_status(), MinorStatus::KRB5_KDCREP_MODIFIED);
}

#[test]
fn reply_for_other_client_is_refused() {
    let defect = refused(|draft| draft.cname = name(&["mallory"]));
    assert!(matches!(defect, ReplyError::Client { expected, .. } if expected == alice()));
}

#[test]
fn reply_for_client_of_other_realm_is_refused() {
    let defect = refused(|draft| draft.crealm = "OTHER.TEST".into());
    assert!(matches!(defect, ReplyError::Client { .. }));
}

#[test]
fn reply_for_client_whose_components_only_look_the_same_is_refused() {
    let mut options = options();
    options.client = Principal::new(REALM, ["alice/admin"]);
    let defect = refused_with(options, |draft| draft.cname = name(&["alice", "admin"]));
    assert!(matches!(defect, ReplyError::Client { .. }));
}

#[test]
fn ticket_for_other_service_is_refused() {
    let defect = refused(|draft| {
        draft.part.sname = name(&["HTTP", "www"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    let found = Principal::new(REALM, ["HTTP", "www"]);
    assert!(matches!(defect, ReplyError::Service { found: f, .. } if f == found));
}

#[test]
fn ticket_for_service_of_other_realm_is_refused() {
    let defect = refused(|draft| {
        draft.part.srealm = "OTHER.TEST".into();
        draft.ticket.realm = "OTHER.TEST".into();
    });
    assert!(matches!(defect, ReplyError::Service { .. }));
}

#[test]
fn canonicalization_does_not_turn_a_ticket_granting_ticket_into_another() {
    let mut options = options();
    options.canonicalize = true;
    let defect = refused_with(options, |draft| {
        draft.part.sname = name(&["HTTP", "www"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    assert!(matches!(defect, ReplyError::Service { .. }));
}

#[test]
fn canonicalization_does_not_rename_another_service() {
    let mut options = options();
    options.canonicalize = true;
    options.service = Some(Principal::new(REALM, ["kadmin", "changepw"]));
    let defect = refused_with(options, |draft| {
        draft.part.sname = name(&["krbtgt", REALM]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    assert!(matches!(defect, ReplyError::Service { .. }));
}

#[test]
fn canonicalization_does_not_let_a_kdc_issue_tickets_as_a_third_realm() {
    let mut options = options();
    options.canonicalize = true;
    let defect = refused_with(options, |draft| {
        draft.part.srealm = "X.TEST".into();
        draft.part.sname = name(&["krbtgt", "BANK.TEST"]);
        draft.ticket.realm = draft.part.srealm.clone();
        draft.ticket.sname = draft.part.sname.clone();
    });
    assert!(matches!(defect, ReplyError::Service { .. }));
}

#[test]
fn ticket_whose_clear_part_names_other_service_is_refused() {
    let defect = refused(|draft| draft.ticket.sname = name(&["HTTP", "www"]));
    assert!(matches!(defect, ReplyError::TicketService { .. }));
}

#[test]
fn ticket_whose_clear_part_names_other_realm_is_refused() {
    let defect = refused(|draft| draft.ticket.realm = "OTHER.TEST".into());
    assert!(matches!(defect, ReplyError::TicketService { .. }));
}

#[test]
fn reply_in_enctype_that_was_not_asked_for_is_refused() {
    for etype in [17, 23, -128, 0] {
        let mut options = options();
        options.enctypes = vec![AES256];
        let defect = refused_with(options, move |draft| draft.etype = EncryptionType(etype));
        assert_eq!(
            defect,
            ReplyError::EnctypeNotRequested(EncryptionType(etype))
        );
    }
}

#[test]
fn ticket_that_ends_later_than_asked_for_is_refused() {
    let defect = refused(|draft| draft.part.endtime = kerberos_time(later(24 * HOUR + 1)));
    assert_eq!(defect, ReplyError::EndTime);
}

#[test]
fn ticket_that_ends_before_it_starts_is_refused() {
    let defect = refused(|draft| draft.part.endtime = kerberos_time(later(-1)));
    assert_eq!(defect, ReplyError::EndsBeforeStart);
}

#[test]
fn ticket_that_ends_earlier_than_asked_for_is_accepted() {
    let mut kdc = Kdc::spoiling(|draft| draft.part.endtime = kerberos_time(later(60)));
    let ticket = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.times.endtime, later(60).whole());
}

#[test]
fn ticket_renewable_for_longer_than_asked_for_is_refused() {
    let mut options = options();
    options.renewable_lifetime = Some(Duration::from_hours(48));
    let defect = refused_with(options, |draft| {
        draft.part.renew_till = Some(kerberos_time(later(48 * HOUR + 1)));
    });
    assert_eq!(defect, ReplyError::RenewTill);
}

#[test]
fn ticket_renewable_instead_of_long_must_not_outlive_what_was_asked_for() {
    let defect = refused(|draft| {
        draft.part.flags |= TicketFlags::RENEWABLE;
        draft.part.renew_till = Some(kerberos_time(later(24 * HOUR + 1)));
    });
    assert_eq!(defect, ReplyError::RenewTill);
}

#[test]
fn postdated_ticket_that_starts_at_other_time_is_refused() {
    let mut options = options();
    options.start_after = Some(Duration::from_hours(1));
    let defect = refused_with(options, |draft| {
        draft.part.starttime = Some(kerberos_time(later(HOUR + 1)));
    });
    assert!(matches!(defect, ReplyError::StartTime { .. }));
}

#[test]
fn flags_that_make_another_ticket_of_it_must_have_been_asked_for() {
    let cases = [
        (TicketFlags::POSTDATED, "postdated"),
        (TicketFlags::INVALID, "invalid"),
        (TicketFlags::RENEWABLE, "renewable"),
        (TicketFlags::FORWARDED, "forwarded"),
        (TicketFlags::PROXY, "a proxy"),
    ];
    for (flag, what) in cases {
        let mut options = options();
        options.renewable_ok = false;
        let defect = refused_with(options, move |draft| draft.part.flags |= flag);
        assert_eq!(defect, ReplyError::FlagNotRequested(what));
    }
}

#[test]
fn ticket_without_a_flag_that_was_asked_for_is_accepted() {
    let mut kdc = Kdc::spoiling(|draft| draft.part.flags.remove(TicketFlags::FORWARDABLE));
    let mut options = options();
    options.forwardable = true;
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let flags = ticket.unwrap().credential.flags;
    assert!(!flags.contains(TicketFlags::FORWARDABLE));
}

fn wire_address(octet: u8) -> HostAddress {
    HostAddress {
        addr_type: AddressType(2),
        address: [192, 0, 2, octet].as_slice().into(),
    }
}

#[test]
fn ticket_bound_to_other_address_is_refused() {
    let defect = refused(|draft| draft.part.caddr = Some(vec![wire_address(1)]));
    assert_eq!(defect, ReplyError::Address);
    let mut options = options();
    options.addresses = vec![HostAddress {
        addr_type: AddressType(2),
        address: [192, 0, 2, 1].as_slice().into(),
    }];
    let both = |draft: &mut Draft| {
        draft.part.caddr = Some(vec![wire_address(1), wire_address(2)]);
    };
    assert_eq!(refused_with(options.clone(), both), ReplyError::Address);

    // Left out, they are those that were asked for.
    let mut kdc = Kdc::spoiling(|draft| draft.part.caddr = None);
    let ticket = acquire(options.clone(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.addresses, options.addresses);
}

#[test]
fn reply_that_promises_a_proof_and_has_none_is_refused() {
    let defect = refused(|draft| draft.part.encrypted_pa_data = None);
    assert_eq!(defect, ReplyError::RequestChecksumMissing);
    let defect = refused(|draft| {
        draft.part.encrypted_pa_data = Some(vec![padata(PaDataType::FX_FAST, b"")]);
    });
    assert_eq!(defect, ReplyError::RequestChecksumMissing);
}

#[test]
fn proof_of_another_request_is_refused() {
    let mut kdc = Kdc::new();
    let result = acquire(options(), password(PASSWORD), |request| {
        // An attacker on the way asks for a forwardable ticket; the nonce stays.
        let mut message = as_req(&request.message);
        let mut body = message.0.req_body.into_value();
        body.kdc_options |= orthros_asn1::KdcOptions::FORWARDABLE;
        message.0.req_body = orthros_asn1::Raw::new(body).unwrap();
        kdc.answer(&message.encode().unwrap())
    });
    assert_eq!(defect(result), ReplyError::RequestChecksum);
}

#[test]
fn proof_in_another_checksum_type_or_key_is_refused() {
    fn replace(draft: &mut Draft, edit: impl Fn(&mut orthros_asn1::Checksum)) {
        let data = draft.part.encrypted_pa_data.as_mut().unwrap();
        let mut checksum = orthros_asn1::Checksum::decode(&data[0].padata_value).unwrap();
        edit(&mut checksum);
        data[0].padata_value = checksum.encode().unwrap().into();
    }
    let other_type = refused(|draft| {
        replace(draft, |checksum| {
            checksum.cksumtype = orthros_asn1::CksumType(15);
        });
    });
    assert_eq!(other_type, ReplyError::RequestChecksum);
    let other_key = refused(|draft| {
        replace(draft, |checksum| {
            let tag = key(3).checksum(KeyUsage::AS_REQ_CHECKSUM, b"");
            checksum.checksum = tag.as_ref().into();
        });
    });
    assert_eq!(other_key, ReplyError::RequestChecksum);
    let cut_short = refused(|draft| {
        replace(draft, |checksum| checksum.checksum.0.truncate(4));
    });
    assert_eq!(cut_short, ReplyError::RequestChecksum);
}

#[test]
fn session_key_of_unknown_enctype_or_length_is_refused() {
    for (keytype, length) in [(16, 24), (18, 31), (18, 33), (18, 0), (0, 0)] {
        let defect = refused(move |draft| {
            draft.part.key.keytype = EncryptionType(keytype);
            draft.part.key.keyvalue = SecretOctets::new(vec![1; length]);
        });
        assert_eq!(defect, ReplyError::SessionKey(EncryptionType(keytype)));
    }
}

#[test]
fn session_key_of_an_enctype_that_was_not_asked_for_is_refused() {
    // What a KDC chooses when an attacker on the way has added to the list in the request.
    let options = AsRequestOptions {
        enctypes: vec![AES256],
        ..AsRequestOptions::new(alice())
    };
    let defect = refused_with(options, |draft| {
        draft.part.key.keytype = EncryptionType(AES128.number());
        draft.part.key.keyvalue = SecretOctets::new(vec![1; AES128.key_len()]);
    });
    assert_eq!(
        defect,
        ReplyError::SessionKeyNotRequested(EncryptionType(AES128.number()))
    );
    assert_eq!(defect.minor_status(), MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP);
}

#[test]
fn reply_sealed_for_another_usage_is_refused() {
    let mut kdc = Kdc::spoiling(|draft| draft.usage = KeyUsage::TGS_REP_ENC_PART_SESSION_KEY);
    let result = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let error = result.unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY
    );
}

#[test]
fn tgs_rep_in_place_of_as_rep_is_refused() {
    let mut kdc = Kdc::new();
    let result = acquire(options(), password(PASSWORD), |request| {
        let mut reply = kdc.answer(&request.message);
        if reply[0] == 0x6B {
            let message = orthros_asn1::AsRep::decode(&reply).unwrap().0;
            reply = orthros_asn1::TgsRep(orthros_asn1::KdcRep {
                pvno: message.pvno,
                msg_type: orthros_asn1::Exactly,
                padata: message.padata,
                crealm: message.crealm,
                cname: message.cname,
                ticket: message.ticket,
                enc_part: message.enc_part,
            })
            .encode()
            .unwrap();
        }
        reply
    });
    let error = result.unwrap_err();
    assert_eq!(error, ReplyError::OtherMessage.into());
    assert_eq!(error.minor_status(), MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE);
}
