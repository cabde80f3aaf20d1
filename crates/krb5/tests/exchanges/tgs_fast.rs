//! The TGS exchange under the armor of the ticket that it shows (RFC 6113 section 5.4.2).

use orthros_asn1::{ErrorCode, Message as _, PaDataType};
use orthros_crypto::Enctype;
use orthros_krb5::{
    ExchangeError, FastUse, KdcRefusalError, ReplyError, ServiceTicket, TgsExchange,
    TgsRequestOptions, Transport,
};

use crate::support::*;

fn exchange(fast: Option<FastUse>) -> TgsExchange {
    let options = TgsRequestOptions {
        fast,
        ..TgsRequestOptions::default()
    };
    TgsExchange::new(&tgt(), http(), options).unwrap()
}

fn get(kdc: &mut FastKdc) -> Result<ServiceTicket, ExchangeError> {
    obtain(exchange(Some(FastUse::Required)), |request| {
        kdc.answer(&request.message)
    })
}

fn types(request: &[u8]) -> Vec<PaDataType> {
    let padata = tgs_req(request).0.padata.unwrap();
    padata.iter().map(|element| element.padata_type).collect()
}

#[test]
fn a_ticket_is_asked_for_and_given_under_armor_in_each_enctype() {
    for enctype in Enctype::ALL {
        for strengthens in [true, false] {
            let mut kdc = FastKdc::new();
            kdc.strengthens = strengthens;
            let options = TgsRequestOptions::default();
            let exchange = TgsExchange::new(&tgt_in(*enctype), http(), options).unwrap();
            let ticket = obtain(exchange, |request| {
                let expected = [PaDataType::TGS_REQ, PaDataType::FX_FAST];
                assert_eq!(types(&request.message), expected);
                kdc.answer(&request.message)
            });
            assert_eq!(ticket.unwrap().credential.server, http());
            assert!(kdc.inner.is_some());
        }
    }
}

#[test]
fn no_armor_is_worn_where_none_is_wanted() {
    let mut kdc = FastKdc::new();
    let ticket = obtain(exchange(None), |request| {
        assert_eq!(types(&request.message), [PaDataType::TGS_REQ]);
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.server, http());
}

#[test]
fn a_reply_without_armor_is_taken_unless_it_is_required() {
    for (usage, taken) in [(FastUse::Preferred, true), (FastUse::Required, false)] {
        let mut kdc = Kdc::new();
        let result = obtain(exchange(Some(usage)), |request| {
            kdc.answer(&request.message)
        });
        if taken {
            assert_eq!(result.unwrap().credential.server, http());
        } else {
            assert_eq!(defect(result), ReplyError::ArmorMissing);
        }
    }
}

#[test]
fn an_error_without_armor_ends_the_exchange_where_armor_is_required() {
    let mut requests = 0;
    let result = obtain(exchange(Some(FastUse::Required)), |_| {
        requests += 1;
        error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)
    });
    assert!(matches!(
        refusal(result),
        KdcRefusalError::ArmorIgnored { .. }
    ));
    assert_eq!(requests, 1);
}

#[test]
fn an_error_under_armor_is_what_the_kdc_says() {
    let mut kdc = FastKdc::new();
    let result = obtain(exchange(Some(FastUse::Required)), |request| {
        kdc.refuse(
            &request.message,
            krb_error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN, NOW),
        )
    });
    assert!(matches!(
        refusal(result),
        KdcRefusalError::ServiceUnknown { .. }
    ));
}

#[test]
fn a_reply_that_is_not_finished_is_refused() {
    let mut kdc = FastKdc::spoiling(|response| response.finished = None);
    assert_eq!(defect(get(&mut kdc)), ReplyError::FinishedMissing);
}

#[test]
fn a_ticket_that_was_exchanged_under_the_armor_is_refused() {
    let mut kdc = FastKdc::new();
    let other = tgs_rep_ticket();
    let result = obtain(exchange(Some(FastUse::Preferred)), |request| {
        let reply = kdc.answer(&request.message);
        let mut reply = orthros_asn1::TgsRep::decode(&reply).unwrap();
        reply.0.ticket = other.clone();
        reply.encode().unwrap()
    });
    assert_eq!(defect(result), ReplyError::TicketChecksum);
}

/// Another ticket for the same service.
fn tgs_rep_ticket() -> orthros_asn1::Raw<orthros_asn1::Ticket> {
    let mut kdc = Kdc::new();
    let mut ticket = None;
    let _ = obtain(exchange(None), |request| {
        let reply = kdc.answer(&request.message);
        ticket = Some(orthros_asn1::TgsRep::decode(&reply).unwrap().0.ticket);
        reply
    });
    ticket.unwrap()
}

#[test]
fn a_reply_that_is_finished_for_another_client_is_refused() {
    let mut kdc = FastKdc::spoiling(|response| {
        if let Some(finished) = &mut response.finished {
            finished.cname = name(&["mallory"]);
        }
    });
    assert!(matches!(defect(get(&mut kdc)), ReplyError::Client { .. }));
}

#[test]
fn another_nonce_under_the_armor_is_refused() {
    let mut kdc = FastKdc::spoiling(|response| response.nonce.0 ^= 1);
    assert_eq!(defect(get(&mut kdc)), ReplyError::Nonce);
}

