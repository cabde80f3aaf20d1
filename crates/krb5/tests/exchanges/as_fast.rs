//! The AS exchange under armor (RFC 6113): how it gets there, what a KDC sees, and what is refused.

use orthros_asn1::{CksumType, ErrorCode, KrbError, Message as _, PaDataType, SecretOctets};
use orthros_crypto::Enctype;
use orthros_krb5::{
    AsExchange, AsRequestOptions, ExchangeError, ExchangeMisuseError, FastArmor, FastUse,
    InitialTicket, KdcRefusalError, ReplyError, SecretEvidence, Transport,
};
use orthros_types::{Credential, Duration, MinorStatus, Principal};

use crate::support::*;

fn armored_with(ticket: Credential, usage: FastUse) -> AsRequestOptions {
    let mut options = options();
    options.armor = Some(FastArmor {
        ticket,
        usage,
        kdc_offset: Duration::ZERO,
    });
    options
}

fn armored(usage: FastUse) -> AsRequestOptions {
    armored_with(tgt(), usage)
}

fn login(kdc: &mut FastKdc, usage: FastUse) -> Result<InitialTicket, ExchangeError> {
    acquire(armored(usage), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
}

#[track_caller]
fn refused(mut kdc: FastKdc) -> ReplyError {
    defect(login(&mut kdc, FastUse::Required))
}

/// Which pre-authentication data stand in the open.
fn types(request: &[u8]) -> Vec<PaDataType> {
    let padata = as_req(request).0.padata.unwrap_or_default();
    padata.iter().map(|element| element.padata_type).collect()
}

#[test]
fn a_password_is_proven_under_armor_in_each_enctype_of_the_armor() {
    for enctype in Enctype::ALL {
        for strengthens in [true, false] {
            let mut kdc = FastKdc::new();
            kdc.strengthens = strengthens;
            let options = armored_with(tgt_in(*enctype), FastUse::Required);
            let mut seen = Vec::new();
            let ticket = acquire(options, password(PASSWORD), |request| {
                seen.push(types(&request.message));
                kdc.answer(&request.message)
            })
            .unwrap();
            assert_eq!(ticket.credential.client, alice());
            assert_eq!(ticket.preauth, Some(PaDataType::ENCRYPTED_CHALLENGE));
            assert!(ticket.fast_available);
            assert_eq!(seen, [[PaDataType::FX_FAST], [PaDataType::FX_FAST]]);
        }
    }
}

#[test]
fn an_offer_of_fast_is_taken_before_anything_is_proven() {
    let mut kdc = FastKdc::new();
    let mut seen = Vec::new();
    let ticket = acquire(armored(FastUse::Preferred), password(PASSWORD), |request| {
        seen.push(types(&request.message));
        kdc.answer(&request.message)
    });
    assert_eq!(
        ticket.unwrap().preauth,
        Some(PaDataType::ENCRYPTED_CHALLENGE)
    );
    let open: &[PaDataType] = &[PaDataType::REQ_ENC_PA_REP];
    let hidden: &[PaDataType] = &[PaDataType::FX_FAST];
    assert_eq!(seen, [open, hidden, hidden]);
}

#[test]
fn a_preferred_armor_stays_off_with_a_kdc_that_does_not_offer_fast() {
    let mut kdc = Kdc::new();
    kdc.proves_request = false;
    let ticket = acquire(armored(FastUse::Preferred), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().preauth, Some(PaDataType::ENC_TIMESTAMP));
}

#[test]
fn a_kdc_whose_offer_of_fast_was_hidden_gives_it_away() {
    // The scripted KDC says under its seal that it knows FAST, and its METHOD-DATA don't.
    let mut kdc = Kdc::new();
    let result = acquire(armored(FastUse::Preferred), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let defect = defect(result);
    assert_eq!(defect, ReplyError::FastHidden);
    assert_eq!(defect.minor_status(), MinorStatus::KRB5_KDCREP_MODIFIED);
}

#[test]
fn a_required_armor_is_not_taken_off_for_a_kdc_without_fast() {
    let mut kdc = Kdc::new();
    let mut requests = 0;
    let result = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        requests += 1;
        kdc.answer(&request.message)
    });
    let refusal = refusal(result);
    assert!(matches!(refusal, KdcRefusalError::ArmorIgnored { .. }));
    assert_eq!(refusal.rfc_code(), ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    assert_eq!(requests, 1);
}

#[test]
fn a_reply_without_armor_to_a_request_under_it_is_refused() {
    let mut kdc = Kdc::new();
    kdc.requires_preauth = false;
    let result = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let defect = defect(result);
    assert_eq!(defect, ReplyError::ArmorMissing);
    assert_eq!(defect.minor_status(), MinorStatus::KRB5_ERR_FAST_REQUIRED);
}

#[test]
fn an_error_without_armor_is_not_believed_but_ends_the_exchange() {
    for code in [
        ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
        ErrorCode::KDC_ERR_PREAUTH_FAILED,
        ErrorCode::KDC_ERR_KEY_EXPIRED,
    ] {
        let result = acquire(armored(FastUse::Required), password(PASSWORD), |_| {
            error(code)
        });
        let refusal = refusal(result);
        assert!(
            matches!(refusal, KdcRefusalError::ArmorIgnored { .. }),
            "{refusal:?}"
        );
        assert_eq!(refusal.rfc_code(), code);
    }
}

#[test]
fn an_error_under_armor_is_what_the_kdc_says() {
    let mut kdc = FastKdc::new();
    let result = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        let error = krb_error(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN, NOW);
        kdc.refuse(&request.message, error)
    });
    assert!(
        matches!(refusal(result), KdcRefusalError::ClientUnknown { client, .. } if client == alice())
    );
}

