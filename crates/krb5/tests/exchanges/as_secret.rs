//! From the secret to the client's key, and wrong secrets.

use orthros_asn1::{EncryptionType, ErrorCode, EtypeInfo2Entry, Message as _, PaDataType};
use orthros_crypto::{Enctype, StringToKeyError};
use orthros_krb5::{
    AsExchange, AsInput, AsStep, ClientSecret, ExchangeError, ExchangeMisuseError, KdcRefusalError,
    PasswordKeyInfo, ReplyError, SecretEvidence,
};
use orthros_types::MinorStatus;

use crate::support::*;

fn try_with(kdc: &mut Kdc, secret: ClientSecret) -> Result<(), ExchangeError> {
    acquire(options(), secret, |request| kdc.answer(&request.message)).map(|_| ())
}

fn entry(enctype: Enctype, salt: Option<&str>, params: Option<&[u8]>) -> EtypeInfo2Entry {
    EtypeInfo2Entry {
        etype: EncryptionType(enctype.number()),
        salt: salt.map(Into::into),
        s2kparams: params.map(Into::into),
    }
}

#[test]
fn salt_and_parameters_come_from_etype_info2() {
    for requires_preauth in [true, false] {
        let mut kdc = Kdc::new();
        kdc.requires_preauth = requires_preauth;
        let params = 5000_u32.to_be_bytes();
        let password_octets = PASSWORD.as_bytes();
        kdc.client_key = AES128
            .string_to_key(password_octets, b"salt", Some(&params))
            .unwrap();
        kdc.etype_info = vec![entry(AES128, Some("salt"), Some(&params))];
        try_with(&mut kdc, password(PASSWORD)).unwrap();
    }
}

#[test]
fn the_clients_preference_chooses_among_the_entries() {
    let mut kdc = Kdc::new();
    let of_256 = kdc.etype_info[0].clone();
    kdc.etype_info = vec![entry(AES128, Some("other"), None), of_256];
    // Were the first entry taken, the proof would be in a key that the KDC does not have.
    try_with(&mut kdc, password(PASSWORD)).unwrap();
}

#[test]
fn a_salt_alone_is_that_of_pw_salt() {
    for requires_preauth in [true, false] {
        let mut kdc = Kdc::spoiling(|draft| {
            draft.padata.push(padata(PaDataType::PW_SALT, b"pepper"));
        });
        kdc.requires_preauth = requires_preauth;
        kdc.gives_etype_info = false;
        kdc.more_method_data = vec![padata(PaDataType::PW_SALT, b"pepper")];
        try_with(&mut kdc, password(PASSWORD)).unwrap();
    }
}

#[test]
fn the_default_salt_is_realm_and_components_of_the_canonical_name() {
    let default = Some(b"EXAMPLE.TESTalice".as_slice());
    for (salt, given) in [(default, true), (default, false)] {
        let mut kdc = Kdc::new();
        let salt = salt.unwrap();
        kdc.client_key = AES256
            .string_to_key(PASSWORD.as_bytes(), salt, None)
            .unwrap();
        kdc.gives_etype_info = given;
        kdc.etype_info = vec![entry(AES256, None, None)];
        try_with(&mut kdc, password(PASSWORD)).unwrap();
    }
    let mut kdc = Kdc::spoiling(|draft| draft.cname = name(&["renamed", "x"]));
    kdc.requires_preauth = false;
    kdc.gives_etype_info = false;
    let salt = b"EXAMPLE.TESTrenamedx";
    kdc.client_key = AES256
        .string_to_key(PASSWORD.as_bytes(), salt, None)
        .unwrap();
    let mut options = options();
    options.canonicalize = true;
    acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
}

#[test]
fn a_reply_in_another_enctype_than_the_proof_is_opened() {
    let mut kdc = Kdc::spoiling(|draft| {
        let salt = b"other";
        draft.key = AES128
            .string_to_key(PASSWORD.as_bytes(), salt, None)
            .unwrap();
        draft.etype = EncryptionType(17);
        let info = vec![entry(AES128, Some("other"), None)];
        draft.padata = vec![padata(PaDataType::ETYPE_INFO2, &info.encode().unwrap())];
        // The proof of the request would be in the other key.
        draft
            .part
            .flags
            .remove(orthros_asn1::TicketFlags::ENC_PA_REP);
    });
    try_with(&mut kdc, password(PASSWORD)).unwrap();
}