#[test]
fn an_armor_of_another_key_is_refused_even_where_none_is_required() {
    let mut kdc = FastKdc::new();
    kdc.armor_key = Some(key(0x77));
    let result = obtain(exchange(Some(FastUse::Preferred)), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(defect(result), ReplyError::ArmorIntegrity);
}

#[test]
fn a_response_too_big_under_armor_repeats_the_message_over_a_stream() {
    let mut kdc = FastKdc::new();
    kdc.outer_code = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    for usage in [FastUse::Preferred, FastUse::Required] {
        let mut sent = Vec::new();
        let ticket = obtain(exchange(Some(usage)), |request| {
            sent.push(request.clone());
            match sent.len() {
                1 => {
                    let too_big = krb_error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG, NOW);
                    kdc.refuse(&request.message, too_big)
                }
                _ => kdc.answer(&request.message),
            }
        });
        assert_eq!(ticket.unwrap().credential.server, http());
        assert_eq!(sent[0].message, sent[1].message);
        assert_eq!(sent[1].transport, Transport::Stream);
    }
}

#[test]
fn a_response_too_big_is_believed_without_armor_once() {
    let mut kdc = FastKdc::new();
    let mut requests = 0;
    let ticket = obtain(exchange(Some(FastUse::Required)), |request| {
        requests += 1;
        match requests {
            1 => error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG),
            _ => kdc.answer(&request.message),
        }
    });
    assert_eq!(ticket.unwrap().credential.server, http());
}

#[test]
fn the_code_outside_of_the_armor_does_not_count() {
    let outside = [
        ErrorCode::KRB_ERR_RESPONSE_TOO_BIG,
        ErrorCode::KRB_AP_ERR_SKEW,
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
    ];
    for code in outside {
        let mut kdc = FastKdc::new();
        kdc.outer_code = code;
        let mut requests = 0;
        let result = obtain(exchange(Some(FastUse::Preferred)), |request| {
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

/// An exchange that knows of the own realm's KDC that it answers under armor.
fn knowing(fast: Option<FastUse>) -> TgsExchange {
    let options = TgsRequestOptions {
        fast,
        armoring_realms: vec![REALM.into()],
        ..TgsRequestOptions::default()
    };
    TgsExchange::new(&tgt(), http(), options).unwrap()
}

#[test]
fn an_error_without_armor_steers_nothing_where_the_kdc_is_known_to_answer_under_it() {
    let codes = [
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ErrorCode::KDC_ERR_ETYPE_NOSUPP,
        ErrorCode::KRB_AP_ERR_SKEW,
        ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
        ErrorCode::KRB_ERR_GENERIC,
    ];
    for code in codes {
        for fast in [None, Some(FastUse::Preferred), Some(FastUse::Required)] {
            let mut requests = 0;
            let result = obtain(knowing(fast), |_| {
                requests += 1;
                error(code)
            });
            let refusal = refusal(result);
            assert!(matches!(refusal, KdcRefusalError::ArmorIgnored { .. }));
            assert_eq!((refusal.rfc_code(), requests), (code, 1));
        }
    }
}

#[test]
fn a_reply_without_armor_is_refused_where_the_kdc_is_known_to_answer_under_it() {
    for fast in [None, Some(FastUse::Preferred)] {
        let mut kdc = Kdc::new();
        let result = obtain(knowing(fast), |request| kdc.answer(&request.message));
        assert_eq!(defect(result), ReplyError::ArmorMissing);
    }
}

#[test]
fn an_answer_under_armor_is_remembered_within_the_exchange_and_behind_it() {
    let mut kdc = FastKdc::new();
    let mut exchange = exchange(Some(FastUse::Preferred));
    assert!(exchange.armoring_realms().is_empty());
    let mut requests = 0;
    let result = step_through(&mut exchange, |request| {
        requests += 1;
        match requests {
            1 => {
                let unknown = krb_error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN, NOW);
                kdc.refuse(&request.message, unknown)
            }
            _ => error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN),
        }
    });
    assert!(matches!(
        refusal(result),
        KdcRefusalError::ArmorIgnored { .. }
    ));
    assert_eq!(requests, 2);
    assert_eq!(exchange.armoring_realms(), [REALM.as_bytes()]);
}

#[test]
fn only_what_came_under_armor_shows_that_a_kdc_answers_under_it() {
    for (armors, known) in [(true, 1), (false, 0)] {
        let (mut fast, mut plain) = (FastKdc::new(), Kdc::new());
        let mut exchange = exchange(Some(FastUse::Preferred));
        let ticket = step_through(&mut exchange, |request| match armors {
            true => fast.answer(&request.message),
            false => plain.answer(&request.message),
        });
        assert_eq!(ticket.unwrap().credential.server, http());
        assert_eq!(exchange.armoring_realms().len(), known);
    }
    // An armor that does not open shows nothing.
    let mut kdc = FastKdc::new();
    kdc.armor_key = Some(key(0x77));
    let mut exchange = exchange(Some(FastUse::Preferred));
    let result = step_through(&mut exchange, |request| kdc.answer(&request.message));
    assert_eq!(defect(result), ReplyError::ArmorIntegrity);
    assert!(exchange.armoring_realms().is_empty());
}