#[test]
fn a_wrong_password_under_armor_is_called_one() {
    let mut kdc = FastKdc::new();
    let result = acquire(armored(FastUse::Required), password("guess"), |request| {
        kdc.answer(&request.message)
    });
    let KdcRefusalError::WrongSecret { evidence, .. } = refusal(result) else {
        panic!()
    };
    assert!(matches!(evidence, SecretEvidence::PreauthFailed(_)));
}

#[test]
fn the_cookie_goes_back_under_the_armor() {
    let mut kdc = FastKdc::new();
    login(&mut kdc, FastUse::Required).unwrap();
    let inner = kdc.inner.unwrap();
    let cookie = padata(PaDataType::FX_COOKIE, b"armored crumbs");
    assert!(inner.padata.contains(&cookie));
    let offered: Vec<_> = inner.padata.iter().map(|e| e.padata_type).collect();
    let expected = [
        PaDataType::FX_COOKIE,
        PaDataType::ENCRYPTED_CHALLENGE,
        PaDataType::REQ_ENC_PA_REP,
    ];
    assert_eq!(offered, expected);
}

#[test]
fn each_request_has_an_armor_of_its_own() {
    let mut kdc = FastKdc::new();
    let mut armors = Vec::new();
    acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        let padata = as_req(&request.message).0.padata.unwrap();
        armors.push(padata[0].padata_value.to_vec());
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(armors.len(), 2);
    assert_ne!(armors[0], armors[1]);
}

#[test]
fn a_client_that_need_not_prove_anything_is_served_under_armor_too() {
    let mut kdc = FastKdc::new();
    kdc.kdc.requires_preauth = false;
    let ticket = login(&mut kdc, FastUse::Required).unwrap();
    assert_eq!(ticket.preauth, None);
}

#[test]
fn a_clock_that_differs_is_followed_under_armor() {
    let mut kdc = FastKdc::new();
    kdc.kdc.now = later(1000);
    let mut options = armored(FastUse::Required);
    options.armor.as_mut().unwrap().kdc_offset = Duration::from_seconds(1000);
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().kdc_offset, Duration::from_seconds(1000));
}

#[test]
fn a_kdc_that_does_not_prove_itself_is_refused() {
    let mut kdc = FastKdc::new();
    kdc.challenge_key = None;
    assert_eq!(refused(kdc), ReplyError::ChallengeMissing);
}

#[test]
fn a_kdc_that_does_not_know_the_clients_key_is_refused() {
    let mut kdc = FastKdc::new();
    kdc.challenge_key = Some(key(0x66));
    assert_eq!(refused(kdc), ReplyError::Challenge);
}

#[test]
fn a_reply_that_is_not_finished_is_refused() {
    let kdc = FastKdc::spoiling(|response| response.finished = None);
    assert_eq!(refused(kdc), ReplyError::FinishedMissing);
}

