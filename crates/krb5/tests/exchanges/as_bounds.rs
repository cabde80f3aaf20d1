//! Whatever a KDC answers, an AS exchange ends.

use orthros_asn1::{
    EncryptionType, ErrorCode, EtypeInfo2Entry, KrbError, Message as _, PaDataType,
};
use orthros_krb5::ReplyError;
use orthros_types::MinorStatus;

use crate::support::*;

/// How many requests are sent to a KDC that never stops, and what the end is.
fn count(mut kdc: impl FnMut(u32) -> Vec<u8>) -> (u32, ReplyError) {
    let mut requests = 0;
    let mut options = options();
    options.canonicalize = true;
    let result = acquire(options, password(PASSWORD), |_| {
        requests += 1;
        assert!(requests < 100, "no end");
        kdc(requests)
    });
    (requests, defect(result))
}

/// `KDC_ERR_PREAUTH_REQUIRED` with this salt.
fn preauth_required(salt: &str) -> Vec<u8> {
    preauth_required_with(salt, None)
}

/// The same with this many iterations.
fn preauth_required_with(salt: &str, iterations: Option<u32>) -> Vec<u8> {
    let info = vec![EtypeInfo2Entry {
        etype: EncryptionType(18),
        salt: Some(salt.into()),
        s2kparams: iterations.map(|count| count.to_be_bytes().as_slice().into()),
    }];
    let data = vec![
        padata(PaDataType::ENC_TIMESTAMP, b""),
        padata(PaDataType::ETYPE_INFO2, &info.encode().unwrap()),
    ];
    KrbError {
        e_data: Some(data.encode().unwrap().into()),
        ..krb_error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, NOW)
    }
    .encode()
    .unwrap()
}

#[test]
fn endless_expiry_of_preauthentication_is_a_loop() {
    let (requests, defect) = count(|_| error(ErrorCode::KDC_ERR_PREAUTH_EXPIRED));
    assert_eq!(requests, 16);
    assert_eq!(defect, ReplyError::TooManyRequests(16));
    assert_eq!(defect.minor_status(), MinorStatus::KRB5_GET_IN_TKT_LOOP);
}

#[test]
fn ever_new_salts_do_not_cost_a_derivation_each() {
    let (requests, defect) = count(|n| preauth_required(&n.to_string()));
    assert_eq!(requests, 5);
    assert!(matches!(defect, ReplyError::TooManyRequests(_)));
}

#[test]
fn the_greatest_number_of_iterations_is_not_done_for_each_error() {
    // Each takes seconds, so that the first one is done with few here.
    let (requests, defect) = count(|n| {
        let iterations = (n > 1).then_some(0x00FF_FFFF);
        preauth_required_with(&n.to_string(), iterations)
    });
    assert_eq!(requests, 2);
    assert!(matches!(defect, ReplyError::TooManyRequests(_)));
}

#[test]
fn referrals_to_a_realm_seen_before_are_a_loop() {
    let (requests, defect) = count(|n| {
        let realm = if n % 2 == 1 { "OTHER.TEST" } else { REALM };
        KrbError {
            crealm: Some(realm.into()),
            ..krb_error(ErrorCode::KDC_ERR_WRONG_REALM, NOW)
        }
        .encode()
        .unwrap()
    });
    assert_eq!(requests, 2);
    assert_eq!(defect, ReplyError::ReferralLoop(REALM.into()));
}

#[test]
fn referrals_to_ever_new_realms_end() {
    let (requests, defect) = count(|n| {
        KrbError {
            crealm: Some(format!("REALM{n}.TEST").as_str().into()),
            ..krb_error(ErrorCode::KDC_ERR_WRONG_REALM, NOW)
        }
        .encode()
        .unwrap()
    });
    assert_eq!(requests, 11);
    assert!(matches!(defect, ReplyError::ReferralLoop(_)));
}
