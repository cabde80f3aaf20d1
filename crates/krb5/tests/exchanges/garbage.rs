//! Answers that are none.

use std::sync::LazyLock;

use orthros_asn1::{AsRep, ErrorCode, KrbError, Message as _};
use orthros_crypto::{Key, KeyUsage};
use orthros_krb5::{
    AsExchange, AsInput, AsStep, ClientSecret, ExchangeError, ReplyError, TgsExchange,
    TgsRequestOptions,
};
use orthros_types::{MinorStatus, Principal};

use crate::support::*;

fn answered_with(octets: &[u8]) -> ExchangeError {
    acquire(options(), password(PASSWORD), |_| octets.to_vec()).unwrap_err()
}

#[test]
fn what_is_no_message_of_a_kdc_is_told_by_its_first_octet() {
    let answers: [&[u8]; 5] = [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n",
        &[0],
        &[0x6A; 9],
        &[0x6E; 9],
    ];
    for octets in answers {
        let error = answered_with(octets);
        let expected = ReplyError::NotKerberos {
            length: octets.len(),
        };
        assert_eq!(error, expected.into());
        assert_eq!(error.minor_status(), MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE);
    }
}

#[test]
fn a_krb_error_of_which_only_a_part_came_is_malformed() {
    let whole = error(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    for length in 1..whole.len() {
        let error = answered_with(&whole[..length]);
        let ReplyError::Syntax { what, .. } = reply_error(error) else {
            panic!("{length}")
        };
        assert_eq!(what, "KRB-ERROR");
    }
}

#[test]
fn octets_after_a_message_are_malformed() {
    let mut octets = error(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    octets.push(0);
    let error = answered_with(&octets);
    assert!(matches!(reply_error(error), ReplyError::Syntax { .. }));
}

#[test]
fn method_data_that_can_not_be_read_is_malformed() {
    let reply = KrbError {
        e_data: Some(b"?".as_slice().into()),
        ..krb_error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, NOW)
    };
    let error = answered_with(&reply.encode().unwrap());
    let ReplyError::Syntax { what, .. } = reply_error(error) else {
        panic!("another defect")
    };
    assert_eq!(what, "e-data of a KRB-ERROR");
}

#[test]
fn e_data_of_other_errors_may_be_anything() {
    for data in [&b"?"[..], &[0x30, 0], &[]] {
        let reply = KrbError {
            e_data: Some(data.into()),
            ..krb_error(ErrorCode::KDC_ERR_POLICY, NOW)
        };
        let error = answered_with(&reply.encode().unwrap());
        assert_eq!(error.minor_status(), MinorStatus::KRB5KDC_ERR_POLICY);
    }
}

/// A request, its good reply, and the exchange just before the reply, made anew for each try.
fn before_the_reply() -> (AsExchange, Vec<u8>, SeededRandom) {
    let mut kdc = Kdc::new();
    kdc.requires_preauth = false;
    let mut random = SeededRandom::new(1);
    let mut exchange = AsExchange::new(options(), secret()).unwrap();
    let step = exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
    let AsStep::Send(request) = step else {
        panic!()
    };
    (exchange, kdc.answer(&request.message), random)
}

/// The key itself, so that hundreds of tries don't derive it again.
fn secret() -> ClientSecret {
    static KEY: LazyLock<Key> = LazyLock::new(|| Kdc::new().client_key);
    ClientSecret::Keys(vec![KEY.clone()])
}

#[test]
fn a_flipped_bit_in_an_error_ends_in_a_request_or_an_error() {
    let mut kdc = Kdc::new();
    let mut whole = Vec::new();
    acquire(options(), secret(), |request| {
        let reply = kdc.answer(&request.message);
        if whole.is_empty() {
            whole.clone_from(&reply);
        }
        reply
    })
    .unwrap();
    assert_eq!(whole[0], 0x7E);
    let mut sent = 0;
    for place in 0..whole.len() * 8 {
        let mut reply = whole.clone();
        reply[place / 8] ^= 1 << (place % 8);
        let mut random = SeededRandom::new(1);
        let mut exchange = AsExchange::new(options(), secret()).unwrap();
        exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
        match exchange.step(AsInput::Reply(&reply), NOW, &mut random) {
            Ok(AsStep::Send(_)) => sent += 1,
            Ok(other) => panic!("{place}: {other:?}"),
            Err(error) => assert_ne!(error.to_string(), ""),
        }
    }
    // Most of a KRB-ERROR does not matter to who reads it.
    assert!(sent > 0 && sent < whole.len() * 8);
}

#[test]
fn an_as_rep_of_which_only_a_part_came_is_refused() {
    let (_, whole, _) = before_the_reply();
    for length in (0..whole.len()).step_by(7) {
        let (mut exchange, reply, mut random) = before_the_reply();
        let step = exchange.step(AsInput::Reply(&reply[..length]), NOW, &mut random);
        let error = reply_error(step.unwrap_err());
        assert!(
            matches!(
                error,
                ReplyError::Syntax { .. } | ReplyError::NotKerberos { .. }
            ),
            "{length}"
        );
    }
}

#[test]
fn a_flipped_bit_changes_no_ticket() {
    let (mut exchange, whole, mut random) = before_the_reply();
    let good = exchange.step(AsInput::Reply(&whole), NOW, &mut random);
    let AsStep::Done(good) = good.unwrap() else {
        panic!()
    };
    for place in (0..whole.len()).step_by(5) {
        let (mut exchange, mut reply, mut random) = before_the_reply();
        reply[place] ^= 1 << (place % 8);
        let step = exchange.step(AsInput::Reply(&reply), NOW, &mut random);
        // What nothing protects may change: hints, and the ticket that only its service can check.
        if let Ok(AsStep::Done(ticket)) = step {
            let (found, expected) = (ticket.credential, &good.credential);
            assert_eq!(found.client, expected.client, "{place}");
            assert_eq!(found.server, expected.server, "{place}");
            assert_eq!(found.session_key, expected.session_key, "{place}");
            assert_eq!(found.times, expected.times, "{place}");
            assert_eq!(found.flags, expected.flags, "{place}");
        }
    }
}

#[test]
fn a_tgs_rep_with_a_flipped_bit_changes_no_ticket() {
    let mut kdc = Kdc::new();
    let secret = secret();
    let tgt = acquire(options(), secret, |request| kdc.answer(&request.message)).unwrap();
    let exchange =
        || TgsExchange::new(&tgt.credential, http(), TgsRequestOptions::default()).unwrap();
    let good = obtain(exchange(), |request| kdc.answer(&request.message)).unwrap();
    let mut length = usize::MAX;
    let mut place = 0;
    while place < length {
        let mut kdc = Kdc::new();
        let result = obtain(exchange(), |request| {
            let mut reply = kdc.answer(&request.message);
            length = reply.len();
            reply[place] ^= 1 << (place % 8);
            reply
        });
        if let Ok(ticket) = result {
            assert_eq!(ticket.credential.client, good.credential.client, "{place}");
            assert_eq!(ticket.credential.server, good.credential.server, "{place}");
            assert_eq!(ticket.credential.times, good.credential.times, "{place}");
        }
        place += 5;
    }
}

/// By who knows the client's key: a KDC that another one has taken the place of.
#[test]
fn flipped_bits_in_a_resealed_reply_change_nothing_that_was_asked_for() {
    let kdc = Kdc::new();
    let (_, reply, _) = before_the_reply();
    let reply = AsRep::decode(&reply).unwrap();
    let usage = KeyUsage::AS_REP_ENC_PART;
    let part = kdc.client_key.decrypt(usage, &reply.0.enc_part.cipher);
    let part = part.unwrap();
    let (mut refused, mut taken) = (0, 0);
    for bit in 0..part.len() * 8 {
        let mut damaged = part.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut random = SeededRandom::new(1);
        let mut exchange = AsExchange::new(options(), secret()).unwrap();
        exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
        let mut reply = reply.clone();
        let sealed = kdc.client_key.encrypt(usage, &damaged, &mut random);
        reply.0.enc_part.cipher = sealed.unwrap().into();
        let step = exchange.step(AsInput::Reply(&reply.encode().unwrap()), NOW, &mut random);
        let Ok(AsStep::Done(ticket)) = step else {
            refused += 1;
            continue;
        };
        taken += 1;
        let (found, asked) = (ticket.credential, options());
        assert_eq!(found.client, asked.client, "bit {bit}");
        assert_eq!(
            found.server,
            Principal::local_ticket_granting(REALM),
            "bit {bit}"
        );
        assert!(found.session_key.key().is_some(), "bit {bit}");
        assert!(
            found.times.endtime <= NOW.saturating_add(asked.lifetime),
            "bit {bit}"
        );
    }
    // A session key's bits, and those of times before the end, are the KDC's to choose.
    assert!(
        refused > 600 && taken > 200,
        "{refused} refused, {taken} taken"
    );
}