#[test]
fn a_ticket_with_another_checksum_is_refused() {
    let kdc = FastKdc::spoiling(|response| {
        if let Some(finished) = &mut response.finished {
            let mut octets = finished.ticket_checksum.checksum.to_vec();
            octets[0] ^= 1;
            finished.ticket_checksum.checksum = octets.into();
        }
    });
    assert_eq!(refused(kdc), ReplyError::TicketChecksum);
}

#[test]
fn a_ticket_checksum_of_another_type_is_refused() {
    let kdc = FastKdc::spoiling(|response| {
        if let Some(finished) = &mut response.finished {
            finished.ticket_checksum.cksumtype = CksumType(7);
        }
    });
    assert_eq!(refused(kdc), ReplyError::TicketChecksum);
}

#[test]
fn a_reply_that_is_finished_for_another_client_is_refused() {
    let kdc = FastKdc::spoiling(|response| {
        if let Some(finished) = &mut response.finished {
            finished.cname = name(&["mallory"]);
        }
    });
    assert!(matches!(refused(kdc), ReplyError::Client { .. }));
}

#[test]
fn the_name_outside_of_the_armor_does_not_count() {
    let mut kdc = FastKdc::new();
    let mut requests = 0;
    let ticket = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        requests += 1;
        let reply = kdc.answer(&request.message);
        if requests == 1 {
            return reply;
        }
        let mut reply = orthros_asn1::AsRep::decode(&reply).unwrap();
        reply.0.cname = name(&["mallory"]);
        reply.encode().unwrap()
    });
    assert_eq!(ticket.unwrap().credential.client, alice());
}

#[test]
fn another_nonce_under_the_armor_is_refused() {
    let kdc = FastKdc::spoiling(|response| response.nonce.0 ^= 1);
    assert_eq!(refused(kdc), ReplyError::Nonce);
}

#[test]
fn an_armor_of_another_key_is_refused() {
    let mut kdc = FastKdc::new();
    kdc.armor_key = Some(key(0x77));
    let defect = refused(kdc);
    assert_eq!(defect, ReplyError::ArmorIntegrity);
    assert_eq!(
        defect.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY
    );
}

#[test]
fn a_strengthen_key_that_is_not_usable_is_refused() {
    let kdc = FastKdc::spoiling(|response| {
        if let Some(key) = &mut response.strengthen_key {
            key.keyvalue = SecretOctets::new(vec![1; 5]);
        }
    });
    assert!(matches!(refused(kdc), ReplyError::StrengthenKey(_)));
}

#[test]
fn a_reply_that_is_not_strengthened_as_it_says_is_refused() {
    let kdc = FastKdc::spoiling(|response| response.strengthen_key = None);
    let mut kdc = kdc;
    let result = login(&mut kdc, FastUse::Required);
    let KdcRefusalError::WrongSecret { evidence, .. } = refusal(result) else {
        panic!()
    };
    assert_eq!(evidence, SecretEvidence::ReplyIntegrity);
}

#[test]
fn an_armored_error_without_an_error_is_refused() {
    let kdc = FastKdc::spoiling(|response| {
        response
            .padata
            .retain(|element| element.padata_type != PaDataType::FX_ERROR);
    });
    assert_eq!(refused(kdc), ReplyError::ArmoredErrorMissing);
}

#[test]
fn a_referral_is_not_followed_without_an_armor_for_the_other_realm() {
    let mut options = armored(FastUse::Required);
    options.canonicalize = true;
    let mut kdc = FastKdc::new();
    let result = acquire(options, password(PASSWORD), |request| {
        let error = KrbError {
            crealm: Some("OTHER.TEST".into()),
            ..krb_error(ErrorCode::KDC_ERR_WRONG_REALM, NOW)
        };
        kdc.refuse(&request.message, error)
    });
    assert!(
        matches!(refusal(result), KdcRefusalError::WrongRealm { realm, .. } if realm == b"OTHER.TEST")
    );
}

#[test]
fn a_referral_is_not_followed_without_armor_where_one_is_preferred() {
    let mut options = armored(FastUse::Preferred);
    options.canonicalize = true;
    for code in [
        ErrorCode::KDC_ERR_WRONG_REALM,
        ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
    ] {
        let result = acquire(options.clone(), password(PASSWORD), |_| {
            let error = KrbError {
                crealm: Some("OTHER.TEST".into()),
                ..krb_error(code, NOW)
            };
            error.encode().unwrap()
        });
        let refused = refusal(result);
        assert!(
            matches!(refused, KdcRefusalError::WrongRealm { realm, .. } if realm == b"OTHER.TEST")
        );
    }
}