#[test]
fn a_kdc_may_call_a_wrong_password_a_matter_of_integrity() {
    let mut kdc = Kdc::new();
    let mut requests = 0;
    let result = acquire(options(), password("wrong"), |request| {
        requests += 1;
        match requests {
            1 => kdc.answer(&request.message),
            _ => error(ErrorCode::KRB_AP_ERR_BAD_INTEGRITY),
        }
    });
    let refusal = refusal(result);
    let KdcRefusalError::WrongSecret { evidence, .. } = &refusal else {
        panic!("{refusal:?}");
    };
    assert!(matches!(evidence, SecretEvidence::PreauthFailed(_)));
    assert_eq!(refusal.rfc_code(), ErrorCode::KRB_AP_ERR_BAD_INTEGRITY);
}

#[test]
fn a_wrong_password_is_told_by_the_kdc_or_by_the_reply() {
    let mut kdc = Kdc::new();
    let error = try_with(&mut kdc, password("wrong")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the password for alice@EXAMPLE.TEST is wrong"
    );
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED
    );

    kdc.requires_preauth = false;
    let error = try_with(&mut kdc, password("wrong")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the password for alice@EXAMPLE.TEST is wrong"
    );
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY
    );
}

#[test]
fn a_wrong_key_is_called_a_key() {
    let mut kdc = Kdc::new();
    let error = try_with(&mut kdc, ClientSecret::Keys(vec![key(7)])).unwrap_err();
    assert_eq!(error.to_string(), "the key for alice@EXAMPLE.TEST is wrong");
}

#[test]
fn a_reply_in_a_key_that_was_not_proved_is_refused() {
    let mut kdc = Kdc::spoiling(|draft| draft.key = key(9));
    let result = try_with(&mut kdc, password(PASSWORD));
    let KdcRefusalError::WrongSecret { evidence, .. } = refusal(result) else {
        panic!()
    };
    assert_eq!(evidence, SecretEvidence::ReplyIntegrity);
}

#[test]
fn a_key_that_the_kdc_wants_and_the_keytab_lacks_is_named() {
    let mut kdc = Kdc::new();
    kdc.etype_info = vec![entry(AES256, Some("pepper"), None)];
    let key = AES128.random_key(&mut SeededRandom::new(3)).unwrap();
    let error = try_with(&mut kdc, ClientSecret::Keys(vec![key])).unwrap_err();
    let text = "there is no key of alice@EXAMPLE.TEST for encryption type aes256-cts-hmac-sha1-96";
    assert_eq!(error.to_string(), text);
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KT_NOTFOUND);
}

#[test]
fn no_entry_in_a_requested_enctype_is_an_error_before_any_prompt() {
    let mut kdc = Kdc::new();
    kdc.etype_info = vec![EtypeInfo2Entry {
        etype: EncryptionType(23),
        salt: None,
        s2kparams: None,
    }];
    for secret in [password(PASSWORD), ClientSecret::Ask] {
        let error = try_with(&mut kdc, secret).unwrap_err();
        assert_eq!(error.minor_status(), MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP);
    }
}

#[test]
fn iteration_counts_are_bounded_both_ways() {
    for count in [0, 1, 4095, 1 << 24, u32::MAX] {
        let mut kdc = Kdc::new();
        let params = count.to_be_bytes();
        kdc.etype_info = vec![entry(AES256, Some("pepper"), Some(&params))];
        let error = try_with(&mut kdc, password(PASSWORD)).unwrap_err();
        assert_eq!(error.minor_status(), MinorStatus::KRB5_ERR_BAD_S2K_PARAMS);
        let ReplyError::KeyParameters(StringToKeyError::IterationCount { .. }) = reply_error(error)
        else {
            panic!("{count}")
        };
    }
}