#[test]
fn the_armor_is_a_ticket_for_the_clients_realm() {
    let mut ticket = tgt();
    ticket.server = Principal::ticket_granting("OTHER.TEST", REALM);
    let result = AsExchange::new(armored_with(ticket, FastUse::Preferred), password(PASSWORD));
    let Err(ExchangeError::Misused(misuse)) = result else {
        panic!()
    };
    assert_eq!(misuse, ExchangeMisuseError::ForeignArmor);
}

#[test]
fn an_expired_armor_is_not_put_on() {
    let mut ticket = tgt();
    ticket.times.endtime = NOW.whole();
    let result = acquire(
        armored_with(ticket, FastUse::Required),
        password(PASSWORD),
        |_| unreachable!(),
    );
    assert!(matches!(
        refusal(result),
        KdcRefusalError::TicketExpired { .. }
    ));
}

#[test]
fn encrypted_timestamps_that_are_not_allowed_don_t_forbid_encrypted_challenges() {
    let mut kdc = FastKdc::new();
    let mut options = armored(FastUse::Preferred);
    options.encrypted_timestamp = false;
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(
        ticket.unwrap().preauth,
        Some(PaDataType::ENCRYPTED_CHALLENGE)
    );
}

#[test]
fn one_forged_error_does_not_take_the_proof_away_that_fast_was_hidden() {
    // Without the proof of the request nothing would show that the KDC knows FAST.
    let mut kdc = Kdc::new();
    let mut requests = 0;
    let result = acquire(armored(FastUse::Preferred), password(PASSWORD), |request| {
        requests += 1;
        match requests {
            1 => error(ErrorCode::KDC_ERR_PREAUTH_FAILED),
            _ => kdc.answer(&request.message),
        }
    });
    assert!(matches!(refusal(result), KdcRefusalError::Other { .. }));
    assert_eq!(requests, 1);
}

#[test]
fn a_response_too_big_under_armor_repeats_the_message_over_a_stream() {
    let mut kdc = FastKdc::new();
    kdc.outer_code = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    let mut sent = Vec::new();
    let ticket = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        sent.push(request.clone());
        match sent.len() {
            2 => {
                let too_big = krb_error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG, NOW);
                kdc.refuse(&request.message, too_big)
            }
            _ => kdc.answer(&request.message),
        }
    });
    assert_eq!(ticket.unwrap().credential.client, alice());
    assert_eq!(sent[1].message, sent[2].message);
    assert_eq!(sent[2].transport, Transport::Stream);
}

#[test]
fn the_code_outside_of_the_armor_does_not_count() {
    let outside = [
        ErrorCode::KRB_ERR_RESPONSE_TOO_BIG,
        ErrorCode::KRB_AP_ERR_SKEW,
        ErrorCode::KDC_ERR_KEY_EXPIRED,
        ErrorCode::KDC_ERR_WRONG_REALM,
        ErrorCode::KDC_ERR_PREAUTH_EXPIRED,
    ];
    for code in outside {
        let mut kdc = FastKdc::new();
        kdc.outer_code = code;
        let mut requests = 0;
        let result = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
            requests += 1;
            let revoked = krb_error(ErrorCode::KDC_ERR_CLIENT_REVOKED, NOW);
            kdc.refuse(&request.message, revoked)
        });
        assert!(matches!(
            refusal(result),
            KdcRefusalError::ClientRevoked { .. }
        ));
        assert_eq!(requests, 1, "{code:?}");
    }
}

#[test]
fn the_data_of_an_error_under_armor_are_those_next_to_it() {
    let mut kdc = FastKdc::new();
    let result = acquire(armored(FastUse::Required), password(PASSWORD), |request| {
        let error = KrbError {
            e_data: Some(b"no method data".as_slice().into()),
            ..krb_error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, NOW)
        };
        kdc.refuse(&request.message, error)
    });
    let KdcRefusalError::PreauthNotPossible { offered, .. } = refusal(result) else {
        panic!()
    };
    assert!(offered.is_empty());
}