#[test]
fn parameters_that_are_no_count_are_refused() {
    let mut kdc = Kdc::new();
    kdc.etype_info = vec![entry(AES256, Some("pepper"), Some(b"12345"))];
    let error = try_with(&mut kdc, password(PASSWORD)).unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_ERR_BAD_S2K_PARAMS);
}

#[test]
fn without_a_possible_mechanism_the_offered_ones_are_listed() {
    let result = acquire(options(), ClientSecret::Ask, |_| {
        let offered = vec![padata(PaDataType::PK_AS_REQ, b"")];
        orthros_asn1::KrbError {
            e_data: Some(offered.encode().unwrap().into()),
            ..krb_error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, NOW)
        }
        .encode()
        .unwrap()
    });
    let error = result.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_PREAUTH_FAILED);
    let offered = match refusal::<()>(Err(error)) {
        KdcRefusalError::PreauthNotPossible { offered, .. } => offered,
        other => panic!("{other:?}"),
    };
    assert_eq!(offered, [PaDataType::PK_AS_REQ]);
}

#[test]
fn an_encrypted_timestamp_can_be_forbidden() {
    let mut kdc = Kdc::new();
    let mut options = options();
    options.encrypted_timestamp = false;
    let result = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert!(matches!(
        refusal(result),
        KdcRefusalError::PreauthNotPossible { .. }
    ));
}

/// What the KDC says of the client's keys, up to where the password would be needed.
fn password_keys(kdc: &mut Kdc) -> Result<Vec<PasswordKeyInfo>, ExchangeError> {
    let mut exchange = AsExchange::new(options(), ClientSecret::Ask)?;
    let mut random = SeededRandom::new(5);
    let early = exchange.password_keys().unwrap_err();
    assert_eq!(early, ExchangeMisuseError::UnexpectedInput.into());
    let AsStep::Send(request) = exchange.step(AsInput::Begin, NOW, &mut random)? else {
        panic!("a request");
    };
    let reply = kdc.answer(&request.message);
    match exchange.step(AsInput::Reply(&reply), NOW, &mut random)? {
        AsStep::NeedPassword { .. } => exchange.password_keys(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn salts_and_parameters_are_had_without_the_password() {
    let params = 5000_u32.to_be_bytes();
    let mut kdc = Kdc::new();
    kdc.etype_info = vec![
        entry(AES128, Some("salt"), Some(&params)),
        entry(AES256, None, None),
    ];
    let shown = |keys: Vec<PasswordKeyInfo>| -> Vec<_> {
        let shown = |key: PasswordKeyInfo| (key.enctype, key.salt, key.params);
        keys.into_iter().map(shown).collect()
    };
    let default_salt = options().client.default_salt();
    let of_256 = (AES256, default_salt, None);
    let of_128 = (AES128, b"salt".to_vec(), Some(params.to_vec()));
    assert_eq!(
        shown(password_keys(&mut kdc).unwrap()),
        [of_256.clone(), of_128]
    );
    // Without preauthentication the reply's own enctype is the only one that is certain.
    kdc.requires_preauth = false;
    kdc.gives_etype_info = false;
    assert_eq!(shown(password_keys(&mut kdc).unwrap()), [of_256]);
}

#[test]
fn no_salt_is_made_up_where_the_kdc_names_no_enctype_that_was_asked_for() {
    let mut kdc = Kdc::new();
    kdc.etype_info.clear();
    kdc.gives_etype_info = false;
    let refused = |kdc: &mut Kdc| match password_keys(kdc) {
        Err(ExchangeError::Refused(refusal)) => *refusal,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        refused(&mut kdc),
        KdcRefusalError::EnctypeNotSupported { .. }
    ));
    let mut unknown = Kdc::new();
    unknown.etype_info = vec![EtypeInfo2Entry {
        etype: EncryptionType(3),
        salt: None,
        s2kparams: None,
    }];
    assert!(matches!(
        refused(&mut unknown),
        KdcRefusalError::EnctypeNotSupported { .. }
    ));
}
